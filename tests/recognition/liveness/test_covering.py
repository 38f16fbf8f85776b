"""A photograph whose eyes are covered for a moment does not blink."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from bench.liveness.meshes import CLOSED, OPEN, RenderedFace
from common.picture import RgbImage
from models.embedders.sface import FIGURES
from models.landmarks.face_mesh import DenseLandmarks
from recognition.liveness.blinks import NaturalBlink
from recognition.liveness.challenge import State
from recognition.liveness.covering import contrasts, is_bare
from recognition.liveness.observation import Observation
from recognition.liveness.requests import BlinkRequest
from recognition.liveness.watched import WatchedFace

SKIN = (190, 150, 130)


@pytest.fixture
def head() -> RenderedFace:
    return RenderedFace(np.random.default_rng(0))


def painted(mesh: DenseLandmarks, *, strip: float | None = None, shut: bool = False) -> RgbImage:
    """A face of one colour with dark brows and eyes, and a strip of the same colour over it at a
    height in pixels below the eyes."""
    image = np.full((480, 640, 3), SKIN, np.uint8)
    for corners in ((33, 133), (362, 263)):
        (x1, y1), (x2, y2) = mesh.points[list(corners), :2].astype(int)
        middle = ((x1 + x2) // 2, (y1 + y2) // 2)
        size = (abs(x2 - x1) // 2, 2 if shut else 7)
        cv2.ellipse(image, middle, size, 0, 0, 360, (40, 30, 20), -1)
    for brow in ((70, 63, 105, 66, 107), (336, 296, 334, 293, 300)):
        points = mesh.points[list(brow), :2].astype(int)
        cv2.polylines(image, [points], False, (60, 40, 30), 4)
    if strip is not None:
        y = int(mesh.points[33, 1] + strip)
        image[y - 18 : y + 18] = SKIN
    noise = np.random.default_rng(1).normal(0, 1.5, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def with_brows(mesh: DenseLandmarks) -> DenseLandmarks:
    points = mesh.points.copy()
    for brow, corners in (
        ((70, 63, 105, 66, 107), (33, 133)),
        ((336, 296, 334, 293, 300), (362, 263)),
    ):
        (x1, y1), (x2, _) = mesh.points[list(corners), :2]
        points[list(brow), 0] = np.linspace(x1, x2, 5)
        points[list(brow), 1] = y1 - 22
    for upper, lower, corners in ((159, 145, (33, 133)), (386, 374, (362, 263))):
        points[[upper, lower], :2] = mesh.points[list(corners), :2].mean(axis=0)
        points[upper, 1] -= 7
        points[lower, 1] += 7
    return DenseLandmarks(points, mesh.presence)


def played(head: RenderedFace, how: str) -> list[Observation]:
    """Four seconds in which the eyes seem to shut twice; they do, or a strip passes."""
    seen = []
    for frame in range(60):
        at = frame / 15
        since = min((at - begin for begin in (1.0, 1.9) if at >= begin), default=9.0)
        is_shut = since < 0.35
        view = head.view(eyes=CLOSED if is_shut else OPEN)
        mesh = with_brows(view.mesh)
        strip = (since / 0.35 - 0.5) * 50 if how == "strip" and is_shut else None
        image = painted(mesh, strip=strip, shut=is_shut and how == "blink")
        seen.append(Observation(at, 1, view.face, image, 0.7, mesh, view.eyes))
    return seen


@pytest.mark.parametrize(("how", "state"), [("blink", State.DONE), ("strip", State.ASKED)])
def test_an_asked_blink(head: RenderedFace, how: str, state: State) -> None:
    seen = played(head, how)
    before = [(o.eyes, contrasts(o.image, o.mesh)) for o in seen[:8] if o.mesh and o.eyes]
    request = BlinkRequest(0.4, [eyes for eyes, _ in before], [bare for _, bare in before])
    face = WatchedFace(FIGURES, ())
    states = []
    for observation in seen[8:]:
        face.see(observation)
        states.append(request.see(observation, face))

    assert (State.DONE in states) == (how == "blink")


@pytest.mark.parametrize("how", ["blink", "strip"])
def test_a_natural_blink(head: RenderedFace, how: str) -> None:
    cue = NaturalBlink()
    found = [cue.see(observation) for observation in played(head, how)]
    assert any(found) == (how == "blink")


def test_what_shows_nothing_hides_nothing(head: RenderedFace) -> None:
    mesh = head.view().mesh
    dark = contrasts(np.zeros((480, 640, 3), np.uint8), mesh)
    assert is_bare(dark, [dark])
    outside = replace(mesh, points=mesh.points + 5000)
    assert contrasts(np.zeros((480, 640, 3), np.uint8), outside).tolist() == [0, 0, 0, 0]
