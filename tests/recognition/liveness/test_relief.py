"""The relief of rendered heads and pictures, at FaceMesh's noise, and of the faces in films."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.liveness.heads import turns
from bench.liveness.meshes import RenderedFace
from common.picture import RgbImage
from models.detectors.protocol import Detector
from models.landmarks.face_mesh import DenseLandmarks
from models.landmarks.loading import load_face_analyzer
from recognition.liveness.relief import Relief, ReliefMovement

TURN = 0.12  # the sine of 7 degrees


def moved(subject: RenderedFace, frames: int = 5, **pose: float) -> ReliefMovement:
    """The median movement to a pose, from five views at the same distance from ahead."""
    relief = Relief([subject.view().mesh for _ in range(5)])
    movements = [relief.movement(subject.view(**pose).mesh) for _ in range(frames)]
    names = ("turn", "nod", "closer", "tilt")
    return ReliefMovement(*(float(np.median([getattr(m, n) for m in movements])) for n in names))


@pytest.fixture(params=range(5))
def random(request: pytest.FixtureRequest) -> np.random.Generator:
    return np.random.default_rng(request.param)


@pytest.mark.parametrize("roll", [0.0, 15.0])
def test_a_head_that_turns_or_nods(random: np.random.Generator, roll: float) -> None:
    head = RenderedFace(random)
    left, right = moved(head, yaw=12, roll=roll), moved(head, yaw=-12, roll=roll)
    assert left.turn == pytest.approx(np.sin(np.radians(12)), abs=0.07)
    assert right.turn == pytest.approx(-np.sin(np.radians(12)), abs=0.07)
    assert abs(left.nod) < 0.07
    down, up = moved(head, pitch=14, roll=roll), moved(head, pitch=-14, roll=roll)
    assert down.nod == pytest.approx(np.sin(np.radians(14)), abs=0.07)
    assert up.nod == pytest.approx(-np.sin(np.radians(14)), abs=0.07)


def test_a_head_that_comes_closer(random: np.random.Generator) -> None:
    movement = moved(RenderedFace(random), z=5.5)
    assert movement.closer == pytest.approx(8 / 5.5, rel=0.03)
    assert max(abs(movement.turn), abs(movement.nod)) < 0.05


@pytest.mark.parametrize("sagitta", [-0.1, 0.0, 0.1])
@pytest.mark.parametrize("angle", [-40.0, -20.0, 10.0, 30.0])
def test_a_picture_neither_turns_nor_nods(
    random: np.random.Generator, angle: float, sagitta: float
) -> None:
    picture = RenderedFace(random, is_flat=True)
    turned = moved(picture, yaw=angle, sagitta=sagitta)
    nodded = moved(picture, pitch=angle, sagitta=sagitta)
    assert max(abs(turned.turn), abs(turned.nod), abs(nodded.turn), abs(nodded.nod)) < TURN


def test_the_tilt_of_a_picture(random: np.random.Generator) -> None:
    picture = RenderedFace(random, is_flat=True)
    assert moved(picture, yaw=40).tilt == pytest.approx(np.sin(np.radians(40)), abs=0.12)
    assert moved(picture, roll=20).tilt < 0.25


def test_no_view_and_no_width() -> None:
    with pytest.raises(ValueError, match="no view"):
        Relief([])


def test_real_heads_turn_and_their_pictures_do_not(
    shared_data: Path, models_cache: Path, detector: Detector
) -> None:
    """A head in a film nods by 16 degrees; a frame of it as a picture, tilted by 20, does not."""
    analyzer = load_face_analyzer(models_cache / "openvino")
    assert analyzer is not None
    film = cv2.VideoCapture(str(shared_data / "video" / "webcam" / "A-yes.mkv"))
    frames = [cv2.cvtColor(film.read()[1], cv2.COLOR_BGR2RGB) for _ in range(58)]
    film.release()

    def mesh(image: RgbImage) -> DenseLandmarks:
        (face,) = detector.detect(image)
        placed = analyzer.place(image, face)
        assert placed is not None
        return placed.mesh

    relief = Relief([mesh(frame) for frame in frames[:5]])
    nods = [relief.movement(mesh(frame)).nod for frame in frames[48:58:3]]
    assert max(abs(nod) for nod in nods) > 0.2
    corners = np.array([[0, 0], [640, 0], [640, 480], [0, 480]], np.float32)
    upright = np.column_stack([corners - (320, 240), np.zeros(4)])
    for turn in (-20.0, 20.0):
        turned = upright @ turns(*np.radians([[turn], [0], [0]]))[0].T + (0, 0, 576)
        seen = (turned[:, :2] / turned[:, 2:] * 576 + (320, 240)).astype(np.float32)
        tilted = cv2.warpPerspective(
            frames[0],
            cv2.getPerspectiveTransform(corners, seen),
            (640, 480),
            borderMode=cv2.BORDER_REPLICATE,
        )
        movement = relief.movement(mesh(tilted))
        assert max(abs(movement.turn), abs(movement.nod)) < TURN
