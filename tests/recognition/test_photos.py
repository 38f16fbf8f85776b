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
