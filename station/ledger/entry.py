"""One row of the check-in ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What happened.

    An UNDONE takes back the entry it refers to. A CORRECTION stands in the place of the entry
    it refers to; without one, it adds what is missing.
    """

    CHECK_IN = "check-in"
    CHECK_OUT = "check-out"
    UNDONE = "undone"
    CORRECTION = "correction"
    ADMINISTRATION = "administration"


class Means(StrEnum):
    """By what a person was known."""

    FACE = "face"
    CODE = "code"
    OPERATOR = "operator"


class Liveness(StrEnum):
    """What presentation-attack detection said of the face."""

    NOT_ASKED = "not asked"
    NOTHING_SUSPICIOUS = "nothing suspicious"
    PASSED = "passed"


@dataclass(frozen=True)
class Event:
    """What is written down; the ledger adds number, time and hashes.

    identity_id, name: of the person, as they were at that time; empty for an administrative act.
    similarity, threshold: cosine; None where no face was compared.
    refers_to: the number of the entry that is undone or corrected.
    counts_as: of a correction alone: CHECK_IN or CHECK_OUT, as it should be.
    happened_at: of a correction alone: when that was, aware datetime.
    note: free text: the act of an administrator, the reason of a correction.
    picture: a PNG or JPEG file of the face, None where none may be kept.
    """

    kind: Kind
    station: str
    identity_id: str = ""
    name: str = ""
    means: Means = Means.FACE
    similarity: float | None = None
    threshold: float | None = None
    liveness: Liveness = Liveness.NOT_ASKED
    refers_to: int | None = None
    counts_as: Kind | None = None
    happened_at: datetime | None = None
    note: str = ""
    picture: bytes | None = None


@dataclass(frozen=True)
class Entry:
    """An event as it stands in the ledger.

    number: 1 and up, without a gap. at: when it was written, aware datetime, UTC.
    event: its picture is None here; `Ledger.picture` has it.
    picture_sha256: hexadecimal, empty without one; the picture itself may have been erased since.
    previous_hash, hash: SHA-256, hexadecimal.
    """

    number: int
    at: datetime
    event: Event
    picture_sha256: str
    previous_hash: str
    hash: str

    @property
    def counts_as(self) -> Kind:
        """CHECK_IN or CHECK_OUT of a correction, too."""
        return self.event.counts_as or self.event.kind

    @property
    def happened_at(self) -> datetime:
        """When the person came or went; of a correction it is not when it was written."""
        return self.event.happened_at or self.at
