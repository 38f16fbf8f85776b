"""One face for as long as it is there: how long it stood still, who it is, what was done."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from capture.frame import Frame
from gallery.identity import Match
from models.quality import Quality, yaw
from recognition.liveness.check import Passed, Pending, Progress
from recognition.recognizer import LIVE_VOTES, RecognizedFace
from station.screen import Help, Picture
from station.visits.front import LIMITS

if TYPE_CHECKING:
    from station.visits.liveness import FaceLiveness


IN_FRONT_S = 0.5
"""In front and calm for so long before anything is written: nobody who walks past is."""

KNOWN_S = 0.3
"""And for so long known as the same person."""

LARGEST = 0.8
"""Of the picture's height: a face that fills it is cut off, or will be."""

AWAY_S = 0.5
"""After so long not in front, the time in front begins again."""

CALM = 1.0
"""Face widths a second, some 15 cm: six times slower than a walk."""

PATH_S = 0.3
"""Movement is measured over so long, since a detector's box trembles by a pixel or two."""

GOOD = 0.1
"""The Quality.score of a look that may speak for or against somebody."""

UNKNOWN_LOOKS = 4
UNKNOWN_S = 2.5
"""So many good looks in a row that know nobody make a stranger, and not before this time."""

PATIENCE_S = 12.0
"""Who could not be looked at well for so long is told what else there is to do."""

COVERED_S = 6.0
"""For so long somebody unknown is asked to uncover their face."""

CHANGED_VOTES = 3
CHANGED_S = 1.0
"""What it takes until a face that was served as one person is served as another."""

CHANGED_LOOKS = 6
"""Good looks in a row that know nobody, until a served face is somebody else's."""

LOST_S = 2.0
"""A name survives looks without one for so long: the head turned for a movement asked for."""


