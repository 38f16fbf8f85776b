"""A virtual camera for trying the program out where there is none: a real face that moves."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from capture.frame import Frame
from capture.portrait import PORTRAIT
from capture.source import FrameSource
from capture.stills import read_picture
from common.picture import RgbImage
from common.sentence import Sentence

_WIDTH, _HEIGHT = 640, 480
_FPS = 30.0
_FACE_HEIGHT = 195.0
_BACKGROUND_SIGMA = 25.0
_NOISE_SIGMA = 2.0
_NOISE_MEAN = 16
_NOISE_MARGIN = 64


@dataclass(frozen=True)
class FacePlace:
    """Where the face is in a still picture, in its pixels: its centre, and forehead to chin."""

    x: float
    y: float
    height: float


_PORTRAIT_FACE = FacePlace(x=225, y=128, height=125)


class DemoSource(FrameSource):
    """A source that pans, zooms, turns and lights a still picture, as a webcam would see a person
    sway.

    The same index always gives the same frame, 640 x 480. Without a picture it is
    capture/portrait.py's.

    picture: (H, W, 3) uint8 RGB, a portrait with the face in the middle of its upper half.
    frames: how many there are; None for no end.
    """

    name = Sentence("demo")
    is_live = False
    fps = _FPS
    size = (_WIDTH, _HEIGHT)

    def __init__(self, picture: RgbImage | None = None, *, frames: int | None = None) -> None:
        if picture is None:
            picture, face = read_picture(PORTRAIT), _PORTRAIT_FACE
        else:
            height, width = picture.shape[:2]
            face = FacePlace(width / 2, 0.42 * height, 0.4 * height)
        self._scene, self._centre = _scene(picture, face)
        self._frames = frames
        self._index = 0
        self._noise = _sensor_noise()
        self._closed = False

    def read(self) -> Frame | None:
        if self._closed or self._index == self._frames:
            return None
        frame = Frame(self._render(self._index), self._index, self._index / _FPS)
        self._index += 1
        return frame

    def close(self) -> None:
        self._closed = True

    def _render(self, index: int) -> RgbImage:
        seconds = index / _FPS
        # Periods without a common multiple, so that no two moments look alike for long.
        turn = cv2.getRotationMatrix2D(
            self._centre, 5 * _swing(seconds, 6.1), 1 + 0.15 * _swing(seconds, 11.0)
        )
        turn[0, 2] += 290 + 45 * _swing(seconds, 7.3) - self._centre[0]
        turn[1, 2] += 165 + 12 * _swing(seconds, 5.3) - self._centre[1]
        seen = cv2.warpAffine(self._scene, turn, (_WIDTH, _HEIGHT), borderMode=cv2.BORDER_REPLICATE)
        gain = 1 + 0.12 * _swing(seconds, 9.1)
        offset = 6 * _swing(seconds, 13.7) - _NOISE_MEAN
        lit = cv2.addWeighted(seen, gain, self._noise_at(index), 1.0, offset)
        return np.asarray(lit, dtype=np.uint8)

    def _noise_at(self, index: int) -> NDArray[np.uint8]:
        y, x = np.random.default_rng(index).integers(0, _NOISE_MARGIN, 2)
        return self._noise[y : y + _HEIGHT, x : x + _WIDTH]


def _swing(seconds: float, period_s: float) -> float:
    return sin(2 * pi * seconds / period_s)


def _scene(picture: RgbImage, face: FacePlace) -> tuple[RgbImage, tuple[float, float]]:
    """Scales the picture so that its face is _FACE_HEIGHT high. Returns it and the face's centre in
    it.

    It is surrounded by its own mirror image, so blurred that a mirrored face is not found as a
    face.
    """
    scale = _FACE_HEIGHT / face.height
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    sharp = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=method)
    (height, width), pad = sharp.shape[:2], _WIDTH
    scene = cv2.copyMakeBorder(sharp, pad, pad, pad, pad, cv2.BORDER_REFLECT_101)
    scene = cv2.GaussianBlur(scene, (0, 0), _BACKGROUND_SIGMA)
    scene[pad : pad + height, pad : pad + width] = sharp
    centre = (pad + face.x * scale, pad + face.y * scale)
    return np.asarray(scene, dtype=np.uint8), centre


def _sensor_noise() -> NDArray[np.uint8]:
    shape = (_HEIGHT + _NOISE_MARGIN, _WIDTH + _NOISE_MARGIN, 3)
    noise = np.random.default_rng(0).normal(_NOISE_MEAN, _NOISE_SIGMA, shape)
    return noise.round().clip(0, 255).astype(np.uint8)
