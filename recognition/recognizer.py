"""Frames in, names out: detect or follow, embed what is new, search, vote, decide."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from capture.frame import Frame
from gallery.identity import Candidate, Match
from gallery.index import Gallery
from gallery.threshold import ImpostorScores, threshold_for_fpir
from models.detectors.detector import Detector
from models.embedders.embedder import Embedder
from models.face import Face, Image
from models.quality import Quality, measure
from recognition.decision import Decision, Policy, Vote, decide
from recognition.tracks import Track, Tracker

FPIR = 0.001
"""One stranger in a thousand may be given a name by one look; a live face needs two looks that
agree. A wrong name is worse than none: at 0.01 a stranger on a group photo got one, and of
228 probes of enrolled people this loses three."""

PAIR_FMR = 0.001
"""Comparing two pictures (1:1): one pair of different people in a thousand passes."""

THRESHOLD_FLOOR = 0.3
"""No name below it, whatever the rates say: mated pictures of SFace seldom score less."""

DETECT_S = 0.15
"""Seconds from one detection to the next; faces are followed in between. Every fifth frame
at 30 fps."""

LIVE_VOTES = 2
"""Looks that must agree before a live face is named."""

MIN_QUALITY = 0.01
"""Below it a look says nothing: a profile, or a face of 20 pixels out of focus."""

BETTER = 1.3
"""A face seen this much better than at the last look is looked at again."""

RECHECK_S = 1.0
"""A named track is looked at again after so many seconds."""

RETRY_S = 0.15
"""An unnamed one sooner."""


@dataclass(frozen=True, eq=False)
class RecognizedFace:
    """One face of one picture, and who it is.

    track_id: None for a still picture. decision: None where the face was not looked at,
    because it is too small, turned away or blurred, or because its turn has not come yet.
    """

    face: Face
    quality: Quality
    track_id: int | None
    decision: Decision | None

    @property
    def match(self) -> Match | None:
        """None is unknown."""
        return self.decision.match if self.decision else None

    @property
    def nearest(self) -> Candidate | None:
        return self.decision.nearest if self.decision else None

    @property
    def reason(self) -> str:
        if self.decision:
            return self.decision.reason
        if self.quality.score < MIN_QUALITY:
            return "Too small, blurred or turned away to compare"
        return "Not compared yet"


@dataclass(frozen=True)
class StageTimes:
    """Milliseconds. detect: finding or following faces. search: gallery and decision."""

    detect_ms: float
    embed_ms: float
    search_ms: float

    @property
    def total_ms(self) -> float:
        return self.detect_ms + self.embed_ms + self.search_ms


@dataclass(frozen=True, eq=False)
class Recognition:
    """What was recognized in one frame. Frozen: it crosses from the worker to the window."""

    frame_index: int
    captured_at: float
    faces: tuple[RecognizedFace, ...]
    times: StageTimes


def pair_threshold(embedder: Embedder) -> float:
    """The similarity from which two single pictures show the same person (1:1)."""
    return threshold_for_fpir(
        ImpostorScores(*embedder.nonmated_pairs), PAIR_FMR, 1, THRESHOLD_FLOOR
    )


class Recognizer:
    """Owns detector, embedder, tracks and the gallery; one thread uses it."""

    def __init__(
        self, detector: Detector, embedder: Embedder, gallery: Gallery, fpir: float = FPIR
    ) -> None:
        if gallery.model_id != embedder.model_id:
            raise ValueError(f"{embedder.model_id} cannot search {gallery.model_id}")
        self.detector = detector
        self.embedder = embedder
        self.gallery = gallery
        self._fpir = fpir
        self._tracker = Tracker()
        self._detected_at = -np.inf

    @property
    def threshold(self) -> float:
        """The similarity that a name needs now: it grows with the gallery."""
        impostors = ImpostorScores(*self.embedder.nonmated)
        return threshold_for_fpir(impostors, self._fpir, len(self.gallery), THRESHOLD_FLOOR)

    def identify(self, image: Image) -> Recognition:
        """Everyone in a still picture, (H, W, 3) uint8 RGB. Tracks are left alone."""
        clock = _Clock()
        with clock.stage("detect"):
            faces = self.detector.detect(image)
        policy = Policy(self.threshold)
        recognized = tuple(
            RecognizedFace(
                face,
                measure(image, face),
                None,
                decide([self._look(image, face, clock)], policy),
            )
            for face in faces
        )
        return Recognition(0, 0.0, recognized, clock.times)

    def recognize(self, frame: Frame) -> Recognition:
        """Everyone in the next frame of a live picture. Frames may be missing between two."""
        clock = _Clock()
        with clock.stage("detect"):
            tracks = self._find(frame)
        qualities = [measure(frame.image, track.face) for track in tracks]
        due = self._most_urgent(tracks, qualities, frame.captured_at)
        if due is not None:
            track, quality = tracks[due], qualities[due]
            track.votes.append(self._look(frame.image, track.face, clock))
            track.looked_at = frame.captured_at
            track.vote_quality = max(track.vote_quality, quality.score)
            track.decision = decide(track.votes, self._live_policy)
        faces = tuple(
            RecognizedFace(track.face, quality, track.id, track.decision)
            for track, quality in zip(tracks, qualities, strict=True)
        )
        return Recognition(frame.index, frame.captured_at, faces, clock.times)

    def restart(self) -> None:
        """Forget all tracks: the source has changed."""
        self._tracker.clear()
        self._detected_at = -np.inf

    def gallery_changed(self) -> None:
        """Ask again about every face in view: somebody was enrolled, renamed or removed."""
        policy = self._live_policy
        for track in self._tracker.tracks:
            embeddings = [vote.embedding for vote in track.votes]
            track.votes.clear()
            track.votes.extend(self._vote(embedding) for embedding in embeddings)
            if track.votes:
                track.decision = decide(track.votes, policy)

    @property
    def _live_policy(self) -> Policy:
        return Policy(self.threshold, votes=LIVE_VOTES)

    def _find(self, frame: Frame) -> list[Track]:
        """Follow the faces of the last frame, or detect where that is due or has failed."""
        boxes = self._tracker.expected_boxes()
        fresh = 0 <= frame.captured_at - self._detected_at < DETECT_S
        if not fresh or self._tracker.just_lost or not len(boxes):
            self._detected_at = frame.captured_at
            return self._tracker.update(self.detector.detect(frame.image), may_be_new=True)
        return self._tracker.update(self.detector.refine(frame.image, boxes), may_be_new=False)

    def _most_urgent(
        self, tracks: Sequence[Track], qualities: Sequence[Quality], now: float
    ) -> int | None:
        """The track to look at in this frame: one at most, so that no frame takes long."""
        best, best_urgency = None, 0.0
        for i, (track, quality) in enumerate(zip(tracks, qualities, strict=True)):
            urgency = _urgency(track, quality, now)
            if urgency > best_urgency:
                best, best_urgency = i, urgency
        return best

    def _look(self, image: Image, face: Face, clock: _Clock) -> Vote:
        with clock.stage("embed"):
            embedding = self.embedder.embed([self.embedder.crop(image, face)])[0]
        with clock.stage("search"):
            return self._vote(embedding)

    def _vote(self, embedding: NDArray[np.float32]) -> Vote:
        return Vote(embedding, tuple(self.gallery.search(embedding[np.newaxis], k=2)[0]))


def _urgency(track: Track, quality: Quality, now: float) -> float:
    """How much a look at the track is due; 0 is not at all."""
    if quality.score < MIN_QUALITY:
        return 0.0
    if len(track.votes) < LIVE_VOTES or track.looked_at is None:
        return 3.0 + quality.score
    waited = now - track.looked_at
    named = track.decision is not None and track.decision.match is not None
    if waited >= (RECHECK_S if named else RETRY_S):
        return 2.0 + waited / RECHECK_S
    if not named and quality.score > BETTER * track.vote_quality:
        return 1.0
    return 0.0


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
