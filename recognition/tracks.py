"""Follows faces from frame to frame, by positions; who they are is others' to find out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from models.detectors.boxes import stacked
from models.face import Face
from models.quality import Quality
from recognition.appearance import Appearance
from recognition.decision import Decision
from recognition.evidence import NO_EVIDENCE, Evidence

MIN_IOU = 0.2
"""The least overlap (IoU) of a face with a track's expected box to be the same face."""

MAX_SHIFT = 0.6
"""Or else the largest distance of their centres, as a share of the face's width: a quick move
leaves no overlap."""

MAX_MISSED = 15
"""The number of frames for which an unseen track is kept: the detector may miss a face, or a hand
pass by."""

FOLLOWED_MISSED = 2
"""The number of further frames in which a face that was not found is looked for where it should
be."""

FORMER_S = 5.0
"""A face that has gone out of sight, or behind another one, is known again by its looks for so many
seconds."""

JUMP = 0.5
"""The largest shift of a box against where it should be, as a share of its width, that leaves no
doubt that it is the same face's."""

TOUCHING = 0.15
"""The share of the smaller of two boxes that lies in the other where their faces may be confused:
far less than MIN_IOU and MAX_SHIFT ask for."""

GROWTH = 1.35
"""The largest ratio of its heights in two frames that leaves none."""


@dataclass(eq=False)
class Track:
    """One face over time. Only the thread that recognizes uses it.

    velocity: (2,) pixels a frame, of the box's centre. missed: frames since it was last seen.
    evidence: the looks at it. decision: what follows from them.
    quality: at the last look. best_view: the largest view_px() that was looked at.
    looked_at: when the last look was, as Frame.captured_at; confirmed_at: when the last one that
    shows the same person as those before; seen_at: when it was in the picture last.
    hidden: whether the last look saw too little to compare.
    doubtful: whether it may be somebody else now: it looks otherwise than a frame ago, met another
    track, was out of sight, or the last look contradicts those before. contradictions: how many
    looks in a row do. changed: whether it looks a little otherwise than at the last look.
    rejected: the ids of those whom it is not, as somebody has said.
    """

    id: int
    face: Face
    velocity: NDArray[np.float32] = field(default_factory=lambda: np.zeros(2, np.float32))
    missed: int = 0
    evidence: Evidence = NO_EVIDENCE
    decision: Decision | None = None
    appearance: Appearance | None = None
    quality: Quality | None = None
    best_view: float = 0.0
    looked_at: float | None = None
    confirmed_at: float = -np.inf
    seen_at: float = -np.inf
    hidden: bool = False
    doubtful: bool = False
    contradictions: int = 0
    changed: bool = False
    rejected: frozenset[str] = frozenset()

    @property
    def is_named(self) -> bool:
        """Whether its looks give it a name, in doubt or not."""
        return self.name is not None

    @property
    def name(self) -> str | None:
        """The id of the person for whom its looks are."""
        return self.decision.match.identity.id if self.decision and self.decision.match else None

    @property
    def expected_box(self) -> NDArray[np.float32]:
        """Returns where the box should be in the next frame: (4,) float32 pixels."""
        shift = self.velocity * np.float32(self.missed + 1)
        return np.asarray((self.face.box_xyxy.reshape(2, 2) + shift).ravel(), np.float32)


