from __future__ import annotations

import shlex
import sys
import threading
from pathlib import Path

import pytest

from facedesk_errors import SettingsError
from station.actions import Actions, check
from station.deliveries import Status
from station.entry import Kind
from station.outbox import waiting
from station.settings import StationSettings

NOBODY = "http://127.0.0.1:1/nobody"


@pytest.fixture
def path(home: Path) -> Path:
    return home / "outbox.db"


def test_nothing_is_set(path: Path, entry) -> None:
    before = threading.active_count()
    actions = Actions(path, StationSettings(), pytest.fail)
    assert threading.active_count() == before
    actions.tell(entry(1))
    assert actions.status == Status()
    actions.close()
    assert not path.exists()


def test_who_is_told_of_what(path: Path, tmp_path: Path, entry) -> None:
    out = tmp_path / "out"
    write = "import os, sys; open(sys.argv[1], 'a').write(os.environ['FACEDESK_NUMBER'] + ' ')"
    settings = StationSettings(
        webhook=NOBODY,
        webhook_secret="secret",
        command=shlex.join([sys.executable, "-c", write, str(out)]),
    )
    actions = Actions(path, settings, lambda _: None)
    for number, kind in enumerate(Kind, start=1):
        actions.tell(entry(number, kind))
    actions.close()
    assert [*Kind][:2] == [Kind.CHECK_IN, Kind.CHECK_OUT]
    assert out.read_text() == "1 2 "
    assert waiting(path) == len(Kind) - 1  # all but administration


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"webhook": "gopher://a", "webhook_secret": "s"}, "begins with http"),
        ({"webhook": NOBODY}, "there is none"),
        ({"command": "'"}, "no closing quotation"),
        ({"webhook": NOBODY, "webhook_secret": "s", "command": "'"}, "no closing quotation"),
    ],
)
def test_settings_that_cannot_work_are_told(path: Path, settings, told: str) -> None:
    for begin in (check, lambda s: Actions(path, s, pytest.fail)):
        with pytest.raises(SettingsError, match=told):
            begin(StationSettings(**settings))
    assert not path.exists()
