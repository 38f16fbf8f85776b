"""Leftovers are planted in each kind of file, and found."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from desktop.home import Home
from gallery.consents import Consent, ConsentWay
from gallery.crops import to_png
from gallery.gallery import Gallery
from gallery.identity import FaceView, Identity, Match, Template
from gallery.likeness.impostors import Impostors
from gallery.store import Store
from gallery.traces import PersonTraces, traces_of
from station.actions.outbox import Outbox
from station.actions.webhook import delivery
from station.backups.backup import create_backup
from station.ledger.entry import Entry, Event, Kind
from station.ledger.ledger import Ledger
from station.people.erasure import finish_erasures
from station.people.inbox import Inbox
from station.people.proof.needles import Needles, Trace
from station.people.proof.searching import LookedAt, Verdict, search_copies, search_files
from station.people.refusals import Refusals
from station.secrets.codes import Codes

RNG = np.random.default_rng(17)
NAME = "Ánh Nguyễn"


def template() -> Template:
    row = RNG.normal(size=64).astype(np.float32)
    crop, around = (RNG.integers(0, 256, (side, side, 3), np.uint8) for side in (48, 64))
    view = FaceView(around, np.zeros(4, np.float32), np.zeros((5, 2), np.float32))
    return Template(row / np.linalg.norm(row), crop, 0.9, "toy", view=view)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "home").mkdir()
    return Home(tmp_path / "home", tmp_path / "cache")


@pytest.fixture
def gallery(home: Home) -> Iterator[Gallery]:
    with closing(Gallery(Store(home.gallery), "toy", 64)) as opened:
        yield opened


TEMPLATES = [template(), template()]


@pytest.fixture
def ann(gallery: Gallery) -> Identity:
    gallery.enroll("Bob", [template()])
    told = Consent(datetime.now(UTC), "", "I agree.", ConsentWay.TOLD)
    return gallery.enroll(NAME, TEMPLATES, "comes on Mondays", told)


@pytest.fixture
def traces(home: Home, ann: Identity) -> PersonTraces:
    return traces_of(home.gallery, ann.id)


def erase(gallery: Gallery, home: Home, ann: Identity) -> None:
    gallery.remove(ann.id)
    finish_erasures(gallery, home, own=True)


def looked(home: Home, traces: PersonTraces) -> dict[str, LookedAt]:
    found = search_files([home.folder], Needles(traces))
    return {str(one.path.relative_to(home.folder)): one for one in found}


def left(home: Home, traces: PersonTraces) -> dict[str, set[Trace]]:
    return {
        name: set(one.found)
        for name, one in looked(home, traces).items()
        if one.verdict in (Verdict.FOUND, Verdict.UNREAD)
    }


def test_the_traces_are_all_that_the_gallery_has(traces: PersonTraces) -> None:
    assert traces.name == NAME
    assert [len(one) for one in traces.embeddings] == [256, 256]
    assert len(traces.pictures) == 4
    # identity, two each of template, crop, view and embedding, the consent, the first version
    assert len(traces.records) == 1 + 2 * 4 + 1 + 1


def test_who_is_still_there_is_found(home: Home, traces: PersonTraces) -> None:
    found = left(home, traces)
    assert found["gallery.db"] >= {Trace.TEMPLATE, Trace.PICTURE, Trace.ID, Trace.NAME}
    assert found["gallery.db-wal"] == {Trace.RECORD, Trace.ID}


def fill(gallery: Gallery, home: Home, ann: Identity) -> None:
    """Let every file of a home have something of the person."""
    with closing(Ledger(home.checkins)) as ledger:
        ledger.append(Event(Kind.CHECK_IN, "Door", ann.id, NAME, picture=b"a picture of her"))
    Codes(home.codes).set(ann.id, "blue badge 7")
    with closing(Impostors(home.impostors, "toy")) as impostors:
        impostors.add(Match(ann, 0.7, 0.4, None))
    Refusals(home.refusals).note(ann.id, 2)
    with closing(Inbox(home.inbox)) as inbox:
        inbox.put(RNG.integers(0, 256, (40, 40, 3), np.uint8))


def test_nothing_is_left_of_who_was_erased(
    gallery: Gallery, home: Home, ann: Identity, traces: PersonTraces
) -> None:
    fill(gallery, home, ann)
    before = left(home, traces)
    assert before.keys() >= {"codes.db", "impostors.db", "refusals.db", "checkins.db"}
    erase(gallery, home, ann)
    found = looked(home, traces)
    assert left(home, traces) == {}
    assert {name for name in found if name.endswith(".db")} == {
        *("gallery.db", "checkins.db", "codes.db", "impostors.db", "refusals.db", "unknown.db")
    }
    ledger = found["checkins.db"]
    assert (ledger.verdict, ledger.size > 0) == (Verdict.KEPT, True)
    assert ledger.why.startswith("1 rows, which are never changed")


def plant_bytes(content: Callable[[PersonTraces], bytes], name: str) -> Callable:
    def plant(home: Home, traces: PersonTraces) -> str:
        file = home.folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(RNG.bytes(5000) + content(traces) + RNG.bytes(777))
        return name

    return plant


def in_archive(home: Home, traces: PersonTraces) -> str:
    with zipfile.ZipFile(home.folder / "old.facedesk", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", json.dumps({"id": traces.identity_id}))
    return "old.facedesk"


def in_array(home: Home, traces: PersonTraces) -> str:
    """As evaluations keep it: of the same picture, made in another way."""
    rows = RNG.normal(size=(9, 64)).astype(np.float32)
    rows[4] = np.frombuffer(traces.embeddings[0], "<f4") + 0.002 * rows[4]
    rows[5] = np.nan
    content = io.BytesIO()
    np.savez(content, embeddings=rows)
    (home.folder / "cache.npz").write_bytes(content.getvalue())
    return "cache.npz"


def in_free_page(home: Home, traces: PersonTraces) -> str:
    path = home.folder / "copy.db"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA secure_delete = OFF")
        db.execute("CREATE TABLE gone (content BLOB)")
        db.execute("INSERT INTO gone VALUES (?)", (RNG.bytes(9000) + traces.records[3],))
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA secure_delete = OFF")
        db.execute("DELETE FROM gone")
    return "copy.db"


def in_inbox(home: Home, traces: PersonTraces) -> str:
    with closing(Inbox(home.inbox)) as inbox:
        inbox.put(TEMPLATES[1].crop)
    return "unknown.db"


def in_code(home: Home, traces: PersonTraces) -> str:
    Codes(home.codes).set(traces.identity_id, "blue badge 7")
    return "codes.db"


def in_refusals(home: Home, traces: PersonTraces) -> str:
    Refusals(home.refusals).note(traces.identity_id, 3)
    return "refusals.db"


def in_note_of_another(home: Home, traces: PersonTraces) -> str:
    with closing(Gallery(Store(home.gallery), "toy", 64)) as gallery:
        (bob,) = gallery.find("Bob")
        gallery.set_note(bob.id, f"sits beside {NAME.upper()}, on the left")
    return "gallery.db"


def in_ledger_picture(home: Home, traces: PersonTraces) -> str:
    with closing(Ledger(home.checkins)) as ledger:
        png = to_png(TEMPLATES[0].crop)
        ledger.append(Event(Kind.CHECK_IN, "Door", "0" * 32, "Bob", picture=png))
    return "checkins.db"


PLANTED = {
    "a template in a log": (
        plant_bytes(lambda t: t.embeddings[1], "gallery.db-wal.old"),
        Trace.TEMPLATE,
    ),
    "half a template": (plant_bytes(lambda t: t.embeddings[0][120:], "core"), Trace.TEMPLATE),
    "a picture": (plant_bytes(lambda t: t.pictures[0], "tmp/upload.part"), Trace.PICTURE),
    "the end of a picture": (plant_bytes(lambda t: t.pictures[3][-400:], "x"), Trace.PICTURE),
    "a sealed record": (plant_bytes(lambda t: t.records[2], "backup.bin"), Trace.RECORD),
    "an id": (plant_bytes(lambda t: t.identity_id.encode(), "facedesk.log"), Trace.ID),
    "a wide id": (plant_bytes(lambda t: t.identity_id.encode("utf-16-le"), "reg"), Trace.ID),
    "a name": (plant_bytes(lambda t: f'"{t.name}"'.encode(), "facedesk.log"), Trace.NAME),
    "a small name": (plant_bytes(lambda t: f" {t.name.lower()}\n".encode(), "l"), Trace.NAME),
    "a wide name": (
        plant_bytes(lambda t: f"<{t.name}>".encode("utf-16-be"), "list.csv"),
        Trace.NAME,
    ),
    "an archive": (in_archive, Trace.ID),
    "an embedding like it": (in_array, Trace.TEMPLATE),
    "a free page": (in_free_page, Trace.RECORD),
    "the inbox": (in_inbox, Trace.PICTURE),
    "a code": (in_code, Trace.ID),
    "a refusal": (in_refusals, Trace.ID),
    "a note": (in_note_of_another, Trace.NAME),
    "a check-in's picture": (in_ledger_picture, Trace.PICTURE),
}


@pytest.mark.parametrize("kind", PLANTED)
def test_what_is_left_is_found(
    gallery: Gallery, home: Home, ann: Identity, traces: PersonTraces, kind: str
) -> None:
    plant, what = PLANTED[kind]
    erase(gallery, home, ann)
    name = plant(home, traces)
    found = left(home, traces)
    assert what in found.pop(name)
    assert not {n for n in found if not n.startswith(name)}


def test_a_longer_name_is_not_the_name(
    gallery: Gallery, home: Home, ann: Identity, traces: PersonTraces
) -> None:
    erase(gallery, home, ann)
    (home.folder / "list.txt").write_text(f"{NAME}x, x{NAME}", "utf-8")
    assert left(home, traces) == {}
    (home.folder / "list.txt").write_text(f"x, {NAME}", "utf-8")
    assert left(home, traces) == {"list.txt": {Trace.NAME}}
    found = search_files([home.folder], Needles(traces, has_namesake=True))
    assert {one.verdict for one in found} == {Verdict.CLEAN}


def test_messages_that_wait_are_said_to_be_kept(
    gallery: Gallery, home: Home, ann: Identity, traces: PersonTraces
) -> None:
    event = Event(Kind.CHECK_IN, "Door", ann.id, NAME)
    with closing(Outbox(home.outbox)) as outbox:
        outbox.put(delivery(Entry(1, datetime.now(UTC), event, "", "", "a" * 64)))
    erase(gallery, home, ann)
    waiting = looked(home, traces)["outbox.db"]
    assert (waiting.verdict, waiting.found) == (Verdict.KEPT, ())
    assert looked(home, traces)["gallery.db"].verdict is Verdict.KEPT  # until they are sent


def test_what_cannot_be_read_proves_nothing(
    gallery: Gallery, home: Home, ann: Identity, traces: PersonTraces
) -> None:
    Refusals(home.refusals).note("0" * 32, 1)
    erase(gallery, home, ann)
    whole = home.refusals.read_bytes()
    home.refusals.write_bytes(whole[:4000])
    (home.folder / "refusals.db-wal").unlink(missing_ok=True)
    found = looked(home, traces)["refusals.db"]
    assert found.verdict is Verdict.UNREAD
    assert "refusals.db" in found.why


def test_a_backup_from_before_has_the_person_and_a_later_one_has_not(
    gallery: Gallery, home: Home, ann: Identity, traces: PersonTraces, tmp_path: Path
) -> None:
    fill(gallery, home, ann)
    before, after, away = (tmp_path / f"{name}.backup" for name in ("before", "after", "away"))
    create_backup(home.folder, before)
    create_backup(home.folder, away)
    erase(gallery, home, ann)
    create_backup(home.folder, after)
    away.unlink()
    found = {one.path: one for one in search_copies(home.folder, Needles(traces))}
    assert {Trace.RECORD, Trace.ID} <= set(found[before].found)
    assert (found[after].verdict, found[after].found) == (Verdict.CLEAN, ())
    assert found[away].verdict is Verdict.UNREAD
