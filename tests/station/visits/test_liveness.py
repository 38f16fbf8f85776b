from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bench.liveness.meshes import RenderedFace
from capture.frame import Frame
from common.errors import UnknownIdentityError
from common.picture import RgbImage
from models.conversion import weights
from models.embedders.sface import FIGURES
from models.face import Face
from models.landmarks.attributes import MeshedFace
from recognition.liveness.challenge import Action
from recognition.liveness.check import Mode
from recognition.liveness.evidence import Reason
from recognition.liveness.frozen import FrozenCamera
from recognition.liveness.progress import Failed, Pending, Progress
from recognition.recognizer import RecognizedFace
from station.liveness_modes import LivenessMode
from station.visits.liveness import FaceLiveness, liveness_told

ANN = "a" * 32
LANDMARKS = np.array([[240, 200], [320, 200], [280, 245], [250, 290], [310, 290]], np.float32)
FACE = Face(np.array([200, 130, 360, 340], np.float32), 0.99, LANDMARKS)


class FakeGallery:
    """Knows Ann, whom everybody resembles as much as the test says."""

    def __init__(self) -> None:
        self.likeness = 0.7
        self.compared = 0

    def similarity(self, identity_id: str, embedding: Any) -> float:
        self.compared += 1
        if identity_id != ANN:
            raise UnknownIdentityError(f"a person {identity_id}", "there is none", "Look again")
        return self.likeness


class Camera:
    """Shows a sensor's noise, at 30 frames a second."""

    def __init__(self, mode: Mode) -> None:
        self.gallery = FakeGallery()
        embedder = SimpleNamespace(
            crop=lambda image, face: image,
            embed=self.embed,
            figures=FIGURES,
        )
        self.placed = self.embedded = 0
        self.look: Any = None
        self.head = RenderedFace(np.random.default_rng(3))
        recognizer: Any = SimpleNamespace(
            embedder=embedder, gallery=self.gallery, analyzer=SimpleNamespace(place=self.place)
        )
        self.recognizer = recognizer
        frozen, random = FrozenCamera(), np.random.default_rng(0)
        self.begin = lambda: FaceLiveness(recognizer, mode, random, frozen)
        self.attempt = self.begin()
        self.random = np.random.default_rng(1)
        self.frames = 0
        self.is_frozen = False

    def embed(self, crops: Any) -> Any:
        self.embedded += 1
        return np.ones((len(crops), 4), np.float32) / 2

    def place(self, image: RgbImage, face: Face) -> MeshedFace:
        """What FaceMesh sees of a head that holds still."""
        self.placed += 1
        view = self.head.view()
        return MeshedFace(view.mesh, view.eyes)

    def see(
        self, named: str | None, seconds: float = 1.0, may_ask: bool = True
    ) -> Sequence[Progress]:
        verdicts = []
        for _ in range(round(seconds * 30)):
            random = np.random.default_rng(2) if self.is_frozen else self.random
            image = random.integers(0, 256, (480, 640, 3), np.uint8)
            frame = Frame(image, self.frames, self.frames / 30)
            face = RecognizedFace(FACE, None, 7, None, self.look)
            verdicts.append(self.attempt.see(frame, face, named, may_ask=may_ask))
            self.frames += 1
        return verdicts


def failure(progress: Progress) -> Reason:
    assert isinstance(progress, Failed)
    return progress.reason


def test_faces_are_placed_and_compared_at_a_lower_rate_than_frames_come() -> None:
    camera = Camera("when unsure")
    camera.see(ANN)
    assert camera.placed == 10
    assert camera.gallery.compared == 4


def test_while_something_is_asked_faces_are_placed_more_often() -> None:
    camera = Camera("when unsure")
    while not (isinstance(told := camera.see(ANN, 1 / 30)[-1], Pending) and told.action):
        assert camera.frames < 120
    placed = camera.placed
    camera.see(ANN)
    assert camera.placed - placed in (15, 16)


