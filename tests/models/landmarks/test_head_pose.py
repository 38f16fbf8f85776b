from __future__ import annotations

from dataclasses import astuple
from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.liveness.heads import turns
from capture.stills import read_picture
from common.picture import RgbImage
from models.detectors.protocol import Detector
from models.face import Face
from models.landmarks import head_pose
from models.landmarks.face_mesh import POINTS, DenseLandmarks, FaceMesh
from models.landmarks.head_pose import HeadAngles, head_angles
from models.quality import yaw
from tests.models.landmarks.conftest import film_frames


def turned_face(yaw_deg: float, pitch_deg: float, roll_deg: float) -> DenseLandmarks:
    """The mean face, turned, enlarged and moved."""
    points = np.zeros((POINTS, 3), np.float32)
    (rotation,) = turns(*np.radians([[yaw_deg], [pitch_deg], [roll_deg]]))
    points[head_pose.RIGID_POINTS] = head_pose.MEAN_FACE @ rotation.T * 57 + (310, 220, 5)
    return DenseLandmarks(points, 1.0)


def mirrored(angles: HeadAngles) -> HeadAngles:
    return HeadAngles(-angles.yaw_deg, angles.pitch_deg, -angles.roll_deg)


def differences(one: HeadAngles, other: HeadAngles) -> np.ndarray:
    return np.abs(np.subtract(astuple(one), astuple(other)))


@pytest.mark.parametrize(
    "angles", [(0, 0, 0), (30, 0, 0), (0, 20, 0), (0, 0, -25), (-40, 15, 20), (70, -25, -40)]
)
def test_the_angles_of_a_turned_face_are_told(angles: tuple[float, float, float]) -> None:
    assert astuple(head_angles(turned_face(*angles))) == pytest.approx(angles, abs=0.01)


def largest(detector: Detector, picture: RgbImage) -> Face | None:
    found = detector.detect(picture)
    return max(found, key=lambda face: face.width * face.height) if found else None


def both_ways(
    face_mesh: FaceMesh, detector: Detector, picture: RgbImage
) -> tuple[HeadAngles, HeadAngles] | None:
    """The angles in a picture, and those in its mirror picture mirrored back."""
    told = []
    for image in (picture, np.ascontiguousarray(picture[:, ::-1])):
        face = largest(detector, image)
        landmarks = face_mesh.locate(image, face) if face else None
        if landmarks is None or landmarks.presence < 0.9:
            return None
        told.append(head_angles(landmarks))
    return told[0], mirrored(told[1])


def test_a_mirror_picture_has_the_mirrored_angles(
    face_mesh: FaceMesh, detector: Detector, shared_data: Path
) -> None:
    """On people who were not used to choose anything: every second one."""
    people = sorted((shared_data / "faces" / "people").iterdir())[1::2]
    pairs = [
        both_ways(face_mesh, detector, read_picture(path))
        for person in people
        for path in sorted(person.glob("*.png"))[::3]
    ]
    told = [pair for pair in pairs if pair is not None]
    assert len(told) > 0.9 * len(pairs)
    off = np.stack([differences(*pair) for pair in told])
    near = np.array([abs(one.yaw_deg) < 35 for one, _ in told])
    assert (off[near] < 3).mean(axis=0).min() > 0.8
    assert np.median(off[near], axis=0).max() < 1.6
    assert np.quantile(off, 0.95, axis=0).max() < 10


def test_the_sign_of_yaw_is_that_of_quality(
    face_mesh: FaceMesh, detector: Detector, shared_data: Path
) -> None:
    """And half its tangent is the offset of the nose."""
    told, offsets = [], []
    for path in sorted((shared_data / "faces" / "people").glob("*/01*.png")):
        picture = read_picture(path)
        face = largest(detector, picture)
        if face is not None:
            told.append(head_angles(face_mesh.locate(picture, face)).yaw_deg)
            offsets.append(yaw(face))
    slope, offset = np.polyfit(np.tan(np.radians(told)), offsets, 1)
    assert slope == pytest.approx(0.5, abs=0.07)
    assert offset == pytest.approx(0, abs=0.04)


def test_a_raised_head_looks_up(face_mesh: FaceMesh, detector: Detector, shared_data: Path) -> None:
    before, raised = film_frames(shared_data / "video" / "webcam" / "A-no.mkv", 5, 34)
    pitches = []
    for picture in (before, raised):
        face = largest(detector, picture)
        assert face is not None
        pitches.append(head_angles(face_mesh.locate(picture, face)).pitch_deg)
    assert pitches[1] < pitches[0] - 8


@pytest.mark.parametrize("degrees", [-20, 20])
def test_a_turned_picture_has_the_roll_of_the_turn(
    face_mesh: FaceMesh, detector: Detector, astronaut: RgbImage, degrees: float
) -> None:
    rolls = []
    for turn in (0, degrees):
        matrix = cv2.getRotationMatrix2D((224, 112), -turn, 1)  # OpenCV turns anticlockwise
        picture = np.asarray(cv2.warpAffine(astronaut, matrix, (512, 512)), np.uint8)
        face = largest(detector, picture)
        assert face is not None
        rolls.append(head_angles(face_mesh.locate(picture, face)).roll_deg)
    assert rolls[1] - rolls[0] == pytest.approx(degrees, abs=3)
