"""facedesk train pairs: what the similarity of two pictures says, as a probability."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from desktop.commands.output import check_plots, force_option, save_plot
from desktop.commands.session import Session, counted, json_option, note, print_json

if TYPE_CHECKING:
    from recognition.learning.labelled import LabelledRows
    from recognition.learning.pairs import PairFit

plots_option = click.option(
    "--plots", type=click.Path(path_type=Path), metavar="DIR", help="Draw it there."
)


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@plots_option
@force_option
@json_option
@click.pass_obj
def pairs(
    session: Session, folder: Path | None, plots: Path | None, force: bool, as_json: bool
) -> None:
    """Measure which similarity means which probability that two photos show one person.

    It is measured on the gallery's people, or on a FOLDER with a subfolder of pictures for each
    person, which says more where the gallery's pictures of a person are of one day. From then on
    facedesk verify tells it. The table says how far it is kept: the people are parted into two
    halves, and each half is judged by what the other one gave.
    """
    from bench.drawing.learning_diagrams import RELIABILITY_PLOT, reliability_diagram
    from recognition.learning.pairs import fit_pairs, save_curve

    check_plots(plots, [RELIABILITY_PLOT], force)
    model_id, known = learned_from(session, folder)
    fit = fit_pairs(known)
    save_curve(model_id, fit.curve, session.home.pairs)
    if as_json:
        error = fit.reliability.expected_calibration_error
        print_json(
            {
                "model_id": model_id,
                "slope": fit.curve.slope,
                "intercept": fit.curve.intercept,
                "people": fit.curve.people,
                "same": fit.curve.same,
                "different": fit.curve.different,
                "reliability": [asdict(each) for each in fit.reliability.bins],
                "expected_calibration_error": error,
            }
        )
    else:
        _tell(model_id, fit)
    if plots is not None:
        diagram = reliability_diagram(fit.reliability)
        save_plot(diagram, plots / RELIABILITY_PLOT, force, session.language)
        note(f"Drawn: {plots / RELIABILITY_PLOT}")


def learned_from(session: Session, folder: Path | None) -> tuple[str, LabelledRows]:
    """Return the embedder's id and the embeddings of the gallery, or of a folder of people."""
    from rich.console import Console
    from rich.progress import Progress

    from capture.folders import pictures_below
    from capture.stills import people_folders
    from recognition.assembly import load_models
    from recognition.learning.folders import embed_people
    from recognition.learning.labelled import LabelledRows

    if folder is None:
        with session.gallery() as gallery:
            return gallery.model_id, LabelledRows.of_gallery(gallery)
    pictures = sum(len(pictures_below(person)) for person in people_folders(folder))
    detector, embedder = load_models(
        session.recognizer_spec(20), session.home.cache, session.preparation
    )
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("Embedding", total=pictures)

        def told(path: Path, why_not: str | None) -> None:
            progress.advance(task)
            if why_not is not None:
                note(f"Left out: {path}: {why_not}")

        return embedder.model_id, embed_people(folder, detector, embedder, told)


def _tell(model_id: str, fit: PairFit) -> None:
    curve = fit.curve
    click.echo(
        f"{model_id}: {counted(curve.people, 'person', 'people')}, {curve.same} pairs of one "
        f"person and {curve.different} of two, which weigh as much."
    )
    click.echo(f"log odds = {curve.slope:.2f} x similarity {curve.intercept:+.2f}")
    click.echo(f"{'told':>12}{'mean':>9}{'found':>9}{'pairs':>9}")
    for each in fit.reliability.bins:
        click.echo(
            f"{each.low:6.0%} -{each.high:4.0%}{each.told:9.1%}{each.found:9.1%}{each.count:9}"
        )
    click.echo(f"expected calibration error {fit.reliability.expected_calibration_error:.1%}")
