"""Lets a face in that the evidence vouches for, and asks the others for something small."""

from __future__ import annotations

from collections import deque
from math import inf
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from common.sentence import Sentence, joined
from models.landmarks.face_mesh import DenseLandmarks
from models.quality import yaw
from recognition.liveness.challenge import LIMIT_S, TURNS, Action, State, in_words
from recognition.liveness.covering import contrasts
from recognition.liveness.evidence import FindingKind, LivenessFinding, Reason, Standing
from recognition.liveness.observation import Observation
from recognition.liveness.progress import Failed, Passed, Pending, Progress
from recognition.liveness.relief import Relief
from recognition.liveness.requests import BlinkRequest, FivePointTurn, ReliefRequest, SmallRequest
from recognition.liveness.watched import AHEAD_YAW, REFERENCE_FRAMES, WatchedFace

WATCHED_S = 0.8
"""Seconds for which every face is watched before anything is decided: a screen's lattice and a
frozen camera need them to show."""

PATIENCE_S = 2.0
"""Seconds after which a face is asked for something that is neither vouched for nor suspicious."""

ANSWER = 5.0
"""The strength of one answer: more than CONVINCING by what a slight suspicion takes away. Where
more is suspicious, a second answer is needed."""

MOST_FAILED = 2
"""After so many requests that were not answered there is no other one."""

MOST_DECLINED = 2
"""So many times a person may say that they cannot do what is asked."""

RECENT_S = 0.6
"""A request is measured from the views of so many last seconds, before it is made."""

BACK, BACK_S = 0.08, 2.0
"""Before another request the head is back where it was before the first, but for so small a turn or
nod, a sine; or it holds still elsewhere for so many seconds."""

ROOM = 0.5
"""The largest height of a face that may be asked to come closer, in heights of the picture: a
larger one would be cut off."""

_SLIGHT_TURNS = (Action.SLIGHTLY_LEFT, Action.SLIGHTLY_RIGHT)


class _View(NamedTuple):
    at: float
    is_ahead: bool
    mesh: DenseLandmarks
    eyes: tuple[float, float] | None
    bare: NDArray[np.float64]


