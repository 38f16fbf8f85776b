from __future__ import annotations

import io
from pathlib import Path

import msgspec
import pytest

from common.errors import StationError
from desktop.home import Home
from desktop.settings.file import Settings, load_settings
from desktop.settings.specs import chosen_guards, recognizer_spec
from station.operation.protection import ProtectionRecord, protection_now
from station.secrets.pin import PinGuard
from station.settings import StationSettings
from tests.desktop.commands.conftest import Run

Started = list[tuple[Home, Settings, str | None, bool]]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """How the station was started; it is over at once."""
    import desktop.kiosk.app as app

    calls: Started = []

    def run_kiosk(
        home: Home, settings: Settings, source: str | None, windowed: bool, liveness: str | None
    ) -> int:
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
    assert (settings.station.name, settings.source, source, windowed) == ("Gate", "1", None, False)


def test_source_and_window_can_be_chosen(run: Run, started: Started) -> None:
    assert run("kiosk", "--source", "demo", "--windowed").code == 0
    assert started[0][2:] == ("demo", True)


def test_liveness_can_be_chosen_but_never_less_than_it_ran_last(
    run: Run, home: Path, started: Started
) -> None:
    home.mkdir()
    assert run("kiosk", "--liveness", "when-unsure").code == 0
    assert started[-1][1].station.liveness == "when unsure"
    settings = Settings(station=StationSettings(liveness="always"))
    opened = Home(home, home)
    ProtectionRecord(opened.protection).keep(protection_now(chosen_guards(settings), opened))
    told = run("kiosk", "--liveness", "off")
    assert "The station stays closed. Expected liveness to be always" in told.err
    assert "stays closed" not in run("kiosk", "--liveness", "always").err


def test_without_a_display_it_says_so(
    run: Run, started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(variable, raising=False)
    outcome = run("kiosk")
    assert (outcome.code, started) == (2, [])
    assert "There is no display" in outcome.err


def test_it_says_whether_a_pin_guards_it(run: Run, started: Started, home: Path) -> None:
    assert "No PIN is set: anybody can leave" in run("kiosk").err
    PinGuard(home / "pin.db").set("739164")
    assert run("kiosk").err == ""
    (home / "pin.db").write_bytes(b"something else" * 1000)
    told = run("kiosk")
    assert told.code == 0
    assert told.err.startswith("Nobody can leave the station. Expected ")
    assert len(started) == 3


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config"


UNIT = "systemd/user/facedesk-kiosk.service"
ENTRY = "autostart/facedesk-kiosk.desktop"


@pytest.mark.parametrize(
    ("way", "name"), [([], UNIT), (["systemd"], UNIT), (["xdg"], ENTRY)], ids=str
)
def test_what_starts_it_is_shown_and_written_after_a_yes(
    run: Run,
    started: Started,
    home: Path,
    config: Path,
    monkeypatch: pytest.MonkeyPatch,
    way: list[str],
    name: str,
) -> None:
    command = ["kiosk", "--source", "3", "--install-autostart", *way]
    for answer in ("n\n", ""):
        monkeypatch.setattr("sys.stdin", io.StringIO(answer))
        told = run(*command)
        assert str(config / name) in told.out
        assert not config.exists()
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    told = run(*command)
    assert told.code == 0
    text = (config / name).read_text("utf-8")
    assert text in told.out
    assert str(home) in text
    assert '"kiosk" "--source" "3"' in text
    assert started == []


def test_a_script_needs_no_answer_and_both_ways_are_too_many(
    run: Run, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert run("kiosk", "--install-autostart", "xdg", "--yes").err == ""
    assert (
        "in the place of the one there" in run("kiosk", "--install-autostart", "xdg", "--yes").out
    )
    told = run("kiosk", "--install-autostart", "systemd", "--yes")
    assert (config / UNIT).is_file()
    assert f"{config / ENTRY} starts the station, too" in told.err


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ('opening_hours = "Mon-Fry 07:00"', "Fry"),
        ('webhook = "https://example.org"', "secret"),
        ("once_minutes = inf", "once_minutes"),
        ("unknown_hours = 1e10", "unknown_hours"),
        ("card_seconds = inf", "card_seconds"),
    ],
)
def test_settings_that_cannot_be_are_told_before_the_screen_is_taken(
    run: Run, home: Path, started: Started, setting: str, told: str
) -> None:
    home.mkdir()
    (home / "settings.toml").write_text(f"[station]\n{setting}\n", "utf-8")
    answer = run("kiosk")
    assert answer.code == 2
    assert told in answer.err
    assert started == []


LESS = '[station]\nliveness = "off"\n'


@pytest.fixture
def ran_guarded(home: Path) -> ProtectionRecord:
    """The station ran with liveness required and a PIN; both are gone now."""
    home.mkdir()
    (home / "settings.toml").write_text(LESS, "utf-8")
    record = ProtectionRecord(home / "protection.json")
    settings = Settings(station=StationSettings(liveness="always"))
    guarded = protection_now(chosen_guards(settings), Home(home, home))
    record.keep(msgspec.structs.replace(guarded, pin=True))
    return record


def test_less_protection_is_told_and_stays_so_until_it_is_accepted(
    run: Run, home: Path, started: Started, ran_guarded: ProtectionRecord
) -> None:
    for _ in range(2):
        told = run("kiosk")
        assert told.code == 0  # the station's own screen says it, too
        assert "The station stays closed. Expected liveness to be always" in told.err
    (liveness,) = (f for f in run("doctor", "--json").json if f["what"] == "Protection")
    assert not liveness["well"]
    assert "stays closed" not in run("kiosk", "--accept").err
    assert "stays closed" not in run("kiosk").err
    assert ran_guarded.kept() is not None


def test_a_pin_that_is_removed_on_purpose_is_not_missed(
    run: Run, home: Path, started: Started, ran_guarded: ProtectionRecord
) -> None:
    ran_guarded.follow(liveness="off")
    assert "Expected a PIN" in run("kiosk").err
    run("pin", "--remove")
    assert "stays closed" not in run("kiosk").err
    PinGuard(home / "pin.db").set("739164")


def test_a_station_that_lost_protection_does_not_open(
    home: Path, ran_guarded: ProtectionRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    from desktop.kiosk import assembly

    monkeypatch.setattr(assembly, "load_recognizer", None)
    settings = load_settings(home / "settings.toml")
    with (
        pytest.raises(StationError, match="liveness to be always"),
        assembly.load_station(
            Home(home, home), recognizer_spec(settings), settings.station, chosen_guards(settings)
        ),
    ):
        pytest.fail("it opened")
    assert sorted(path.name for path in home.iterdir()) == [
        *("key.json", "protection.json", "settings.toml")
    ]