class Visit:
    """What the station knows of one track; `now` is in monotonic seconds throughout.

    face: the newest one in front. match: whom it shows. decided: who it is, steadily.
    served: the id of whom it was served as. rejected: the ids of those whom the person said
    not to be. asked: a movement or a touch is waited for. told_at: when it was told to be a
    stranger. evidence: the match that was decided last. portrait: the best picture so far, with
    its quality, where strangers' may be kept. covered: mouth and nose are hidden, it seems.

    What liveness finds out belongs to this track and to whom it is named: it is forgotten as soon
    as the face is named somebody else, or nobody any more, and when it has served its turn.
    """

    def __init__(self, track_id: int, face: RecognizedFace, now: float) -> None:
        self.track_id = track_id
        self.face = face
        self.seen_at = self.front_at = self.front_since = now
        self.match: Match | None = None
        self.decided: Match | None = None
        self.evidence: Match | None = None
        self.served = ""
        self.rejected: set[str] = set()
        self.asked = False
        self.told_at: float | None = None
        self.covered = False
        self.portrait: tuple[float, Picture] | None = None
        self._path: deque[tuple[float, NDArray[np.float32]]] = deque()
        self._moved_at = -np.inf
        self._quality: Quality | None = None
        self._identity_id = ""
        self._known_since = self._known_at = now
        self._unknown_looks = 0
        self._check: FaceLiveness | None = None
        self._checked_as: str | None = None
        self._verdict: Progress = Pending()

    def see(self, face: RecognizedFace, match: Match | None, now: float) -> bool:
        """Take in the face in front. match: whom it may be checked in as.

        Returns whether it was just looked at anew, well enough to go by.
        """
        if now - self.front_at > AWAY_S:
            self.front_since = now
            self._path.clear()
            if isinstance(self._verdict, Passed):  # of whoever was there before
                self._forget_liveness()
        self.front_at = now
        self.face = face
        self._move(now)
        looked = face.quality is not None and face.quality is not self._quality
        self._quality = face.quality
        good = looked and face.quality is not None and face.quality.score >= GOOD
        self._name(face, match, now)
        if match is not None:
            self._unknown_looks = 0
        elif good and face.decision is not None:
            self._unknown_looks += 1
        if self.served and self._unknown_looks >= CHANGED_LOOKS:
            self.served = ""
            self.front_since = now
        return good

    def serve_as(self, identity_id: str) -> None:
        """Nothing more is to be done for this person."""
        self.served = identity_id
        self.asked = False
        self.portrait = None
        self._forget_liveness()

    def start_again(self) -> None:
        """What was asked for was not done, or could not be written down."""
        self.asked = False
        self._forget_liveness()

    def is_not(self, identity_id: str) -> None:
        """It was served as somebody else."""
        if self.served == identity_id:
            self.served = ""

    def reject(self, identity_id: str) -> None:
        """The person says not to be that one."""
        self.start_again()
        self.rejected.add(identity_id)
        self.served = ""
        self.match = None
        self._become("")

    def watch(
        self, frame: Frame, named: str | None, begin_check: Callable[[], FaceLiveness]
    ) -> None:
        """Let liveness see the newest face. named: the id of whom it is taken for, None of nobody.

        begin_check: makes the check of one face under one name.
        """
        if self._check is None or named != self._checked_as:
            self._forget_liveness()
            self._check, self._checked_as = begin_check(), named
        self._verdict = self._check.see(frame, self.face, named)

    def verdict_of(self, identity_id: str) -> Progress:
        """What liveness found out of this face as that person; of another's it says nothing."""
        return self._verdict if self._checked_as == identity_id else Pending()

    @property
    def named(self) -> str | None:
        """The id of whom the face seems to be while it holds still, before that is decided."""
        return self._identity_id if self._identity_id and self._moved_at < self.front_at else None

    @property
    def is_done(self) -> bool:
        return self.served != "" and (
            self.decided is None or self.decided.identity.id == self.served
        )

    @property
    def is_unknown(self) -> bool:
        """Looked at well, several times, and nobody's."""
        calm = self.front_at - self.front_since >= UNKNOWN_S
        return self.match is None and self._unknown_looks >= UNKNOWN_LOOKS and calm

    @property
    def is_stranger(self) -> bool:
        """Nothing more will come of waiting."""
        waited = self.front_at - self.front_since
        if self.is_unknown:
            return not self.covered or waited >= COVERED_S
        return self._identity_id == "" and waited >= PATIENCE_S

    @property
    def is_sure(self) -> bool:
        """Whether the newest frame still shows whom it was decided to be."""
        return (
            not self.face.doubtful
            and self.match is not None
            and self.decided is not None
            and self.match.identity.id == self.decided.identity.id
        )

    def help(self, frame_height: int) -> Help:
        """What keeps the face from being known; the line that fits most where nothing does."""
        face, quality = self.face.face, self.face.quality
        if face.height > LARGEST * frame_height:
            return Help.STEP_BACK
        if abs(yaw(face)) > LIMITS.max_yaw:
            return Help.LOOK_HERE
        if self.front_at - self._moved_at < IN_FRONT_S:
            return Help.HOLD_STILL
        if quality is not None and quality.brightness < LIMITS.min_brightness:
            return Help.MORE_LIGHT
        if quality is not None and quality.sharpness < LIMITS.min_sharpness:
            return Help.HOLD_STILL
        if self.covered and self.is_unknown:
            return Help.UNCOVER_FACE
        return Help.LOOK_HERE

    def _move(self, now: float) -> None:
        x1, y1, x2, y2 = self.face.face.box_xyxy
        here = np.array([(x1 + x2) / 2, (y1 + y2) / 2], np.float32)
        self._path.append((now, here))
        while now - self._path[0][0] > PATH_S:
            self._path.popleft()
        since, there = self._path[0]
        shift = float(np.hypot(*(here - there))) / max(self.face.face.width, 1.0)
        if now > since and shift / max(now - since, PATH_S / 2) > CALM:
            self._moved_at = now

    def _name(self, face: RecognizedFace, match: Match | None, now: float) -> None:
        self.match = match
        if match is None:
            if self._identity_id and now - self._known_at > LOST_S:
                self._become("")
            return
        if match.identity.id != self._identity_id:
            self._become(match.identity.id)
            self._known_since = now
        self._known_at = now
        if self.decided is None and self._is_steady(face, now):
            self.decided = match
            self.evidence = match

    def _become(self, identity_id: str) -> None:
        self._identity_id = identity_id
        self.decided = None
        self._forget_liveness()

    def _forget_liveness(self) -> None:
        self._check, self._checked_as, self._verdict = None, None, Pending()

    def _is_steady(self, face: RecognizedFace, now: float) -> bool:
        """The same identity over the votes, seen well, by somebody who stands there."""
        if face.decision is None or face.quality is None:
            return False
        changed = self.served not in ("", self._identity_id)
        votes, known_s = (CHANGED_VOTES, CHANGED_S) if changed else (LIVE_VOTES, KNOWN_S)
        return (
            face.decision.agreeing >= votes
            and face.quality.score >= GOOD
            and abs(yaw(face.face)) <= LIMITS.max_yaw
            and now - self._known_since >= known_s
            and now - max(self.front_since, self._moved_at) >= IN_FRONT_S
        )
