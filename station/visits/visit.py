"""Follows one face for as long as it is there: how long it stood still, who it is, what was
done."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from capture.frame import Frame
from common.picture import RgbImage
from gallery.identity import Identity, Match
from models.quality import Quality, yaw
from recognition.decision import Decision
from recognition.judge import LIVE_LOOKS
from recognition.liveness.evidence import Reason
from recognition.liveness.progress import Failed, Passed, Pending, Progress
from recognition.recognizer import RecognizedFace
from station.screen import Direction, Help
from station.visits.front import LIMITS

if TYPE_CHECKING:
    from station.visits.liveness import FaceLiveness


IN_FRONT_S = 0.5
"""Seconds for which a face must be in front and calm before anything is written: nobody who walks
past is written down."""

KNOWN_S = 0.3
"""Seconds for which it must also be known as the same person."""

LARGEST = 0.8
"""The largest height of a face, as a share of the picture's: one that fills it is cut off, or will
be."""

AWAY_S = 0.5
"""After so many seconds not in front, the time in front begins again."""

CALM = 1.0
"""The speed of a calm face at most, in face widths a second: some 15 cm, six times slower than a
walk."""

PATH_S = 0.3
"""Movement is measured over so many seconds, since a detector's box trembles by a pixel or two."""

GOOD = 0.1
"""The least Quality.score of a look that may speak for or against somebody."""

UNKNOWN_LOOKS = 4
UNKNOWN_S = 2.5
"""A face is a stranger's after UNKNOWN_LOOKS good looks in a row that know nobody, and not before
UNKNOWN_S."""

PATIENCE_S = 12.0
"""A person who could not be seen well for so many seconds is told what else there is to do."""

COVERED_S = 6.0
"""Seconds for which an unknown person is asked to uncover their face."""

CHANGED_MOMENTS = 3
CHANGED_S = 1.0
"""The moments at which a look agrees, and the seconds, that it takes until a face that was served
as one person is served as another."""

CHANGED_LOOKS = 8
"""After so many good looks in a row that know nobody, a served face counts as somebody else's."""

APART_S = 0.5
"""Looks closer together than so many seconds count as one: they see the same."""

LOST_S = 2.0
"""A name is kept through looks without one for so many seconds: the head may turn for a movement
that was asked for."""


@dataclass(frozen=True, eq=False)
class CodeQuestion:
    """A person was recognized who is so like others that only a code tells them apart.

    others: whom it may be as well. plan: for the match. live: (224, 224, 3) uint8 RGB. passed: what
    liveness found; None where it was not asked.
    """

    match: Match
    others: tuple[Identity, ...]
    plan: Direction
    live: RgbImage
    passed: Passed | None

    def is_about(self, identity_id: str) -> bool:
        return identity_id in {self.match.identity.id, *(one.id for one in self.others)}


