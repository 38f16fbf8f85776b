from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from common.errors import EnrollmentError, UnknownIdentityError
from common.picture import RgbImage
from gallery.gallery import Gallery
from gallery.store import Store
from models.engines.engine import FloatArray
from recognition.enrollment.live import Review
from recognition.enrollment.photos import Skipped, add_photos, read_photos, save_photos
from recognition.recognizer import Recognizer

if TYPE_CHECKING:
    from tests.recognition.conftest import PaintedEmbedder, World

HERE = (200, 100)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "Ảnh của tôi"
    made.mkdir()
    return made


def written(path: Path, picture: RgbImage) -> Path:
    cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1].tofile(path)
    return path


def not_clear(picture: RgbImage) -> RgbImage:
    """The same, so dark that hardly anything is seen of the face; its mark is left."""
    dark = picture.copy()
    dark[..., 0] //= 20
    return dark


def test_each_photo_gives_a_template_or_a_reason(world: World, folder: Path) -> None:
    good = [written(folder / f"{i}.png", world.picture(seed=i, an=HERE)) for i in range(2)]
    nobody = written(folder / "nobody.png", world.picture())
    two = written(folder / "hai người.png", world.picture(an=(20, 50), chi=(300, 50)))
    text = folder / "text.jpg"
    text.write_text("not a picture")
    missing = folder / "missing.png"
    paths = [good[0], nobody, two, text, missing, good[1]]
    told: list[Path] = []
    photos, skipped = read_photos(world.recognizer, paths, told.append)
    assert told == paths
    assert len(photos) == 2
    assert [photo.path for photo in skipped] == [nobody, two, text, missing]
    for photo, words in zip(
        skipped, ("none was found", "there are 2", "text.jpg", "missing.png"), strict=True
    ):
        assert words in photo.reason
        assert photo.reason[0].isupper()
        assert photo.reason.endswith(".")


def test_an_import_can_be_repeated(world: World, folder: Path) -> None:
    paths = [written(folder / f"{i}.png", world.picture(seed=i, an=HERE)) for i in range(3)]
    photos, _ = read_photos(world.recognizer, paths[:2])
    save_photos(world.recognizer, "An", photos, lambda *_: None)
    photos, skipped = read_photos(world.recognizer, paths)
    assert len(photos) == 1, "the new one"
    assert [photo.path for photo in skipped] == paths[:2]
    assert {photo.reason for photo in skipped} == {"The same picture is enrolled already, as An."}


def test_a_photo_of_a_time_without_thorough_looks_is_known(
    world: World, folder: Path, painted_embedder: PaintedEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(folder / "0.png", world.picture(an=HERE))
    photos, _ = read_photos(world.recognizer, [path])
    save_photos(world.recognizer, "An", photos, lambda *_: None)

    def otherwise(crops: Sequence[RgbImage]) -> FloatArray:
        rows = painted_embedder.embed(crops) + np.float32(0.2) * np.eye(16, dtype=np.float32)[11]
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)

    monkeypatch.setattr(painted_embedder, "embed_thoroughly", otherwise)
    photos, skipped = read_photos(world.recognizer, [path])
    assert photos == []
    assert [photo.path for photo in skipped] == [path]


def test_no_photos_give_nothing(world: World) -> None:
    assert read_photos(world.recognizer, []) == ([], [])


def test_a_photo_of_somebody_else_is_left_out(world: World, folder: Path) -> None:
    paths = [written(folder / f"{i}.png", world.picture(seed=i, an=HERE)) for i in range(3)]
    other = written(folder / "other.png", world.picture(chi=HERE))
    photos, skipped = read_photos(world.recognizer, [*paths[:1], other, *paths[1:]])
    assert len(photos) == 3
    assert [(photo.path, photo.reason) for photo in skipped] == [
        (other, "It shows somebody else than the other pictures.")
    ]


