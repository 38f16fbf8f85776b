"""Signs of life of the faces in a live picture, on rendered heads and pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import numpy as np
import pytest

from bench.liveness.meshes import RenderedFace, RenderedView
from capture.frame import Frame
from common.picture import RgbImage
from common.sentence import Sentence
from gallery.identity import Candidate, Identity, Match
from models.face import Face
from models.landmarks.attributes import FaceAttributes, MeshedFace
from recognition.decision import Decision
from recognition.liveness.life_watch import NOTHING_S, LifeSign, LifeWatch, SeenLife
from recognition.recognizer import IN_DOUBT, RecognizedFace

NOISE: RgbImage = np.random.default_rng(0).integers(90, 160, (480, 640, 3), np.uint8)


def named(name: str) -> Decision:
    identity = Identity(f"id-{name}", name, datetime(2026, 1, 1, tzinfo=UTC))
    match = Match(identity, 0.7, 0.4, None)
    return Decision(match, Candidate(identity, 0.7), None, 0.4, 3, 3, 3, Sentence(""))


@dataclass
class Scene:
    """Faces at 30 frames a second, each in a track of its own; counts what is placed."""

    subjects: list[RenderedFace]
    pose: Callable[[float], dict[str, float]]
    has_mesh: bool = True
    placed: int = 0
    at: float = 0.0
    decision: Decision = field(default_factory=lambda: named("An"))
    life: dict[int, SeenLife] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.watch = LifeWatch(self if self.has_mesh else None)
        self.views: dict[int, RenderedView] = {}

    def place(self, image: RgbImage, face: Face) -> MeshedFace | None:
        self.placed += 1
        view = next(view for view in self.views.values() if view.face is face)
        return MeshedFace(view.mesh, view.eyes)

    def analyze(self, image: RgbImage, face: Face) -> FaceAttributes | None:
        raise NotImplementedError

    def play(self, seconds: float) -> list[LifeSign]:
        signs = []
        for _ in range(round(seconds * 30)):
            self.at += 1 / 30
            self.views = {
                track: subject.view(**self.pose(self.at))
                for track, subject in enumerate(self.subjects, start=1)
            }
            faces = [
                RecognizedFace(view.face, None, track, self.decision)
                for track, view in self.views.items()
            ]
            self.life = dict(self.watch.see(Frame(NOISE, 0, self.at), faces))
            signs.append(self.life[1].sign)
        return signs


def sways(at: float) -> dict[str, float]:
    return {"yaw": 8 * float(np.sin(at * 2))}


def is_tilted(at: float) -> dict[str, float]:
    return {"yaw": 25 * float(np.sin(at)), "x": 0.3 * float(np.cos(at))}


def heads(count: int = 1, *, is_flat: bool = False) -> list[RenderedFace]:
    return [RenderedFace(np.random.default_rng(n), is_flat=is_flat) for n in range(count)]


def test_a_head_that_sways_is_live() -> None:
    scene = Scene(heads(), sways)
    signs = scene.play(4)
    assert signs[0] is LifeSign.NOT_CHECKED
    assert signs[-1] is LifeSign.LIVE
    assert scene.life[1].found


@pytest.mark.parametrize("pose", [is_tilted, lambda at: {}], ids=["tilted", "held"])
def test_a_picture_looks_flat_after_a_while(pose: Callable[[float], dict[str, float]]) -> None:
    scene = Scene(heads(is_flat=True), pose)
    assert set(scene.play(NOTHING_S - 0.5)) == {LifeSign.NOT_CHECKED}
    assert scene.play(1)[-1] is LifeSign.LOOKS_FLAT


def test_without_facemesh_nothing_is_told_of_a_face_that_shows_nothing() -> None:
    scene = Scene(heads(), sways, has_mesh=False)
    assert set(scene.play(2 * NOTHING_S)) == {LifeSign.NOT_CHECKED}


@pytest.mark.parametrize("count", [1, 4])
def test_however_many_there_are_it_costs_the_same(count: int) -> None:
    scene = Scene(heads(count), sways)
    scene.play(3)
    assert 20 <= scene.placed <= 26
    scene.play(7)
    assert {life.sign for life in scene.life.values()} == {LifeSign.LIVE}


def test_another_name_or_a_doubt_begins_anew() -> None:
    scene = Scene(heads(), sways)
    assert scene.play(4)[-1] is LifeSign.LIVE
    scene.decision = named("Binh")
    assert scene.play(0.1)[0] is LifeSign.NOT_CHECKED
    assert scene.play(4)[-1] is LifeSign.LIVE
    scene.decision = replace(named("Binh"), match=None, reason=IN_DOUBT)
    assert scene.play(0.1)[0] is LifeSign.NOT_CHECKED


def test_a_still_picture_is_not_watched() -> None:
    face = RecognizedFace(heads()[0].view().face, None, None, named("An"))
    assert LifeWatch(None).see(Frame(NOISE, 0, 0.0), [face]) == {}
