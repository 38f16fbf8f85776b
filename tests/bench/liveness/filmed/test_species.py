from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.liveness.filmed.sources import (
    PresentedPerson,
    ShotReader,
    film_frames,
    people_to_present,
)
from bench.liveness.filmed.species import KINDS, SPECIES, STILL, orders, scene
from bench.liveness.presentation import BONA_FIDE
from common.errors import SourceError, WeightsError
from models.conversion import weights
from models.detectors.protocol import Detector
from models.engines.openvino import OpenVinoEngine
from models.landmarks.face_mesh import FaceMesh


@pytest.fixture(scope="module")
def reader(models_cache: Path, detector: Detector) -> ShotReader:
    try:
        mesh = FaceMesh(
            OpenVinoEngine(models_cache / "openvino").load(weights.locate(weights.FACE_MESH))
        )
    except WeightsError as error:
        pytest.skip(str(error))
    return ShotReader(detector, mesh)


@pytest.fixture(scope="module")
def people(shared_data: Path) -> list[PresentedPerson]:
    return people_to_present(shared_data / "video" / "webcam", shared_data / "faces" / "people")


def test_halves_share_nobody(shared_data: Path, people: list[PresentedPerson]) -> None:
    folders = shared_data / "video" / "webcam", shared_data / "faces" / "people"
    halves = [people_to_present(*folders, half) for half in ("first", "second")]
    names = [{person.name for person in half} for half in halves]
    assert not names[0] & names[1]
    assert names[0] | names[1] == {person.name for person in people}
    for half in halves:
        assert {person.is_filmed for person in half} == {True, False}
        assert all(not set(p.enrolled) & set(p.shown) for p in half)


def test_orders_are_drawn_by_their_seed(people: list[PresentedPerson]) -> None:
    drawn = orders(people, 6, KINDS, 3)
    assert drawn == orders(people, 6, KINDS, 3)
    assert drawn != orders(people, 6, KINDS, 4)
    assert drawn[6:12] == orders(people, 6, KINDS[1:2], 3), "whatever other kinds there are"
    assert [order.kind for order in drawn[::6]] == list(KINDS)
    for order in drawn:
        assert order.path in order.person.shown
        if order.kind == BONA_FIDE or order.kind.startswith("replay"):
            assert order.person.is_filmed
    assert {order.person.is_filmed for order in drawn if order.kind in STILL} == {True, False}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_shows_the_face(
    kind: str, reader: ShotReader, people: list[PresentedPerson]
) -> None:
    (order,) = orders(people, 2, [kind], 0)[1:]
    one, again = (scene(order, reader, 0) for _ in range(2))
    for at in (0.0, 0.8, 1.6):
        image = one.see(at, None)
        assert image.shape == (480, 640, 3)
        assert image.dtype == np.uint8
        assert (image == again.see(at, None)).all(), "the same seed gives the same film"
    faces = reader.detector.detect(image)
    assert any(face.height >= 70 for face in faces)


def test_only_what_plays_changes_on_a_stand(
    reader: ShotReader, people: list[PresentedPerson]
) -> None:
    by_name = {s.name: s for s in SPECIES}
    assert by_name["replay on a stand"].motion(np.random.default_rng(0)).steady == 0
    assert len(STILL) == 8
    assert not any(by_name[name].plays or by_name[name].obeys for name in STILL)


def test_a_film_is_read_whole(shared_data: Path) -> None:
    frames, fps = film_frames(shared_data / "video" / "webcam" / "A-again.mkv")
    assert (len(frames), fps) == (77, 30.0)


def test_a_picture_in_which_no_face_is_found_is_passed_over(
    reader: ShotReader, people: list[PresentedPerson], tmp_path: Path
) -> None:
    blank = tmp_path / "trống.png"
    cv2.imwrite(str(blank), np.full((112, 112, 3), 120, np.uint8))
    someone = next(person for person in people if not person.is_filmed)
    order = orders([*people], 1, ["print held"], 0)[0]
    shown = (blank, someone.shown[0])
    with_blank = replace(order, person=replace(someone, shown=shown), path=blank)
    assert scene(with_blank, reader, 0).see(0.0, None).shape == (480, 640, 3)
    with pytest.raises(SourceError, match="none is found"):
        scene(replace(with_blank, person=replace(someone, shown=(blank,))), reader, 0)
