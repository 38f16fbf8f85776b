"""Every screen that the station can show, for the tests and for the pictures in the docs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import numpy as np

from common.picture import RgbImage
from recognition.liveness.challenge import MOVEMENTS
from station.screen import (
    Action,
    Box,
    Challenge,
    CheckedIn,
    CodeWanted,
    Confirm,
    Direction,
    Farewell,
    Fault,
    Guide,
    Help,
    Idle,
    Pause,
    Refusal,
    Refused,
    Screen,
    Stranger,
    Undone,
    UnknownCode,
)

SMALL = (Action.BLINK_TWICE, Action.SLIGHTLY_LEFT, Action.SLIGHTLY_RIGHT)

AT = datetime(2026, 11, 20, 7, 58)
NAME = "Nguyễn Thị Minh Khai"
BOX: Box = np.float32([215, 70, 365, 265])

FAULT = (
    "Camera 0 stopped giving pictures. Trying again in 30 s. Its driver told this: "
    "select() timeout, device /dev/video0, errno 110"
)


def scenes(face: RgbImage) -> Iterator[tuple[str, Screen]]:
    """Each screen with its name. face: (h, w, 3) uint8 RGB."""
    yield "idle", Idle()
    yield "closed", Idle(is_open=False, opens_at=datetime(2026, 11, 23, 7))
    yield "closed-for-good", Idle(is_open=False)
    for help in Help:
        yield f"guide-{help.name.lower()}", Guide(help, None if help is Help.LOOK_HERE else BOX)
    for step, action in enumerate(MOVEMENTS, start=1):
        yield f"challenge-{action.name.lower()}", Challenge(action, min(step, 2), 2, 4.2, BOX)
    for action in SMALL:
        small = Challenge(action, 1, 1, 4.2, BOX, may_decline=True)
        yield f"challenge-{action.name.lower()}", small
    instead = Challenge(Action.NOD, 1, 1, 4.2, BOX, again=True, may_decline=True)
    yield "challenge-instead", instead
    for direction in Direction:
        way = direction.name.lower()
        yield f"confirm-{way}", Confirm(NAME, direction, face, face[:, ::-1])
        yield f"checked-{way}", CheckedIn(7, NAME, direction, AT, face, face)
        yield f"already-{way}", CheckedIn(7, NAME, direction, AT, face, face, already=True)
    yield "checked-by-code", CheckedIn(8, NAME, Direction.IN, AT, face, None)
    for way in (*Direction, None):
        yield f"farewell-{way.name.lower() if way else 'none'}", Farewell(way)
    yield "pause", Pause(38)
    yield "code-wanted", CodeWanted()
    yield "undone", Undone(NAME)
    yield "stranger", Stranger(may_enroll=False)
    yield "stranger-may-enroll", Stranger(may_enroll=True)
    yield "unknown-code", UnknownCode()
    yield "unknown-code-wait", UnknownCode(30.0)
    for why in Refusal:
        yield f"refused-{why.name.lower()}", Refused(why)
    yield "fault", Fault(FAULT)
    yield (
        "fault-of-one",
        Fault("Expected room for the ledger, but the disk is full. Free some space.", NAME),
    )
