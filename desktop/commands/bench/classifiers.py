"""facedesk bench classifiers: compares ways of telling whom a face shows."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from common.errors import EnrollmentError
from common.sentence import Sentence
from desktop.commands.output import force_option
from desktop.commands.session import Session, json_option, note, print_json

if TYPE_CHECKING:
    from bench.classifier_updates import UpdateFigures
    from bench.classifiers import WayFigures, WayVerdict
    from bench.labelled_probes import ProbedPeople

FEWEST_PEOPLE = 8


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--embeddings",
    type=click.Path(path_type=Path),
    metavar="FILE.npz",
    help="Take them from there; where there is no such file, keep them there.",
)
@force_option
@json_option
@click.pass_obj
def classifiers(
    session: Session, folder: Path, embeddings: Path | None, force: bool, as_json: bool
) -> None:
    """Compare ways of telling whom a face shows, on a FOLDER of people.

    It has a subfolder for each person, with eleven pictures or more. Every second person, by name,
    is tuned on, the figures are of the others, and then the halves change places. Intervals are of
    a bootstrap over people.
    """
    from rich.console import Console
    from rich.progress import Progress

    from bench.classifier_updates import measure_updates
    from bench.classifiers import ENROLLED_PICTURES, compare_ways
    from common.extras import check_installed

    check_installed("learn", Sentence("which trains SVMs"))
    people = _people(session, folder, embeddings, force)
    _check_enough(len(people.names), embeddings or folder)
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        steps = 2 * len(ENROLLED_PICTURES) + len(people.names)
        task = progress.add_task("Measuring", total=steps)
        compared = compare_ways(people, lambda: progress.advance(task))
        updates = measure_updates(people, lambda: progress.advance(task))
    if as_json:
        print_json(
            {
                "model_id": people.model_id,
                "people": len(people.names),
                "pictures": people.pictures,
                "ways": [asdict(each) for each in compared.figures],
                "verdicts": [
                    {**asdict(each), "is_better": each.is_better} for each in compared.verdicts
                ],
                "updates": [asdict(each) for each in updates],
            }
        )
        return
    click.echo(f"{people.model_id}, {len(people.names)} people with {people.pictures} pictures")
    _tell(compared.figures)
    _tell_verdicts(compared.verdicts)
    _tell_updates(updates)


def _people(session: Session, folder: Path, embeddings: Path | None, force: bool) -> ProbedPeople:
    from rich.console import Console
    from rich.progress import Progress

    from bench.classifiers import FIRST_PROBE
    from bench.labelled_probes import embed_probes, keep_probes, kept_probes
    from capture.folders import pictures_below
    from capture.stills import people_folders
    from common.output_file import check_output
    from recognition.assembly import load_models

    if embeddings is not None and embeddings.exists() and not force:
        return kept_probes(embeddings)
    if embeddings is not None:
        check_output(embeddings, EnrollmentError, overwrite=force)
    _check_enough(len(people_folders(folder)), folder)
    pictures = sum(len(pictures_below(person)) for person in people_folders(folder))
    detector, embedder = load_models(
        session.recognizer_spec(20), session.home.cache, session.preparation
    )
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("Degrading and embedding", total=pictures)
        people = embed_probes(
            folder, detector, embedder, FIRST_PROBE + 1, lambda: progress.advance(task)
        )
    if embeddings is not None:
        keep_probes(people, embeddings, overwrite=force)
        note(f"The embeddings are kept in {embeddings}: they are data of these people.")
    return people


def _check_enough(people: int, where: Path) -> None:
    if people < FEWEST_PEOPLE:
        raise EnrollmentError(
            Sentence("at least {} people", FEWEST_PEOPLE),
            Sentence("{} has {}", where, people),
            "Add subfolders of pictures",
        )


def _tell(figures: Sequence[WayFigures]) -> None:
    for kind in dict.fromkeys(each.probes for each in figures):
        for count in dict.fromkeys(each.pictures for each in figures):
            click.echo()
            click.echo(f"{count} enrolled, probes {kind}".ljust(27) + _HEAD)
            for each in figures:
                if (each.probes, each.pictures) == (kind, count):
                    click.echo(
                        f"{each.way:27}"
                        f"{each.rank1.value:7.1%} ({each.rank1.low:6.1%} to {each.rank1.high:6.1%})"
                        f"{each.fnir.value:8.1%} ({each.fnir.low:6.1%} to {each.fnir.high:6.1%})"
                        f"{each.fnir_gain.value:+8.1%} ({each.fnir_gain.low:+6.1%} to "
                        f"{each.fnir_gain.high:+6.1%})"
                    )


_HEAD = " rank-1    95% interval       FNIR    95% interval       gain    95% interval"


def _tell_verdicts(verdicts: Sequence[WayVerdict]) -> None:
    click.echo()
    click.echo(f"{'gain in FNIR, on the whole':32}all      interval        plain  degraded")
    for each in verdicts:
        gain = each.fnir_gain
        click.echo(
            f"{each.way:27}{gain.value:+8.2%} ({gain.low:+.2%} to {gain.high:+.2%})"
            f"{each.plain_gain.value:+8.2%}{each.degraded_gain.value:+8.2%}"
            f"{'  better than chance' if each.is_better else ''}"
        )


def _tell_updates(updates: list[UpdateFigures]) -> None:
    click.echo()
    click.echo(
        "brought in step, instead of trained anew    wrong   anew  of     agree  times as fast"
    )
    for each in updates:
        click.echo(
            f"{each.change:43}{each.updated_errors:6}{each.full_errors:7}{each.probes:6}"
            f"{each.agree:8.1%}{each.ratio:13.0f}"
        )
