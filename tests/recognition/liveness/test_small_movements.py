from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from bench.liveness.heads import HEAD, Camera, turns
from models.face import Face
from models.landmarks.face_mesh import POINTS, DenseLandmarks
from models.landmarks.head_pose import MEAN_FACE, RIGID_POINTS
from recognition.liveness.evidence import CONVINCING, EvidenceCue, FindingKind
from recognition.liveness.observation import Observation
from recognition.liveness.small_movements import LIDS, OwnMovement, SmallTurns

NOISE = 0.004
"""FaceMesh's, in distances of the eyes' outer corners; see bench/liveness/meshes.py."""

EYES = np.array([[-0.35, 0.0, 0.0], [0.35, 0.0, 0.0]])


class Looked:
    """A face whose lids and rigid points FaceMesh places."""

    def __init__(self, random: np.random.Generator, *, is_flat: bool) -> None:
        self._random = random
        self._points = np.zeros((POINTS, 3))
        self._points[RIGID_POINTS] = MEAN_FACE
        around = random.uniform(-0.1, 0.1, (len(LIDS), 3)) * [1, 0.5, 0]
        self._points[list(LIDS)] = np.repeat(EYES, len(LIDS) // 2, axis=0) + around
        self._depth = self._points[:, 2].copy()
        if is_flat:
            self._points[:, 2] = 0
        x, y = Camera().see(HEAD + np.array([0, 0, 10.0])).T
        self._face = Face(
            np.array([250, 150, 390, 330], np.float32), 0.99, np.stack([x, y], 1).astype(np.float32)
        )

    def at(self, seconds: float, *, yaw: float = 0.0, pitch: float = 0.0, gaze: float = 0.0):
        """One frame. gaze: how far the lids move down, in distances of the outer corners."""
        points = self._points.copy()
        points[list(LIDS), 1] += gaze
        turned = points @ turns(*(np.radians([a]) for a in (yaw, pitch, 0.0)))[0].T
        seen = 80 * turned[:, :2] / (1 + turned[:, 2:] / 8)
        seen += 80 * self._random.normal(0, NOISE, seen.shape)
        points = np.column_stack([seen + 320, 80 * self._depth]).astype(np.float32)
        mesh, image = DenseLandmarks(points, 0.99), np.zeros((1, 1, 3), np.uint8)
        return Observation(seconds, 1, self._face, image, None, mesh, (0.25, 0.25))


def strength(cue: EvidenceCue, observations: Iterable[Observation]) -> float:
    return max((f.strength for o in observations if (f := cue.see(o)) is not None), default=0.0)


@pytest.fixture(params=range(4))
def random(request: pytest.FixtureRequest) -> np.random.Generator:
    return np.random.default_rng(request.param)


SWAYS = [float(8 * np.sin(i / 4)) for i in range(30)]
"""Angles in degrees, frame by frame."""


def test_a_head_that_turns_or_nods_a_little_is_live(random: np.random.Generator) -> None:
    for axis in ("yaw", "pitch"):
        head = Looked(random, is_flat=False)
        seen = [head.at(i / 15, **{axis: angle}) for i, angle in enumerate(SWAYS)]
        assert strength(SmallTurns(), seen) >= CONVINCING
    assert SmallTurns().see(seen[0]) is None


def test_pictures_however_they_are_tilted_and_heads_that_hold_still_show_nothing(
    random: np.random.Generator,
) -> None:
    for far in (0.0, 1.0, 4.0):
        picture = Looked(random, is_flat=True)
        seen = [picture.at(i / 15, yaw=far * a, pitch=-far * a) for i, a in enumerate(SWAYS)]
        assert strength(SmallTurns(), seen) == 0
        assert strength(OwnMovement(), seen) == 0
    head = Looked(random, is_flat=False)
    assert strength(SmallTurns(), [head.at(i / 15) for i in range(30)]) == 0


def test_eyes_that_look_about_are_live_and_the_kinds_are_two(random: np.random.Generator) -> None:
    head = Looked(random, is_flat=False)
    seen = [head.at(i / 15, gaze=0.03 * (10 < i < 20)) for i in range(30)]
    cue = OwnMovement()
    assert strength(cue, seen) >= CONVINCING
    assert strength(SmallTurns(), seen) == 0
    turned = Looked(random, is_flat=False)
    found = [SmallTurns().see(turned.at(0))]
    assert found == [None]
    assert FindingKind.PARALLAX is not FindingKind.EXPRESSION


def test_views_that_are_hidden_or_turned_away_are_no_reference(
    random: np.random.Generator,
) -> None:
    head = Looked(random, is_flat=False)
    hidden = [
        Observation(o.at, 1, o.face, o.image, None, DenseLandmarks(o.mesh.points, 0.6), o.eyes)
        for o in (head.at(i / 15, yaw=angle) for i, angle in enumerate(SWAYS))
        if o.mesh is not None
    ]
    assert strength(SmallTurns(), hidden) == 0
