"""A small home with one of everything that is kept, and how a program reads each of its files."""

from __future__ import annotations

import hashlib
import itertools
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from common.picture import RgbImage
from common.sealing.holders import FileHolder
from common.sealing.key_file import read_key_file
from common.sealing.key_ring import ring_of
from desktop.home import Home
from desktop.settings.file import Settings, load_settings, save_settings
from desktop.settings.specs import chosen_guards
from gallery.adopted_calibration import AdoptedCalibration, AdoptedCalibrations
from gallery.gallery import Gallery
from gallery.identity import Identity, Match, Template
from gallery.likeness.impostors import Impostors
from gallery.likeness.look_alike_list import LookAlikeList
from gallery.likeness.stranger_scores import StrangerScore, StrangerScores
from gallery.store import Store
from models.conversion.keeping import checked_content, opened_archive
from models.conversion.weights import Carrier, PackagedWeights
from models.engines.openvino_blobs import BlobFolder, BlobKey
from recognition.formats.archive import open_archive, write_archive
from recognition.formats.contents import EnrolledPerson
from station.actions.outbox import Delivery, Outbox
from station.ledger.entry import Event, Kind
from station.ledger.ledger import Ledger
from station.ledger.tail import Mark
from station.operation.protection import ProtectionRecord, protection_now
from station.people.inbox import Inbox
from station.people.refusals import Refusals
from station.secrets.codes import Codes
from station.secrets.pin import PinGuard

MODEL, DIMENSION = "trial", 4
NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
PAGE_BYTES = 512
"""Of the trial's databases: SQLite's smallest pages, so that few bytes are unused."""

_CODE, _PIN = "804725", "739164"
_BLOB = BlobKey("net", "world", "variant")


class ChangedHomeError(Exception):
    """A reader found by itself that something is not as it was, and would have told it."""


@dataclass(frozen=True)
class KeptFile:
    """A file of the home.

    path: where it is. read: returns all that a program reads of it, which can be compared.
    also_seen: names that a message may have in place of the file's.
    """

    what: str
    path: Path
    read: Callable[[], Any]
    also_seen: tuple[str, ...] = ()


@contextmanager
def keys_beside(folder: Path) -> Iterator[None]:
    """Let homes of the trial have their keys in files of the folder."""
    names = {"FACEDESK_KEYS": str(folder), "FACEDESK_KEY_HOLDER": "file"}
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(names)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def make_home(home: Home, keys: Path) -> list[KeptFile]:
    """Fill an empty home; return its files."""
    people = _fill_gallery(home)
    _fill_station(home, people)
    _fill_rest(home)
    for path in sorted(home.folder.glob("*.db")):
        _shrink(path)
    file = read_key_file(home.key)
    assert file is not None
    key_path = FileHolder(keys).path(file.keys[-1].slot)
    return [*_databases(home, people), *_others(home, key_path)]


def _fill_gallery(home: Home) -> list[Identity]:
    random = np.random.default_rng(5)

    def template() -> Template:
        embedding = random.normal(size=DIMENSION).astype(np.float32)
        crop: RgbImage = random.integers(0, 255, (3, 3, 3), dtype=np.uint8)
        return Template(embedding / np.linalg.norm(embedding), crop, 0.9, MODEL, view=None)

    with closing(Gallery(Store(home.gallery), MODEL, DIMENSION)) as gallery:
        people = [gallery.enroll(name, [template(), template()]) for name in ("Ánh", "Bo", "Cem")]
        gallery.set_note(people[0].id, "knows the way")
        gallery.begin_guarding()
        gallery.remove(people[2].id)
        LookAlikeList(home.impostors, gallery).complete(-1.0)
        known = [
            EnrolledPerson(one, tuple(gallery.templates(one.id))) for one in gallery.identities
        ]
        write_archive(known, MODEL, DIMENSION, None, home.folder / "people.zip")
    return people[:2]


def _fill_station(home: Home, people: list[Identity]) -> None:
    clock = (NOW + timedelta(minutes=n) for n in itertools.count())
    with closing(Ledger(home.checkins, lambda: next(clock))) as ledger:
        for who, picture in zip(people * 2, (b"a picture", None, None, b"another"), strict=True):
            ledger.append(Event(Kind.CHECK_IN, "Door", who.id, who.name, picture=picture))
    with closing(Impostors(home.impostors, MODEL, lambda: NOW)) as impostors:
        impostors.add(Match(people[0], 0.6, 0.4, None), people[1].id)
    StrangerScores(home.impostors, MODEL).add([StrangerScore(0.3, 2)])
    Refusals(home.refusals, NOW.timestamp).note(people[0].id, 3)
    with closing(Inbox(home.inbox)) as inbox:
        inbox.put(np.full((3, 3, 3), 90, np.uint8))
    with closing(Outbox(home.outbox)) as outbox:
        outbox.put(Delivery("one", NOW, b'{"data": 1}'), mark=Mark(4, "a" * 64, NOW))
    Codes(home.codes).set(people[0].id, _CODE)
    PinGuard(home.pin).set(_PIN)


def _fill_rest(home: Home) -> None:
    station = {"liveness": "always", "webhook": "https://ours.example/hook"}
    save_settings(home.settings, _with_station(Settings(fpir=0.002), station))
    guards = chosen_guards(load_settings(home.settings))
    adopted = AdoptedCalibration(
        model_id=MODEL,
        adjustment=0.05,
        fpir=0.001,
        people=3,
        adopted_at=NOW,
        previous_fpir=0.002,
    )
    AdoptedCalibrations(home.calibrations).adopt(adopted)
    ProtectionRecord(home.protection).keep(protection_now(guards, home))
    home.cache.mkdir(exist_ok=True)
    BlobFolder(home.cache).save(_BLOB, b"a compiled model" * 4)
    _write_bundle(home.folder / "bundle.zip")


