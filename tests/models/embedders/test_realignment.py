from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from capture.stills import people_folders, picture_paths, read_picture
from common.picture import RgbImage
from models.crop import ALIGNED_LANDMARKS, aligned_crop
from models.detectors.protocol import Detector
from models.embedders.embedder import Embedder
from models.embedders.realignment import Realigner
from models.embedders.sface import SfaceEmbedder
from models.face import Face
from models.landmarks.face_mesh import POINTS, DenseLandmarks, FaceMesh


class DrawnMesh(FaceMesh):
    """Sees a face's five points where they are set, in a crop of which it takes no notice."""

    def __init__(self, five: np.ndarray, presence: float = 1.0) -> None:
        self.points = np.zeros((POINTS, 3), np.float32)
        for indices, point in zip(((33, 133), (362, 263), (2,), (61,), (291,)), five, strict=True):
            self.points[list(indices), :2] = point
        self.presence = presence

    def locate(self, image: RgbImage, face: Face) -> DenseLandmarks:
        return DenseLandmarks(self.points, self.presence)


def crop_with_a_dot(x: int, y: int) -> RgbImage:
    crop = np.zeros((112, 112, 3), np.uint8)
    crop[y - 1 : y + 2, x - 1 : x + 2] = 255
    return crop


def test_a_face_that_was_aligned_aside_is_moved_back() -> None:
    """By 6 pixels; the base of the nose is then at a fixed place."""
    shift = np.float32([6, -4])
    here = DrawnMesh(ALIGNED_LANDMARKS)
    aside = DrawnMesh(ALIGNED_LANDMARKS + shift)
    dot = Realigner(here).realigned(crop_with_a_dot(56, 60))
    moved = Realigner(aside).realigned(crop_with_a_dot(62, 56))
    assert np.abs(dot.astype(int) - moved).mean() < 0.5
    assert dot.max() > 100


def test_what_shows_no_face_is_left_as_it_is() -> None:
    crop = crop_with_a_dot(50, 50)
    unsure = DrawnMesh(ALIGNED_LANDMARKS + np.float32([6, 0]), presence=0.5)
    assert Realigner(unsure).realigned(crop) is crop


def test_well_aligned_faces_stay_about_where_they_are(
    shared_data: Path, detector: Detector, embedder: Embedder
) -> None:
    """On people on whom nothing was measured: the mean of both looks is like each."""
    assert isinstance(embedder, SfaceEmbedder)
    if embedder._realigner is None:
        pytest.skip("FaceMesh's weights are not on this computer")
    shifts = []
    for person in people_folders(shared_data / "faces" / "people")[1::2]:
        for path in picture_paths(person)[:6]:
            image = read_picture(path)
            face = max(detector.detect(image), key=lambda found: found.height)
            crop = aligned_crop(image, face)
            realigned = embedder._realigner.realigned(crop)
            grey = [cv2.cvtColor(c, cv2.COLOR_RGB2GRAY).astype(float) for c in (crop, realigned)]
            shifts.append(cv2.phaseCorrelate(*grey, cv2.createHanningWindow((112, 112), 6))[0])
    assert np.abs(np.median(shifts, axis=0)).max() < 1.5


def test_both_looks_at_a_face_compare(
    detector: Detector, embedder: Embedder, astronaut: RgbImage
) -> None:
    (face,) = detector.detect(astronaut)
    crop = embedder.crop(astronaut, face)
    quick, thorough = embedder.embed([crop])[0], embedder.embed_thoroughly([crop])[0]
    assert np.linalg.norm(thorough) == pytest.approx(1, abs=1e-6)
    assert 0.9 < quick @ thorough < 0.9999
    assert np.array_equal(embedder.embed_thoroughly([crop, crop[:, ::-1]])[0], thorough)


def test_without_facemesh_the_mirror_picture_is_looked_at(
    detector: Detector, embedder: Embedder, astronaut: RgbImage
) -> None:
    assert isinstance(embedder, SfaceEmbedder)
    (face,) = detector.detect(astronaut)
    crop = embedder.crop(astronaut, face)
    alone = SfaceEmbedder(embedder._network)
    expected = embedder.embed([crop, crop[:, ::-1]]).sum(axis=0)
    assert alone.embed_thoroughly([crop])[0] == pytest.approx(
        expected / np.linalg.norm(expected), abs=1e-5
    )
    flipped = alone.embed_thoroughly([crop[:, ::-1]])[0]
    assert alone.embed_thoroughly([crop])[0] == pytest.approx(flipped, abs=1e-5)


def test_thorough_looks_tell_people_apart_better(
    shared_data: Path, detector: Detector, embedder: Embedder
) -> None:
    """The spread between pictures of one person and of two, on people on whom nothing was
    measured."""
    assert isinstance(embedder, SfaceEmbedder)
    if embedder._realigner is None:
        pytest.skip("FaceMesh's weights are not on this computer")
    owners, crops = [], []
    for number, person in enumerate(people_folders(shared_data / "faces" / "people")[1::2]):
        for path in picture_paths(person)[::2]:
            image = read_picture(path)
            face = max(detector.detect(image), key=lambda found: found.height)
            owners.append(number)
            crops.append(embedder.crop(image, face))
    same = np.equal.outer(owners, owners)
    upper = np.triu(np.ones_like(same), 1)

    def separation(rows: np.ndarray) -> float:
        scores = rows @ rows.T
        mated, nonmated = scores[same & upper], scores[~same & upper]
        spread = np.sqrt((mated.var() + nonmated.var()) / 2)
        return float((mated.mean() - nonmated.mean()) / spread)

    assert separation(embedder.embed_thoroughly(crops)) > separation(embedder.embed(crops)) + 0.05