class AskedIfUnsure:
    """What is asked of one face, where anything is."""

    def __init__(self, random: np.random.Generator) -> None:
        self._random = random
        self._recent: deque[_View] = deque()
        self._request: SmallRequest | None = None
        self._rest: Relief | None = None
        self._asks_since: float | None = None
        self._excluded: set[Action] = set()
        self._answered: list[Action] = []
        self._failed = self._declined = 0
        self._cannot = self._suspected = False

    def decline(self) -> None:
        """Notes that the person cannot do what is asked now; says nothing where nothing is."""
        self._cannot = self._request is not None

    def progress(self, observation: Observation, face: WatchedFace, *, may_ask: bool) -> Progress:
        """Returns the progress after a frame that the face has taken in. may_ask: whether something
        may be asked for now; what was asked for before goes on."""
        at = observation.at
        self._remember(observation)
        watched = at - face.began_at
        standing = face.evidence.standing
        self._suspected = self._suspected or standing is Standing.SUSPICIOUS
        if watched < WATCHED_S or not face.was_known:
            return Pending(None, 0, 0, max(WATCHED_S - watched, 0.0))
        if standing is Standing.CONVINCED:
            return Passed(face.evidence.in_words)
        if self._asks_since is None:
            if not may_ask or (standing is Standing.UNDECIDED and watched < PATIENCE_S):
                return Pending(None, 0, 0, max(PATIENCE_S - watched, 0.0))
            self._asks_since = at
        if self._request is None:
            return self._ask(observation, face)
        if self._cannot:
            return self._ask_otherwise(observation, face, self._request)
        return self._judge(observation, face, self._request)

    # -- what is asked ---------------------------------------------------------------------

    def _remember(self, observation: Observation) -> None:
        if observation.mesh is None:
            return
        is_ahead = abs(yaw(observation.face)) <= AHEAD_YAW and self._is_back(observation)
        mesh = observation.mesh
        bare = contrasts(observation.image, mesh)
        self._recent.append(_View(observation.at, is_ahead, mesh, observation.eyes, bare))
        while observation.at - self._recent[0].at > RECENT_S:
            self._recent.popleft()

    def _is_back(self, observation: Observation) -> bool:
        """Returns whether the head is back from what it was asked for before, or had time to be."""
        if self._rest is None or self._asks_since is None or observation.mesh is None:
            return True
        moved = self._rest.movement(observation.mesh)
        is_late = observation.at - self._asks_since >= BACK_S
        return is_late or max(abs(moved.turn), abs(moved.nod)) <= BACK

    def _sees_mesh(self, at: float) -> bool:
        return bool(self._recent) and at - self._recent[-1].at <= RECENT_S

    def _ask(self, observation: Observation, face: WatchedFace) -> Progress:
        assert self._asks_since is not None
        at = observation.at
        request = self._new_request(observation, face)
        if request is None:
            remaining = self._asks_since + LIMIT_S - at
            if remaining > 0:  # until the face looks ahead
                return Pending(None, 1, 1, remaining, self._failed > 0)
            text = Sentence("The named person did not look straight ahead.")
            return Failed(Reason.NO_MOVEMENT, text)
        self._request = request
        return self._pending(at, request)

    def _new_request(self, observation: Observation, face: WatchedFace) -> SmallRequest | None:
        """Makes a random request of those that are left; None until the face has looked ahead."""
        at = observation.at
        if not self._sees_mesh(at):
            return FivePointTurn(self._chosen(TURNS), at) if face.movement is not None else None
        ahead = [view for view in self._recent if view.is_ahead and at - view.at <= RECENT_S]
        if len(ahead) < REFERENCE_FRAMES:
            return None
        self._rest = self._rest or Relief([view.mesh for view in ahead])
        action = self._chosen(self._possible(observation))
        if action is Action.BLINK_TWICE:
            openings = [view.eyes for view in ahead if view.eyes is not None]
            return BlinkRequest(at, openings, [view.bare for view in ahead])
        return ReliefRequest(action, at, [view.mesh for view in ahead])

    def _possible(self, observation: Observation) -> tuple[Action, ...]:
        """Returns what a face may be asked for that FaceMesh sees. Coming closer is for those who
        cannot do something else: few heads sway enough on the way. Whoever talks nods, on a film
        as well: so a nod is not asked of a face that may be on one."""
        has_room = observation.face.height <= ROOM * observation.image.shape[0]
        closer = (Action.COME_CLOSER,) if self._declined and has_room else ()
        nod = () if self._suspected else (Action.NOD,)
        return (Action.BLINK_TWICE, *_SLIGHT_TURNS, *nod, *closer)

    def _chosen(self, possible: tuple[Action, ...]) -> Action:
        left = [action for action in possible if action not in self._excluded] or possible
        return left[int(self._random.integers(len(left)))]

    # -- what comes of it ------------------------------------------------------------------

    def _judge(
        self, observation: Observation, face: WatchedFace, request: SmallRequest
    ) -> Progress:
        asked = in_words(request.action)
        match request.see(observation, face):
            case State.ASKED:
                return self._pending(observation.at, request)
            case State.JUMPED:
                text = Sentence("Asked to {}, the face jumped.", asked)
                return Failed(Reason.ANOTHER_FACE, text)
            case State.DONE:
                self._answered.append(request.action)
                return self._answer(observation, face, request)
        self._failed += 1
        self._excluded.add(request.action)
        if self._failed >= MOST_FAILED:
            text = Sentence("Asked to {}, and did not.", asked)
            return Failed(Reason.NO_MOVEMENT, text)
        return self._ask_again(observation, face)

    def _answer(
        self, observation: Observation, face: WatchedFace, request: SmallRequest
    ) -> Progress:
        done = (Sentence("Asked to {}, and did.", in_words(action)) for action in self._answered)
        strength = ANSWER * len(self._answered)
        face.evidence.add(LivenessFinding(FindingKind.ANSWER, strength, joined(*done)))
        if face.evidence.standing is Standing.CONVINCED:
            return Passed(face.evidence.in_words)
        # The way back from a turn is a turn to the other side.
        turns = request.action in _SLIGHT_TURNS
        self._excluded.update(_SLIGHT_TURNS if turns else (request.action,))
        return self._ask_again(observation, face)

    def _ask_otherwise(
        self, observation: Observation, face: WatchedFace, request: SmallRequest
    ) -> Progress:
        """Asks a person who cannot do it for something else; who cannot turn to one side is not
        asked to turn to the other."""
        self._cannot = False
        self._declined += 1
        groups = ((request.action,), TURNS, _SLIGHT_TURNS)
        self._excluded.update(*(group for group in groups if request.action in group))
        if self._declined > MOST_DECLINED:
            return _declined()
        return self._ask_again(observation, face)

    def _ask_again(self, observation: Observation, face: WatchedFace) -> Progress:
        possible = self._possible(observation) if self._sees_mesh(observation.at) else TURNS
        if self._excluded.issuperset(possible):
            return _declined() if self._declined else _nothing_left()
        self._request, self._asks_since = None, observation.at
        return self._ask(observation, face)

    def _pending(self, at: float, request: SmallRequest) -> Pending:
        reached = request.reached_at < inf
        return Pending(
            None if reached else request.action,
            len(self._answered) + 1,
            len(self._answered) + 1,
            request.remaining_s(at),
            again=self._failed > 0,
            may_decline=not reached,
        )


def _declined() -> Failed:
    return Failed(Reason.DECLINED, Sentence("The person said that they cannot do what was asked."))


def _nothing_left() -> Failed:
    return Failed(Reason.NO_MOVEMENT, Sentence("What was asked for did not convince."))
