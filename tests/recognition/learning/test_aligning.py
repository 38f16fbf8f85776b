from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from common.errors import LearningError, PictureError
from models.crop import ALIGNED_LANDMARKS, aligned_crop
from models.face import Face
from recognition.learning.aligning import AlignedPicture, Cut, align, chosen_face


def face_at(x1: float, y1: float, x2: float, y2: float) -> Face:
    scale, shift = np.float32((x2 - x1) / 112), np.float32((x1, y1))
    return Face(np.array([x1, y1, x2, y2], np.float32), 0.9, ALIGNED_LANDMARKS * scale + shift)


class MarkedDetector:
    """Finds the faces that were set for pictures of a size."""

    name = "marked"

    def __init__(self, *faces: Face) -> None:
        self.faces = list(faces)
        self.asked = 0

    def detect(self, image: np.ndarray) -> list[Face]:
        self.asked += 1
        return [] if image.max() == 0 else self.faces


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """An has two pictures, Bình one without a face and one that is damaged."""
    folder = tmp_path / "thô"
    rng = np.random.default_rng(0)
    for name in ("An", "Bình"):
        (folder / name).mkdir(parents=True)
    for name in ("An/1.png", "An/2.png"):
        Image.fromarray(rng.integers(1, 256, (100, 200, 3), np.uint8)).save(folder / name)
    Image.fromarray(np.zeros((100, 200, 3), np.uint8)).save(folder / "Bình" / "none.png")
    (folder / "Bình" / "damaged.png").write_bytes(b"no picture")
    return folder


def run(raw: Path, out: Path, detector: MarkedDetector, cut: Cut) -> list[AlignedPicture]:
    told: list[AlignedPicture] = []
    align(raw, out, detector, cut, told.append)
    return told


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path))


def test_folders_in_a_persons_folder_are_kept(raw, tmp_path) -> None:
    for year in ("2019", "2020", "2021"):
        (raw / "An" / year).mkdir()
        shutil.copy(raw / "An" / "1.png", raw / "An" / year)
    run(raw, tmp_path / "out", MarkedDetector(face_at(50, 20, 80, 50)), Cut())
    out = tmp_path / "out"
    written = {path.relative_to(out).as_posix() for path in out.glob("**/*.png")}
    years = (f"An/{year}/1.png" for year in (2019, 2020, 2021))
    assert written == {"An/1.png", "An/2.png", *years}


def test_half_the_margin_is_added_on_each_side_in_the_pictures_pixels(raw, tmp_path) -> None:
    """As align_dataset_mtcnn computes it: box -+ margin / 2, cut off at the picture, truncated."""
    out = tmp_path / "out"
    told = run(raw, out, MarkedDetector(face_at(10.7, 20.6, 60.9, 80.2)), Cut(64, 32))
    source = Image.open(raw / "An" / "1.png")
    expected = source.crop((0, 4, 76, 96)).resize((64, 64), Image.Resampling.BILINEAR)
    assert (pixels(out / "An" / "1.png") == np.asarray(expected)).all()
    assert told[0].written == (out / "An" / "1.png",)
    lines = (out / "bounding_boxes_00000.txt").read_text("utf-8").splitlines()
    assert lines == [
        f"{out / 'An' / '1.png'} 0 4 76 96",
        f"{out / 'An' / '2.png'} 0 4 76 96",
        f"{out / 'Bình' / 'none.png'}",
    ]


def test_what_has_no_face_or_is_damaged_is_told_and_the_rest_goes_on(raw, tmp_path) -> None:
    told = run(raw, tmp_path / "out", MarkedDetector(face_at(10, 20, 60, 80)), Cut())
    by_name = {one.source.name: one for one in told}
    assert by_name["none.png"].reason == "No face was found"
    assert not by_name["none.png"].is_damaged
    assert by_name["damaged.png"].is_damaged
    assert "is none of these" in str(by_name["damaged.png"].reason)
    assert len(told) == 4
    assert not (tmp_path / "out" / "Bình").exists()


