from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.live.films import AS_FILMED, VARIANTS, FilmVariant
from bench.live.watching import (
    CUT_S,
    FilmSet,
    Joining,
    LiveWatch,
    enroll_everyone,
    film_set,
    watch_films,
)
from common.errors import EnrollmentError, SourceError
from recognition.recognizer import Recognizer

Paint = Callable[..., Path]

FRAMES = 24
SOON = 15
"""Frames within which a painted face is named that is alone in its picture: half a second."""


@pytest.fixture
def folder(paint: Paint) -> Path:
    """An, Binh and Chi, with a film each to enroll from, and two, one and one others."""
    for name in ("An-1", "An-2", "An-3", "Binh-1", "Binh-2", "Chi-1", "Chi-2"):
        path = paint(f"{name}.mkv", [name.split("-")[0].lower()] * FRAMES)
    return path.parent


def watched(
    recognizer: Recognizer, films: FilmSet, *variants: FilmVariant
) -> dict[tuple[str, Joining, bool], LiveWatch]:
    identities, _ = enroll_everyone(recognizer, films)
    watches = watch_films(recognizer, films, identities, variants, lambda _: None)
    return {(watch.variant, watch.joining, watch.strangers): watch for watch in watches}


def test_the_films_are_watched_in_turns(folder: Path) -> None:
    films = film_set(folder, [])
    assert [film.path.stem for film in films.first] == ["An-1", "Binh-1", "Chi-1"]
    assert [film.path.stem for film in films.others] == ["An-2", "Binh-2", "Chi-2", "An-3"]


def test_everyone_is_enrolled_from_one_frame(recognizer: Recognizer, folder: Path) -> None:
    identities, enrolled = enroll_everyone(recognizer, film_set(folder, []))
    assert [identity.name for identity in identities.values()] == ["An", "Binh", "Chi"]
    assert [(e.person, e.film, e.frame) for e in enrolled] == [
        ("An", "An-1.mkv", 0),
        ("Binh", "Binh-1.mkv", 0),
        ("Chi", "Chi-1.mkv", 0),
    ]
    gallery = recognizer.gallery
    assert [gallery.template_count(i.id) for i in identities.values()] == [1, 1, 1]


def test_the_first_frame_that_shows_one_face_is_enrolled(
    recognizer: Recognizer, folder: Path, paint: Paint
) -> None:
    paint("An-1.mkv", [[], [], ["an", "binh"], "an", "an"])
    _, enrolled = enroll_everyone(recognizer, film_set(folder, []))
    assert enrolled[0].frame == 3