def test_a_folder_of_two_people_is_refused_whole(world: World, folder: Path) -> None:
    """Nobody can say who of the two is meant."""
    paths = {
        name: [written(folder / f"{name}{i}.png", world.picture(seed=i, **{name: HERE}))
               for i in range(3)]
        for name in ("an", "chi")
    }  # fmt: skip
    with pytest.raises(EnrollmentError) as refused:
        read_photos(world.recognizer, [*paths["an"], *paths["chi"][:2]])
    assert (
        refused.value.found
        == "an0.png, an1.png, an2.png and chi0.png, chi1.png show different people"
    )
    with pytest.raises(EnrollmentError, match=r"an0\.png and chi0\.png show different people"):
        read_photos(world.recognizer, [paths["an"][0], paths["chi"][0]])
    many = [written(folder / f"{i}.png", world.picture(seed=i, an=HERE)) for i in range(14)]
    with pytest.raises(EnrollmentError, match=r"11\.png, … and chi0"):
        read_photos(
            world.recognizer,
            [*many, *paths["chi"], *paths["chi"][:0]]
            + [
                written(folder / f"chi{i}.png", world.picture(seed=i, chi=HERE))
                for i in range(4, 9)
            ],
        )


def test_a_picture_that_is_not_clear_is_set_apart_with_what_to_do(
    world: World, folder: Path
) -> None:
    clear = world.picture(an=HERE)
    blurred = written(folder / "blurred.png", not_clear(clear))
    paths = [written(folder / "clear.png", clear), blurred]
    photos, skipped = read_photos(world.recognizer, paths)
    assert [photo.path for photo in photos] == paths[:1]
    assert [(photo.path, photo.reason) for photo in skipped] == [
        (
            blurred,
            "Expected a clear picture of the face, but the face is too dark. Use a picture with "
            "light on the face.",
        )
    ]


def test_the_same_photo_twice_counts_once(world: World, folder: Path) -> None:
    path = written(folder / "an.png", world.picture(an=HERE))
    photos, skipped = read_photos(world.recognizer, [path, path])
    assert len(photos) == 1
    assert skipped[0].reason == "The same picture was given twice."


def test_a_photo_that_is_enrolled_says_whose_it_is(world: World, folder: Path) -> None:
    path = written(folder / "an.png", world.picture(an=HERE))
    photos, _ = read_photos(world.recognizer, [path])
    identity = save_photos(world.recognizer, "An", photos, lambda *_: None).identity
    _, skipped = read_photos(world.recognizer, [path])
    assert skipped[0].enrolled_as == identity


def beside(world: World, gallery_path: Path) -> Recognizer:
    """Another program's recognizer, of the same gallery file."""
    embedder = world.recognizer.embedder
    gallery = Gallery(Store(gallery_path), embedder.model_id, embedder.dimension)
    return Recognizer(world.detector, embedder, gallery)


def test_who_was_enrolled_meanwhile_gets_the_photos(
    world: World, folder: Path, tmp_path: Path
) -> None:
    paths = [written(folder / f"{i}.png", world.picture(seed=i, an=HERE)) for i in range(3)]
    other = beside(world, tmp_path / "gallery.db")
    with closing(other.gallery):
        photos, _ = read_photos(other, paths)
        world.enroll("an")
        read, _ = read_photos(world.recognizer, paths[:1])
        identity = world.recognizer.gallery.identities[0]
        save_photos(world.recognizer, "An", read, lambda *_: identity.id)

        def the_same(review: Review, skipped: Sequence[Skipped]) -> str | None:
            assert [photo.enrolled_as for photo in skipped] == [identity]
            return review.same[0].identity.id

        saved = save_photos(other, "An", photos, the_same)
        assert (saved.identity, saved.is_new, saved.added) == (identity, False, 2)
        assert len(other.gallery) == 1
        assert other.gallery.template_count(identity.id) == 6


def test_where_the_target_refuses_nothing_is_saved_and_nobody_waits(
    world: World, folder: Path, tmp_path: Path
) -> None:
    photos, _ = read_photos(world.recognizer, [written(folder / "a.png", world.picture(an=HERE))])

    def refused(*_: object) -> str | None:
        raise EnrollmentError("a new face", "it is not", "Take another")

    with pytest.raises(EnrollmentError):
        save_photos(world.recognizer, "An", photos, refused)
    other = beside(world, tmp_path / "gallery.db")
    with closing(other.gallery):
        assert len(other.gallery) == 0
        save_photos(other, "An", photos, lambda *_: None)


def test_photos_of_a_person_who_was_removed_meanwhile_are_not_added(
    world: World, folder: Path, tmp_path: Path
) -> None:
    photo = written(folder / "a.png", world.picture(an=HERE))
    identity = world.enroll("an")
    other = beside(world, tmp_path / "gallery.db")
    with closing(other.gallery):
        world.recognizer.gallery.remove(identity.id)
        with pytest.raises(UnknownIdentityError, match="not any more"):
            add_photos(other, identity.id, [photo])
        assert len(other.gallery) == 0
