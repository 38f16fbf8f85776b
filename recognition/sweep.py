"""Finds the faces of a live picture: detects them now and then, and follows them in between."""

from __future__ import annotations

import cv2
import numpy as np

from capture.frame import Frame
from common.picture import RgbImage
from models.detectors.protocol import Detector
from recognition.tracks import Track, Tracker

GAP_S = 0.5
"""After such a gap between frames, in seconds, everybody may be somebody else, until a look has
shown otherwise."""

GONE_S = 5.0
"""After such a gap nobody is taken for the person who stood there before."""

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

CUT_ROWS, CUT_COLUMNS = 30, 40
"""How many pixels are compared with those of the frame before, to see a cut in a film."""

CUT_LEVELS = 12
CUT_SHARE = 0.35
CUT_CORRELATION = 0.6
"""After a cut at least that share of the pixels differs by more than so many levels, of 255, in
some colour, and all together correlate by less with those before. Of 44 cuts among films of a
street and of people at a webcam all were found, and none in the films themselves."""

SLOW_S = 0.06
"""From this gap in seconds between two frames on, a part is searched in each frame: faces move too
far in between."""


class Sweep:
    """Searches frame after frame for faces and gives each its track. One thread uses it."""

    def __init__(self, detector: Detector, tracker: Tracker) -> None:
        self._detector = detector
        self._tracker = tracker
        self.restart()

    def restart(self) -> None:
        """Begin with a frame that none was before."""
        self._step = self._part = 0
        self._empty: tuple[RgbImage, float] = _NO_PICTURE
        self._pixels: RgbImage | None = None

    def find(self, frame: Frame, gap: float) -> list[Track]:
        """Follows the faces of the last frame, and detects new ones in a part of the picture.

        gap: the seconds since that frame.
        """
        at = frame.captured_at
        is_cut = self._is_cut(frame.image)
        if is_cut or not 0 <= gap < GAP_S:
            if 0 <= gap < GONE_S:
                self._tracker.doubt()
            else:
                self._tracker.clear()
            self._step, self._part = 1, 0  # as if the first part of a sweep had just been searched
            return self._tracker.update(self._detector.detect(frame.image), at, may_be_new=True)
        boxes = self._tracker.expected_boxes()
        parts = self._detector.parts(frame.image)
        frames = SWEEP_FRAMES + parts - 1 if len(boxes) else max(IDLE_SWEEP_FRAMES, parts)
        sweep = frames if gap < SLOW_S else parts
        step = self._step % sweep
        if step == 0 and not len(boxes) and self._still_empty(frame):
            return self._tracker.update([], at, may_be_new=False)
        self._step = (step + 1) % sweep
        if step * parts // sweep > (step - 1) * parts // sweep:
            # Counted apart from the steps: the sweep's length varies with the gaps between frames.
            self._part = (self._part + 1) % parts
            faces = self._detector.detect_part(frame.image, self._part, boxes)
            return self._tracker.update(faces, at, may_be_new=True)
        followed = self._detector.follow(frame.image, boxes)
        return self._tracker.update(followed, at, may_be_new=False)

    def _is_cut(self, image: RgbImage) -> bool:
        """Returns whether the whole picture is another one than in the frame before."""
        height, width = image.shape[:2]
        rows, columns = max(height // CUT_ROWS, 1), max(width // CUT_COLUMNS, 1)
        before, now = self._pixels, image[::rows, ::columns].copy()
        self._pixels = now
        if before is None or before.shape != now.shape:
            return before is not None
        changed = cv2.absdiff(before, now).max(axis=2) > CUT_LEVELS
        if changed.mean() < CUT_SHARE:
            return False
        a, b = (pixels.reshape(-1).astype(np.float32) for pixels in (before, now))
        a, b = a - a.mean(), b - b.mean()
        return float(a @ b) <= CUT_CORRELATION * float(np.sqrt((a @ a) * (b @ b)))

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
