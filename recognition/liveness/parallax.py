"""Measures whether the nose of a face moves against the plane of its eyes and mouth.

Eyes and mouth corners lie close to one plane; between two views of it there is a homography,
and four points fix it. Where it carries the nose of the one view, the nose of a flat picture
is in the other; the tip of a real nose, which stands out, is not ("plane and parallax", Irani
and Anandan 1996). Seen from straight ahead, a nose of depth d moves by d tan(angle) on the plane.

A print bent to a sagitta of a tenth of its width W has, across the eyes' distance e, a sagitta
of 0.1 e^2 / W (a circle's sagitta grows with the square of its chord). A print is no narrower
than the face on it, some 2.2 e; so its nose stands out by 0.045 e at most. Real ones stand out
by 0.33 to 0.55 e, as MTCNN sees them (the three people on ../shared/video who turn from looking
ahead by 35 degrees and more; medians over eight frames).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from math import atan2, cos, hypot, sin, sqrt
from statistics import median_low
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SMOOTHED_S = 0.25
"""A movement is the median over so many seconds: MTCNN's landmarks tremble from frame to frame."""

FEWEST = 3
"""The least number of frames in such a median."""

TILTED = 0.82
"""At this foreshortening or a stronger one, the plane is clearly tilted: 35 degrees. A weaker one
may be a smile, which widens the mouth, or an open mouth."""

FLAT_DEPTH = 0.12
"""A nose that stands out less than this, in eye distances, belongs to a flat picture. None of 125
stretches of real heads on ../shared/video is called flat."""

LIVE_SHIFT = 0.34
"""The least shift, in eye distances, that the nose of a picture does not reach. MTCNN sees a little
parallax where there is none: on 66 medians of real pictures turned by 45 degrees 0.07 in the mean,
standard deviation 0.04, at most 0.15; bent besides 0.12, 0.05 and 0.23. With LIVE_DEPTH it is so
chosen that of 8,000 rendered pictures none passes (bench/liveness/attempts.py)."""

LIVE_DEPTH = 0.3
"""The least depth of a real nose, in eye distances, by its shift and the tilt of its face."""


class ParallaxVerdict(Enum):
    FLAT = auto()
    LIVE = auto()
    NOT_ENOUGH_MOVEMENT = auto()


class Movement(NamedTuple):
    """How a face stands against its reference view.

    turn, nod: how far the nose has moved on the plane of eyes and mouth, in eye distances of the
    reference: to the picture's right (the person's left), and down. closer: how many times larger
    the face is. foreshortening: its shorter side against its longer one, 1 where the plane has
    not been tilted, the cosine of the tilt where it has.
    """

    turn: float
    nod: float
    closer: float
    foreshortening: float

    @property
    def depth(self) -> float:
        """Returns how far the nose seems to stand out, in eye distances, by shift and tilt."""
        tangent = sqrt(max(1 - self.foreshortening**2, 1e-9)) / max(self.foreshortening, 1e-3)
        return hypot(self.turn, self.nod) / tangent


class Reference:
    """The view that movements are measured from.

    Plain numbers and not arrays: five points are too few for NumPy to be quick.
    """

    def __init__(self, landmarks: NDArray[np.float32]) -> None:
        """Takes the reference view from landmarks, (5, 2) pixels in the order of LANDMARK_NAMES.
        Raises ValueError where eyes and mouth corners lie on a line."""
        points = landmarks.astype(np.float64)
        plane = points[[0, 1, 3, 4]]
        self._eye_px = float(np.hypot(*(points[1] - points[0])))
        down = points[3:].mean(axis=0) - points[:2].mean(axis=0)
        roll = atan2(down[0], down[1])
        turned = np.array([[cos(roll), -sin(roll)], [sin(roll), cos(roll)]])
        # Upright, in eye distances, from the middle of eyes and mouth.
        upright = (points - plane.mean(axis=0)) @ turned.T / max(self._eye_px, 1e-6)
        self._nose = tuple(map(float, upright[2]))
        self._basis = _basis(upright[[0, 1, 3, 4]].tolist())
        flat = upright[[0, 1, 3, 4]]
        self._fit = np.linalg.pinv(flat).tolist()

    def movement(self, landmarks: Sequence[Sequence[float]]) -> Movement | None:
        """Returns the movement from the reference view; None where eyes and mouth corners form no
        quadrangle.

        landmarks: five pairs of pixels.
        """
        eye1, eye2, nose, mouth1, mouth2 = landmarks
        plane = (eye1, eye2, mouth1, mouth2)
        middle_x = (eye1[0] + eye2[0] + mouth1[0] + mouth2[0]) / 4
        middle_y = (eye1[1] + eye2[1] + mouth1[1] + mouth2[1]) / 4
        scale = 1 / self._eye_px
        now = [((x - middle_x) * scale, (y - middle_y) * scale) for x, y in plane]
        try:
            x, y = _carried(
                _basis(now),
                self._basis,
                ((nose[0] - middle_x) * scale, (nose[1] - middle_y) * scale),
            )
        except (ValueError, ZeroDivisionError):
            return None
        longer, shorter = self._stretch(now)
        return Movement(x - self._nose[0], y - self._nose[1], longer, shorter / max(longer, 1e-9))

    def _stretch(self, now: Sequence[tuple[float, float]]) -> tuple[float, float]:
        """Returns the singular values of the affine map that fits best from the reference, the
        larger first."""
        (x0, y0), (x1, y1), (x2, y2), (x3, y3) = now
        (u0, u1, u2, u3), (v0, v1, v2, v3) = self._fit
        a, b = u0 * x0 + u1 * x1 + u2 * x2 + u3 * x3, v0 * x0 + v1 * x1 + v2 * x2 + v3 * x3
        c, d = u0 * y0 + u1 * y1 + u2 * y2 + u3 * y3, v0 * y0 + v1 * y1 + v2 * y2 + v3 * y3
        half_sum, half_difference = hypot(a + d, c - b) / 2, hypot(a - d, c + b) / 2
        return half_sum + half_difference, abs(half_sum - half_difference)