class Tracker:
    """Gives each face of a frame the track it belongs to."""

    def __init__(self) -> None:
        self._tracks: list[Track] = []
        self._former: list[Track] = []
        self._touching: dict[frozenset[int], tuple[Track, Track]] = {}
        self._next_id = 1

    @property
    def tracks(self) -> Sequence[Track]:
        """All tracks, including those that are briefly unseen."""
        return tuple(self._tracks)

    def expected_boxes(self) -> NDArray[np.float32]:
        """Returns (n, 4) float32 pixels: where the faces seen a moment ago should be in the next
        frame."""
        return stacked([t.expected_box for t in self._tracks if t.missed <= FOLLOWED_MISSED])

    def update(self, faces: Sequence[Face], at: float, *, may_be_new: bool) -> list[Track]:
        """Takes in the faces of the next frame; returns the track of each face that has one.

        at: the frame's captured_at. may_be_new: whether a face that belongs to no track begins
        one. A face found by following cannot be new.
        """
        matched = self._matched(faces)
        seen = []
        for index, face in enumerate(faces):
            track = matched.get(index)
            if track is not None:
                _move(track, face)
            elif may_be_new:
                track = self._begun(face)
                self._tracks.append(track)
            else:
                continue
            track.seen_at = at
            seen.append(track)
        for track in self._tracks:
            if track not in seen:
                track.missed += 1
        self._mark_meetings(seen)
        self._end([track for track in self._tracks if track.missed > MAX_MISSED])
        self._former = [track for track in self._former if 0 <= at - track.seen_at <= FORMER_S]
        return seen

    def former(self) -> Sequence[Track]:
        """All tracks that have been seen not long ago, and are out of sight."""
        hidden = [track for track in self._tracks if track.missed > 0 and track.evidence.looks]
        return (*self._former, *hidden)

    def part(self, track: Track) -> Track:
        """Begins a new track for the face of this one, because it is somebody else's."""
        begun = self._begun(track.face)
        self._take_over(track, begun)
        if track.evidence.looks:
            self._former.append(track)
        return begun

    def rejoin(self, former: Track, track: Track) -> None:
        """Gives the face of a track back to a former one, because it is that person's again."""
        self._tracks = [other for other in self._tracks if other is not former]
        self._former = [other for other in self._former if other is not former]
        former.face = track.face
        former.missed = 0
        self._take_over(track, former)

    def doubt(self) -> None:
        """Marks all tracks as doubtful, because the frame is not soon after the last one."""
        for track in self._tracks:
            track.doubtful = True

    def clear(self) -> None:
        self._tracks.clear()
        self._former.clear()
        self._touching.clear()

    def _begun(self, face: Face) -> Track:
        track = Track(self._next_id, face)
        self._next_id += 1
        return track

    def _take_over(self, track: Track, successor: Track) -> None:
        successor.velocity = track.velocity
        successor.appearance = track.appearance
        successor.seen_at = track.seen_at
        self._tracks[self._tracks.index(track)] = successor

    def _end(self, ended: Sequence[Track]) -> None:
        self._tracks = [track for track in self._tracks if track not in ended]
        self._former += [track for track in ended if track.evidence.looks]

    def _mark_meetings(self, seen: Sequence[Track]) -> None:
        """Marks tracks that begin or cease to touch as doubtful: each face may go on under the
        other's track."""
        touching = _touching(seen)
        changed = touching.keys() ^ self._touching.keys()
        for pair, tracks in {**self._touching, **touching}.items():
            if pair in changed:
                for track in tracks:
                    track.doubtful = True
        self._touching = touching

    def _matched(self, faces: Sequence[Face]) -> dict[int, Track]:
        """Returns the track of each face that has one, by the face's index: the best pairs first,
        each face and each track once."""
        if not faces or not self._tracks:
            return {}
        scores = _likeness(
            np.stack([face.box_xyxy for face in faces]),
            np.stack([track.expected_box for track in self._tracks]),
        )
        matched: dict[int, Track] = {}
        while (best := scores.max()) > 0:
            face, track = np.unravel_index(int(scores.argmax()), scores.shape)
            matched[int(face)] = self._tracks[int(track)]
            scores[face, :] = scores[:, track] = -best
        return matched


def _touching(tracks: Sequence[Track]) -> dict[frozenset[int], tuple[Track, Track]]:
    """Returns the pairs of tracks whose boxes touch, by their ids."""
    return {
        frozenset((one.id, other.id)): (one, other)
        for one, other in combinations(tracks, 2)
        if _touch(one.face.box_xyxy, other.face.box_xyxy)
    }


def _touch(a: NDArray[np.float32], b: NDArray[np.float32]) -> bool:
    shared = np.maximum(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0).prod()
    return bool(shared > TOUCHING * min((a[2:] - a[:2]).prod(), (b[2:] - b[:2]).prod()))


def _likeness(boxes: NDArray[np.float32], expected: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns (n, m) float32: how well each box fits each expected one; 0 or less where it is
    another face."""
    a, b = boxes[:, np.newaxis], expected[np.newaxis]
    overlap = np.maximum(np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2]), 0)
    shared = overlap.prod(axis=-1)
    area_a, area_b = (a[..., 2:] - a[..., :2]).prod(-1), (b[..., 2:] - b[..., :2]).prod(-1)
    iou = shared / (area_a + area_b - shared)
    distance = np.linalg.norm((a[..., :2] + a[..., 2:] - b[..., :2] - b[..., 2:]) / 2, axis=-1)
    shift = distance / np.minimum(a[..., 2] - a[..., 0], b[..., 2] - b[..., 0])
    size_ratio = np.minimum(area_a, area_b) / np.maximum(area_a, area_b)
    close = (iou >= MIN_IOU) | ((shift <= MAX_SHIFT) & (size_ratio > 0.4))
    return np.asarray(np.where(close, iou + 1 - np.minimum(shift, 1), 0), np.float32)


def _move(track: Track, face: Face) -> None:
    centre = (face.box_xyxy[:2] + face.box_xyxy[2:]) / 2
    before = (track.face.box_xyxy[:2] + track.face.box_xyxy[2:]) / 2
    expected = before + track.velocity * np.float32(track.missed + 1)
    newest = (centre - before) / np.float32(track.missed + 1)
    growth = face.height / max(track.face.height, 1e-6)
    jumped = np.hypot(*(centre - expected)) > JUMP * face.width
    track.doubtful |= track.missed > 0 or bool(jumped) or not 1 / GROWTH <= growth <= GROWTH
    # Half the new and half the old: a detector's box trembles by a pixel or two.
    track.velocity = np.asarray((track.velocity + newest) / 2, np.float32)
    track.face = face
    track.missed = 0
