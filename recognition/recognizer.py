"""Turns frames into names: detect or follow, look where it tells most, search, decide."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from capture.frame import Frame
from common.picture import RgbImage
from common.sentence import Sentence
from gallery.adopted_calibration import FollowedCalibration
from gallery.gallery import Gallery
from gallery.identity import Candidate, Identity, Match
from gallery.likeness.look_alike_list import LookAlikeList, joined
from gallery.likeness.raised_bars import NotThem, RaisedBars
from gallery.likeness.stranger_scores import StrangerScore
from gallery.look_alikes import LookAlikes, alike_to
from gallery.threshold import ImpostorScores, threshold_for_fpir
from models.detectors.protocol import Detector
from models.embedders.embedder import Embedder, embed_face
from models.face import Face
from models.landmarks.attributes import AttributeSource
from models.quality import Quality, measure, view_px
from recognition.appearance import appearance
from recognition.decision import Decision
from recognition.evidence import Look
from recognition.judge import Judge
from recognition.learning.ordering import ClassifierOrder
from recognition.looks import LookBudget, urgency
from recognition.one_name import named_once
from recognition.sameness import Sameness
from recognition.sweep import GONE_S, SLOW_S, Sweep
from recognition.tracks import Track, Tracker
from recognition.turned import detect_upright

FPIR = 0.001
"""The share of strangers who may get a name: one in a thousand, of pictures and of visits. A wrong
name is worse than none: at 0.01 a stranger on a group photo got one, and of 228 probes of enrolled
people this loses three."""

PAIR_FMR = 0.001
"""When two pictures are compared (1:1), one pair of different people in a thousand passes."""

MOST_LOOKS = 4
"""The most looks in one frame, where frames are SLOW_S and more apart; else it is one, so that no
frame takes long."""

MIN_QUALITY = 0.01
"""The least quality of a look that counts: below it are a profile, or a face of 20 pixels out of
focus."""

FADE_S = 1.5
"""A name whose face cannot be compared, because it is turned away or hidden, is shown for so many
seconds more."""


IN_DOUBT = Sentence("It may be somebody else now; a good look is needed")
NOT_CLEAR = Sentence("Not seen clearly: turned away, hidden or blurred")


@dataclass(frozen=True, eq=False)
class RecognizedFace:
    """One face of one picture, and who it is.

    quality: at the last look. track_id: None for a still picture. decision: None where the face was
    not compared, because it is too small, turned away or blurred, or because it was not yet its
    turn. embedding: of the newest look that counts, (d,) float32, unit length; None without a
    decision.
    doubtful: whether it may have become somebody else's since the last look. unclear: whether it
    has not been seen well enough to compare it for FADE_S. Neither has a name.
    """

    face: Face
    quality: Quality | None
    track_id: int | None
    decision: Decision | None
    embedding: NDArray[np.float32] | None = None
    doubtful: bool = False
    unclear: bool = False

    @property
    def match(self) -> Match | None:
        """The person whom the face is taken for; None for an unknown face."""
        return self.decision.match if self.decision else None

    @property
    def is_in_doubt(self) -> bool:
        """Whether a name is kept back until a look has confirmed it."""
        return self.decision is not None and self.decision.reason == IN_DOUBT

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
        order: ClassifierOrder | None = None,
        calibration: FollowedCalibration | None = None,
        bars: RaisedBars | None = None,
        strangers: Sequence[StrangerScore] = (),
        look_alikes: LookAlikeList | None = None,
        asks_consent: bool = False,
    ) -> None:
        """fpir, order, bars, strangers: see Judge. calibration: what is adopted, which catch_up()
        follows; None for the embedder's law alone. load_analyzer: called once
        attributes of faces are asked for, since few runs of the program enroll anybody; returns
        None where the networks for them are missing. look_alikes: the list that is kept; None for
        none. asks_consent: whether nobody is enrolled who has not agreed to it."""
        if gallery.model_id != embedder.model_id:
            raise ValueError(f"{embedder.model_id} cannot search {gallery.model_id}")
        self.detector = detector
        self.embedder = embedder
        self.gallery = gallery
        self.asks_consent = asks_consent
        self.order = order
        self.bars = bars
        self._look_alikes = look_alikes
        self.calibration = calibration
        adopted = calibration.adopted if calibration is not None else None
        adjustment = adopted.adjustment if adopted is not None else None
        self._judge = Judge(gallery, embedder, fpir, order, adjustment, bars, strangers)
        self._load_analyzer = load_analyzer
        self._tracker = Tracker()
        self._sweep = Sweep(detector, self._tracker)
        self._budget = LookBudget()
        self._last_frame_at = -np.inf
        self._rejected: list[tuple[NDArray[np.float32], frozenset[str]]] = []
        self.restart()

    @cached_property
    def analyzer(self) -> AttributeSource | None:
        """What tells angles and open eyes; None where its networks are missing."""
        return self._load_analyzer()

    @property
    def threshold(self) -> float:
        """The similarity that a name needs now: it grows with the gallery."""
        return self._judge.threshold

    def catch_up(self) -> bool:
        """Takes over what was changed in the gallery, of the bars and of the threshold that is
        adopted; returns whether there was anything. Raises GalleryError."""
        changed = self.gallery.catch_up()
        raised = self.bars is not None and self.bars.catch_up()
        newer = self.calibration.newer() if self.calibration is not None else None
        if newer is not None:
            self._judge.follow(*newer)
        return changed or raised or newer is not None

    def is_not(self, match: Match, face: RecognizedFace | None = None) -> NotThem:
        """Takes in that somebody was taken for `match` who is somebody else: from now on this
        person's name needs more.

        face: whose name it was; it is not given this name again while it is followed. Raises
        GalleryError where it cannot be kept; then nothing has changed.
        """
        if self.bars is None:
            raise ValueError("this recognizer keeps no examples")
        kept = self.bars.add(match, self.threshold)
        if face is not None:
            self._reject(face, self._rejected_by(face) | {match.identity.id})
        return kept

    def is_them_after_all(self, kept: NotThem, face: RecognizedFace | None = None) -> bool:
        """Undoes is_not(). Returns whether the example was there still."""
        if self.bars is None:
            return False
        if face is not None:
            self._reject(face, self._rejected_by(face) - {kept.example.identity_id})
        return self.bars.take_back(kept.example)

    def look_alikes_of(self, identity_id: str) -> list[Identity]:
        """Returns the people who may be named for this one, or this one for them: their pictures
        are as alike as a name needs, or a face resembled both. Raises UnknownIdentityError."""
        threshold = self.threshold
        alike = {
            one.identity.id: one.identity for one in alike_to(self.gallery, identity_id, threshold)
        }
        for bar, other, _ in self.bars.confused(threshold) if self.bars is not None else ():
            pair = {bar.identity.id: bar.identity, other.id: other}
            if pair.pop(identity_id, None) is not None:
                alike |= pair
        return list(alike.values())

    def enrolled(self, identity_id: str) -> list[Identity]:
        """Returns the look-alikes of somebody who was just enrolled, or got other pictures, after
        one search, and keeps them in the list. Raises UnknownIdentityError and GalleryError."""
        if self._look_alikes is None:
            return [one.identity for one in alike_to(self.gallery, identity_id, self.threshold)]
        return self._look_alikes.compare(identity_id, self.threshold)

    def look_alike_pairs(self, most: int) -> tuple[list[LookAlikes], int]:
        """Returns the pairs of look-alikes as far as they are known, after at most so many searches
        for people who are not compared yet, and how many of these are left. Raises GalleryError."""
        threshold = self.threshold
        if self._look_alikes is None or self.bars is None:
            raise ValueError("this recognizer keeps no list")
        left = self._look_alikes.advance(threshold, most)
        return joined(self._look_alikes.pairs(threshold), self.bars, threshold), left

    def _rejected_by(self, face: RecognizedFace) -> frozenset[str]:
        """Returns the ids of those whom the face is not, as somebody has said."""
        track = self._track_of(face)
        if track is not None:
            return track.rejected
        return next((ids for of, ids in self._rejected if of is face.embedding), frozenset())

    def _reject(self, face: RecognizedFace, ids: frozenset[str]) -> None:
        track = self._track_of(face)
        if track is not None:
            track.rejected = ids
        elif face.track_id is None and face.embedding is not None:
            others = [one for one in self._rejected if one[0] is not face.embedding]
            self._rejected = [*others, (face.embedding, ids)]

    def _track_of(self, face: RecognizedFace) -> Track | None:
        tracks = (*self._tracker.tracks, *self._tracker.former())
        return next((track for track in tracks if track.id == face.track_id), None)

    def identify(self, image: RgbImage) -> Recognition:
        """Recognizes everyone in a still picture, (H, W, 3) uint8 RGB. Tracks are left alone.

        Faces that lie on their side or stand on their head are found where none is upright. Of
        several to whom one name is given the best keeps it.
        """
        clock = _Clock()
        with clock.stage("detect"):
            upright = detect_upright(self.detector, image)
        seen = [self._identified(upright.image, face, clock) for face in upright.faces]
        recognized = tuple(
            replace(one, face=upright.turned_back(one.face)) for one in named_once(seen)
        )
        return Recognition(0, 0.0, recognized, clock.times)

    def _identified(self, image: RgbImage, face: Face, clock: _Clock) -> RecognizedFace:
        quality = measure(image, face)
        look, decision = self._judged(image, face, quality, clock)
        if not self._judge.is_named_with_ease(decision):
            look, decision = self._judged(image, face, quality, clock, thoroughly=True)
        return RecognizedFace(face, quality, None, decision, look.embedding)

    def _judged(
        self,
        image: RgbImage,
        face: Face,
        quality: Quality,
        clock: _Clock,
        *,
        thoroughly: bool = False,
    ) -> tuple[Look, Decision]:
        look = self._look(image, face, quality, clock, thoroughly=thoroughly)
        with clock.stage("search"):
            return look, self._judge.of_look(look)

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
        gap = frame.captured_at - self._last_frame_at
        self._last_frame_at = frame.captured_at
        with clock.stage("detect"):
            tracks = self._sweep.find(frame, gap)
            for track in tracks:
                _watch(track, frame.image)
        self._budget.earn(min(max(gap, 0.0), GONE_S))
        for _ in range(MOST_LOOKS if SLOW_S <= gap < GONE_S else 1):
            urgencies = [urgency(track, frame.captured_at) for track in tracks]
            urgent = max(urgencies, default=0.0)
            if urgent == 0 or (urgent < 2 and not self._budget.allows):
                break
            due = urgencies.index(urgent)
            tracks[due] = self._look_at(tracks[due], frame, clock)
        faces = tuple(_recognized(track, frame.captured_at) for track in tracks)
        return Recognition(frame.index, frame.captured_at, faces, clock.times)

    def restart(self) -> None:
        """Forgets all tracks, because the source has changed."""
        self._tracker.clear()
        self._rejected.clear()
        self._sweep.restart()
        self._last_frame_at = -np.inf

    def gallery_changed(self) -> None:
        """Searches the gallery again for every face in view, because somebody was enrolled, renamed
        or removed."""
        for track in (*self._tracker.tracks, *self._tracker.former()):
            if track.evidence.looks:
                track.decision = self._judge.of_track(track)

    def reconsidered(self, newest: Recognition) -> Recognition:
        """Returns the newest recognition with the names of the gallery as it is now, after
        gallery_changed()."""
        tracks = {track.id: track for track in self._tracker.tracks}
        at = newest.captured_at
        faces = tuple(self._decided_anew(face, tracks, at) for face in newest.faces)
        return replace(newest, faces=faces)

    def _decided_anew(
        self, face: RecognizedFace, tracks: Mapping[int, Track], at: float
    ) -> RecognizedFace:
        if face.track_id is not None and face.track_id in tracks:
            return replace(_recognized(tracks[face.track_id], at), face=face.face)
        if face.embedding is None:
            return face
        flaws = face.quality.flaws if face.quality is not None else frozenset()
        look = Look(face.embedding, flaws=flaws)
        return replace(face, decision=self._judge.of_look(look, self._rejected_by(face)))

    def _look_at(self, track: Track, frame: Frame, clock: _Clock) -> Track:
        """Looks at a face; returns the track to which it belongs, as the look shows."""
        track.looked_at = frame.captured_at
        track.changed = False
        track.quality = measure(frame.image, track.face)
        track.hidden = track.quality.score < MIN_QUALITY
        if track.hidden:
            return track
        before = clock.times.total_ms
        look = self._look(frame.image, track.face, track.quality, clock, at=frame.captured_at)
        with clock.stage("search"):
            track = self._taken_in(look, track)
        self._budget.spend((clock.times.total_ms - before) / 1e3)
        return track

    def _taken_in(self, look: Look, track: Track) -> Track:
        """Adds a look to the evidence of a track, or of the one to which it belongs; returns
        that."""
        quality = track.quality
        if track.evidence.looks:
            sameness = self._judge.sameness(track, look)
            if sameness is Sameness.UNSURE:
                track.doubtful = True
                track.contradictions += 1
                return track
            if sameness is Sameness.OTHER:
                track = self._tracker.part(track)
        if not track.evidence.looks:
            former = self._judge.former(self._tracker.former(), look)
            if former is not None:
                self._tracker.rejoin(former, track)
                track = former
        track.looked_at = track.confirmed_at = look.at
        track.quality, track.hidden = quality, False
        track.doubtful, track.contradictions = False, 0
        track.best_view = max(track.best_view, view_px(track.face))
        track.evidence = track.evidence.with_look(look)
        track.decision = self._judge.of_track(track)
        return track

    def _look(
        self,
        image: RgbImage,
        face: Face,
        quality: Quality,
        clock: _Clock,
        *,
        at: float = 0.0,
        thoroughly: bool = False,
    ) -> Look:
        with clock.stage("embed"):
            embedding = embed_face(self.embedder, image, face, thoroughly=thoroughly).embedding
        return Look(embedding, quality.score, at, quality.flaws)


def _watch(track: Track, image: RgbImage) -> None:
    """Doubts a face that looks otherwise than in the last frame."""
    before, track.appearance = track.appearance, appearance(image, track.face)
    if not track.evidence.looks:
        return
    if before is None or track.appearance is None or not track.appearance.resembles(before):
        track.doubtful = True
    elif not track.appearance.is_alike(before):
        track.changed = True


def _recognized(track: Track, now: float) -> RecognizedFace:
    decision = track.decision
    unclear = track.hidden and now - track.confirmed_at > FADE_S
    if decision is not None and decision.match is not None and (track.doubtful or unclear):
        reason = NOT_CLEAR if unclear else IN_DOUBT
        decision = replace(decision, match=None, reason=reason)
    looks = track.evidence.looks
    return RecognizedFace(
        track.face,
        track.quality,
        track.id,
        decision,
        looks[-1].embedding if looks else None,
        track.doubtful,
        unclear,
    )


def stranger_score(decision: Decision, recognizer: Recognizer) -> StrangerScore:
    """Returns what a decision on a stranger says of the threshold for one picture: what a live face
    needs beyond that is taken off. Raises ValueError for a decision in an empty gallery."""
    if decision.nearest is None:
        raise ValueError("nobody was compared")
    beyond = max(0.0, decision.threshold - recognizer.threshold)
    return StrangerScore(decision.nearest.similarity - beyond, len(recognizer.gallery))


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
