"""facedesk train metric: a head on the embedder, kept only where it is better."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from desktop.commands.learning.pairs import learned_from, plots_option
from desktop.commands.output import check_plots, force_option, save_plot
from desktop.commands.session import Session, json_option, note, print_json

if TYPE_CHECKING:
    from recognition.learning.labelled import LabelledRows
    from recognition.learning.metric import LearnedMetric, MetricOptions


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option(
    "--loss", type=click.Choice(["triplet", "contrastive"]), default="triplet", show_default=True
)
@click.option(
    "--mining",
    type=click.Choice(["semi-hard", "hard"]),
    default="semi-hard",
    show_default=True,
    help="Which negatives the triplets take.",
)
@click.option(
    "--margin",
    type=click.FloatRange(0, 4, min_open=True),
    help="In squared distance for triplets (0.2), in distance for pairs (1.2).",
)
@click.option("--epochs", type=click.IntRange(1, 1000), default=60, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@plots_option
@force_option
@json_option
@click.pass_obj
def metric(
    session: Session,
    folder: Path | None,
    loss: str,
    mining: str,
    margin: float | None,
    epochs: int,
    seed: int,
    plots: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Learn a linear head on the embedder from the gallery's people, or from a FOLDER of people.

    Half of the people are learned from, a quarter says when to stop, and a quarter is the judge:
    the head is kept only where it misses fewer pairs of one person there, by more than chance.
    Else nothing is changed. A head that is kept is an embedder of its own.
    """
    from bench.drawing.learning_diagrams import DISTANCES_PLOT, distances_diagram
    from common.errors import LearningError
    from common.sentence import Sentence
    from models.embedders.fusion import SEPARATOR
    from models.embedders.head import MARK
    from recognition.learning.metric import MetricOptions
    from recognition.learning.metric_losses import Loss, Mining

    check_plots(plots, [DISTANCES_PLOT], force)
    model_id, known = learned_from(session, folder)
    if SEPARATOR in model_id or MARK in model_id:
        raise LearningError(
            "one embedder, without a head, to learn a head for",
            Sentence("it is {}", model_id),
            "Choose one: facedesk models use",
        )
    options = MetricOptions(
        Loss(loss),
        Mining(mining),
        margin or (0.2 if loss == "triplet" else 1.2),
        epochs=epochs,
        seed=seed,
    )
    learned = _learned(known, options)
    kept_as = _keep(model_id, learned) if learned.report.is_better else None
    if as_json:
        print_json({"model_id": model_id, **asdict(learned.report), "kept_as": kept_as})
    else:
        _tell(model_id, learned, kept_as)
    if plots is not None:
        diagram = distances_diagram(learned.before, learned.after)
        save_plot(diagram, plots / DISTANCES_PLOT, force, session.language)
        note(f"Drawn: {plots / DISTANCES_PLOT}")


def _learned(known: LabelledRows, options: MetricOptions) -> LearnedMetric:
    from rich.console import Console
    from rich.progress import Progress

    from recognition.learning.metric import learn_metric

    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("Learning", total=options.epochs)
        return learn_metric(known, options, lambda: progress.advance(task))


def _keep(model_id: str, learned: LearnedMetric) -> str:
    """Write the head; return the name of the embedder with it."""
    from models.conversion.weights import weights_folder
    from models.embedders.head import KeptHead, save_head
    from models.embedders.loading import embedder_name

    pair, probe = learned.nonmated_pairs, learned.nonmated
    kept = KeptHead(model_id, learned.head, (probe.mean, probe.std), (pair.mean, pair.std))
    save_head(kept, weights_folder())
    return embedder_name(kept.model_id) or kept.model_id


def _tell(model_id: str, learned: LearnedMetric, kept_as: str | None) -> None:
    report = learned.report
    click.echo(
        f"{model_id}: learned from {report.learned_from} people, stopped by {report.stopped_by} "
        f"after {report.epochs} epochs, judged by {report.judged_by}."
    )
    click.echo(
        f"Pairs of one person missed at an FMR of 1%: plain {report.plain:.2%}, with the head "
        f"{report.learned:.2%}; gain {report.gain:+.2%}, 95% interval {report.low:+.2%} to "
        f"{report.high:+.2%}."
    )
    if kept_as is None:
        click.echo("It is not better than chance would have it: nothing is changed.")
    else:
        click.echo(f"It is better. To use it: facedesk models use {kept_as}")