def _with_station(settings: Settings, values: dict[str, Any]) -> Settings:
    import msgspec

    station = msgspec.structs.replace(settings.station, **values)
    return msgspec.structs.replace(settings, station=station)


_WEIGHTS = b"weights of a network" * 3
_PACKAGED = PackagedWeights(
    network="net",
    use="a trial",
    carrier=Carrier("trial", "1.0", "trial"),
    file="net.bin",
    sha256=hashlib.sha256(_WEIGHTS).hexdigest(),
    license="Apache-2.0",
)


def _write_bundle(path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("net.bin", _WEIGHTS)


def _shrink(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = DELETE")
        db.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        db.execute("VACUUM")


# -- what a program reads ------------------------------------------------------------------


def _databases(home: Home, people: list[Identity]) -> list[KeptFile]:
    def gallery() -> Any:
        with closing(Store(home.gallery)) as store:
            known = list(store.load_all())
            return (
                store.model(),
                [(one.identity, one.embeddings.tobytes(), one.template_count) for one in known],
                [_template(t) for one in known for t in store.templates(one.identity.id)],
                [crop.tobytes() for one in known for crop in store.crops(one.identity.id)],
                [picture.template_id for k in known for picture in store.pictures(k.identity.id)],
                [(one.identity_id, one.name) for one in store.pending_erasures()],
                store.is_guarded,
            )

    def ledger() -> Any:
        with closing(Ledger(home.checkins)) as ledger:
            found = ledger.verify()
            entries = list(ledger.entries())
            if found.damage is not None:
                raise ChangedHomeError(found.damage)
            pictures = [ledger.picture(entry.number) for entry in entries]
            newest = [ledger.newest_of(who.id) for who in people]
            return found.intact, found.newest_hash, entries, pictures, newest

    def impostors() -> Any:
        with closing(Impostors(home.impostors, MODEL)) as impostors:
            examples = impostors.examples()
        with closing(Gallery(Store(home.gallery), MODEL, DIMENSION)) as gallery:
            listed = LookAlikeList(home.impostors, gallery)
            alike = listed.due(-0.9), listed.pairs(-0.9)
        return examples, alike, StrangerScores(home.impostors, MODEL).all()

    def inbox() -> Any:
        with closing(Inbox(home.inbox)) as inbox:
            return [(one, inbox.picture(one).tobytes()) for one in inbox.all()]

    def outbox() -> Any:
        with closing(Outbox(home.outbox)) as outbox:
            return outbox.all(), outbox.mark()

    def codes() -> Any:
        codes = Codes(home.codes)
        return codes.wait_s, [codes.has(one.id) for one in people], codes.find(_CODE)

    def pin() -> Any:
        guard = PinGuard(home.pin)
        return guard.is_set, guard.wait_s, guard.check(_PIN)

    def refusals() -> Any:
        return Refusals(home.refusals, lambda: NOW.timestamp() + 5).since(60.0)

    return [
        KeptFile("gallery", home.gallery, gallery),
        KeptFile("ledger", home.checkins, ledger),
        KeptFile("impostors", home.impostors, impostors),
        KeptFile("refusals", home.refusals, refusals),
        KeptFile("inbox", home.inbox, inbox),
        KeptFile("outbox", home.outbox, outbox),
        KeptFile("codes", home.codes, codes),
        KeptFile("PIN", home.pin, pin),
    ]


def _template(one: Template) -> tuple[Any, ...]:
    return one.embedding.tobytes(), one.crop.tobytes(), one.quality, one.added_at, one.is_portrait


def _others(home: Home, key_path: Path) -> list[KeptFile]:
    def key() -> Any:
        ring_of(home.folder).__init__(home.folder)  # type: ignore[misc]  # as a new program
        return ring_of(home.folder).current()

    def settings() -> Any:
        guards = chosen_guards(load_settings(home.settings))
        ProtectionRecord(home.protection).require(protection_now(guards, home))
        return True

    def protection() -> Any:
        record = ProtectionRecord(home.protection)
        record.require_sealed()
        return record.kept()

    def calibration() -> Any:
        return AdoptedCalibrations(home.calibrations).of(MODEL)

    def blob() -> Any:
        found = BlobFolder(home.cache).load(_BLOB)
        return True if found is None else found.tobytes() == b"a compiled model" * 4

    def bundle() -> Any:
        with opened_archive(home.folder / "bundle.zip") as bundle:
            return checked_content(bundle, "net.bin", _PACKAGED)

    def archive() -> Any:
        with open_archive(home.folder / "people.zip") as archive:
            people = [
                (one.identity, [_template(t) for t in one.templates]) for one in archive.people()
            ]
            return archive.manifest.model_id, people

    (adopted,) = home.calibrations.glob("*.json")
    (compiled,) = home.cache.glob("*.blob")
    # A damaged key is told with the key file's name, whichever of the two is damaged.
    return [
        KeptFile("key", home.key, key, (key_path.name,)),
        KeptFile("key's file", key_path, key, (home.key.name, "a file outside of the data folder")),
        KeptFile("settings", home.settings, settings, ("the settings say",)),
        KeptFile("protection", home.protection, protection),
        KeptFile("calibration", adopted, calibration),
        KeptFile("compiled model", compiled, blob),
        KeptFile("bundle", home.folder / "bundle.zip", bundle, ("net",)),
        KeptFile("archive", home.folder / "people.zip", archive),
    ]
