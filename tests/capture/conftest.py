"""Small pictures and videos with awkward names, made anew for each test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from common.picture import RgbImage


@pytest.fixture
def awkward_folder(tmp_path: Path) -> Path:
    """A folder with spaces and letters beyond ASCII in its name."""
    folder = tmp_path / "Ảnh của tôi – 写真"
    folder.mkdir()
    return folder


@pytest.fixture
def gradient() -> RgbImage:
    """(60, 80, 3): red grows to the right, green downwards, blue is constant."""
    y, x = np.mgrid[0:60, 0:80]
    return np.stack([x * 3, y * 4, np.full_like(x, 40)], axis=2).astype(np.uint8)


@pytest.fixture
def write_video(awkward_folder: Path) -> Callable[..., Path]:
    """Writes a video whose frame i is uniformly RGB (200, 10 * i, 30)."""

    def write(name: str = "đường phố.avi", *, frames: int = 10, fps: float = 20.0) -> Path:
        path = awkward_folder / name
        fourcc = "MJPG" if path.suffix == ".avi" else "mp4v"
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*fourcc), fps, (160, 120))
        for i in range(frames):
            writer.write(np.full((120, 160, 3), (30, 10 * i, 200), np.uint8))
        writer.release()
        return path

    return write
