from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bench.live.films import (
    AS_FILMED,
    DARKENED,
    VARIANTS,
    FilmVariant,
    PersonFilm,
    Stretch,
    films_of_people,
    in_turns,
    played,
)
from common.errors import SourceError

Paint = Callable[..., Path]


def stretches(*paths: Path) -> list[Stretch]:
    return [Stretch(PersonFilm(path, "an")) for path in paths]


def test_the_films_of_each_person_are_in_the_order_of_names(tmp_path: Path) -> None:
    names = ["Bình-b.mkv", "An-zwei.mkv", "An-eins.MP4", "Bình-a.mkv", "Anne-Marie-zwei.wmv"]
    names += ["README.md", "x.png", "._An-eins.mkv"]
    for name in names:
        (tmp_path / name).touch()
    films = films_of_people(tmp_path)
    assert {person: [film.path.name for film in own] for person, own in films.items()} == {
        "An": ["An-eins.MP4", "An-zwei.mkv"],
        "Anne-Marie": ["Anne-Marie-zwei.wmv"],
        "Bình": ["Bình-a.mkv", "Bình-b.mkv"],
    }
    assert [*films] == ["An", "Anne-Marie", "Bình"]
    assert {film.person for film in films["Bình"]} == {"Bình"}


@pytest.mark.parametrize("name", ["street.mkv", "-word.mkv", "An-.mkv"])
def test_a_film_that_names_nobody_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "An-eins.mkv").touch()
    (tmp_path / name).touch()
    with pytest.raises(SourceError, match="does not say whose it is") as told:
        films_of_people(tmp_path)
    assert name in told.value.found


def test_a_folder_without_films_is_refused(tmp_path: Path) -> None:
    (tmp_path / "README.md").touch()
    with pytest.raises(SourceError, match="has none"):
        films_of_people(tmp_path)
    with pytest.raises(SourceError, match="cannot be read"):
        films_of_people(tmp_path / "missing")
    with pytest.raises(SourceError, match="cannot be read"):
        films_of_people(tmp_path / "README.md")


def test_people_take_turns() -> None:
    films = {"a": 3, "b": 0, "c": 1}
    own = [[PersonFilm(Path(f"{who}-{i}.mkv"), who) for i in range(n)] for who, n in films.items()]
    assert [film.path.stem for film in in_turns(own)] == ["a-0", "c-0", "a-1", "a-2"]


def test_joined_films_are_one_camera(paint: Paint) -> None:
    films = stretches(paint("a-1.mkv", ["an"] * 6), paint("b-1.mkv", ["binh"] * 5, fps=25))
    shown = list(played(films, AS_FILMED))
    assert [place for place, _ in shown] == [0] * 6 + [1] * 5
    assert [frame.index for _, frame in shown] == list(range(11))
    times = [frame.captured_at for _, frame in shown]
    assert times == pytest.approx([i / 30 for i in range(7)] + [0.2 + i / 25 for i in range(1, 5)])
    assert not any(frame.still for _, frame in shown)


@pytest.mark.parametrize(
    ("fps", "of", "kept"),
    [(2, 30, [0, 15, 30]), (15, 30, list(range(0, 40, 2))), (15, 25, [0, 2, 4, 5, 7, 9, 10])],
)
def test_a_slower_camera_drops_frames_and_keeps_their_times(
    paint: Paint, fps: float, of: float, kept: list[int]
) -> None:
    path = paint("a-1.mkv", ["an"] * 40, fps=of)
    every = [frame.image for _, frame in played(stretches(path), AS_FILMED)]
    shown = [frame for _, frame in played(stretches(path), FilmVariant("slow", fps=fps))]
    assert [frame.captured_at for frame in shown][: len(kept)] == pytest.approx(
        [i / of for i in kept]
    )
    assert [frame.index for frame in shown] == list(range(len(shown)))
    assert all((frame.image == every[i]).all() for frame, i in zip(shown, kept, strict=False))
    assert len(shown) == -(-40 * fps // of)


def test_a_slower_camera_keeps_its_pace_from_film_to_film(paint: Paint) -> None:
    films = stretches(paint("a-1.mkv", ["an"] * 40), paint("b-1.mkv", ["binh"] * 20))
    shown = [frame.captured_at for _, frame in played(films, VARIANTS["2 fps"])]
    assert shown == pytest.approx([0, 0.5, 1, 1.5, 2])


def test_a_faster_camera_than_the_films_adds_nothing(paint: Paint) -> None:
    films = stretches(paint("a-1.mkv", ["an"] * 6, fps=10), paint("b-1.mkv", ["binh"] * 2, fps=10))
    shown = [frame.captured_at for _, frame in played(films, VARIANTS["15 fps"])]
    assert shown == pytest.approx([i / 10 for i in range(8)])


def test_a_stretch_ends_in_time(paint: Paint) -> None:
    film = PersonFilm(paint("a-1.mkv", ["an"] * 20), None)
    shown = list(played([Stretch(film, 0.2), Stretch(film)], AS_FILMED))
    assert [place for place, _ in shown] == [0] * 6 + [1] * 20


def test_another_size_is_scaled_to_cover_the_first_one(paint: Paint) -> None:
    films = stretches(paint("a-1.mkv", ["an"] * 2), paint("b-1.mkv", ["an"] * 2, scale=2))
    (_, small), _, (_, large), _ = played(films, AS_FILMED)
    assert large.image.shape == small.image.shape
    assert (large.image[..., 2] == small.image[..., 2]).mean() > 0.99


def test_what_becomes_of_the_pictures(paint: Paint) -> None:
    path = paint("a-1.mkv", ["an"])

    def shown(name: str) -> np.ndarray:
        ((_, frame),) = played(stretches(path), VARIANTS[name])
        return frame.image

    plain = shown("as filmed")
    assert (shown("mirrored") == plain[:, ::-1]).all()
    assert np.abs(shown("darkened") - DARKENED * plain.astype(float)).max() <= 0.5
    assert shown("half size").shape == (75, 160, 3)
    assert shown("half size").mean() == pytest.approx(plain.mean(), abs=1)


def test_a_film_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a-1.mkv"
    path.write_text("no film")
    with pytest.raises(SourceError, match=r"a-1\.mkv"):
        next(played(stretches(path), AS_FILMED))
