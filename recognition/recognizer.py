"""Turns frames into names: detect or follow, embed what is new, search, vote, decide."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from capture.frame import Frame
from common.picture import RgbImage
from common.sentence import Sentence
from gallery.gallery import Gallery
from gallery.identity import Candidate, Match
from gallery.threshold import ImpostorScores, threshold_for_fpir
from models.detectors.protocol import Detector
from models.embedders.embedder import Embedder, embed_face
from models.face import Face
from models.flaws import Flaw
from models.landmarks.attributes import AttributeSource
from models.quality import Quality, measure, view_px
from recognition.clarity import demanding, explained, shared
from recognition.decision import Decision, Policy, Vote, choice, decide
from recognition.tracks import Track, Tracker

FPIR = 0.001
"""The share of strangers that one look may give a name: one in a thousand; a live face needs two
looks that agree. A wrong name is worse than none: at 0.01 a stranger on a group photo got one, and
of 228 probes of enrolled people this loses three."""

PAIR_FMR = 0.001
"""When two pictures are compared (1:1), one pair of different people in a thousand passes."""

GONE_S = 0.5
"""After such a gap between frames, in seconds, nobody is taken for the person who stood there
before."""

SWEEP_FRAMES = 4
"""The frames from one detection to the next; faces are followed in between. In larger pictures it
is spread over one frame more for each further part."""

IDLE_SWEEP_FRAMES = 3
"""The same with nobody in view: a person who walks in is named within 150 ms of the first frame at
30 fps."""

STILL_BLOCKS = (40, 30)
"""Columns and rows of block means in which a picture without faces is watched for a change."""

STILL_LEVELS = 6
"""The most levels, of 255, by which a block of a still picture may change: several times a webcam's
noise in such a mean."""

STILL_S = 1.0
"""After so many seconds even a still picture is searched again."""

_NO_PICTURE = (np.zeros((STILL_BLOCKS[1], STILL_BLOCKS[0], 3), np.uint8), -np.inf)

SLOW_S = 0.06
"""From this gap in seconds between two frames on, a part is searched in each frame: faces move too
far in between."""

LIVE_VOTES = 2
"""The number of looks that must agree before a live face is named."""

SURE = 1.5
"""How far above the threshold a quick look at a still picture is believed, in standard deviations
of non-mated similarities. At a threshold for one stranger in a thousand, one in 400,000 gets so
far, so that the two looks name no more strangers than the thorough one alone."""

MIN_QUALITY = 0.01
"""The least quality of a look that counts: below it are a profile, or a face of 20 pixels out of
focus."""

BETTER = 1.3
"""An unnamed face is looked at again when its view is larger than its best one by this factor."""

SETTLED_LOOKS = 3
"""The number of looks in quick succession at a new face; after them they become rare."""

LOOK_S = 1.0
UNKNOWN_LOOK_S = 2.0
"""Seconds from one look to the next at a named face, and at one that has stayed unknown."""

DOUBT_LOOK_S = 0.1


@dataclass(frozen=True, eq=False)
class RecognizedFace:
    """One face of one picture, and who it is.

    quality: at the last look. track_id: None for a still picture. decision: None where the face was
    not compared, because it is too small, turned away or blurred, or because it was not yet its
    turn. embedding: of the newest look, (d,) float32, unit length; None without a decision.
    doubtful: whether it may have become somebody else's since the last look.
    """

    face: Face
    quality: Quality | None
    track_id: int | None
    decision: Decision | None
    embedding: NDArray[np.float32] | None = None
    doubtful: bool = False

    @property
    def match(self) -> Match | None:
        """The person whom the face is taken for; None for an unknown face."""
        return self.decision.match if self.decision else None

    @property
    def nearest(self) -> Candidate | None:
        return self.decision.nearest if self.decision else None

    @property
    def reason(self) -> Sentence:
        if self.decision:
            return self.decision.reason
        if self.quality is not None and self.quality.score < MIN_QUALITY:
            return Sentence("Too small, blurred or turned away to compare")
        return Sentence("Not compared yet")


@dataclass(frozen=True)
class StageTimes:
    """The times of the stages in milliseconds. detect: finding or following faces. search: gallery
    and decision."""

    detect_ms: float
    embed_ms: float
    search_ms: float

    @property
    def total_ms(self) -> float:
        return self.detect_ms + self.embed_ms + self.search_ms


@dataclass(frozen=True, eq=False)
class Recognition:
    """What was recognized in one frame. It is frozen, since it crosses from the worker to the
    window."""

    frame_index: int
    captured_at: float
    faces: tuple[RecognizedFace, ...]
    times: StageTimes


def pair_threshold(embedder: Embedder) -> float:
    """Returns the least similarity at which two single pictures show the same person (1:1)."""
    figures = embedder.figures
    return threshold_for_fpir(
        ImpostorScores(*figures.nonmated_pairs), PAIR_FMR, 1, figures.threshold_floor
    )


class Recognizer:
    """Owns detector, embedder, tracks and the gallery; one thread uses it."""

    def __init__(
        self,
        detector: Detector,
        embedder: Embedder,
        gallery: Gallery,
        fpir: float = FPIR,
        load_analyzer: Callable[[], AttributeSource | None] = lambda: None,
    ) -> None:
        """load_analyzer: called once attributes of faces are asked for, since few runs of the
        program enroll anybody; returns None where the networks for them are missing."""
        if gallery.model_id != embedder.model_id:
            raise ValueError(f"{embedder.model_id} cannot search {gallery.model_id}")
        self.detector = detector
        self.embedder = embedder
        self.gallery = gallery
        self._fpir = fpir
        self._load_analyzer = load_analyzer
        self._tracker = Tracker()
        self.restart()

    @cached_property
    def analyzer(self) -> AttributeSource | None:
        """What tells angles and open eyes; None where its networks are missing."""
        return self._load_analyzer()

    @property
    def threshold(self) -> float:
        """The similarity that a name needs now: it grows with the gallery."""
        figures = self.embedder.figures
        impostors = ImpostorScores(*figures.nonmated)
        return threshold_for_fpir(impostors, self._fpir, len(self.gallery), figures.threshold_floor)

    def identify(self, image: RgbImage) -> Recognition:
        """Recognizes everyone in a still picture, (H, W, 3) uint8 RGB. Tracks are left alone."""
        clock = _Clock()
        with clock.stage("detect"):
            faces = self.detector.detect(image)
        recognized = tuple(self._identified(image, face, clock) for face in faces)
        return Recognition(0, 0.0, recognized, clock.times)

    def _identified(self, image: RgbImage, face: Face, clock: _Clock) -> RecognizedFace:
        quality = measure(image, face)
        look = self._still_look(image, face, quality, clock)
        return RecognizedFace(face, quality, None, self._decided([look]), look.embedding)

    def recognize(self, frame: Frame) -> Recognition:
        """Recognizes everyone in the next frame of a live picture. Frames may be missing between
        two; a still frame is identified by itself."""
        if frame.still:
            return replace(
                self.identify(frame.image),
                frame_index=frame.index,
                captured_at=frame.captured_at,
            )
        clock = _Clock()
        with clock.stage("detect"):
            tracks = self._find(frame)
        # One look at most, so that no frame takes long.
        due = max(tracks, key=lambda t: _urgency(t, frame.captured_at), default=None)
        if due is not None and _urgency(due, frame.captured_at) > 0:
            self._look_at(due, frame, clock)
        faces = tuple(_recognized(track) for track in tracks)
        return Recognition(frame.index, frame.captured_at, faces, clock.times)

    def restart(self) -> None:
        """Forgets all tracks, because the source has changed."""
        self._tracker.clear()
        self._step = self._part = 0
        self._last_frame_at = -np.inf
        self._empty: tuple[RgbImage, float] = _NO_PICTURE

    def gallery_changed(self) -> None:
        """Searches the gallery again for every face in view, because somebody was enrolled, renamed
        or removed."""
        for track in self._tracker.tracks:
            before = list(track.votes)
            track.votes.clear()
            track.votes.extend(self._vote(vote.embedding, vote.flaws) for vote in before)
            if track.votes:
                track.decision = self._decided(track.votes, LIVE_VOTES)

    def reconsidered(self, newest: Recognition) -> Recognition:
        """Returns the newest recognition with the names of the gallery as it is now, after
        gallery_changed()."""
        tracks = {track.id: track for track in self._tracker.tracks}
        return replace(newest, faces=tuple(self._decided_anew(f, tracks) for f in newest.faces))

    def _decided_anew(self, face: RecognizedFace, tracks: Mapping[int, Track]) -> RecognizedFace:
        if face.track_id is not None and face.track_id in tracks:
            return replace(face, decision=tracks[face.track_id].decision)
        if face.embedding is None:
            return face
        flaws = face.quality.flaws if face.quality is not None else frozenset()
        return replace(face, decision=self._decided([self._vote(face.embedding, flaws)]))

    def _decided(self, votes: Sequence[Vote], needed: int = 1) -> Decision:
        flaws = shared(vote.flaws for vote in votes)
        return explained(decide(votes, self._policy(needed, flaws)), flaws, self.threshold)

    def _policy(self, votes: int = 1, flaws: frozenset[Flaw] = frozenset()) -> Policy:
        figures = self.embedder.figures
        return demanding(Policy(self.threshold, figures.margin, votes), flaws, figures)

    def _find(self, frame: Frame) -> list[Track]:
        """Follows the faces of the last frame, and detects new ones in a part of the picture."""
        gap = frame.captured_at - self._last_frame_at
        self._last_frame_at = frame.captured_at
        if not 0 <= gap < GONE_S:
            self._tracker.clear()
            self._step, self._part = 1, 0  # as if the first part of a sweep had just been searched
            return self._tracker.update(self.detector.detect(frame.image), may_be_new=True)
        boxes = self._tracker.expected_boxes()
        parts = self.detector.parts(frame.image)
        frames = SWEEP_FRAMES + parts - 1 if len(boxes) else max(IDLE_SWEEP_FRAMES, parts)
        sweep = frames if gap < SLOW_S else parts
        step = self._step % sweep
        if step == 0 and not len(boxes) and self._still_empty(frame):
            return self._tracker.update([], may_be_new=False)
        self._step = (step + 1) % sweep
        if step * parts // sweep > (step - 1) * parts // sweep:
            # Counted apart from the steps: the sweep's length varies with the gaps between frames.
            self._part = (self._part + 1) % parts
            faces = self.detector.detect_part(frame.image, self._part, boxes)
            return self._tracker.update(faces, may_be_new=True)
        return self._tracker.update(self.detector.follow(frame.image, boxes), may_be_new=False)

    def _still_empty(self, frame: Frame) -> bool:
        """Returns whether the picture has not changed since a moment ago, when nobody was in
        view."""
        blocks = cv2.resize(frame.image, STILL_BLOCKS, interpolation=cv2.INTER_AREA)
        before, since = self._empty
        waited = frame.captured_at - since
        if 0 <= waited < STILL_S and cv2.norm(blocks, before, cv2.NORM_INF) <= STILL_LEVELS:
            return True
        self._empty = (np.asarray(blocks, np.uint8), frame.captured_at)
        return False

    def _look_at(self, track: Track, frame: Frame, clock: _Clock) -> None:
        track.quality = measure(frame.image, track.face)
        track.looked_at = frame.captured_at
        if track.quality.score < MIN_QUALITY:
            return
        vote = self._look(frame.image, track.face, track.quality, clock)
        contradicts = _contradicts(vote, track, self._policy(LIVE_VOTES))
        if track.doubtful and contradicts:
            track.votes.clear()
        track.doubtful = contradicts
        track.best_view = max(track.best_view, view_px(track.face))
        track.votes.append(vote)
        track.decision = self._decided(track.votes, LIVE_VOTES)

    def _still_look(self, image: RgbImage, face: Face, quality: Quality, clock: _Clock) -> Vote:
        """Returns a thorough look; of a face that a quick one names with ease, that one."""
        vote = self._look(image, face, quality, clock)
        policy = self._policy(flaws=quality.flaws)
        _, spread = self.embedder.figures.nonmated
        sure = replace(policy, threshold=policy.threshold + SURE * spread)
        if choice(vote, sure) is not None:
            return vote
        return self._look(image, face, quality, clock, thoroughly=True)

    def _look(
        self,
        image: RgbImage,
        face: Face,
        quality: Quality,
        clock: _Clock,
        *,
        thoroughly: bool = False,
    ) -> Vote:
        with clock.stage("embed"):
            embedding = embed_face(self.embedder, image, face, thoroughly=thoroughly).embedding
        with clock.stage("search"):
            return self._vote(embedding, quality.flaws)

    def _vote(self, embedding: NDArray[np.float32], flaws: frozenset[Flaw]) -> Vote:
        ranking = self.gallery.search(embedding[np.newaxis], k=2)[0]
        return Vote(embedding, tuple(ranking), flaws)


def _recognized(track: Track) -> RecognizedFace:
    return RecognizedFace(
        track.face,
        track.quality,
        track.id,
        track.decision,
        track.votes[-1].embedding if track.votes else None,
        track.doubtful,
    )


def _urgency(track: Track, now: float) -> float:
    """Returns how urgent a look at the track is; 0 means that none is due."""
    if track.looked_at is None:
        return 4.0
    waited = now - track.looked_at
    named = track.decision is not None and track.decision.match is not None
    if named and track.doubtful and waited >= DOUBT_LOOK_S:
        return 3.0 + waited
    if 0 < len(track.votes) < (LIVE_VOTES if named else SETTLED_LOOKS):
        return 2.0 + waited
    if waited >= (LOOK_S if named else UNKNOWN_LOOK_S):
        return 1.0 + waited
    return 1.0 if not named and view_px(track.face) > BETTER * track.best_view else 0.0


def _contradicts(vote: Vote, track: Track, policy: Policy) -> bool:
    """Returns whether a look does not show the person that the track's votes have named."""
    if track.decision is None or track.decision.match is None:
        return False
    seen = choice(vote, policy)
    return seen is None or seen.identity.id != track.decision.match.identity.id


class _Clock:
    """Adds up the time of each stage of one picture, in milliseconds."""

    def __init__(self) -> None:
        self._ms = {"detect": 0.0, "embed": 0.0, "search": 0.0}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self._ms[name] += (time.perf_counter() - started) * 1e3

    @property
    def times(self) -> StageTimes:
        return StageTimes(self._ms["detect"], self._ms["embed"], self._ms["search"])
