from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from capture.frame import Frame
from recognition.sweep import SWEEP_FRAMES

if TYPE_CHECKING:
    from tests.recognition.conftest import World

LEFT, RIGHT = (40, 100), (420, 120)


def staged(frame: Frame, scene: int) -> Frame:
    """The frame with another background than black: coarse and of few colours."""
    image = frame.image.copy()
    coarse = np.random.default_rng(scene).integers(0, 200, (6, 8, 3)).astype(np.uint8)
    scenery = cv2.resize(coarse, (image.shape[1], image.shape[0]))
    empty = image.max(axis=2) == 0
    image[empty] = scenery[empty]
    return replace(frame, image=image)


@pytest.mark.parametrize("before", range(2, 2 + SWEEP_FRAMES))
def test_who_comes_with_a_cut_is_found_in_its_first_frame(world: World, before: int) -> None:
    for _ in range(before):
        world.recognizer.recognize(staged(world.frame(an=LEFT), scene=1))
    (seen,) = world.recognizer.recognize(staged(world.frame(binh=RIGHT), scene=2)).faces
    assert tuple(seen.face.box_xyxy[:2]) == RIGHT


def test_a_name_does_not_outlast_a_cut(world: World) -> None:
    """Somebody else may stand in the same place."""
    world.enroll("an")
    for _ in range(12):
        (seen,) = world.recognizer.recognize(staged(world.frame(an=LEFT), scene=1)).faces
    assert seen.match is not None
    (after,) = world.recognizer.recognize(staged(world.frame(binh=LEFT), scene=2)).faces
    assert after.match is None


def test_a_face_that_moves_or_a_light_that_changes_is_no_cut(world: World) -> None:
    world.recognizer.recognize(staged(world.frame(an=LEFT), scene=1))
    detections = world.detector.detections
    for step in range(1, 3 * SWEEP_FRAMES + 1):
        frame = staged(world.frame(an=(LEFT[0] + 15 * step, LEFT[1])), scene=1)
        darker = (frame.image * (1 - 0.03 * step)).astype(np.uint8)
        darker[frame.image[..., 2] == 255] = frame.image[frame.image[..., 2] == 255]
        world.recognizer.recognize(replace(frame, image=darker))
    assert world.detector.detections - detections == 3
