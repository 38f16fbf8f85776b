from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from capture.stills import read_picture
from common.errors import PictureError
from desktop.commands.seeing.annotate import NAMED, UNKNOWN, annotated, write_picture
from gallery.identity import Candidate, Identity, Match
from models.face import Face
from models.quality import Quality
from recognition.decision import Decision
from recognition.recognizer import RecognizedFace


def recognized(box: tuple[float, float, float, float], name: str | None = None) -> RecognizedFace:
    match = nearest = None
    if name is not None:
        identity = Identity("0" * 32, name, datetime.now(UTC))
        match, nearest = Match(identity, 0.71, 0.4, None), Candidate(identity, 0.71)
    face = Face(np.array(box, np.float32), 0.99, np.zeros((5, 2), np.float32))
    decision = Decision(match, nearest, None, 0.4, 1, 1, 1, "")
    return RecognizedFace(face, Quality(50, 300, 128, 50, 0, 0, False), 1, decision)


@pytest.fixture
def grey() -> np.ndarray:
    return np.full((200, 320, 3), 90, np.uint8)


def coloured(image: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    """The (n, 2) places, y and x, of that colour."""
    return np.argwhere((image == colour).all(axis=2))


def test_a_copy_is_drawn_on(grey: np.ndarray) -> None:
    grey.setflags(write=False)
    drawn = annotated(grey, [recognized((100, 80, 180, 160))])
    assert (grey == 90).all()
    assert drawn.shape == grey.shape
    assert drawn.dtype == np.uint8
    assert (annotated(grey, []) == grey).all()


def test_the_colour_tells_known_from_unknown(grey: np.ndarray) -> None:
    known = annotated(grey, [recognized((100, 80, 180, 160), "Ann")])
    assert len(coloured(known, NAMED)) > 300
    assert len(coloured(known, UNKNOWN)) == 0
    unknown = annotated(grey, [recognized((100, 80, 180, 160))])
    assert len(coloured(unknown, UNKNOWN)) > 300
    assert len(coloured(unknown, NAMED)) == 0
    assert tuple(unknown[120, 100]) == UNKNOWN  # the left side of the box
    assert tuple(unknown[120, 140]) == (90, 90, 90)  # the face itself stays as it is


@pytest.mark.parametrize(
    "box",
    [(-30, -20, 50, 60), (280, 90, 350, 170), (150, 150, 230, 240), (-10, -10, 330, 210)],
    ids=["top left", "right", "bottom", "all"],
)
def test_the_label_stays_in_the_picture(
    grey: np.ndarray, box: tuple[float, float, float, float]
) -> None:
    def label_pixels(box: tuple[float, float, float, float]) -> int:
        return len(coloured(annotated(grey, [recognized(box, "Annemarie")]), (255, 255, 255)))

    assert label_pixels(box) == pytest.approx(label_pixels((100, 80, 180, 160)), rel=0.1)


@pytest.mark.parametrize("name", ["Nguyễn Thị Ánh", "محمد الأمين", "山田太郎", "👩‍🚀", "x" * 200])
def test_names_in_any_script_are_drawn(grey: np.ndarray, name: str) -> None:
    assert len(coloured(annotated(grey, [recognized((100, 80, 180, 160), name)]), NAMED)) > 300


def test_a_written_picture_can_be_read(grey: np.ndarray, tmp_path: Path) -> None:
    grey[50:60, 20:30] = (200, 10, 30)
    path = tmp_path / "ảnh 写真.png"
    write_picture(path, grey)
    assert (read_picture(path) == grey).all()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("missing/out.png", "there is no such folder"),
        ("out.nothing", r"ends in \.png or \.jpg"),
        ("out", r"ends in \.png or \.jpg"),
    ],
)
def test_where_no_picture_can_be_written(
    grey: np.ndarray, tmp_path: Path, name: str, told: str
) -> None:
    with pytest.raises(PictureError, match=told):
        write_picture(tmp_path / name, grey)
    assert not list(tmp_path.iterdir())