class Visit:
    """What the station knows of the face in one track. `now` is in monotonic seconds in all
    methods.

    face: the newest one in front. match: the person whom it shows. decided: the match, once it is
    steady. served: the id of the person as whom it was served. rejected: the ids of the people whom
    the person said not to be. asked: whether a movement or a touch is waited for. unanswered: the
    person of whom a movement was asked that was neither done nor judged yet; they may have left
    meanwhile. told_at: when the person was told that nobody knows them. evidence: the match that
    was decided last. portrait: the best picture so far, with its quality, where strangers' pictures
    may be kept. covered: whether mouth and nose seem to be hidden.

    nearest: of the decisions without a name the one nearest to one; None where none is kept.
    had_name: whether the face was ever somebody's: known, served, or said not to be somebody.
    question: what is known of the person whose code is waited for; None where none is.

    The liveness verdict belongs to this track and to the name: it is forgotten as soon as the face
    gets another name or none, and once the person was served.
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
        self.unanswered: Identity | None = None
        self.told_at: float | None = None
        self.covered = False
        self.portrait: tuple[float, RgbImage] | None = None
        self.question: CodeQuestion | None = None
        self.nearest: Decision | None = None
        self.had_name = False
        self._path: deque[tuple[float, NDArray[np.float32]]] = deque()
        self._moved_at = -np.inf
        self._quality: Quality | None = None
        self._identity_id = ""
        self._known_since = self._known_at = now
        self._unknown_looks = 0
        self._unknown_at = -np.inf
        self._check: FaceLiveness | None = None
        self._checked_as: str | None = None
        self._verdict: Progress = Pending()

    def see(self, face: RecognizedFace, match: Match | None, now: float) -> bool:
        """Takes in the face in front. match: whom it may be checked in as.

        Returns whether the recognizer has just had a new look at it, of a good quality.
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
        elif good and face.decision is not None and now - self._unknown_at >= APART_S:
            self._unknown_looks += 1
            self._unknown_at = now
        if self.served and self._unknown_looks >= CHANGED_LOOKS:
            self.served = ""
            self.front_since = now
        return good

    def serve_as(self, identity_id: str) -> None:
        """Notes that the face was served as this person: nothing more is to be done for them."""
        self.served = identity_id
        self.had_name = True
        self.asked = False
        self.question = None
        self.unanswered = None
        self.portrait = None
        self._forget_liveness()

    def start_again(self) -> None:
        """Starts again, because what was asked for was not done or could not be written down."""
        self.asked = False
        self.question = None
        self.unanswered = None
        self._forget_liveness()

    def is_not(self, identity_id: str) -> None:
        """Notes that the face is not this person's: it no longer counts as served as them."""
        if self.served == identity_id:
            self.served = ""

    def reject(self, identity_id: str) -> None:
        """Notes that the person says not to be that one."""
        self.start_again()
        self.had_name = True
        self.rejected.add(identity_id)
        self.served = ""
        self.match = None
        self._become("")

    def watch(
        self,
        frame: Frame,
        named: str | None,
        begin_check: Callable[[], FaceLiveness],
        *,
        may_ask: bool,
    ) -> None:
        """Shows the newest face to liveness. named: the id of the person for whom it is taken; None
        for nobody.

        begin_check: makes the check of one face under one name. may_ask: whether the person would
        see it if something were asked for now.
        """
        if self._check is None or named != self._checked_as:
            self._forget_liveness()
            self._check, self._checked_as = begin_check(), named
        self._verdict = self._check.see(frame, self.face, named, may_ask=may_ask)
        if not self.asked and self._lost_the_face:
            self._forget_liveness()

    @property
    def _lost_the_face(self) -> bool:
        """Whether liveness does not know any more that the face is one throughout. Of somebody of
        whom nothing is asked yet it means nothing but that the watching begins anew: frames may
        have been missing."""
        verdict = self._verdict
        return isinstance(verdict, Failed) and verdict.reason is Reason.ANOTHER_FACE

    def decline(self) -> None:
        """Notes that the person says they cannot do what is asked of them."""
        if self._check is not None:
            self._check.decline()

    def verdict_of(self, identity_id: str) -> Progress:
        """Returns what liveness found out of this face as that person; Pending for any other
        person."""
        return self._verdict if self._checked_as == identity_id else Pending()

    @property
    def named(self) -> str | None:
        """The id of the person whom the face seems to show, before that is decided."""
        return self._identity_id or None

    @property
    def is_done(self) -> bool:
        return self.served != "" and (
            self.decided is None or self.decided.identity.id == self.served
        )

    @property
    def is_unknown(self) -> bool:
        """Whether the face was seen well several times, and is nobody's."""
        calm = self.front_at - self.front_since >= UNKNOWN_S
        return self.match is None and self._unknown_looks >= UNKNOWN_LOOKS and calm

    @property
    def is_stranger(self) -> bool:
        """Whether the person is a stranger: waiting longer would change nothing."""
        waited = self.front_at - self.front_since
        if self.is_unknown:
            return not self.covered or waited >= COVERED_S
        return self._identity_id == "" and waited >= PATIENCE_S

    @property
    def is_sure(self) -> bool:
        """Whether the newest frame still shows the person who was decided on."""
        return (
            not self.face.doubtful
            and self.match is not None
            and self.decided is not None
            and self.match.identity.id == self.decided.identity.id
        )

    def help(self, frame_height: int) -> Help:
        """Returns what keeps the face from being known; where nothing does, the line that fits
        best."""
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
            self.had_name = True

    def _become(self, identity_id: str) -> None:
        self._identity_id = identity_id
        self.decided = None
        self.question = None
        self._forget_liveness()

    def _forget_liveness(self) -> None:
        self._check, self._checked_as, self._verdict = None, None, Pending()

    def _is_steady(self, face: RecognizedFace, now: float) -> bool:
        """Returns whether looks of different moments agree on the identity, the face was seen well,
        and the person stands still."""
        if face.decision is None or face.quality is None:
            return False
        changed = self.served not in ("", self._identity_id)
        moments, known_s = (CHANGED_MOMENTS, CHANGED_S) if changed else (LIVE_LOOKS, KNOWN_S)
        return (
            face.decision.moments >= moments
            and face.quality.score >= GOOD
            and abs(yaw(face.face)) <= LIMITS.max_yaw
            and now - self._known_since >= known_s
            and now - max(self.front_since, self._moved_at) >= IN_FRONT_S
        )
