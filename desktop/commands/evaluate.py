"""facedesk evaluate: measures how accurate the pipeline is on a folder of people."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from common.errors import PictureError
from desktop.commands.adopting import adopt, forget
from desktop.commands.session import Session, json_option, note, print_json

if TYPE_CHECKING:
    from bench.hardening import StrangerRates
    from models.detectors.protocol import Detector
    from models.embedders.embedder import Embedder

FEWEST_COMPARISONS = 100
"""Fewer comparisons say nothing about the rare ones with a high similarity."""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option(
    "--harden",
    "hardening",
    is_flag=True,
    help="Measure degraded copies of the pictures: blurred, noisy, dark, masked and others.",
)
@click.option(
    "--adopt",
    "adopting",
    is_flag=True,
    help="Measure the embedder's figures on these people, and use them from now on.",
)
@click.option(
    "--forget",
    "forgetting",
    is_flag=True,
    help="Return to the embedder's own figures; without FOLDER.",
)
@json_option
@click.pass_obj
def evaluate(
    session: Session,
    folder: Path | None,
    hardening: bool,
    adopting: bool,
    forgetting: bool,
    as_json: bool,
) -> None:
    """Measure accuracy on a FOLDER of people.

    It has a subfolder of pictures for each person. The first five pictures of each are enrolled,
    the rest are probes. In the open-set part every second person, by name, is a stranger.

    With --harden the pictures are degraded, in memory, and a table says for each defect how many of
    the strangers' probes get a name at the default settings, and how many of the enrolled people's
    get none: enrolled with the same defect, and as they are.

    With --adopt the figures that say what the embedder's similarities mean are measured on these
    people, and kept for its model: the threshold follows from them everywhere. Of a fused embedder,
    so are the weights of its parts. It takes eight people or more.
    """
    import numpy as np
    from rich.console import Console
    from rich.progress import Progress

    from bench.accuracy import embed_folder
    from bench.accuracy import evaluate as measured
    from capture.stills import people_folders, picture_paths
    from recognition.assembly import load_models

    if sum((hardening, adopting, forgetting)) > 1:
        raise click.UsageError("One of --harden, --adopt and --forget.")
    if forgetting != (folder is None):
        raise click.UsageError("FOLDER is needed, and only --forget goes without it.")
    pictures = 0
    if folder is not None:
        pictures = sum(len(picture_paths(person)) for person in people_folders(folder))
    detector, embedder = load_models(
        session.recognizer_spec(20), session.home.cache, session.preparation
    )
    if folder is None:
        forget(session, embedder, as_json)
        return
    if hardening:
        _harden(session, folder, pictures, detector, embedder, as_json)
        return
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("Embedding", total=pictures)
        people = embed_folder(folder, detector, embedder, lambda: progress.advance(task))
    if adopting:
        adopt(session, people, embedder, as_json)
        return
    if len(people) < 4:
        raise PictureError(
            "at least four people", f"{folder} has {len(people)}", "Add subfolders of pictures"
        )
    probes = sum(int((~np.isnan(person.probes[:, 0])).sum()) for person in people)
    if probes * (len(people) - 1) < FEWEST_COMPARISONS:
        raise PictureError(
            f"at least {FEWEST_COMPARISONS} comparisons of different people",
            f"{folder} gives {probes * (len(people) - 1)}, with {probes} probes",
            "Add pictures or people",
        )
    accuracy = measured(people)
    if as_json:
        print_json({"model_id": embedder.model_id, **asdict(accuracy)})
        return
    click.echo(f"{detector.name} and {embedder.model_id}, {accuracy.people} people")
    click.echo(f"rank-1                  {accuracy.rank1} of {accuracy.probes} probes")
    click.echo(f"probes without a face   {accuracy.missed_faces}")
    click.echo(
        f"open set                FNIR {accuracy.fnir:.1%} at FPIR {accuracy.fpir:.1%}, "
        f"threshold {accuracy.threshold:.3f}"
    )
    click.echo(f"the others as strangers FNIR {accuracy.fnir_swapped:.1%}")
    for name, scores in (
        ("non-mated", accuracy.nonmated),
        ("non-mated pairs", accuracy.nonmated_pairs),
    ):
        click.echo(f"{name:24}mean {scores.mean:.3f}, standard deviation {scores.std:.3f} (tail)")
    if not embedder.figures.is_measured:
        note("The embedder's figures are careful ones; with --adopt they are measured.")


def _harden(
    session: Session,
    folder: Path,
    pictures: int,
    detector: Detector,
    embedder: Embedder,
    as_json: bool,
) -> None:
    from rich.console import Console
    from rich.progress import Progress

    from bench.defects import DEFECTS
    from bench.hardening import harden
    from capture.stills import people_folders

    people = len(people_folders(folder))
    if people < 4:
        raise PictureError(
            "at least four people", f"{folder} has {people}", "Add subfolders of pictures"
        )
    fpir = session.recognizer_spec().fpir
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("Degrading and embedding", total=pictures * len(DEFECTS))
        rows = harden(folder, detector, embedder, fpir, lambda: progress.advance(task), DEFECTS)
    if as_json:
        print_json({"model_id": embedder.model_id, "defects": [asdict(row) for row in rows]})
        return
    click.echo(f"{detector.name} and {embedder.model_id}, {people} people, FPIR {fpir:.1%} wanted")
    click.echo(f"{'':26}enrolled with the same defect        enrolled as they are")
    click.echo(f"{'':26}refused   FNIR    FPIR  FPIR without   FNIR    FPIR")
    click.echo(f"{'':26}                        the limits")
    for row in rows:
        click.echo(
            f"{row.defect:26}{row.set_apart:7.1%} {_rates(row.same)}  {row.without.fpir:10.1%}"
            f"   {_rates(row.clean)}"
        )


def _rates(rates: StrangerRates) -> str:
    fnir = "     -" if rates.fnir is None else f"{rates.fnir:6.1%}"
    return f"{fnir}  {rates.fpir:6.1%}"
