"""What facedesk evaluate does with a folder of films."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from common.errors import PictureError, SourceError
from common.sentence import Sentence
from desktop.commands.bench.live import recognizer_of_its_own
from desktop.commands.evaluation.inputs import EvaluationRequest, chosen_strangers
from desktop.commands.evaluation.output import check_outputs, models_told, print_rows, write_page
from desktop.commands.session import Session, counted, note, print_json

if TYPE_CHECKING:
    from bench.live.evaluated_films import EnrolledBeside, FilmEvaluation
    from bench.live.films import PersonFilm
    from recognition.recognizer import Recognizer


def has_films(folder: Path) -> bool:
    """Return whether a folder is evaluated as one of films.

    One that lies among people's subfolders by chance is none, unless it is named PERSON-word.
    """
    from bench.live.films import film_paths
    from capture.stills import people_folders

    try:
        films = film_paths(folder)
        people = people_folders(folder) if films else []
    except (SourceError, PictureError):
        return False  # whoever reads it as a folder of people says what is wrong
    return any(not people or all(film.stem.rpartition("-")[::2]) for film in films)


def measure_films(session: Session, request: EvaluationRequest, folder: Path) -> None:
    """Evaluate the films of a folder, and print what was found. Raises FacedeskError."""
    from rich.console import Console
    from rich.progress import Progress

    from bench.evaluation.pictures import read_groups
    from bench.live.evaluated_films import evaluate_films, films_to_watch, person_films
    from bench.report.evaluation_settings import OF_GALLERY, measured_with, of_splits
    from bench.report.films_page import films_page

    _refuse_what_is_for_pictures(request)
    check_outputs(request)
    share, elsewhere = chosen_strangers(request.strangers)
    strangers = _strangers_films(elsewhere) if elsewhere is not None else ()
    groups = read_groups(request.group) if request.group is not None else {}
    films = person_films(folder)
    with _enrolled(session, request, folder, films) as (recognizer, enrolled):
        if not enrolled.identities:
            for told in enrolled.notes:
                note(told)
            raise SourceError(
                "somebody who can be enrolled",
                "the gallery has nobody"
                if request.in_gallery
                else Sentence("there are no pictures of anybody in {}", folder),
                "Put each person's pictures into a subfolder with the person's name, or name two"
                " films PERSON-word.mkv, or compare with everyone who is enrolled: --gallery",
            )
        left_out = None if request.in_gallery or strangers else share
        total = films_to_watch(enrolled, len(strangers), left_out)
        with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
            task = progress.add_task("Watching", total=total)
            found = evaluate_films(
                recognizer, enrolled, strangers, left_out, groups, lambda: progress.advance(task)
            )
        settings = measured_with(
            recognizer.detector.name,
            session.recognizer_spec().smallest_face_px,
            recognizer.embedder.model_id,
            session.recognizer_spec().fpir,
        )
        settings |= (
            OF_GALLERY if request.in_gallery else of_splits(request.enroll, request.strangers, 1)
        )
    for told in (*found.notes, *found.unreadable.values()):
        note(told)
    if request.as_json:
        print_json({"settings": settings, **_as_json(found)})
    else:
        _print(found, settings)
    write_page(lambda at: films_page(found, settings, at, session.language), request)


@contextmanager
def _enrolled(
    session: Session, request: EvaluationRequest, folder: Path, films: tuple[PersonFilm, ...]
) -> Iterator[tuple[Recognizer, EnrolledBeside]]:
    """Give a recognizer with the people who are compared with: the user's, or those beside."""
    from bench.live.evaluated_films import EnrolledBeside, enroll_beside

    if not request.in_gallery:
        with recognizer_of_its_own(session) as recognizer:
            yield recognizer, enroll_beside(recognizer, folder, films, request.enroll)
        return
    with session.recognizer() as recognizer:
        enrolled = EnrolledBeside(probes=films)
        for identity in recognizer.gallery.identities:
            namesakes = enrolled.identities.get(identity.name, ())
            enrolled.identities[identity.name] = (*namesakes, identity)
        yield recognizer, enrolled


def _strangers_films(folder: Path) -> tuple[PersonFilm, ...]:
    from bench.live.evaluated_films import person_films

    films = person_films(folder)
    if not films:
        raise SourceError(
            "a folder of films with strangers",
            Sentence("{} has none", folder),
            "Check the path, or give a share of the people, such as 0.5",
        )
    return films


def _refuse_what_is_for_pictures(request: EvaluationRequest) -> None:
    given = {
        "--repeat": request.repeat > 1,
        "--plots": request.plots is not None,
        "--pairs": request.pairs is not None,
    }
    refused = [option for option, is_given in given.items() if is_given]
    if refused:
        raise click.UsageError(f"{' and '.join(refused)}: for pictures, and these are films.")


def _print(found: FilmEvaluation, settings: dict[str, str]) -> None:
    from bench.evaluation.rows import film_rows

    click.echo(models_told(settings))
    click.echo(
        f"{counted(found.enrolled, 'person', 'people')} enrolled,"
        f" {counted(len({film.film for film in found.watched}), 'film')},"
        f" {len(found.unreadable)} that could not be opened."
    )
    if found.figures is not None:
        print_rows("films", film_rows(found.figures))
    for place, (group, figures) in enumerate(found.groups):
        of_worst = "  the worst" if not place and len(found.groups) > 1 else ""
        people = counted(figures.people, "person", "people")
        print_rows(f"group {group}, {people}{of_worst}", film_rows(figures))
    for warning in found.warnings:
        click.echo(f"Mind: {warning}")


def _as_json(found: FilmEvaluation) -> dict[str, Any]:
    from bench.live.outcomes import FrameOutcome

    return {
        "enrolled": found.enrolled,
        "figures": asdict(found.figures) if found.figures is not None else None,
        "groups": [{"group": group, **asdict(figures)} for group, figures in found.groups],
        "films": [
            {
                "film": film.film,
                "person": film.person,
                "stranger": film.is_stranger,
                "frames": {o.value: film.outcomes.count(o) for o in FrameOutcome},
                "visits": [
                    {"outcome": visit.outcome.value, "seconds_until_named": visit.until_named}
                    for visit in film.visits
                ],
            }
            for film in found.watched
        ],
        "unreadable": [
            {"film": film, "reason": reason} for film, reason in found.unreadable.items()
        ],
        "notes": list(found.notes),
        "warnings": list(found.warnings),
    }
