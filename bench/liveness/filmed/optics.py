"""Renders what a print, a screen and a camera do to a picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.liveness.filmed.sheet import SeenSheet
from common.picture import RgbImage

Colours = NDArray[np.float32]

APERTURE = 0.8
"""The share of a camera's pixel that takes light, by which a screen's lattice loses contrast."""

LENS = 0.35
"""The standard deviation of a sharp lens's blur, in pixels of the camera."""


NOISE_ROOM = 97
"""Each picture takes its noise from another place of one field of noise, so much larger: to draw
it anew takes longer than all the rest."""


@dataclass(frozen=True)
class PhoneScreen:
    """A phone's screen.

    pitch: the distance of its pixels in face heights; 0 for one whose pixels are too fine to be
    seen. lattice: the contrast of their pattern, 0..1. gamma: of what it shows, against the
    picture. blue: how much bluer than the picture it is. glare: the brightness of a lamp's
    reflection, 0..1, and where it is, in face heights.
    """

    pitch: float = 0.0
    lattice: float = 0.0
    gamma: float = 1.0
    blue: float = 0.0
    glare: float = 0.0
    glare_at: tuple[float, float] = (0.3, -0.3)

    def shine(self, colours: RgbImage, seen: SeenSheet, pixel: float) -> Colours:
        """Return what the camera gets of what the screen shows, (h, w, 3) float32 0..255.

        pixel: what a pixel of the camera sees of the screen, in face heights.
        """
        curve = 255 * (np.arange(256) / 255) ** self.gamma
        tint = [1 - self.blue, 1 - self.blue / 2, 1 + self.blue / 2]
        table = (curve[:, np.newaxis] * tint).astype(np.float32)[np.newaxis]
        shown = cv2.LUT(colours, table)
        if self.pitch > 0:
            shown = shown * self._pattern(seen, self.pitch / pixel)
        if self.glare > 0:
            # A mirror's reflection moves twice as far as the mirror turns.
            x, y = self.glare_at
            moved = 2.0 * float(seen.slope.mean())
            far = (seen.across - x + moved) ** 2 + (seen.down - y) ** 2
            lamp = np.exp(-far / (2 * 0.12**2))[..., np.newaxis]
            shown = shown + 255 * self.glare * lamp
        return np.asarray(shown, np.float32)

    def _pattern(self, seen: SeenSheet, pitch_px: float) -> Colours:
        """Return the lattice as the camera samples it: columns of red, green and blue, and dark
        lines between the rows."""
        seen_px = 1 / max(pitch_px, 1e-3)
        left = np.sinc(seen_px * APERTURE) * np.exp(-((2 * np.pi * LENS * seen_px) ** 2) / 2)
        contrast = self.lattice * abs(left)
        phase = 2 * np.pi / self.pitch
        columns = [np.cos(phase * seen.across + shift) for shift in (0.0, 2.1, 4.2)]
        rows = 0.5 * np.cos(phase * seen.down)
        return np.stack([1 + contrast * (column + rows) for column in columns], axis=-1)


@dataclass(frozen=True)
class PrintedPaper:
    """A printed picture. contrast: what is left of the picture's. light: how the side of it that
    is turned to the camera's right darkens."""

    contrast: float = 0.85
    black: float = 20.0
    light: float = 0.4

    def shine(self, colours: RgbImage, seen: SeenSheet, pixel: float) -> Colours:
        """Return what the camera gets of the print; see PhoneScreen.shine."""
        shade = np.clip(1 - self.light * seen.slope, 0.4, 1.5)
        table = (self.black + self.contrast * np.arange(256)).astype(np.float32)
        shown = cv2.LUT(colours, np.tile(table[:, np.newaxis], 3)[np.newaxis])
        return np.asarray(cv2.multiply(shown, cv2.merge([shade, shade, shade])), np.float32)


@dataclass(frozen=True)
class Sensor:
    """What a camera does to all that it sees.

    brightness: a factor. gamma: as of PhoneScreen. blur: standard deviation in pixels. noise: in
    levels of 255. jpeg: the quality of its compression, 0 for none.
    """

    brightness: float = 1.0
    gamma: float = 1.0
    blur: float = 0.0
    noise: float = 1.5
    jpeg: int = 0

    @staticmethod
    def drawn(random: np.random.Generator) -> Sensor:
        """Return one of the sensors that webcams have."""
        return Sensor(
            brightness=float(random.uniform(0.7, 1.2)),
            gamma=float(random.uniform(0.85, 1.2)),
            blur=float(random.uniform(0.4, 0.9)) * bool(random.random() < 1 / 3),
            noise=float(random.uniform(0.8, 2.5)),
            jpeg=int(random.integers(80, 96)) * int(random.integers(2)),
        )

    def take(self, light: RgbImage, random: np.random.Generator) -> RgbImage:
        """Return the picture of what the lens sees; both (H, W, 3) uint8."""
        if self.blur > 0:
            light = np.asarray(cv2.GaussianBlur(light, (0, 0), self.blur), np.uint8)
        levels = np.clip(np.arange(256) * self.brightness, 0, 255) / 255
        curve = np.asarray(255 * levels**self.gamma + 0.5, np.uint8)
        height, width = light.shape[:2]
        top, left = random.integers(0, NOISE_ROOM, 2)
        noise = _noise(height, width, self.noise)[top : top + height, left : left + width]
        image = cv2.add(cv2.LUT(light, curve), noise, dtype=cv2.CV_8U)
        if not self.jpeg:
            return np.asarray(image, np.uint8)
        _, packed = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, self.jpeg])
        unpacked = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
        return np.ascontiguousarray(unpacked[..., ::-1])


@lru_cache(maxsize=1)
def _noise(height: int, width: int, level: float) -> NDArray[np.int16]:
    size = (height + NOISE_ROOM, width + NOISE_ROOM, 3)
    drawn = np.random.default_rng(0).standard_normal(size, np.float32)
    return np.round(level * drawn).astype(np.int16)
