"""Facedesk's own archive: a zip file with everything of a gallery, to be restored exactly.

manifest.json says what is in it, with the SHA-256 of every other member: embeddings.npy, crops,
views, and the settings where there are any. Nothing is ever unpacked to the disk, so that no
member's name can lead anywhere; a member that the manifest does not name is refused.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from common.errors import FormatError
from common.output_file import output_file
from common.picture import RgbImage
from common.sentence import Sentence
from gallery.consents import Consent, ConsentWay
from gallery.crops import NO_CROP, from_jpeg, from_png, to_jpeg, to_png
from gallery.identity import FaceView, Identity, Template
from recognition.formats.arrays import DAMAGED, array_in, check_sizes
from recognition.formats.contents import EnrolledPerson
from recognition.formats.embeddings import MOST_NUMBERS

VERSION = 1
"""The version of the format. A newer one is refused; whatever changes what is in it raises it."""

MANIFEST = "manifest.json"
_EMBEDDINGS, _SETTINGS = "embeddings.npy", "settings.toml"
_SUFFIXES = (".facedesk", ".zip")

_MOST_MANIFEST_BYTES = 500_000_000
_MOST_CROP_BYTES = 4_000_000
_MOST_SETTINGS_BYTES = 1_000_000
_MOST_HEADER_BYTES = 4096
_MOST_BYTES = 1_000_000_000_000
_MOST_SIDE = 1024
"""Pixels; a crop has 112 or 160, a view some 300."""

_UNIT_TOLERANCE = 1e-3


class ArchivedTemplate(msgspec.Struct, frozen=True):
    """A template. crop, view: the members with its PNG and its JPEG; empty where it has none.

    crop_model_id: see Template. face: box and landmarks in the view.
    """

    quality: float
    crop: str
    crop_model_id: str = ""
    view: str = ""
    face: tuple[float, ...] = ()


class ArchivedConsent(msgspec.Struct, frozen=True):
    """What somebody agreed to. text: which one of the manifest's texts, from 0."""

    at: datetime
    language: str
    text: int
    way: ConsentWay


class ArchivedPerson(msgspec.Struct, frozen=True):
    id: str
    name: str
    note: str
    enrolled_at: datetime
    templates: tuple[ArchivedTemplate, ...]
    consents: tuple[ArchivedConsent, ...] = ()


class Manifest(msgspec.Struct, frozen=True):
    """facedesk_archive: the version of the format. sha256: of each other member, by its name.
    consent_texts: the wordings that people have agreed to."""

    facedesk_archive: int
    model_id: str
    dimension: int
    people: tuple[ArchivedPerson, ...]
    sha256: dict[str, str]
    consent_texts: tuple[str, ...] = ()


class _Version(msgspec.Struct, frozen=True):
    facedesk_archive: int


def is_archive(path: Path) -> bool:
    """Returns whether a file is called like an archive."""
    return path.suffix.lower() in _SUFFIXES


def write_archive(
    people: Iterable[EnrolledPerson],
    model_id: str,
    dimension: int,
    settings: bytes | None,
    out: Path,
    *,
    overwrite: bool = False,
    inputs: Iterable[Path] = (),
) -> None:
    """Writes people with all that the gallery has of them. Raises FormatError where that fails.

    settings: the content of the settings file; None to leave it out. overwrite, inputs: see
    output_file().
    """
    with (
        output_file(out, FormatError, overwrite=overwrite, inputs=inputs) as fresh,
        zipfile.ZipFile(fresh, "w", zipfile.ZIP_STORED) as archive,
    ):
        digests: dict[str, str] = {}

        def put(name: str, content: bytes) -> str:
            digests[name] = hashlib.sha256(content).hexdigest()
            archive.writestr(name, content)
            return name

        listed: list[ArchivedPerson] = []
        rows: list[NDArray[np.float32]] = []
        texts: dict[str, int] = {}
        for person in people:
            templates = []
            for template in person.templates:
                png, view = to_png(template.crop), template.view
                templates.append(
                    ArchivedTemplate(
                        template.quality,
                        put(f"crops/{len(rows):07}.png", png) if png else "",
                        template.crop_model_id,
                        put(f"views/{len(rows):07}.jpg", view.jpeg or to_jpeg(view.picture))
                        if view is not None
                        else "",
                        tuple(map(float, view.numbers)) if view is not None else (),
                    )
                )
                rows.append(template.embedding)
            who = person.identity
            listed.append(
                ArchivedPerson(
                    who.id,
                    who.name,
                    who.note,
                    who.enrolled_at,
                    tuple(templates),
                    tuple(
                        ArchivedConsent(
                            one.at, one.language, texts.setdefault(one.text, len(texts)), one.way
                        )
                        for one in person.consents
                    ),
                )
            )
        packed = io.BytesIO()
        np.save(packed, np.array(rows, "<f4").reshape(-1, dimension))
        put(_EMBEDDINGS, packed.getvalue())
        if settings is not None:
            put(_SETTINGS, settings)
        manifest = Manifest(VERSION, model_id, dimension, tuple(listed), digests, tuple(texts))
        archive.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=1))