def test_where_no_frame_shows_a_face_well_the_best_one_is_enrolled(
    recognizer: Recognizer, folder: Path, paint: Paint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.live.watching.WELL_SEEN", 2.0)
    paint("An-1.mkv", ["an"] * 5, side=100)
    paint("Binh-1.mkv", [["binh"], ["binh", "binh"], []])
    _, enrolled = enroll_everyone(recognizer, film_set(folder, []))
    assert 0 < enrolled[0].quality < enrolled[1].quality
    assert enrolled[1].frame == 0


def test_a_film_without_a_face_enrolls_nobody(
    recognizer: Recognizer, folder: Path, paint: Paint
) -> None:
    paint("Binh-1.mkv", [[], [], []])
    with pytest.raises(EnrollmentError, match="Binh") as told:
        enroll_everyone(recognizer, film_set(folder, []))
    assert "none was found" in told.value.found


def test_alone_everyone_is_named_soon_and_strangers_never(
    recognizer: Recognizer, folder: Path
) -> None:
    watches = watched(recognizer, film_set(folder, []), AS_FILMED)
    known = watches["as filmed", Joining.ALONE, False].figures
    assert (known.films, known.frames, known.wrong, known.no_face) == (4, 4 * FRAMES, 0, 0)
    assert known.most_until_named is not None
    assert 0 < known.most_until_named <= SOON
    assert known.right == known.frames - sum(named or 0 for named in known.until_named)
    assert known.stranger_frames == 0

    mixed = watches["as filmed", Joining.ALONE, True]
    assert [film.name for film in mixed.watched if film.is_stranger] == ["Binh-2"]
    assert mixed.figures.frames == 3 * FRAMES
    assert mixed.figures.stranger_frames == FRAMES
    assert mixed.figures.strangers_named == mixed.figures.wrong == 0


def test_joined_films_are_watched_without_a_break(recognizer: Recognizer, folder: Path) -> None:
    restarts = []
    restart = recognizer.restart
    recognizer.restart = lambda: (restarts.append(True), restart())  # type: ignore[method-assign]
    watches = watched(recognizer, film_set(folder, []), AS_FILMED)
    assert len(restarts) == 2 * (4 + 1), "before each film alone, and once before all, twice"
    joined = watches["as filmed", Joining.JOINED, False]
    assert [film.name for film in joined.watched] == ["An-2", "Binh-2", "Chi-2", "An-3"]
    assert joined.figures.frames == 4 * FRAMES
    assert joined.figures.until_named[0] is not None


def test_a_wrong_name_is_found_out(recognizer: Recognizer, folder: Path, paint: Paint) -> None:
    paint("Chi-2.mkv", ["an"] * FRAMES)  # Chi's twin
    watches = watched(recognizer, film_set(folder, []), AS_FILMED)
    alone = watches["as filmed", Joining.ALONE, False]
    twin = next(film for film in alone.watched if film.name == "Chi-2")
    assert twin.until_named is None
    assert alone.figures.wrong >= FRAMES - SOON
    assert alone.figures.longest_wrong == alone.figures.wrong
    assert alone.figures.never_named == 1


def test_whoever_was_left_out_is_back_for_the_next_variant(
    recognizer: Recognizer, folder: Path
) -> None:
    films = film_set(folder, [])
    watches = watched(recognizer, films, AS_FILMED, VARIANTS["mirrored"])
    assert len(watches) == 2 * 2 * 2
    again = watches["mirrored", Joining.ALONE, False].figures
    assert (again.films, again.never_named, again.wrong) == (4, 0, 0)
    assert watches["mirrored", Joining.ALONE, True].figures.stranger_frames == FRAMES
    assert [identity.name for identity in recognizer.gallery.identities] == ["An", "Binh", "Chi"]


def test_a_slow_camera_has_fewer_frames(recognizer: Recognizer, folder: Path) -> None:
    watches = watched(recognizer, film_set(folder, []), VARIANTS["5 fps"])
    assert watches["5 fps", Joining.ALONE, False].figures.frames == 4 * -(-FRAMES // 6)


def test_a_cut_shows_strangers_for_a_second(
    recognizer: Recognizer, folder: Path, paint: Paint
) -> None:
    cuts = [paint("crowd.mkv", [["nobody", "nobody"]] * 36), paint("empty.mkv", [[]] * 10)]
    moved = folder.parent / "cuts"
    moved.mkdir()
    cuts = [path.rename(moved / path.name) for path in cuts]
    watches = watched(recognizer, film_set(folder, cuts), AS_FILMED)
    cut = watches["as filmed", Joining.CUTS, False]
    names = [film.name for film in cut.watched]
    assert names[:4] == ["An-2", "crowd", "Binh-2", "empty"]
    assert names[4:] == ["Chi-2", "crowd", "An-3", "empty"]
    of_cuts = [film for film in cut.watched if film.is_stranger]
    assert [len(film.outcomes) for film in of_cuts] == [30 * CUT_S, 10, 30 * CUT_S, 10]
    assert cut.figures.stranger_frames == 80
    assert cut.figures.frames == 4 * FRAMES


def test_the_same_films_give_the_same_figures(recognizer: Recognizer, folder: Path) -> None:
    films = film_set(folder, [])
    identities, _ = enroll_everyone(recognizer, films)
    twice = [
        [w.watched for w in watch_films(recognizer, films, identities, [AS_FILMED], lambda _: None)]
        for _ in range(2)
    ]
    assert twice[0] == twice[1]


def test_one_person_alone_cannot_be_told_from_others(paint: Paint) -> None:
    paint("An-1.mkv", ["an"])
    folder = paint("An-2.mkv", ["an"]).parent
    paint("Binh-1.mkv", ["binh"])
    with pytest.raises(SourceError, match="of at least two people") as told:
        film_set(folder, [])
    assert "1 of the 2 people" in told.value.found


def test_films_that_cannot_be_read_are_told_before_anything_is_watched(
    folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(SourceError, match=r"crowd\.mkv"):
        film_set(folder, [tmp_path / "crowd.mkv"])
    (folder / "Chi-2.mkv").write_text("no film")
    with pytest.raises(SourceError, match=r"Chi-2\.mkv"):
        film_set(folder, [])


def test_a_film_that_was_cut_short_is_told(folder: Path) -> None:
    assert film_set(folder, []).notes == ()
    path = folder / "An-2.mkv"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    (told,) = film_set(folder, []).notes
    assert told.startswith("An-2.mkv: The file is damaged or cut short")