def test_what_the_recognizer_has_just_seen_is_not_embedded_again() -> None:
    camera = Camera("when unsure")
    camera.look = np.full(4, 0.5, np.float32)
    camera.see(ANN, 0.2)
    camera.look = np.full(4, 0.5, np.float32)  # a new look
    embedded = camera.embedded
    camera.see(ANN, 0.1)
    assert (camera.gallery.compared, camera.embedded) == (2, embedded)


def test_where_everybody_is_asked_each_frame_is_compared() -> None:
    camera = Camera("always")
    camera.see(ANN)
    assert camera.gallery.compared == 30


def test_without_facemesh_a_clear_turn_is_asked_for() -> None:
    camera = Camera("when unsure")
    camera.recognizer.analyzer = None
    last = camera.see(ANN, 4)[-1]
    assert isinstance(last, Pending)
    assert last.action in (Action.TURN_LEFT, Action.TURN_RIGHT)


def test_nothing_is_asked_for_until_the_person_would_see_it() -> None:
    camera = Camera("when unsure")
    assert {getattr(p, "action", p) for p in camera.see(ANN, 4, may_ask=False)} == {None}
    last = camera.see(ANN, 0.2)[-1]
    assert isinstance(last, Pending)
    assert last.action is not None


def test_the_camera_is_watched_before_anybody_is_named() -> None:
    camera = Camera("when unsure")
    camera.is_frozen = True
    assert set(camera.see(None)) == {Pending()}
    camera.attempt = camera.begin()
    assert failure(camera.see(ANN, 0.1)[-1]) is Reason.FROZEN_CAMERA


@pytest.mark.parametrize("mode", ["when unsure", "always"])
def test_whoever_is_not_named_never_passes(mode: Mode) -> None:
    assert set(Camera(mode).see(None, 3)) == {Pending()}


@pytest.mark.parametrize("first", [None, ANN])
def test_an_attempt_is_of_one_name(first: str | None) -> None:
    camera = Camera("when unsure")
    camera.see(first, 0.1)
    with pytest.raises(ValueError, match="was shown"):
        camera.see("b" * 32)


def test_movements_are_asked_of_somebody() -> None:
    camera = Camera("always")
    assert set(camera.see(None, 20)) == {Pending()}
    camera.attempt = camera.begin()
    last = camera.see(ANN)[-1]
    assert isinstance(last, Pending)
    assert last.action is not None
    assert (last.step, last.steps) == (1, 2)
    assert failure(camera.see(ANN, 20)[-1]) is Reason.NO_MOVEMENT


def test_somebody_else_s_face_is_refused() -> None:
    camera = Camera("when unsure")
    camera.gallery.likeness = 0.1
    assert failure(camera.see(ANN)[-1]) is Reason.ANOTHER_FACE


def test_a_person_who_was_removed_a_moment_ago_is_no_fault_and_never_passes() -> None:
    assert isinstance(Camera("when unsure").see("b" * 32, 3)[-1], Pending)


def test_a_still_picture_is_our_mistake() -> None:
    camera = Camera("when unsure")
    frame = Frame(np.zeros((9, 9, 3), np.uint8), 0, 0.0)
    with pytest.raises(ValueError, match="still"):
        camera.attempt.see(frame, RecognizedFace(FACE, None, None, None), ANN)


@pytest.mark.parametrize(
    ("mode", "is_there", "lacks"),
    [("off", False, False), ("when unsure", True, False), ("always", False, True)],
)
def test_what_a_mode_does_and_has_to_do_without(
    monkeypatch: pytest.MonkeyPatch, mode: LivenessMode, is_there: bool, lacks: bool
) -> None:
    monkeypatch.setattr(weights, "is_here", lambda published: is_there)
    told = liveness_told(mode)
    assert told.startswith(f"{mode}: ")
    assert ("FaceMesh is missing" in told) == lacks
