"""facedesk evaluate: measures how accurate the pipeline is on a folder of people."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import click

from common.errors import PictureError
from desktop.commands.session import Session, json_option, print_json

FEWEST_COMPARISONS = 100
"""Fewer comparisons say nothing about the rare ones with a high similarity."""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def evaluate(session: Session, folder: Path, as_json: bool) -> None:
    """Measure accuracy on a FOLDER of people.

    It has a subfolder of pictures for each person. The first five pictures of each are enrolled,
    the rest are probes. In the open-set part every second person, by name, is a stranger.
    """
    import numpy as np
    from rich.console import Console
    from rich.progress import Progress

    from bench.accuracy import embed_folder
    from bench.accuracy import evaluate as measured
    from capture.stills import people_folders, picture_paths
    from recognition.assembly import load_models

    pictures = sum(len(picture_paths(person)) for person in people_folders(folder))
    detector, embedder = load_models(
        session.recognizer_spec(20), session.home.cache, session.preparation
    )
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("Embedding", total=pictures)
        people = embed_folder(folder, detector, embedder, lambda: progress.advance(task))
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
