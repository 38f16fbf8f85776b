from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.drawing.speed_diagrams import realtime_diagrams
from bench.realtime import Agreement, Live, RealtimeReport, Run, ToAndFro, agree, read_frames
from capture.demo import DemoSource
from common.errors import SourceError
from models.engines.engine import FloatArray


def boxes(*corners: int) -> FloatArray:
    """Boxes 10 pixels wide, side by side in a row."""
    rows = [[x, 0, x + 10, 10] for x in corners]
    return np.array(rows, np.float32).reshape(-1, 4)


def test_the_same_boxes_agree() -> None:
    frames = [boxes(0, 20), boxes(), boxes(5)]
    assert agree(frames, frames) == Agreement(recall=1.0, mean_iou=1.0, extra=0.0)


def test_missing_moved_and_extra_boxes_are_told_apart() -> None:
    reference = [boxes(0, 20, 40), boxes(0)]
    found = [boxes(2, 26, 80), boxes(0)]
    result = agree(reference, found)
    assert result.recall == pytest.approx(2 / 4), "26 overlaps 20 by less than half"
    assert result.mean_iou == pytest.approx((8 / 12 + 1) / 2)
    assert result.extra == pytest.approx(2 / 2)


def test_a_box_counts_once() -> None:
    result = agree([boxes(0, 1)], [boxes(0)])
    assert result.recall == 0.5


def test_nothing_anywhere() -> None:
    assert agree([boxes()], [boxes()]) == Agreement(recall=0.0, mean_iou=0.0, extra=0.0)


def test_frames_are_played_to_and_fro() -> None:
    frames = [np.full((4, 4, 3), value, np.uint8) for value in range(3)]
    source = ToAndFro(frames, 8)
    played = list(iter(source.read, None))
    assert [int(frame.image[0, 0, 0]) for frame in played] == [0, 1, 2, 1, 0, 1, 2, 1]
    assert [frame.index for frame in played] == list(range(8))


def test_frames_are_read_and_scaled(tmp_path: Path) -> None:
    path = tmp_path / "video.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25, (640, 480))
    with DemoSource(frames=3) as demo:
        for frame in iter(demo.read, None):
            writer.write(cv2.cvtColor(frame.image, cv2.COLOR_RGB2BGR))
    writer.release()
    frames, fps = read_frames(str(path), (320, 240))
    assert [frame.shape for frame in frames] == [(240, 320, 3)] * 3
    assert fps == 25
    with pytest.raises(SourceError, match="a video file"):
        read_frames("rtsp://127.0.0.1/stream", (320, 240))


def test_a_ratio_is_how_many_times_as_fast() -> None:
    assert report().ratios == pytest.approx([1, 4])
    assert report().runs[1].fps == pytest.approx(100)


def test_the_plots_are_pictures(tmp_path: Path) -> None:
    for name, diagram in realtime_diagrams(report()).items():
        diagram.write(tmp_path / name, ".png")
        picture = cv2.imread(str(tmp_path / name))
        assert picture is not None
        assert picture.std() > 5


def report() -> RealtimeReport:
    milliseconds = np.array([30, 50], np.float32), np.array([5, 15], np.float32)
    runs = tuple(
        Run(name, ms, 40.0) for name, ms in zip(("tutorial", "loop"), milliseconds, strict=True)
    )
    times = np.linspace(0, 1, 30, dtype=np.float32)
    live = Live(30.0, 0, 0.4, 5 + 3 * np.sin(9 * times), times, 0.2)
    return RealtimeReport((640, 480), 2, runs, Agreement(1.0, 1.0, 0.0), live)