Basis = tuple[float, ...]
"""A (3, 3) matrix, row by row."""


def _basis(quad: Sequence[Sequence[float]]) -> Basis:
    """Returns the projective frame of four points (Hartley and Zisserman 2004, 2.3): its columns
    are the first three points, so scaled that their sum is the fourth."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = quad
    area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
    second = ((x3 - x0) * (y2 - y0) - (x2 - x0) * (y3 - y0)) / area
    third = ((x1 - x0) * (y3 - y0) - (x3 - x0) * (y1 - y0)) / area
    first = 1 - second - third
    # A convex quadrangle seen from the front: the fourth point lies beyond the second and third.
    if not (first < 0 < second and third > 0):
        raise ValueError("not a convex quadrangle")
    return (
        first * x0, second * x1, third * x2,
        first * y0, second * y1, third * y2,
        first, second, third,
    )  # fmt: skip


def _carried(source: Basis, target: Basis, point: tuple[float, float]) -> tuple[float, float]:
    """Returns the point to which the homography from one projective frame to another carries a
    point."""
    a, b, c, d, e, f, g, h, i = source
    x, y = point
    # By Cramer's rule; the determinant falls out with the homogeneous scale.
    u = (e * i - f * h) * x + (c * h - b * i) * y + (b * f - c * e)
    v = (f * g - d * i) * x + (a * i - c * g) * y + (c * d - a * f)
    w = (d * h - e * g) * x + (b * g - a * h) * y + (a * e - b * d)
    a, b, c, d, e, f, g, h, i = target
    scale = g * u + h * v + i * w
    return (a * u + b * v + c * w) / scale, (d * u + e * v + f * w) / scale


@dataclass(frozen=True)
class _Timed:
    at: float
    movement: Movement


class Parallax:
    """Follows one face and says whether it is flat, as far as it has moved."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self._recent: deque[_Timed] = deque()
        self._verdict = ParallaxVerdict.NOT_ENOUGH_MOVEMENT

    @property
    def verdict(self) -> ParallaxVerdict:
        """The verdict so far. Once flat, it stays flat: a live face after that is another one."""
        return self._verdict

    def see(self, at: float, landmarks: NDArray[np.float32]) -> Movement | None:
        """Takes in a frame. Returns the movement over the last moments; None before there are
        enough frames.

        at: seconds. landmarks: (5, 2) pixels.
        """
        movement = self._reference.movement(landmarks.tolist())
        if movement is not None:
            self._recent.append(_Timed(at, movement))
        recent = self._recent
        while len(recent) > FEWEST and at - recent[0].at > SMOOTHED_S:
            recent.popleft()
        if len(recent) < FEWEST:
            return None
        # The median is one of the values, not the mean of two: so a jump stays a jump.
        columns = zip(*(timed.movement for timed in recent), strict=True)
        smoothed = Movement(*(median_low(column) for column in columns))
        self._judge(smoothed)
        return smoothed

    def _judge(self, movement: Movement) -> None:
        if self._verdict is ParallaxVerdict.FLAT:
            return
        if movement.foreshortening <= TILTED and movement.depth < FLAT_DEPTH:
            self._verdict = ParallaxVerdict.FLAT
        elif abs(movement.turn) >= LIVE_SHIFT and movement.depth >= LIVE_DEPTH:
            self._verdict = ParallaxVerdict.LIVE
