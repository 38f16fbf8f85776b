"""What a file of people holds once it is read: pictures or embeddings, and whose they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from common.sentence import Sentence
from gallery.consents import Consent
from gallery.identity import Identity, Template
from recognition.enrollment.photos import Skipped


@dataclass(frozen=True)
class ReadingOptions:
    """What a user says about a file beside its path.

    names: a file with the names, where they are not in the file itself.
    name_column, picture_column, consent_column: of a table, where they are not called as usual.
    """

    names: Path | None = None
    name_column: str = ""
    picture_column: str = ""
    consent_column: str = ""


@dataclass(frozen=True)
class OwnCrop:
    """What is known of a picture that Facedesk has written itself: it is a template's crop.

    model_id: the embedder that it was made for. quality: the template's.
    """

    model_id: str
    quality: float


@dataclass(frozen=True)
class PersonPictures:
    """A person's pictures, which are not read yet.

    source: the folder or the table that they are from. name: as it stands there; it may be none
    that the gallery takes. own: those of the pictures that are crops of ours, unchanged.
    has_agreed: whether a table says on each line that the person has agreed to be enrolled; None
    where it has no such column.
    """

    source: Path
    name: str
    pictures: tuple[Path, ...]
    own: Mapping[Path, OwnCrop] = field(default_factory=lambda: MappingProxyType({}))
    has_agreed: bool | None = None


@dataclass(frozen=True)
class PeopleInPictures:
    """Pictures of people. skipped: what cannot be read of the file, and why."""

    people: tuple[PersonPictures, ...]
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True, eq=False)
class PersonEmbeddings:
    """A person's embeddings, (n, d) float32 unit rows. name: as the gallery keeps it."""

    name: str
    embeddings: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class PeopleInEmbeddings:
    """Embeddings of people, all of d numbers.

    model: the embedder that the file names; empty where it names none. told: what the
    reader had to leave out or to change, as sentences.
    """

    people: tuple[PersonEmbeddings, ...]
    dimension: int
    model: str = ""
    told: tuple[Sentence, ...] = ()


@dataclass(frozen=True, eq=False)
class EnrolledPerson:
    """Somebody of the gallery, to be written to a file."""

    identity: Identity
    templates: tuple[Template, ...]
    consents: tuple[Consent, ...] = ()
