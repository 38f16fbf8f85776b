from __future__ import annotations

from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest

from common.errors import EnrollmentError, FormatError
from gallery.crops import NO_CROP, to_png
from gallery.store import Store
from recognition.enrollment.live import Review
from recognition.formats.contents import (
    OwnCrop,
    PeopleInEmbeddings,
    PersonEmbeddings,
    PersonPictures,
)
from recognition.formats.joining import check_model, join_embeddings, preview, read_person
from recognition.reembedding import reembed
from tests.recognition.conftest import PaintedEmbedder, World


def content(**people: np.ndarray) -> PeopleInEmbeddings:
    persons = tuple(PersonEmbeddings(name, rows) for name, rows in people.items())
    return PeopleInEmbeddings(persons, persons[0].embeddings.shape[1])


def new(_: Review) -> str | None:
    return None


def rows_of(world: World, name: str, count: int) -> np.ndarray:
    return np.stack([template.embedding for template in world.templates(name, count)])


@pytest.fixture
def recognizer(world: World):
    return world.recognizer


def test_people_from_elsewhere_are_recognized(world: World, recognizer) -> None:
    rows = rows_of(world, "an", 3)
    (joined,) = join_embeddings(recognizer, content(An=rows), Path("a.npz"), new)
    assert (joined.identity.name, joined.is_new, joined.added, joined.known) == ("An", True, 3, 0)
    found = recognizer.identify(world.picture(an=(100, 50))).faces[0]
    assert found.match is not None
    assert found.match.identity == joined.identity
    (template, *_) = recognizer.gallery.templates(joined.identity.id)
    assert template.crop.shape == NO_CROP.shape
    assert template.model_id == recognizer.embedder.model_id


def test_what_is_here_already_is_counted(world: World, recognizer) -> None:
    rows = rows_of(world, "an", 3)
    join_embeddings(recognizer, content(An=rows[:2]), Path("a.npz"), new)
    (known,) = recognizer.gallery.identities
    (joined,) = join_embeddings(recognizer, content(An=rows), Path("a.npz"), lambda _: known.id)
    assert (joined.identity, joined.is_new, joined.added, joined.known) == (known, False, 1, 2)
    (joined,) = join_embeddings(recognizer, content(Bo=rows), Path("a.npz"), new)
    assert (joined.identity, joined.reason) == (None, "The same vector is here as An.")


def test_who_is_refused_does_not_keep_the_others_out(world, recognizer) -> None:
    def target(review: Review) -> str | None:
        if review.name == "Bo":
            raise EnrollmentError("a", "b", "c")
        return None

    people = content(An=rows_of(world, "an", 1), Bo=rows_of(world, "binh", 1))
    first, second = join_embeddings(recognizer, people, Path("a.npz"), target)
    assert (first.added, second.added) == (1, 0)
    assert second.reason == "Expected a, but b. c."


def test_all_or_nobody_comes(world: World, recognizer) -> None:
    def target(review: Review) -> str | None:
        if review.name == "Bo":
            raise KeyboardInterrupt
        return None

    people = content(An=rows_of(world, "an", 1), Bo=rows_of(world, "binh", 1))
    with pytest.raises(KeyboardInterrupt):
        join_embeddings(recognizer, people, Path("a.npz"), target)
    assert len(recognizer.gallery) == 0


def test_vectors_of_another_length_change_nothing(recognizer) -> None:
    with pytest.raises(FormatError, match=r"vectors of 16 numbers.*have 32"):
        join_embeddings(recognizer, content(An=np.eye(32, dtype="f4")), Path("a.npz"), new)
    assert len(recognizer.gallery) == 0


def test_the_model_must_be_named_and_be_the_gallerys(recognizer) -> None:
    for given in ("painted", "painted-16"):
        check_model(recognizer, "painted", given, Path("a.npz"))
    for given in (None, "", "arcface", "painted-17"):
        with pytest.raises(FormatError, match="painted"):
            check_model(recognizer, "painted", given, Path("a.npz"))


def test_a_preview_is_unmade(world: World, recognizer) -> None:
    with preview(recognizer.gallery, wanted=True):
        (joined,) = join_embeddings(
            recognizer, content(An=rows_of(world, "an", 1)), Path("a.npz"), new
        )
    assert joined.added == 1
    assert len(recognizer.gallery) == 0
    recognizer.gallery.reload()
    assert len(recognizer.gallery) == 0


@pytest.mark.parametrize("model_id", ["painted-16", "another"])
def test_crops_of_ours_need_no_detection(
    world: World,
    recognizer,
    tmp_path: Path,
    model_id: str,
) -> None:
    (template,) = world.templates("an", 1)
    crop, photo = tmp_path / "crop.png", tmp_path / "photo.png"
    crop.write_bytes(to_png(template.crop))
    bgr = cv2.cvtColor(world.picture(seed=7, an=(100, 50)), cv2.COLOR_RGB2BGR)
    cv2.imwrite(str(photo), bgr)
    person = PersonPictures(tmp_path, "An", (crop, photo), {crop: OwnCrop(model_id, 0.25)})
    before = world.detector.detections
    read, skipped = read_person(recognizer, person)
    if model_id == "painted-16":
        assert world.detector.detections == before + 1
        assert [one.path for one in read] == [crop, photo]
        np.testing.assert_array_equal(read[0].template.embedding, template.embedding)
        assert read[0].template.quality == 0.25
        assert skipped == []
    else:
        assert world.detector.detections == before + 2
        assert crop in {one.path for one in (*read, *skipped)}


def test_another_embedder_leaves_out_who_came_without_pictures(
    world: World, recognizer, tmp_path: Path
) -> None:
    world.enroll("an")
    join_embeddings(recognizer, content(Bo=rows_of(world, "binh", 2)), Path("a.npz"), new)
    other = PaintedEmbedder()
    other.model_id = "painted-again"
    with closing(Store(tmp_path / "gallery.db")) as store:
        outcome = reembed(store, other, world.detector.detect)
        assert not outcome.is_done
        assert [(one.name, one.pictures) for one in outcome.left_out] == [("Bo", 2)]
        assert store.model() == ("painted-16", 16)
