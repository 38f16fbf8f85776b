"""Follows faces from frame to frame, by positions only: no pixels, no models."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.detectors.boxes import stacked
from models.face import Face
from models.quality import Quality
from recognition.decision import Decision, Vote

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

VOTES_KEPT = 9
"""The number of looks from which a track is decided: an odd number; old looks are replaced by new
ones."""


@dataclass(eq=False)
class Track:
    """One face over time. Only the thread that recognizes uses it.

    velocity: (2,) pixels a frame, of the box's centre. missed: frames since it was last seen.
    quality: at the last look. best_view: the largest view_px() that was looked at.
    looked_at: when the last look was, as Frame.captured_at. doubtful: whether it may be somebody
    else
    now: it met another track, was out of sight, or the last look contradicts its name.
    """

    id: int
    face: Face
    velocity: NDArray[np.float32] = field(default_factory=lambda: np.zeros(2, np.float32))
    missed: int = 0
    votes: deque[Vote] = field(default_factory=lambda: deque(maxlen=VOTES_KEPT))
    quality: Quality | None = None
    best_view: float = 0.0
    looked_at: float | None = None
    doubtful: bool = False
    decision: Decision | None = None

    @property
    def expected_box(self) -> NDArray[np.float32]:
        """Returns where the box should be in the next frame: (4,) float32 pixels."""
        shift = self.velocity * np.float32(self.missed + 1)
        return np.asarray((self.face.box_xyxy.reshape(2, 2) + shift).ravel(), np.float32)


class Tracker:
    """Gives each face of a frame the track it belongs to."""

    def __init__(self) -> None:
        self._tracks: list[Track] = []
        self._next_id = 1

    @property
    def tracks(self) -> Sequence[Track]:
        """All tracks, including those that are briefly unseen."""
        return tuple(self._tracks)

    def expected_boxes(self) -> NDArray[np.float32]:
        """Returns (n, 4) float32 pixels: where the faces seen a moment ago should be in the next
        frame."""
        return stacked([t.expected_box for t in self._tracks if t.missed <= FOLLOWED_MISSED])

    def update(self, faces: Sequence[Face], *, may_be_new: bool) -> list[Track]:
        """Takes in the faces of the next frame; returns the track of each face that has one.

        may_be_new: whether a face that belongs to no track begins one. A face found by
        following cannot be new.
        """
        matched = self._matched(faces)
        seen = []
        for index, face in enumerate(faces):
            track = matched.get(index)
            if track is not None:
                _move(track, face)
            elif may_be_new:
                track = Track(self._next_id, face)
                self._next_id += 1
                self._tracks.append(track)
            else:
                continue
            seen.append(track)
        for track in self._tracks:
            if track not in seen:
                track.missed += 1
        _mark_meetings(seen)
        self._tracks = [track for track in self._tracks if track.missed <= MAX_MISSED]
        return seen

    def clear(self) -> None:
        self._tracks.clear()

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


def _mark_meetings(tracks: Sequence[Track]) -> None:
    """Marks tracks that meet as doubtful: two faces that touch may each go on under the other's
    track."""
    for i, track in enumerate(tracks):
        for other in tracks[:i]:
            a, b = track.face.box_xyxy, other.face.box_xyxy
            if (np.minimum(a[2:], b[2:]) > np.maximum(a[:2], b[:2])).all():
                track.doubtful = other.doubtful = True


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
    newest = (centre - before) / np.float32(track.missed + 1)
    # Half the new and half the old: a detector's box trembles by a pixel or two.
    track.velocity = np.asarray((track.velocity + newest) / 2, np.float32)
    track.face = face
    track.doubtful |= track.missed > 0
    track.missed = 0
