from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import pytest

from bench.live.evaluated_films import (
    EnrolledBeside,
    FilmEvaluation,
    enroll_beside,
    evaluate_films,
    films_to_watch,
    left_outs,
    person_films,
)
from bench.live.visits import VisitOutcome
from common.errors import SourceError
from recognition.recognizer import Recognizer
from tests.bench.live.conftest import picture

Paint = Callable[..., Path]


FRAMES = 20


def write_picture(path: Path, person: str, seed: int) -> None:
    path.parent.mkdir(exist_ok=True)
    image = picture(person, seed=1000 + seed)
    assert cv2.imwrite(str(path), cv2.cvtColor(image, cv2.COLOR_RGB2BGR))


@pytest.fixture
def folder(paint: Paint) -> Path:
    """Pictures of An in a subfolder, one of Binh beside the films; films of both and of others."""
    for name, person in (("An-1", "an"), ("An-2", "an"), ("Binh-b", "binh"), ("Chi-1", "chi")):
        path = paint(f"{name}.mkv", [person] * FRAMES)
    for number in range(3):
        write_picture(path.parent / "An" / f"{number}.png", "an", number)
    write_picture(path.parent / "Binh-portrait.png", "binh", 3)
    return path.parent


def evaluated(
    recognizer: Recognizer, folder: Path, share: float | None = 0.5, enroll: int = 5
) -> FilmEvaluation:
    films = person_films(folder)
    enrolled = enroll_beside(recognizer, folder, films, enroll)
    steps: list[None] = []
    total = films_to_watch(enrolled, 0, share)
    found = evaluate_films(recognizer, enrolled, (), share, {}, lambda: steps.append(None))
    assert len(steps) == total
    return found


def test_people_are_enrolled_from_what_lies_beside_and_others_are_strangers(
    recognizer: Recognizer, folder: Path
) -> None:
    found = evaluated(recognizer, folder, enroll=2)
    gallery = recognizer.gallery
    counts = {person.name: gallery.template_count(person.id) for person in gallery.identities}
    assert counts == {"An": 2, "Binh": 1}
    assert found.enrolled == 2
    assert found.notes == (
        "Chi is nobody who is enrolled: the films of that name are a stranger's.",
    )
    assert [(film.film, film.is_stranger) for film in found.watched] == [
        ("An-1.mkv", False),
        ("An-2.mkv", False),
        ("Binh-b.mkv", False),
        ("Chi-1.mkv", True),
    ]
    figures = found.figures
    assert figures is not None
    assert figures.named_visits is not None
    assert (figures.right_visits.value, figures.wrong.value, figures.strangers) == (1, 0, 1)
    assert (figures.named_visits.value, figures.named_visits.of) == (0, 1)
    assert figures.longest is not None
    assert 0 < figures.longest < 0.5


def test_a_film_under_another_name_has_a_wrong_one(
    recognizer: Recognizer, folder: Path, paint: Paint
) -> None:
    paint("An-3.mkv", ["binh"] * FRAMES)
    found = evaluated(recognizer, folder)
    third = next(film for film in found.watched if film.film == "An-3.mkv")
    assert [visit.outcome for visit in third.visits] == [VisitOutcome.WRONG]
    assert found.figures is not None
    assert found.figures.wrong_visits.errors == 1


def test_a_film_that_cannot_be_opened_is_told_and_counted(
    recognizer: Recognizer, folder: Path
) -> None:
    (folder / "An-2.mkv").write_text("no film")
    whole = (folder / "An-1.mkv").read_bytes()
    (folder / "An-1.mkv").write_bytes(whole[: len(whole) // 2])
    found = evaluated(recognizer, folder)
    assert list(found.unreadable) == ["An-2.mkv"]
    assert any("An-1.mkv: The file is damaged or cut short" in note for note in found.notes)
    assert found.figures is not None
    assert (found.figures.films, found.figures.unnamed_visits.errors) == (3, 1)


def test_without_pictures_everybody_is_enrolled_from_the_first_film_and_left_out_in_turn(
    recognizer: Recognizer, paint: Paint
) -> None:
    for name in ("An-1", "An-2", "Binh-1", "Binh-2", "Chi-1", "Chi-2", "Dung-1"):
        path = paint(f"{name}.mkv", [name.split("-")[0].lower()] * FRAMES)
    (path.parent / "Dung-1.mkv").rename(path.parent.parent / "Dung-1.mkv")
    found = evaluated(recognizer, path.parent)
    assert [(film.film, film.is_stranger) for film in found.watched] == [
        ("An-2.mkv", False),
        ("Binh-2.mkv", False),
        ("Chi-2.mkv", False),
        ("Binh-2.mkv", True),
        ("An-2.mkv", True),
        ("Chi-2.mkv", True),
    ]
    assert found.notes[0] == "An is enrolled from frame 0 of An-1.mkv."
    assert found.figures is not None
    assert found.figures.named_visits is not None
    assert (found.figures.named_visits.value, found.figures.strangers) == (0, 3)
    assert [person.name for person in recognizer.gallery.identities] == ["An", "Binh", "Chi"]


def test_the_same_films_give_the_same(recognizer: Recognizer, folder: Path) -> None:
    films = person_films(folder)
    enrolled = enroll_beside(recognizer, folder, films, 5)
    twice = [
        evaluate_films(recognizer, enrolled, (), 0.5, {}, lambda: None).watched for _ in range(2)
    ]
    assert twice[0] == twice[1]


def test_films_of_strangers_elsewhere(recognizer: Recognizer, folder: Path, paint: Paint) -> None:
    elsewhere = folder.parent / "strangers"
    elsewhere.mkdir()
    moved = (folder / "Chi-1.mkv").rename(elsewhere / "Chi-1.mkv")
    enrolled = enroll_beside(recognizer, folder, person_films(folder), 5)
    assert set(enrolled.identities) == {"An", "Binh"}
    strangers = person_films(elsewhere)
    assert [film.path for film in strangers] == [moved]
    found = evaluate_films(recognizer, enrolled, strangers, None, {}, lambda: None)
    assert found.figures is not None
    assert (found.figures.strangers, found.figures.films) == (1, 3)
    moved.rename(elsewhere / "An-1.mkv")
    with pytest.raises(SourceError, match=r"An-1\.mkv is named like somebody"):
        evaluate_films(recognizer, enrolled, person_films(elsewhere), None, {}, lambda: None)


def test_whose_a_film_is(tmp_path: Path) -> None:
    for name in ("Anne-Marie-door.MP4", "Ann.avi", "-x.mkv", "notes.txt", "A.png"):
        (tmp_path / name).touch()
    films = {film.path.name: film.person for film in person_films(tmp_path)}
    assert films == {"Anne-Marie-door.MP4": "Anne-Marie", "Ann.avi": "Ann", "-x.mkv": "-x"}


def test_who_is_left_out() -> None:
    assert left_outs(["a", "b", "c"], 0.5) == [("b",), ("a", "c")]
    ((one,),) = left_outs(["a", "b", "c"], 0.3)
    assert one in "abc"
    assert len(left_outs(["a", "b"], 0.99)[0]) == 1, "somebody is enrolled"
    assert left_outs(["a"], 0.5) == []


def test_nobody_can_be_enrolled(recognizer: Recognizer, paint: Paint) -> None:
    folder = paint("An-1.mkv", [[]] * 4).parent
    paint("An-2.mkv", ["an"] * 4)
    enrolled = enroll_beside(recognizer, folder, person_films(folder), 5)
    assert isinstance(enrolled, EnrolledBeside)
    assert enrolled.identities == {}
    assert enrolled.notes[0].startswith("An cannot be enrolled")
