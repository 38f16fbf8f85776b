"""What the station shows: frozen values, sent from the worker's thread to the screen's.

A screen states the facts; the desktop has the words for them, in the language of the person.
Pictures are (h, w, 3) uint8 RGB; boxes are (4,) float32 in pixels of the live picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray

from common.picture import RgbImage
from recognition.liveness.challenge import Action

Box = NDArray[np.float32]


class Direction(Enum):
    IN = auto()
    OUT = auto()


class Help(Enum):
    """The one short line that is shown to whoever stands there."""

    LOOK_HERE = auto()
    COME_CLOSER = auto()
    STEP_BACK = auto()
    ONE_AT_A_TIME = auto()
    HOLD_STILL = auto()
    MORE_LIGHT = auto()
    UNCOVER_FACE = auto()
    NOT_KNOWN = auto()


class Refusal(Enum):
    """Why a person who was recognized is not checked in."""

    LOOKS_FLAT = auto()
    FROZEN_CAMERA = auto()
    ANOTHER_FACE = auto()
    NO_MOVEMENT = auto()
    DECLINED = auto()
    CLOSED = auto()
    NO_CODE_TYPED = auto()
    NO_CODE_GIVEN = auto()


@dataclass(frozen=True)
class Idle:
    """Nobody is there. is_open: whether it is within the opening hours. opens_at: when they begin
    again, naive, as the clock on the wall will show it; None while it is open, or for good."""

    is_open: bool = True
    opens_at: datetime | None = None


@dataclass(frozen=True, eq=False)
class Guide:
    """Somebody is there, and it is not decided yet who. box: of the face that counts; None without
    one."""

    help: Help
    box: Box | None


@dataclass(frozen=True, eq=False)
class Challenge:
    """A movement is asked for. step: which movement, from 1 to `steps`. remaining_s: seconds left
    to do it. again: whether another one was asked for before, and not seen. may_decline: whether
    the person may say that they cannot do it."""

    action: Action
    step: int
    steps: int
    remaining_s: float
    box: Box
    again: bool = False
    may_decline: bool = False


@dataclass(frozen=True, eq=False)
class Confirm:
    """A person was recognized; a touch on "yes" or on "not me" is waited for."""

    name: str
    direction: Direction
    enrolled: RgbImage
    live: RgbImage


@dataclass(frozen=True)
class CodeWanted:
    """A person was recognized who is so like somebody else that the face is not enough: a code is
    waited for. It names neither of them, since it may be either."""


@dataclass(frozen=True, eq=False)
class CheckedIn:
    """A check-in or check-out is written down. number: of the entry in the ledger, which "not me"
    undoes.

    live: None where a code was typed. already: the person was checked in or out only a moment ago;
    nothing was written again, and number is that of the earlier entry. "Not me" does not undo that
    entry, since it may well be the named person's own.
    """

    number: int
    name: str
    direction: Direction
    at: datetime
    enrolled: RgbImage
    live: RgbImage | None
    already: bool = False


@dataclass(frozen=True)
class Farewell:
    """The person was served and still stands there: nothing more is asked of them, and nothing
    offered. direction: as what they were checked; None where nothing was written, since nobody
    touched the question."""

    direction: Direction | None


@dataclass(frozen=True)
class Pause:
    """The person stands there, and was refused a moment ago. seconds: whole ones until the next
    try."""

    seconds: int


@dataclass(frozen=True)
class Undone:
    """The person said "not me": what was written or asked under this name counts no more."""

    name: str


@dataclass(frozen=True)
class Stranger:
    """The face was seen well, and is nobody's who is enrolled here."""

    may_enroll: bool


@dataclass(frozen=True)
class UnknownCode:
    """The typed code belongs to nobody. wait_s: seconds until another one may be typed."""

    wait_s: float = 0.0


@dataclass(frozen=True)
class Refused:
    why: Refusal


@dataclass(frozen=True)
class Fault:
    """The station cannot work now. message: a Sentence, of a FacedeskError or of the camera;
    a plain string where it is told already in the language of the screen.

    name: of the person who is not checked in because of it; empty where it concerns nobody.
    """

    message: str
    name: str = ""


Screen = (
    Idle
    | Guide
    | Challenge
    | Confirm
    | CodeWanted
    | CheckedIn
    | Farewell
    | Pause
    | Undone
    | Stranger
    | UnknownCode
    | Refused
    | Fault
)
