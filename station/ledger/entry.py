"""One row of the check-in ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What happened.

    UNDONE takes back the entry to which it refers. CORRECTION replaces the entry to which it
    refers; where it refers to none, it adds a check-in or check-out that is missing.
    """

    CHECK_IN = "check-in"
    CHECK_OUT = "check-out"
    UNDONE = "undone"
    CORRECTION = "correction"
    ADMINISTRATION = "administration"


class Means(StrEnum):
    """The means by which a person was recognized."""

    FACE = "face"
    CODE = "code"
    OPERATOR = "operator"


class Liveness(StrEnum):
    """What presentation-attack detection said of the face; the entry's note says how.

    NOTHING_SUSPICIOUS stands in entries of earlier releases, which had a check that only vetoed.
    """

    NOT_ASKED = "not asked"
    NOTHING_SUSPICIOUS = "nothing suspicious"
    PASSED = "passed"


@dataclass(frozen=True)
class Event:
    """What the caller writes down; the ledger adds the number, the time and the hashes.

    identity_id, name: of the person, as they were at that time; empty for an administrative act.
    similarity, threshold: cosine; None where no face was compared.
    refers_to: the number of the entry that is undone or corrected.
    counts_as: CHECK_IN or CHECK_OUT, as it should be; only a correction has it.
    happened_at: when the corrected event happened, an aware datetime; only a correction has it.
    note: free text: the act of an administrator, the reason of a correction, what liveness found
        out of a face.
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
        """What the entry counts as: its kind, or for a correction the CHECK_IN or CHECK_OUT that it
        sets."""
        return self.event.counts_as or self.event.kind

    @property
    def happened_at(self) -> datetime:
        """When the person came or went. For a correction this is not the time at which it was
        written."""
        return self.event.happened_at or self.at
