"""Of whoever is erased no byte is left, and nobody else pays for it."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from common.sealing.records import KEY_ID_BYTES
from gallery.embedding_sets import EmbeddingSet
from gallery.identity import FaceView, Identity, Template
from gallery.schema import GALLERY, MIGRATIONS
from gallery.store import Store

DIMENSION = 128
PAGE = 4096


def raw_bytes(path: Path) -> bytes:
    return b"".join(p.read_bytes() for p in path.parent.glob(f"{path.name}*"))


def pieces(record: bytes) -> list[bytes]:
    """Twenty bytes that are nobody else's: of each part that may end on a page of its own."""
    sealed = record[1 + KEY_ID_BYTES :]
    return [sealed[:20], sealed[-20:]] + [
        sealed[at : at + 20] for at in range(20, len(sealed) - 20, 500)
    ]


class Crowd:
    """People who come, change and go, with everything that was ever stored of each."""

    def __init__(self, store: Store, seed: int) -> None:
        self.random = random.Random(seed)
        self.rng = np.random.default_rng(seed)
        self.store = store
        self.secrets: dict[str, list[bytes]] = {}
        self.templates: dict[str, int] = {}

    def come(self, largest: int = 60) -> str:
        identity_id = f"{self.random.getrandbits(128):032x}"
        name = self._name()
        identity = Identity(identity_id, name, datetime.now(UTC), name[::-1])
        self.secrets[identity_id] = [identity_id.encode()]
        self.store.add(identity, self._made(identity_id, self.random.randint(1, 6), largest))
        self.note(identity_id)
        return identity_id

    def photos(self, identity_id: str) -> None:
        self.store.add_templates(identity_id, self._made(identity_id, 2, 60))
        self.note(identity_id)

    def rename(self, identity_id: str) -> None:
        self.store.rename(identity_id, self._name())
        self.note(identity_id)

    def merge(self, into: str, gone: str) -> None:
        """What was stored as `gone` is `into`'s from now on, but for name and id."""
        own, theirs = self.secrets[into], self.secrets.pop(gone)
        self.store.merge(into, gone)
        own += theirs[3:]
        self.templates[into] += self.templates.pop(gone)
        self.secrets[gone] = theirs[:3]

    def note(self, identity_id: str) -> None:
        """Take down what stands in the file now of a person: the records, sealed as they are."""
        where = "identity_number = (SELECT number FROM sealed_identity WHERE id = ?)"
        sets = [one.sealed.physical for one in self.store.sets._where("TRUE")]
        records = self.store._rows("SELECT sealed FROM sealed_identity WHERE id = ?", identity_id)
        for table in ("sealed_crop", "sealed_view", *sets):
            records += self.store._rows(
                f"SELECT sealed FROM {table} WHERE template_id IN"
                f" (SELECT id FROM sealed_template WHERE {where})",
                identity_id,
            )
        noted = self.secrets[identity_id]
        noted += [piece for (one,) in records for piece in pieces(one) if piece not in noted]

    def _name(self) -> str:
        length = self.random.randint(12, 90)
        return "".join(self.random.choices("abcdefghijklmnopqrstuvwxyz", k=length))

    def _made(self, identity_id: str, count: int, largest: int) -> list[Template]:
        made = []
        for _ in range(count):
            vector = self.rng.normal(size=DIMENSION)
            embedding = (vector / np.linalg.norm(vector)).astype(np.float32)
            shape = (self.random.randint(3, largest), self.random.randint(3, largest), 3)
            crop = self.rng.integers(0, 256, shape, np.uint8)
            view = FaceView(crop[:, ::-1], embedding[:4], embedding[4:14].reshape(5, 2))
            made.append(Template(embedding, crop, self.random.random(), "toy", view=view))
        self.templates[identity_id] = self.templates.get(identity_id, 0) + count
        return made


@pytest.fixture
def crowd(tmp_path: Path) -> Iterator[Callable[[int], Crowd]]:
    opened: list[Store] = []

    def crowd(seed: int) -> Crowd:
        store = Store(tmp_path / f"{seed}.db")
        opened.append(store)
        store.adopt_model("toy", DIMENSION)
        return Crowd(store, seed)

    yield crowd
    for store in opened:
        store.close()


def erase_removed(store: Store) -> None:
    for item in store.erase(store.due_erasures(own=True)):
        store.end_erasure(item)


def left(path: Path, secrets: list[bytes]) -> list[bytes]:
    raw = raw_bytes(path)
    return [piece for piece in secrets if piece in raw]


@pytest.mark.parametrize("seed", range(3))
def test_no_byte_is_left_whatever_happened_before(
    crowd: Callable[[int], Crowd], tmp_path: Path, seed: int
) -> None:
    people, path = crowd(seed), tmp_path / f"{seed}.db"
    choose, here = people.random, [people.come() for _ in range(40)]
    gone: list[bytes] = []
    for _ in range(8):
        before = len(gone)
        for _ in range(15):
            one = choose.choice(here)
            match choose.randrange(5):
                case 0:
                    here.append(people.come())
                case 1:
                    people.photos(one)
                case 2:
                    people.rename(one)
                case 3:
                    people.store.remove(one)
                    people.store.restore(one)
                case 4 if len(here) > 10:
                    into = choose.choice([other for other in here if other != one])
                    people.merge(into, one)
                    here.remove(one)
                    gone += people.secrets.pop(one)
        for _ in range(min(len(here) - 5, choose.randint(1, 5))):
            removed = here.pop(choose.randrange(len(here)))
            people.store.remove(removed)
            gone += people.secrets.pop(removed)
        erase_removed(people.store)
        assert left(path, gone[before:]) == []
    assert left(path, gone) == []
    assert len(gone) > 500
    counts = {s.identity.id: len(s.embeddings) for s in people.store.load_all()}
    assert counts == {one: people.templates[one] for one in here}
    assert all(len(people.store.crops(one)) == people.templates[one] for one in here)
    for one in here:
        assert left(path, people.secrets[one][:1] + people.secrets[one][3:5]) != []


