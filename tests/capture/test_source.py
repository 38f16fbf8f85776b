from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from capture.frame import Frame
from capture.opening import open_source
from capture.source import Paced

WriteVideo = Callable[..., Path]


class SteppedTime(threading.Event):
    """A closed-event whose waits pass at once and move its clock."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 100.0
        self.waits: list[float] = []

    def clock(self) -> float:
        return self.seconds

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.waits.append(round(timeout, 6))
        self.seconds += timeout
        return self.is_set()


def test_paced_frames_come_at_their_time_and_late_ones_at_once(write_video: WriteVideo) -> None:
    time = SteppedTime()
    with Paced(open_source(str(write_video(frames=5))), time.clock, time) as source:
        first = source.read()
        second = source.read()
        time.seconds += 0.12  # the reader was busy
        rest = list(iter(source.read, None))
    assert first is not None
    assert second is not None
    assert time.waits == [0.0, 0.05, 0.0, 0.0, 0.03]
    assert (first.captured_at, second.captured_at) == (100.0, 100.05)
    assert [frame.index for frame in rest] == [2, 3, 4]


def test_closing_ends_a_paced_wait_at_once(write_video: WriteVideo) -> None:
    source = Paced(open_source(str(write_video(fps=1.0))))
    assert source.read() is not None
    results: list[Frame | None] = []
    reader = threading.Thread(target=lambda: results.append(source.read()))
    reader.start()
    source.close()
    reader.join(timeout=30)
    assert results == [None]


def test_a_varying_rate_is_played_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "varying.gif"
    frames = [Image.new("RGB", (80, 60), (20 * i, 0, 0)) for i in range(4)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=[100, 100, 2000, 100])
    time = SteppedTime()
    with Paced(open_source(str(path)), time.clock, time) as source:
        assert len(list(iter(source.read, None))) == 4
    assert time.waits == [0.0, 0.1, 0.1, 2.0]
