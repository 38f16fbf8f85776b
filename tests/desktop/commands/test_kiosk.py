from __future__ import annotations

from pathlib import Path

import pytest

from desktop.home import Home
from desktop.settings import Settings

from .conftest import Run

Started = list[tuple[Home, Settings, str, bool]]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """How the station was started; it is over at once."""
    import desktop.kiosk.app as app

    calls: Started = []

    def run_kiosk(home: Home, settings: Settings, source: str, windowed: bool) -> int:
        calls.append((home, settings, source, windowed))
        return 0

    monkeypatch.setattr(app, "run_kiosk", run_kiosk)
    return calls


def test_it_starts_with_the_settings_camera(run: Run, home: Path, started: Started) -> None:
    home.mkdir()
    (home / "settings.toml").write_text('source = "1"\n[station]\nname = "Gate"', "utf-8")
    assert run("kiosk").code == 0
    ((opened, settings, source, windowed),) = started
    assert opened.folder == home
    assert (settings.station.name, source, windowed) == ("Gate", "1", False)


def test_source_and_window_can_be_chosen(run: Run, started: Started) -> None:
    assert run("kiosk", "--source", "demo", "--windowed").code == 0
    assert started[0][2:] == ("demo", True)


def test_without_a_display_it_says_so(
    run: Run, started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(variable, raising=False)
    outcome = run("kiosk")
    assert (outcome.code, started) == (2, [])
    assert "There is no display" in outcome.err
