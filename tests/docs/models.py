"""The files of docs/models.md."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from capture.portrait import PORTRAIT
from models.conversion.weights import CENTERFACE, is_here
from models.detectors.families import FAMILIES
from tests.models.detectors.graphs import write_finder


def make(folder: Path) -> None:
    _for_detectors(folder)


def _for_detectors(folder: Path) -> None:
    """A network with YOLOv5-face's outputs, and one with SCRFD's; they find green spots."""
    if not is_here(CENTERFACE):
        pytest.skip("CenterFace was not fetched: facedesk models fetch centerface")
    shutil.copy(PORTRAIT, folder / "portrait.webp")
    write_finder(folder / "yolov5n-face.onnx", FAMILIES["yolov5-face"])
    write_finder(folder / "scrfd_500m.onnx", FAMILIES["scrfd"])
