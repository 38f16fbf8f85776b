"""What the station asks of others. Each may raise a FacedeskError for what the world did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from capture.frame import Frame
from gallery.identity import Identity, Match
from recognition.liveness.challenge import Action
from recognition.recognizer import RecognizedFace
from station.ledger.entry import Entry, Event
from station.screen import Picture, Refusal


class People(Protocol):
    """Who is enrolled; a Gallery is one."""

    def identity(self, identity_id: str) -> Identity:
        """Raises UnknownIdentityError for somebody who is not enrolled any more."""

    def portrait(self, identity_id: str) -> Picture: ...


class Ledger(Protocol):
    def append(self, event: Event) -> Entry:
        """Written for good when it returns; nothing is where it raises."""

    def newest_of(self, identity_id: str) -> Entry | None:
        """What counts last as the person's check-in or check-out; nothing that was undone."""


class Codes(Protocol):
    """The PINs and badge codes of people."""

    @property
    def wait_s(self) -> float:
        """Seconds until another code may be tried: wrong ones make it grow."""

    def find(self, code: str) -> str | None:
        """The id of the person whose code it is; None where it is nobody's."""


class Actions(Protocol):
    def tell(self, entry: Entry) -> None:
        """Have a check-in, a check-out or its undoing told to the outside, some time soon."""


class Impostors(Protocol):
    """Faces that were taken for somebody and said that they are not."""

    def required_similarity(self, identity_id: str, threshold: float) -> float:
        """The cosine that this identity's name needs: the threshold, or more."""

    def add(self, match: Match) -> None:
        """match: whom the face was taken for."""


class Inbox(Protocol):
    def put(self, picture: Picture) -> object:
        """Keep a stranger's picture for a time."""

    def purge(self, hours: float) -> object:
        """Erase what is older."""


@dataclass(frozen=True)
class Pending:
    """Not decided yet. action: what the person is asked to do, None while nothing is.

    step: 1 and up, of `steps`. remaining_s: until it is too late.
    """

    action: Action | None = None
    step: int = 1
    steps: int = 1
    remaining_s: float = 0.0


@dataclass(frozen=True)
class Passed:
    """Nothing speaks against the face, and all that was asked for was done."""


@dataclass(frozen=True)
class Failed:
    why: Refusal


LivenessVerdict = Pending | Passed | Failed


class LivenessCheck(Protocol):
    """The presentation-attack detection of one face under one name, in one track."""

    def see(self, frame: Frame, face: RecognizedFace, named: str | None) -> LivenessVerdict:
        """The verdict so far; called in each frame until the check-in is written.

        named: the id of whom the face is taken for, the same in each call: whoever is named
        somebody else needs another check. With None the face is only watched, and never passes.
        Failed is final.
        """
