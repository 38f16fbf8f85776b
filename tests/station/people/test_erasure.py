from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from common.errors import LearningError, StationError
from desktop.home import Home
from gallery.gallery import Gallery
from gallery.identity import Match, Template
from gallery.likeness.impostors import Impostors
from gallery.store import Store
from recognition.learning.classifier import ClassifierRecipe, Method, Parameters
from recognition.learning.classifier_file import load_recipe, save_recipe
from recognition.learning.logistic import Logistic
from station.actions.outbox import GIVE_UP, Outbox
from station.actions.webhook import delivery
from station.ledger.entry import Entry, Event, Kind, Means
from station.ledger.ledger import Ledger
from station.people import erasure
from station.people.erasure import finish_erasures, remains
from station.secrets.codes import Codes

ROOT = Path(__file__).parents[3]
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


def raw_bytes(home: Home, but: str = "none") -> bytes:
    files = [file for file in home.folder.iterdir() if not file.name.startswith(but)]
    return b"".join(file.read_bytes() for file in files if file.is_file())


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
    assert gallery.pending_erasures() == []


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
    (item,) = gallery.pending_erasures()
    assert (item.identity_id, item.in_gallery) == (people[0], False)
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


def test_classifiers_forget_the_person(gallery, home, people) -> None:
    ann, bob = people
    recipe = ClassifierRecipe(
        Method.KNN,
        Parameters(neighbours=1),
        "toy",
        (ann, bob),
        (b"a" * 16, b"b" * 16),
        np.array([0, 1], np.int32),
        np.zeros((2, 0), np.float32),
        np.zeros(2, np.float32),
        Logistic(1, 0),
        1.0,
        0.1,
    )
    files = [home.classifiers / f"{name}.npz" for name in ("knn", "other", "damaged")]
    for file in files:
        save_recipe(recipe, file)
    files[2].write_bytes(b"PK" + ann.encode())
    gallery.remove(ann)
    finish_erasures(gallery, home, own=True)
    assert all(load_recipe(file).people == (bob,) for file in files[:2])
    assert not files[2].exists()  # nobody can say whose it is
    assert all(ann.encode() not in file.read_bytes() for file in files[:2])
    assert sorted(home.classifiers.iterdir()) == files[:2]


def test_a_classifier_that_cannot_be_written_is_done_the_next_time(
    gallery, home, people, monkeypatch
) -> None:
    def refused(*_: object) -> None:
        raise LearningError("to be able to write it", "the disk is full", "Free some space")

    gallery.remove(people[0])
    home.classifiers.mkdir()
    with monkeypatch.context() as patched:
        patched.setattr(erasure, "forget_person", refused)
        with pytest.raises(StationError, match="classifier has their"):
            finish_erasures(gallery, home, own=True)
    assert len(gallery.pending_erasures()) == 1
    assert finish_erasures(gallery, home, own=True) == 1