def test_what_is_there_is_passed_over(raw, tmp_path) -> None:
    out, detector = tmp_path / "out", MarkedDetector(face_at(10, 20, 60, 80))
    run(raw, out, detector, Cut())
    first = (out / "An" / "1.png").read_bytes()
    (out / "An" / "2.png").unlink()
    detector.faces, detector.asked = [face_at(30, 20, 80, 80)], 0
    told = run(raw, out, detector, Cut())
    assert [one.was_there for one in told] == [True, False, False, False]
    assert (out / "An" / "1.png").read_bytes() == first
    assert detector.asked == 2  # the missing one, and the one without a face
    assert (out / "bounding_boxes_00001.txt").read_text("utf-8").count("\n") == 2
    assert (out / "bounding_boxes_00000.txt").read_text("utf-8").count("\n") == 3


def test_all_faces(raw, tmp_path) -> None:
    out = tmp_path / "out"
    detector = MarkedDetector(face_at(10, 20, 60, 80), face_at(100, 20, 150, 80))
    told = run(raw, out, detector, Cut(every=True))
    names = [out / "An" / f"1_{number}.png" for number in (0, 1)]
    assert told[0].written == tuple(names)
    assert all(name.exists() for name in names)
    assert all(one.was_there for one in run(raw, out, detector, Cut(every=True))[:2])


def test_a_picture_that_was_cut_off_between_its_faces_gets_the_rest(raw, tmp_path) -> None:
    out = tmp_path / "out"
    (out / "An").mkdir(parents=True)
    detector = MarkedDetector(face_at(10, 20, 60, 80), face_at(100, 20, 150, 80))
    Image.new("RGB", (4, 4)).save(out / "An" / "1_1.png")
    told = run(raw, out, detector, Cut(every=True))
    assert told[0].written == (out / "An" / "1_0.png",)
    assert pixels(out / "An" / "1_1.png").shape == (4, 4, 3)


def test_five_points(raw, tmp_path) -> None:
    out, face = tmp_path / "out", face_at(40, 10, 120, 90)
    run(raw, out, MarkedDetector(face), Cut(112, by_landmarks=True))
    source = pixels(raw / "An" / "1.png")
    assert (pixels(out / "An" / "1.png") == aligned_crop(source, face)).all()
    run(raw, tmp_path / "large", MarkedDetector(face), Cut(224, by_landmarks=True))
    large = pixels(tmp_path / "large" / "An" / "1.png")
    assert large.shape == (224, 224, 3)
    smaller = cv2.resize(large, (112, 112), interpolation=cv2.INTER_AREA).astype(float)
    assert abs(smaller - aligned_crop(source, face)).mean() < 25


def test_of_several_faces_the_large_one_in_the_middle_is_meant() -> None:
    middle, corner = face_at(80, 30, 120, 70), face_at(0, 0, 60, 60)
    assert chosen_face([corner, middle], 200, 100) is middle
    huge = face_at(0, 0, 150, 100)
    assert chosen_face([middle, huge], 200, 100) is huge


def test_pictures_that_differ_in_their_ending_alone(raw, tmp_path) -> None:
    Image.open(raw / "An" / "1.png").save(raw / "An" / "1.bmp")
    run(raw, tmp_path / "out", MarkedDetector(face_at(10, 20, 60, 80)), Cut())
    names = sorted(path.name for path in (tmp_path / "out" / "An").iterdir())
    assert names == ["1.png", "1.png.png", "2.png"]


def test_a_picture_that_is_scaled_down_has_its_own_pixels_in_the_list(
    raw, tmp_path, monkeypatch
) -> None:
    big = np.full((3000, 6000, 3), 90, np.uint8)
    Image.fromarray(big).save(raw / "An" / "1.png")
    (raw / "An" / "2.png").unlink()
    out = tmp_path / "out"
    run(raw, out, MarkedDetector(face_at(500, 500, 1000, 1000)), Cut(margin=0))
    line = (out / "bounding_boxes_00000.txt").read_text("utf-8").splitlines()[0]
    box = [int(v) for v in line.split()[-4:]]
    assert box == pytest.approx([600, 600, 1200, 1200], abs=2)


def test_nobody_to_align(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    for raw, found in (
        (tmp_path / "raw", "has no subfolder"),
        (tmp_path / "none", "cannot be read"),
    ):
        with pytest.raises(PictureError, match=found):
            run(raw, tmp_path / "out", MarkedDetector(), Cut())
    assert not (tmp_path / "out").exists()


def test_into_itself_is_refused(raw) -> None:
    for out in (raw, raw / "An", raw / "aligned"):
        with pytest.raises(LearningError, match="lies in it"):
            run(raw, out, MarkedDetector(), Cut())
