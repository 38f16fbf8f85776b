from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from desktop.home import Home
from facedesk_errors import LedgerError
from gallery.identity import Match, Template
from gallery.index import Gallery
from gallery.store import Store
from station.codes import Codes
from station.entry import Event, Kind
from station.erasure import erase_traces, purge_removed
from station.impostors import Impostors
from station.ledger import Ledger

TEMPLATE = Template(np.eye(4, dtype=np.float32)[0], np.zeros((4, 4, 3), np.uint8), 1.0, "toy")


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    with closing(Gallery(Store(tmp_path / "gallery.db"), "toy", 4)) as opened:
        yield opened


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path, tmp_path)


@pytest.fixture
def checkins(home: Home) -> Path:
    return home.checkins


@pytest.fixture
def people(gallery: Gallery, checkins: Path) -> list[str]:
    """Ann's and Bob's ids; each has an entry with a picture."""
    ids = [gallery.enroll(name, [TEMPLATE]).id for name in ("Ann", "Bob")]
    with closing(Ledger(checkins)) as ledger:
        for identity_id in ids:
            picture = b"picture of " + identity_id.encode()
            ledger.append(Event(Kind.CHECK_IN, "Door", identity_id, picture=picture))
    return ids


def pictures(checkins: Path) -> list[bool]:
    with closing(Ledger(checkins)) as ledger:
        assert ledger.verify().intact == 2
        return [ledger.picture(number) is not None for number in (1, 2)]


def test_the_removed_are_erased_in_both(gallery, home, checkins, people) -> None:
    assert purge_removed(gallery, home) == 0
    gallery.remove(people[0])
    assert pictures(checkins) == [True, True]  # it may still be undone
    assert purge_removed(gallery, home) == 1
    assert pictures(checkins) == [False, True]
    assert b"picture of " + people[0].encode() not in checkins.read_bytes()
    assert gallery.removed == []


def test_where_nothing_is_kept_no_file_is_made(gallery: Gallery, home: Home) -> None:
    gallery.remove(gallery.enroll("Ann", [TEMPLATE]).id)
    assert purge_removed(gallery, home) == 1
    erase_traces(gallery, home, "anybody")
    assert not any(path.exists() for path in (home.checkins, home.codes, home.impostors))


def test_what_is_hindered_is_done_the_next_time(
    gallery, home, checkins, people, monkeypatch
) -> None:
    monkeypatch.setattr(Ledger.__init__, "__defaults__", (lambda: None, 0.05))
    gallery.remove(people[0])
    with closing(sqlite3.connect(checkins, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerError, match="another program is using it"):
            purge_removed(gallery, home)
    assert [identity.id for identity in gallery.removed] == people[:1]
    assert purge_removed(gallery, home) == 1
    assert pictures(checkins) == [False, True]


def test_codes_and_mistaken_comparisons_go_with_the_person(gallery, home, people) -> None:
    ann, bob = people
    codes = Codes(home.codes)
    codes.set(ann, "4711")
    codes.set(bob, "0815")
    with closing(Impostors(home.impostors, "toy")) as impostors:
        for identity_id in people:
            match = Match(gallery.identity(identity_id), 0.5, 0.4, runner_up=None)
            impostors.add(match, TEMPLATE.embedding)
    gallery.remove(ann)
    purge_removed(gallery, home)
    assert (codes.has(ann), codes.has(bob)) == (False, True)
    with closing(Impostors(home.impostors, "toy")) as impostors:
        assert not impostors.examples(ann)
        assert len(impostors.examples(bob)) == 1