REMOVING = """
import sys
from pathlib import Path
from gallery.gallery import Gallery
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
        assert store.restore(ann)[0].identity.name == "Ann"


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
    with closing(Gallery(Store(home.gallery), "toy", 4)) as another_program:
        assert finish_erasures(another_program, home) == 0
    assert pictures(checkins) == [True, True]
    assert finish_erasures(gallery, home, own=True) == 1
    assert pictures(checkins) == [False, True]
    assert gallery.pending_erasures() == []
    assert gallery.template_count(bob) == 2


def test_a_full_disk_hides_says_so_and_is_finished_by_the_next_start(
    gallery, home, checkins, people, no_room
) -> None:
    gallery.remove(people[0])
    with no_room(), pytest.raises(StationError, match=r"faces still: .*started next"):
        finish_erasures(gallery, home, own=True)
    assert [item.name for item in gallery.pending_erasures()] == ["Ann"]
    gallery.close()
    with closing(Gallery(Store(home.gallery), "toy", 4)) as next_start:
        assert [identity.name for identity in next_start.identities] == ["Bob"]
        assert finish_erasures(next_start, home) == 1
        assert next_start.pending_erasures() == []
    assert pictures(checkins) == [False, True]


def test_one_that_cannot_be_finished_hinders_nobody_else(gallery, home, people) -> None:
    home.impostors.write_bytes(b"")  # damaged
    for identity_id in people:
        gallery.remove(identity_id)
    with pytest.raises(StationError, match=r'"not me" is there still: it is damaged'):
        finish_erasures(gallery, home, own=True)
    assert pictures(home.checkins) == [False, False]
    home.impostors.unlink()
    assert finish_erasures(gallery, home) == 2


def picture_record(ledger: Ledger, number: int) -> bytes:
    rows = ledger._rows("SELECT sealed FROM sealed_picture WHERE number = ?", number)
    return bytes(rows[0][0])


def entries_of(ledger: Ledger, identity_id: str) -> Iterator[Entry]:
    return (entry for entry in ledger.entries() if entry.event.identity_id == identity_id)


def test_the_picture_of_whoever_said_not_me_goes_too(gallery, home, checkins, people) -> None:
    """It may be the removed person's; one that an operator undid is the other's."""
    ann, bob = people
    numbers = []
    with closing(Ledger(checkins)) as ledger:
        for means in (Means.FACE, Means.OPERATOR):
            taken = ledger.append(
                Event(Kind.CHECK_IN, "Door", bob, picture=b"of whom? " + means.encode())
            )
            ledger.append(Event(Kind.UNDONE, "Door", bob, means=means, refers_to=taken.number))
            numbers.append(taken.number)
    gallery.merge(ann, gallery.enroll("Ann 2", [TEMPLATE]).id)
    finish_erasures(gallery, home)
    with closing(Ledger(checkins)) as ledger:
        of_face, of_operator = (picture_record(ledger, n) for n in numbers)
        of_bob = next(picture_record(ledger, e.number) for e in entries_of(ledger, bob))
    assert of_face in raw_bytes(home)
    gallery.remove(ann)
    finish_erasures(gallery, home, own=True)
    raw = raw_bytes(home)
    assert of_face not in raw
    assert of_operator in raw
    assert of_bob in raw


def test_what_the_webhook_was_not_told_yet_is_waited_for(gallery, home, people, entry) -> None:
    ann, bob = people
    now = datetime.now(UTC)
    with closing(Outbox(home.outbox)) as outbox:
        outbox.put(delivery(entry(1, at=now - 2 * GIVE_UP, identity_id=ann, name="Ann the Old")))
        waiting = delivery(entry(2, at=now, identity_id=ann, name="Ann"))
        outbox.put(waiting)
        outbox.put(delivery(entry(3, at=now - 2 * GIVE_UP, identity_id=bob, name="Bob")))
    gallery.remove(ann)
    assert finish_erasures(gallery, home, own=True) == 0
    left = remains(home, ann)
    assert (left.ledger_rows, left.messages, left.inbox_pictures) == (1, 1, 0)
    assert left.messages_until == now + GIVE_UP
    assert [item.in_gallery for item in gallery.pending_erasures()] == [False]
    assert b"Ann the Old" not in raw_bytes(home)
    with closing(Outbox(home.outbox)) as outbox:
        outbox.remove(waiting)  # it was delivered
        assert finish_erasures(gallery, home) == 1
        assert [one.id for one in outbox.all()] == [f"{3:064x}"]
    assert ann.encode() not in home.outbox.read_bytes()
    assert gallery.pending_erasures() == []


REMOVE_ONE_AFTER_THE_OTHER = """
import sys
from pathlib import Path
from desktop.home import Home
from gallery.gallery import Gallery
from gallery.store import Store
from station.people.erasure import finish_erasures, remains

home = Home(Path(sys.argv[1]), Path(sys.argv[1]))
gallery = Gallery(Store(home.gallery), "toy", 4)
print("ready", flush=True)
for identity_id in sys.argv[2:]:
    gallery.remove(identity_id)
    print(identity_id, flush=True)
    finish_erasures(gallery, home, own=True)
"""


def test_a_removal_that_is_killed_at_any_moment_is_finished_at_the_next_start(
    gallery, home, checkins, entry
) -> None:
    chance = random.Random(9)
    ids = [gallery.enroll(f"Person {n} of many", [TEMPLATE] * 3).id for n in range(80)]
    with closing(Ledger(checkins)) as ledger:
        for identity_id in ids:
            picture = b"picture of " + identity_id.encode()
            ledger.append(Event(Kind.CHECK_IN, "Door", identity_id, picture=picture))
    with closing(Impostors(home.impostors, "toy")) as impostors:
        for identity_id in ids:
            impostors.add(Match(gallery.identity(identity_id), 0.5, 0.4, runner_up=None))
    gallery.close()
    here = set(ids)
    killed_while_it_worked = 0
    for _ in range(20):
        asked = sorted(here)[:20]
        with subprocess.Popen(
            [sys.executable, "-c", REMOVE_ONE_AFTER_THE_OTHER, str(home.folder), *asked],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        ) as program:
            assert program.stdout is not None
            assert program.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0, 0.08))
            program.kill()
            acknowledged = set(program.stdout.read().split())
        with closing(Gallery(Store(home.gallery), "toy", 4)) as next_start:
            killed_while_it_worked += bool(next_start.pending_erasures())
            finish_erasures(next_start, home)
            assert next_start.pending_erasures() == []
            gone = here - {identity.id for identity in next_start.identities}
            # One more may be removed than was told in time.
            assert acknowledged <= gone
            assert len(gone - acknowledged) <= 1
            here -= gone
            assert all(next_start.template_count(one) == 3 for one in here)
            assert all(len(next_start.crops(one)) == 3 for one in here)
    assert killed_while_it_worked > 2
    with closing(Ledger(checkins)) as ledger:
        assert (ledger.verify().intact, ledger.verify().damage) == (80, None)
        kept = {ledger.entry(n).event.identity_id for n in range(1, 81) if ledger.picture(n)}
    assert kept == here
    with closing(Impostors(home.impostors, "toy")) as impostors:
        assert {one for one in ids if impostors.examples(one)} == here
    raw = raw_bytes(home, but="checkins.db")
    assert not any(one.encode() in raw for one in set(ids) - here)
