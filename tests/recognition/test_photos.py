from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import pytest

from models.face import Image
from recognition.enroller import reviewed, save
from recognition.photos import photo_templates

if TYPE_CHECKING:
    from tests.recognition.conftest import World

HERE = (200, 100)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "Ảnh của tôi"
    made.mkdir()
    return made


def written(path: Path, picture: Image) -> Path:
    cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1].tofile(path)
    return path


def test_each_photo_gives_a_template_or_a_reason(world: World, folder: Path) -> None:
    good = [written(folder / f"{i}.png", world.picture(seed=i, an=HERE)) for i in range(2)]
    nobody = written(folder / "nobody.png", world.picture())
    two = written(folder / "hai người.png", world.picture(an=(20, 50), chi=(300, 50)))
    text = folder / "text.jpg"
    text.write_text("not a picture")
    missing = folder / "missing.png"
    paths = [good[0], nobody, two, text, missing, good[1]]
    told: list[Path] = []
    templates, skipped = photo_templates(world.recognizer, paths, told.append)
    assert told == paths
    assert len(templates) == 2
    assert [photo.path for photo in skipped] == [nobody, two, text, missing]
    for photo, words in zip(
        skipped, ("none was found", "there are 2", "text.jpg", "missing.png"), strict=True
    ):
        assert words in photo.reason
        assert photo.reason[0].isupper()
        assert photo.reason.endswith(".")


def test_an_import_can_be_repeated(world: World, folder: Path) -> None:
    paths = [written(folder / f"{i}.png", world.picture(seed=i, an=HERE)) for i in range(3)]
    templates, _ = photo_templates(world.recognizer, paths[:2])
    save(world.recognizer, reviewed(world.recognizer, "An", templates))
    templates, skipped = photo_templates(world.recognizer, paths)
    assert len(templates) == 1, "the new one"
    assert [photo.path for photo in skipped] == paths[:2]
    assert {photo.reason for photo in skipped} == {"The same picture is enrolled already, as An."}


def test_no_photos_give_nothing(world: World) -> None:
    assert photo_templates(world.recognizer, []) == ([], [])


def test_a_photo_of_somebody_else_is_left_out(world: World, folder: Path) -> None:
    paths = [written(folder / f"{i}.png", world.picture(seed=i, an=HERE)) for i in range(3)]
    other = written(folder / "other.png", world.picture(chi=HERE))
    templates, skipped = photo_templates(world.recognizer, [*paths[:1], other, *paths[1:]])
    assert len(templates) == 3
    assert [(photo.path, photo.reason) for photo in skipped] == [
        (other, "It shows somebody else than the other pictures.")
    ]
    templates, skipped = photo_templates(world.recognizer, [paths[0], other])
    assert templates == []
    assert len(skipped) == 2, "nobody can say which of the two is meant"


def test_the_same_photo_twice_counts_once(world: World, folder: Path) -> None:
    path = written(folder / "an.png", world.picture(an=HERE))
    templates, skipped = photo_templates(world.recognizer, [path, path])
    assert len(templates) == 1
    assert skipped[0].reason == "The same picture was given twice."


def test_a_photo_that_is_enrolled_says_whose_it_is(world: World, folder: Path) -> None:
    path = written(folder / "an.png", world.picture(an=HERE))
    templates, _ = photo_templates(world.recognizer, [path])
    identity = save(world.recognizer, reviewed(world.recognizer, "An", templates))
    _, skipped = photo_templates(world.recognizer, [path])
    assert skipped[0].enrolled_as == identity
