from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from capture.video import VideoFileSource
from desktop.commands.seeing.recording import video_file
from recognition.recognizer import Recognition, StageTimes


@pytest.mark.parametrize(
    "fps", [0.01, 1 / 3, 2.0618335284200127, 24000 / 1001, 65.537, 66.667, 143.8561, 240.12345, 999]
)
def test_a_film_of_any_rate_can_be_written(tmp_path: Path, fps: float) -> None:
    path = tmp_path / "out.mp4"
    image = np.zeros((120, 160, 3), np.uint8)
    with video_file(path, fps) as write:
        for index in range(3):
            write(image, Recognition(index, index / fps, (), StageTimes(0, 0, 0)))
    with VideoFileSource(path) as film:
        assert film.fps == pytest.approx(fps, rel=0.001)
        at = [frame.captured_at for frame in iter(film.read, None)]
    assert at == pytest.approx([index / fps for index in range(3)], rel=0.002, abs=0.001)


def test_a_film_that_hardly_moves_is_as_slow_as_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    with video_file(path, 1e-4) as write:
        image = np.zeros((120, 160, 3), np.uint8)
        write(image, Recognition(0, 0.0, (), StageTimes(0, 0, 0)))
    with VideoFileSource(path) as film:
        assert film.read() is not None
