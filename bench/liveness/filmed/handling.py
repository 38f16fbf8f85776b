"""How a hand holds a sheet or a phone, and moves it about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.liveness.filmed.acting import Act
from bench.liveness.filmed.sheet import SheetPose

TREMOR_HZ = (0.4, 0.9, 1.7, 3.1, 8.5)
"""A hand sways slowly, and trembles at eight to ten times a second (Elble and Koller 1990)."""

TREMOR_SHARES = (1.0, 0.7, 0.4, 0.2, 0.08)

PLACE_TREMOR = 0.02
"""The standard deviation of the sway in heights of the face, some 4 mm, where `steadiness` is 1."""

ANGLE_TREMOR = np.radians(1.2)


@dataclass(frozen=True)
class Motion:
    """What is done with a sheet besides holding it.

    shift: how far it is moved about in its plane, in heights of the face. lean: how far it is
    rolled, tilt: how far it is turned and nodded, in radians. bend: its largest curvature. steady:
    the tremor of the hand as a share of the usual one; 0 for a stand.
    """

    shift: float = 0.0
    lean: float = 0.0
    tilt: float = 0.0
    bend: float = 0.0
    steady: float = 1.0


class Handling:
    """The hand. focal_px, face_px: of the camera, and of the face when the sheet is held up."""

    def __init__(self, motion: Motion, random: np.random.Generator) -> None:
        self.focal_px = float(240 / np.tan(np.radians(random.uniform(38, 55)) / 2))
        self.face_px = float(random.uniform(85, 190))
        self._motion = motion
        self._tremor = _waves(random, 6, TREMOR_HZ, TREMOR_SHARES)
        self._about = _waves(random, 7, (0.35, 0.6, 1.0), (1.0, 0.6, 0.3))
        self._tilted = np.radians(random.normal(0, 3, 3))
        self._x, self._y = random.uniform(-0.35, 0.35), random.uniform(-0.4, 0.2)
        self._comes_s = float(random.choice([0.0, random.uniform(0.4, 0.8)]))
        self._upright = bool(random.integers(2))
        self._answer = np.radians(random.uniform(25, 40))

    def pose(self, at: float, act: Act) -> SheetPose:
        """Return how the sheet is held at a moment. act: what is asked for, done with the sheet."""
        tremor = _at(self._tremor, at) * self._motion.steady
        about = _at(self._about, at)
        yaw, pitch, roll = self._tilted + tremor[:3] * ANGLE_TREMOR
        yaw += about[0] * self._motion.tilt + act.turn * self._answer
        pitch += about[1] * self._motion.tilt + act.nod * self._answer
        roll += about[2] * self._motion.lean
        x, y, nearer = tremor[3:] * PLACE_TREMOR
        z = self.focal_px / self.face_px
        z *= (1 + nearer + 0.3 * self._motion.shift * about[5]) * (1 - 0.35 * act.closer)
        if at < self._comes_s:
            z *= 1 + 0.3 * (1 - at / self._comes_s)
        return SheetPose(
            float(yaw),
            float(pitch),
            float(roll),
            float(self._x + x + about[3] * self._motion.shift),
            float(self._y + y + about[4] * self._motion.shift),
            float(z),
            float(about[6] * self._motion.bend),
            self._upright,
        )


_Waves = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


def _waves(
    random: np.random.Generator, count: int, hertz: tuple[float, ...], shares: tuple[float, ...]
) -> _Waves:
    """Return `count` sums of waves whose standard deviation is 1: their frequencies, heights and
    phases."""
    size = (count, len(hertz))
    heights = np.array(shares) * random.uniform(0.6, 1.4, size)
    heights *= np.sqrt(2) / np.linalg.norm(heights, axis=1, keepdims=True)
    frequencies = np.array(hertz) * random.uniform(0.8, 1.25, size)
    return frequencies, heights, random.uniform(0, 2 * np.pi, size)


def _at(waves: _Waves, at: float) -> NDArray[np.float64]:
    frequencies, heights, phases = waves
    return np.asarray((heights * np.sin(2 * np.pi * frequencies * at + phases)).sum(axis=1))
