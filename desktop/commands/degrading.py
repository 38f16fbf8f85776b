"""What facedesk evaluate --harden does: measures degraded copies of people's pictures."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from common.errors import PictureError
from desktop.commands.evaluation_inputs import evaluated_models
from desktop.commands.session import Session, print_json

if TYPE_CHECKING:
    from bench.hardening import StrangerRates


def harden(session: Session, folder: Path, as_json: bool) -> None:
    """Measure degraded copies of a folder's pictures, and print a table of them."""
    from rich.console import Console
    from rich.progress import Progress

    from bench.defects import DEFECTS
    from bench.hardening import harden
    from capture.stills import people_folders, picture_paths

    people = len(people_folders(folder))
    if people < 4:
        raise PictureError(
            "at least four people", f"{folder} has {people}", "Add subfolders of pictures"
        )
    pictures = sum(len(picture_paths(person)) for person in people_folders(folder))
    detector, embedder = evaluated_models(session)[0]
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