def test_embedding_again_with_another_model_leaves_no_copy(
    crowd: Callable[[int], Crowd], tmp_path: Path
) -> None:
    """Of both models' embeddings, at whatever moment somebody goes; rows come in between."""
    people, path = crowd(7), tmp_path / "7.db"
    here = [people.come() for _ in range(30)]
    made: dict[int, np.ndarray] = {}
    gone: list[bytes] = []
    sets = people.store.sets

    def embed_some(other: EmbeddingSet, after: int) -> int:
        """Of each fifth picture the model can make nothing, at first."""
        pictures = sets.pictures_without(other, after, 10)
        if not pictures:
            return -1
        rows: list[tuple[int, np.ndarray | None]] = []
        for picture in pictures:
            row = people.rng.normal(size=4 * DIMENSION).astype(np.float32)
            made[picture.template_id] = row / np.linalg.norm(row)
            skipped = picture.template_id % 5 == 0 and after >= 0
            rows.append((picture.template_id, None if skipped else made[picture.template_id]))
        sets.put(other, rows)
        for picture in pictures:
            people.note(picture.identity_id)
        return pictures[-1].template_id

    def part_with(one: str) -> None:
        people.store.remove(one)
        gone.extend(people.secrets.pop(one))
        here.remove(one)
        erase_removed(people.store)
        assert left(path, gone) == []

    other = sets.begin("other", 4 * DIMENSION)
    after = 0
    for _ in range(6):
        after = embed_some(other, after)
        part_with(here[5])
        here.append(people.come())
    while after >= 0:
        after = embed_some(other, after)
    while not sets.activate(other, anyway=True).is_active:
        embed_some(other, 0)
    part_with(here[3])
    embed_some(other, -1)  # what could not be made before
    third = sets.begin("third", 8)
    while pictures := sets.pictures_without(third, 0, 50):
        unit = np.eye(8, dtype=np.float32)[0]
        sets.put(third, [(picture.template_id, unit) for picture in pictures])
    assert sets.activate(third).is_active
    for one in here[::2]:
        part_with(one)
    assert len(gone) > 300


def test_an_erasure_costs_what_the_person_has(
    crowd: Callable[[int], Crowd], tmp_path: Path
) -> None:
    """It runs no VACUUM, and writes some pages of 1,500."""
    people, path = crowd(8), tmp_path / "8.db"
    here = [people.come(largest=160) for _ in range(150)]
    people.store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    log = path.with_name(f"{path.name}-wal")
    statements: list[str] = []
    written: list[int] = []

    def trace(statement: str) -> None:
        statements.append(statement)
        if "wal_checkpoint" in statement:
            written.append(log.stat().st_size // PAGE)

    assert path.stat().st_size > 1500 * PAGE
    people.store.remove(here[70])
    people.store._db.set_trace_callback(trace)
    erase_removed(people.store)
    assert not [s for s in statements if s.lstrip().upper().startswith("VACUUM")]
    assert 0 < max(written) < 120


def test_what_earlier_releases_left_in_unused_parts_is_gone(tmp_path: Path) -> None:
    """Their index moved embeddings, their renames moved rows; a purge may have been cut short."""
    path, chance, rng = tmp_path / "old.db", random.Random(3), np.random.default_rng(3)
    secrets: dict[str, list[bytes]] = {}
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA secure_delete = ON")
        for statement in (*MIGRATIONS[0], *MIGRATIONS[1]):
            db.execute(statement)
        db.execute(f"PRAGMA application_id = {GALLERY.application_id}")
        db.execute("PRAGMA user_version = 2")
        db.execute("INSERT INTO meta VALUES ('model_id', 'toy'), ('dimension', '128')")
        for n in range(200):
            one = f"{chance.getrandbits(128):032x}"
            row = (one, f"Person number {n}.", datetime.now(UTC).isoformat(), "", None)
            db.execute("INSERT INTO identity VALUES (?, ?, ?, ?, ?)", row)
            secrets[one] = [one.encode(), f"Person number {n}.".encode()]
            for vector in rng.normal(size=(3, DIMENSION)):
                embedding = (vector / np.linalg.norm(vector)).astype("<f4").tobytes()
                secrets[one] += [embedding[:20], embedding[200:220], embedding[-20:]]
                db.execute(
                    "INSERT INTO template (identity_id, quality, model_id, embedding, crop)"
                    " VALUES (?, 1, 'toy', ?, ?)",
                    (one, embedding, rng.bytes(300)),
                )
        db.execute("UPDATE identity SET note = hex(zeroblob(300)) WHERE rowid % 3 > 0")
        everyone = list(secrets)
        db.execute("PRAGMA foreign_keys = ON")
        for one in everyone[:60]:
            db.execute("DELETE FROM identity WHERE id = ?", (one,))
        db.execute("INSERT INTO meta VALUES ('rewrite_due', 'yes')")
    lingering = [piece for one in everyone[:60] for piece in left(path, secrets[one])]
    with closing(Store(path)) as store:
        for one in everyone[60:150]:
            store.remove(one)
        erase_removed(store)
        assert [s.identity.id for s in store.load_all()] == everyone[150:]
    assert lingering != []
    assert left(path, [piece for one in everyone[:150] for piece in secrets[one]]) == []
    kept = [piece for one in everyone[150:] for piece in secrets[one]]
    assert left(path, kept) == [one.encode() for one in everyone[150:]]  # the rest is sealed