class OpenArchive:
    """An archive that is open, with its manifest and its embeddings checked.

    Raises FormatError, as its methods do, where anything in it is not as the manifest says.
    """

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self._path = path
        self._archive = archive
        with _told(path):
            check_sizes(archive.infolist(), _MOST_BYTES)
            content = self._read(MANIFEST, _MOST_MANIFEST_BYTES)
            self._refuse_newer(msgspec.json.decode(content, type=_Version).facedesk_archive)
            self.manifest = msgspec.json.decode(content, type=Manifest)
            self._check_members()
            self._rows = self._embeddings()

    def people(self) -> Iterator[EnrolledPerson]:
        """Yields everyone, each read and checked when asked for."""
        at = 0
        for person in self.manifest.people:
            with _told(self._path):
                rows = self._rows[at : at + len(person.templates)]
                templates = tuple(
                    Template(
                        row,
                        self._crop(one.crop),
                        one.quality,
                        self.manifest.model_id,
                        one.crop_model_id,
                        self._view(one),
                    )
                    for row, one in zip(rows, person.templates, strict=True)
                )
                who = Identity(person.id, person.name, person.enrolled_at, person.note)
                consents = tuple(
                    Consent(one.at, one.language, self.manifest.consent_texts[one.text], one.way)
                    for one in person.consents
                )
            at += len(templates)
            yield EnrolledPerson(who, templates, consents)

    def settings(self) -> bytes | None:
        """Returns the content of the settings file; None where there is none."""
        if _SETTINGS not in self.manifest.sha256:
            return None
        with _told(self._path):
            return self._checked(_SETTINGS, _MOST_SETTINGS_BYTES)

    def _refuse_newer(self, version: int) -> None:
        if version > VERSION:
            raise FormatError(
                Sentence("an archive of version {} or older", VERSION),
                Sentence("{} is of version {}, made by a newer Facedesk", self._path, version),
                "Update Facedesk",
            )

    def _check_members(self) -> None:
        names = [info.filename for info in self._archive.infolist()]
        if not 0 < self.manifest.dimension <= MOST_NUMBERS:
            raise ValueError(f"it has embeddings of {self.manifest.dimension} numbers")
        if len(set(names)) < len(names):
            raise ValueError("a file is in it twice")
        if unknown := set(names) - {MANIFEST, *self.manifest.sha256}:
            raise ValueError(f"it holds {min(unknown)!r}, which its manifest does not name")
        if missing := set(self.manifest.sha256) - set(names):
            raise ValueError(f"it lacks {min(missing)!r}")
        for person in self.manifest.people:
            if len(person.id) != 32 or set(person.id) - set("0123456789abcdef"):
                raise ValueError(f"{person.id!r} is no id")
            if person.enrolled_at.tzinfo is None or not person.templates:
                raise ValueError(f"{person.name!r} is not whole")
            for consent in person.consents:
                if consent.at.tzinfo is None or not (
                    0 <= consent.text < len(self.manifest.consent_texts)
                ):
                    raise ValueError(f"a consent of {person.name!r} is not whole")
        if len({person.id for person in self.manifest.people}) < len(self.manifest.people):
            raise ValueError("two people have one id")

    def _embeddings(self) -> NDArray[np.float32]:
        count = sum(len(person.templates) for person in self.manifest.people)
        size = count * self.manifest.dimension * 4
        content = self._checked(_EMBEDDINGS, size + _MOST_HEADER_BYTES)
        rows = array_in(io.BytesIO(content), len(content), np.dtype("<f4"))
        if rows.shape != (count, self.manifest.dimension):
            raise ValueError("its embeddings are of another size than its manifest says")
        is_unit = np.abs(np.linalg.norm(rows, axis=1) - 1) < _UNIT_TOLERANCE
        if not np.all(is_unit | ~rows.any(axis=1)):  # zeros: the model could make none
            raise ValueError("an embedding is not of unit length")
        return np.asarray(rows, np.float32)

    def _crop(self, name: str) -> RgbImage:
        if not name:
            return NO_CROP
        png = self._checked(name, _MOST_CROP_BYTES)
        # The size stands in the first chunk of a PNG: what is too large is not decoded.
        sides = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))
        if png[:8] != b"\x89PNG\r\n\x1a\n" or not all(0 < side <= _MOST_SIDE for side in sides):
            raise ValueError(f"{name} is no crop")
        return from_png(png)

    def _view(self, template: ArchivedTemplate) -> FaceView | None:
        if not template.view:
            return None
        jpeg = self._checked(template.view, _MOST_CROP_BYTES)
        with Image.open(io.BytesIO(jpeg), formats=[str(JpegImageFile.format)]) as picture:
            if max(picture.size) > _MOST_SIDE:
                raise ValueError(f"{template.view} is too large")
        return FaceView.from_numbers(from_jpeg(jpeg), np.array(template.face, np.float32), jpeg)

    def _checked(self, name: str, most: int) -> bytes:
        content = self._read(name, most)
        if hashlib.sha256(content).hexdigest() != self.manifest.sha256[name]:
            raise ValueError(f"{name} is not what it was")
        return content

    def _read(self, name: str, most: int) -> bytes:
        """Reads a member, never more of it than `most`."""
        if self._archive.getinfo(name).file_size > most:
            raise ValueError(f"{name} is too large")
        with self._archive.open(name) as file:
            content = file.read(most + 1)
        if len(content) > most:
            raise ValueError(f"{name} is too large")
        return content


@contextmanager
def open_archive(path: Path) -> Iterator[OpenArchive]:
    """Opens an archive for the `with` block. Raises FormatError where it is none, or damaged."""
    with _told(path):
        archive = zipfile.ZipFile(path)
    with archive:
        yield OpenArchive(path, archive)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except (*DAMAGED, msgspec.MsgspecError) as error:
        raise FormatError(
            "an archive that facedesk export has written",
            Sentence("{} is damaged or something else ({})", path, error or "cut short"),
            "Copy it again from where it came; nothing was changed",
        ) from error
    except OSError as error:
        raise FormatError(
            Sentence("to read {}", path),
            Sentence("that failed ({})", error.strerror or error),
            "Check the path and your right to read it",
        ) from error
