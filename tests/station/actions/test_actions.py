from __future__ import annotations

import json
import shlex
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from common.errors import SettingsError
from station.actions.actions import Actions, check
from station.actions.deliveries import Status
from station.actions.outbox import Outbox, waiting
from station.ledger.entry import Event, Kind
from station.ledger.ledger import Ledger

NOBODY = "http://127.0.0.1:1/nobody"
NOTHING = {"webhook": "", "webhook_secret": "", "command": ""}


@pytest.fixture
def path(home: Path) -> Path:
    return home / "outbox.db"


@pytest.fixture
def ledger(home: Path) -> Iterator[Ledger]:
    with closing(Ledger(home / "checkins.db")) as ledger:
        yield ledger


def event(kind: Kind, **fields: object) -> Event:
    return Event(kind, "Entrance", "a" * 32, "Nguyễn Ánh", **fields)


def started(path: Path, on_trouble=pytest.fail, **chosen: str) -> Actions:
    return Actions(path, path.with_name("checkins.db"), on_trouble, **(NOTHING | chosen))


def test_nothing_is_set(path: Path, entry) -> None:
    before = threading.active_count()
    actions = started(path)
    assert threading.active_count() == before
    actions.tell(entry(1))
    assert actions.status == Status()
    actions.close()
    assert not path.exists()


def test_who_is_told_of_what(path: Path, tmp_path: Path, ledger: Ledger) -> None:
    out = tmp_path / "out"
    write = "import os, sys; open(sys.argv[1], 'a').write(os.environ['FACEDESK_NUMBER'] + ' ')"
    actions = started(
        path,
        lambda _: None,
        webhook=NOBODY,
        webhook_secret="secret",
        command=shlex.join([sys.executable, "-c", write, str(out)]),
    )
    at = datetime(2026, 3, 1, tzinfo=UTC)
    for written in (
        event(Kind.CHECK_IN),
        event(Kind.CHECK_OUT),
        event(Kind.UNDONE, refers_to=2),
        event(Kind.CORRECTION, refers_to=1, counts_as=Kind.CHECK_IN, happened_at=at),
        event(Kind.ADMINISTRATION),
    ):
        actions.tell(ledger.append(written))
    actions.close()
    assert out.read_text() == "1 2 "
    assert waiting(path) == 4  # all but administration


def test_what_is_written_while_no_webhook_is_set_is_never_told(path: Path, ledger: Ledger) -> None:
    """Not the years before it was set, nor the week in which it was not; what waits, waits on."""
    webhook = {"webhook": NOBODY, "webhook_secret": "secret"}
    ledger.append(event(Kind.CHECK_IN))
    for chosen in (webhook, {}, {}, webhook, webhook):
        actions = started(path, lambda _: None, **chosen)
        actions.tell(ledger.append(event(Kind.CHECK_IN)))  # 2, 4, 5, 6, 8
        actions.close()
        if chosen is webhook:
            ledger.append(event(Kind.CHECK_OUT))  # by another program: 3, 7, 9
    with closing(Outbox(path)) as outbox:
        told = [json.loads(one.body)["data"]["number"] for one in outbox.all()]
    assert told == [2, 6, 7, 8]


def test_a_damaged_outbox_without_a_webhook_is_told(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database" * 1000)
    troubles: list[str] = []
    started(path, troubles.append).close()
    assert "of another kind" in troubles[0]


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
    for begin in (check, lambda **chosen: started(path, **chosen)):
        with pytest.raises(SettingsError, match=told):
            begin(**(NOTHING | settings))
    assert not path.exists()
