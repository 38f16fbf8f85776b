from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.face import Face
from recognition.liveness.frozen import FrozenCamera
from recognition.liveness.observation import Observation

FACE = Face(np.array([0, 0, 100, 130], np.float32), 0.99, np.zeros((5, 2), np.float32))


def told(pictures: list[np.ndarray], fps: float = 20.0) -> list[int]:
    """The frames at which something is suspicious."""
    camera = FrozenCamera()
    return [
        index
        for index, picture in enumerate(pictures)
        if camera.see(Observation(index / fps, 1, FACE, picture))
    ]


def jpeg(picture: np.ndarray, quality: int) -> np.ndarray:
    written = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(written, cv2.IMREAD_COLOR))


@pytest.fixture
def scene(astronaut: np.ndarray) -> np.ndarray:
    return cv2.resize(astronaut, (640, 480))


@pytest.fixture
def film(scene: np.ndarray) -> list[np.ndarray]:
    """Two seconds of a hand-held camera with a sensor's noise."""
    random = np.random.default_rng(0)
    path = np.cumsum(random.normal(0, 1.5, (40, 2)), axis=0)
    return [
        noisy(cv2.warpAffine(scene, np.float32([[1, 0, x], [0, 1, y]]), (640, 480)), random)
        for x, y in path
    ]


def noisy(picture: np.ndarray, random: np.random.Generator, level: float = 1.0) -> np.ndarray:
    return np.clip(picture + random.normal(0, level, picture.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("level", [0.5, 1.0, 3.0])
def test_a_still_scene_is_not_frozen(scene: np.ndarray, level: float) -> None:
    random = np.random.default_rng(1)
    assert not told([noisy(scene, random, level) for _ in range(60)])


def test_a_frozen_picture(film: list[np.ndarray]) -> None:
    first = told(film + [film[-1]] * 30)[0]
    assert 40 <= first <= 55


@pytest.mark.parametrize("fps", [9.0, 5.0, 2.5])
def test_a_frozen_picture_of_a_slow_camera(film: list[np.ndarray], fps: float) -> None:
    first = told(film + [film[-1]] * 30, fps)[0]
    assert 40 <= first <= 55


def test_a_slow_camera_is_not_frozen(film: list[np.ndarray]) -> None:
    assert not told(film, fps=5.0)


def test_a_frozen_picture_recompressed_twice(film: list[np.ndarray]) -> None:
    once = jpeg(film[-1], 80)
    assert told([once, jpeg(once, 80)] * 20)


def test_each_frame_three_times_is_poor_light(film: list[np.ndarray]) -> None:
    assert not told([picture for picture in film for _ in range(3)], fps=30)


@pytest.mark.parametrize("quality", [None, 90])
def test_a_loop(film: list[np.ndarray], quality: int | None) -> None:
    played = film * 3
    if quality is not None:
        played = [jpeg(p, quality - 5 * (i // 40)) for i, p in enumerate(played)]
    first = told(played)[0]
    assert 40 <= first <= 70


def test_the_film_once_is_no_loop(film: list[np.ndarray]) -> None:
    assert not told(film)


def test_real_video(shared_data) -> None:
    video = cv2.VideoCapture(str(shared_data / "video" / "five_people_1080p25.mp4"))
    pictures = []
    while len(pictures) < 60:
        pictures.append(cv2.resize(video.read()[1], (640, 360)))
    video.release()
    assert not told(pictures, fps=25)
