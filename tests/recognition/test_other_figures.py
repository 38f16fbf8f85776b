"""Whoever chooses another embedder gets its figures, and none of SFace's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from capture.frame import Frame
from common.errors import EnrollmentError, GalleryError
from gallery.gallery import Gallery
from models.embedders.described import careful_figures
from models.embedders.figures import EmbedderFigures
from models.embedders.loading import facenet_description, figures_of
from models.embedders.sface import FIGURES, SfaceEmbedder
from models.face import Face
from recognition.enrollment.live import reviewed
from recognition.enrollment.photos import read_photos
from recognition.liveness.check import LivenessCheck
from recognition.liveness.continuity import Continuity
from recognition.liveness.observation import Observation
from recognition.liveness.progress import Failed
from recognition.merging import merge
from recognition.recognizer import pair_threshold

if TYPE_CHECKING:
    from tests.recognition.conftest import PaintedEmbedder, World

FACENET = careful_figures(facenet_description("facenet-vggface2", "facenet.onnx", "0"))

HERE = (200, 100)
SEEN = np.float32([[280, 200], [360, 200], [320, 250], [290, 290], [350, 290]])


@pytest.fixture
def use(painted_embedder: PaintedEmbedder) -> Callable[..., EmbedderFigures]:
    """use(margin=0.5): the embedder's figures are others from now on."""

    def use(**other: float) -> EmbedderFigures:
        painted_embedder.figures = replace(painted_embedder.figures, **other)
        return painted_embedder.figures

    return use


def test_floor(world: World, use: Callable[..., EmbedderFigures]) -> None:
    use(threshold_floor=0.91)
    assert world.recognizer.threshold == pair_threshold(world.recognizer.embedder) == 0.91


@pytest.mark.parametrize(("margin", "named"), [(0.04, True), (1.5, False)])
def test_margin(
    world: World, use: Callable[..., EmbedderFigures], margin: float, named: bool
) -> None:
    """In a still picture, and in a live one."""
    use(margin=margin)
    world.enroll("an")
    world.enroll("binh")
    (still,) = world.recognizer.identify(world.picture(an=HERE)).faces
    for _ in range(12):
        (live,) = world.recognizer.recognize(world.frame(an=HERE)).faces
    assert (still.match is not None, live.match is not None) == (named, named)


@pytest.mark.parametrize(
    ("figures", "named"),
    [
        ({"unclear_rise": 0.0, "unclear_margin": 0.0}, True),
        ({"unclear_rise": 0.7, "unclear_margin": 0.0}, False),
        ({"unclear_rise": 0.0, "unclear_margin": 1.5}, False),
    ],
)
def test_a_face_that_is_not_seen_clearly_needs_more(
    world: World, use: Callable[..., EmbedderFigures], figures: dict[str, float], named: bool
) -> None:
    """In a still picture, and in a live one, until it is seen clearly."""
    use(**figures)
    world.enroll("an")
    world.enroll("binh")
    picture = world.picture(an=HERE)
    dark = picture.copy()
    dark[..., 0] //= 20
    (clear,) = world.recognizer.identify(picture).faces
    (still,) = world.recognizer.identify(dark).faces
    assert clear.match is not None
    assert (still.match is not None) == named
    assert still.reason.endswith("; too dark to be sure") != named
    for i in range(12):
        (live,) = world.recognizer.recognize(Frame(dark, i, i / 30)).faces
    assert (live.match is not None) == named
    for i in range(12, 150):
        frame = Frame(world.picture(seed=i, an=HERE), i, i / 30)
        (live,) = world.recognizer.recognize(frame).faces
    assert live.match is not None


@pytest.mark.parametrize(("below", "taken"), [(0.2, 2), (0.999, 0)])
def test_unlike_photo(
    world: World, use: Callable[..., EmbedderFigures], tmp_path: Path, below: float, taken: int
) -> None:
    use(unlike_photo=below)
    paths = [tmp_path / f"{seed}.png" for seed in range(2)]
    for seed, path in enumerate(paths):
        cv2.imwrite(str(path), cv2.cvtColor(world.picture(seed=seed, an=HERE), cv2.COLOR_RGB2BGR))
    if taken:
        assert len(read_photos(world.recognizer, paths)[0]) == taken
    else:
        with pytest.raises(EnrollmentError, match="show different people"):
            read_photos(world.recognizer, paths)


@pytest.mark.parametrize(("below", "alike"), [(0.08, 0), (1.5, 1)])
def test_look_alike(
    world: World, use: Callable[..., EmbedderFigures], below: float, alike: int
) -> None:
    use(look_alike=below)
    world.enroll("an")
    assert len(reviewed(world.recognizer, "Binh", world.templates("binh")).alike) == alike


def test_one_person(gallery: Gallery, world: World, use: Callable[..., EmbedderFigures]) -> None:
    one, other = world.enroll("an"), world.enroll("an", as_name="An again")
    with pytest.raises(EnrollmentError, match="do not look alike"):
        merge(gallery, one.id, other.id, use(one_person=1.1).one_person)
    merge(gallery, one.id, other.id, use(one_person=0.3).one_person)


@pytest.fixture
def looks() -> Callable[[float, float], Observation]:
    """looks(at, similarity): of one face that keeps still."""
    face = Face(np.float32([250, 150, 390, 330]), 0.99, SEEN)
    image = np.zeros((480, 640, 3), np.uint8)
    return lambda at, similarity: Observation(at, 1, face, image, similarity)


def test_faces_that_are_followed(looks: Callable[[float, float], Observation]) -> None:
    figures = replace(FIGURES, same_face=0.8, other_face=0.1)
    continuity = Continuity(figures)
    assert not continuity.see(looks(0.0, 0.15))
    assert continuity.see(looks(0.1, 0.75))
    assert Continuity(replace(figures, other_face=0.75)).see(looks(0.0, 0.74))


def test_a_liveness_check(looks: Callable[[float, float], Observation]) -> None:
    for figures, fails in (
        (FIGURES, False),
        (replace(FIGURES, same_face=0.8, other_face=0.75), True),
    ):
        check = LivenessCheck("when unsure", np.random.default_rng(0), figures)
        assert isinstance(check.see(looks(0.0, 0.7)), Failed) == fails


def test_an_id_tells_whose_figures_hold() -> None:
    assert figures_of(SfaceEmbedder.model_id) is SfaceEmbedder.figures is FIGURES
    assert figures_of("facenet-vggface2-12345678") == FACENET
    with pytest.raises(GalleryError, match="it is of the model toy"):
        figures_of("toy")


def test_estimated_figures_lie_alike_in_the_law_of_different_people() -> None:
    estimated = FIGURES.estimated_for((0.05, 0.14), (0.02, 0.16))
    assert not estimated.is_measured
    for name in ("threshold_floor", "same_face", "other_face"):
        here, there = getattr(FIGURES, name), getattr(estimated, name)
        assert (here - 0.170) / 0.074 == pytest.approx((there - 0.05) / 0.14)
    for name in ("unlike_photo", "one_person"):
        here, there = getattr(FIGURES, name), getattr(estimated, name)
        assert (here - 0.098) / 0.083 == pytest.approx((there - 0.02) / 0.16)
    for name in ("margin", "look_alike", "raised_at_most", "unclear_rise", "unclear_margin"):
        assert getattr(FIGURES, name) / 0.074 == pytest.approx(getattr(estimated, name) / 0.14)


def test_facenet_has_no_figure_of_sface() -> None:
    assert not FACENET.is_measured
    for figure in fields(EmbedderFigures):
        name = figure.name
        assert getattr(FACENET, name) != getattr(FIGURES, name), name
