from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from desktop.home import Home
from facedesk_errors import StationError
from gallery.identity import Match, Template
from gallery.index import Gallery
from gallery.store import Store
from station.codes import Codes
from station.entry import Event, Kind
from station.erasure import finish_erasures
from station.impostors import Impostors
from station.ledger import Ledger

ROOT = Path(__file__).parents[2]
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
    assert finish_erasures(gallery, home, own=True) == 0
    gallery.remove(people[0])
    assert pictures(checkins) == [True, True]  # it may still be undone
    assert finish_erasures(gallery, home, own=True) == 1
    assert pictures(checkins) == [False, True]
    assert b"picture of " + people[0].encode() not in checkins.read_bytes()
    assert gallery.removed == []


def test_where_nothing_is_kept_no_file_is_made(gallery: Gallery, home: Home) -> None:
    gallery.remove(gallery.enroll("Ann", [TEMPLATE]).id)
    assert finish_erasures(gallery, home, own=True) == 1
    assert not any(path.exists() for path in (home.checkins, home.codes, home.impostors))


def test_what_is_hindered_is_done_the_next_time(
    gallery, home, checkins, people, monkeypatch
) -> None:
    monkeypatch.setattr(Ledger.__init__, "__defaults__", (lambda: None, 0.05))
    gallery.remove(people[0])
    with closing(sqlite3.connect(checkins, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StationError, match=r"ledger has their pictures.*another program"):
            finish_erasures(gallery, home, own=True)
    assert gallery.removed == []
    assert [item.identity_id for item in gallery.pending_erasures()] == people[:1]
    assert finish_erasures(gallery, home, own=True) == 1
    assert pictures(checkins) == [False, True]


def test_codes_and_mistaken_comparisons_go_with_the_person(gallery, home, people) -> None:
    ann, bob = people
    codes = Codes(home.codes)
    codes.set(ann, "4711")
    codes.set(bob, "0815")
    with closing(Impostors(home.impostors, "toy")) as impostors:
        for identity_id in people:
            match = Match(gallery.identity(identity_id), 0.5, 0.4, runner_up=None)
            impostors.add(match)
    gallery.remove(ann)
    finish_erasures(gallery, home, own=True)
    assert (codes.has(ann), codes.has(bob)) == (False, True)
    with closing(Impostors(home.impostors, "toy")) as impostors:
        assert not impostors.examples(ann)
        assert len(impostors.examples(bob)) == 1


REMOVING = """
import sys
from pathlib import Path
from gallery.index import Gallery
from gallery.store import Store

gallery = Gallery(Store(Path(sys.argv[1])), "toy", 4)
gallery.remove(sys.argv[2])
print("removed", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def removed_elsewhere(home: Home, people: list[str]) -> Iterator[subprocess.Popen[str]]:
    """A window of another program in which Ann was removed a moment ago."""
    with subprocess.Popen(
        [sys.executable, "-c", REMOVING, str(home.gallery), people[0]],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        try:
            assert program.stdout is not None
            assert program.stdout.readline() == "removed\n"
            yield program
        finally:
            program.kill()


def test_what_another_program_may_undo_is_not_erased(
    gallery, home, checkins, people, removed_elsewhere
) -> None:
    ann, bob = people
    gallery.reload()
    gallery.remove(bob)
    assert finish_erasures(gallery, home) == 0
    assert finish_erasures(gallery, home, own=True) == 1
    assert pictures(checkins) == [True, False]
    assert [item.name for item in gallery.pending_erasures()] == ["Ann"]
    with closing(Store(home.gallery)) as store:
        assert store.restore(ann).identity.name == "Ann"


def test_what_a_killed_program_removed_is_erased_by_the_next(
    gallery, home, checkins, people, removed_elsewhere
) -> None:
    removed_elsewhere.kill()
    removed_elsewhere.wait()
    assert finish_erasures(gallery, home) == 1
    assert pictures(checkins) == [False, True]
    assert gallery.pending_erasures() == []
    assert not list(home.folder.glob("*lease*"))


def test_what_a_merge_leaves_elsewhere_is_in_the_journal(gallery, home, checkins, people) -> None:
    ann, bob = people
    gallery.merge(bob, ann)
    assert [item.merged_into for item in gallery.pending_erasures()] == [bob]
    with closing(Gallery(Store(home.gallery), "toy", 4)) as next_start:
        assert finish_erasures(next_start, home) == 1
    assert pictures(checkins) == [False, True]
    assert gallery.pending_erasures() == []
    assert gallery.template_count(bob) == 2
