"""Writes the commands' files: never over another one without --force, never over an input."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from common.errors import FacedeskError

if TYPE_CHECKING:
    from bench.drawing.diagram import Diagram
    from common.sentence import Language

force_option = click.option(
    "--force", is_flag=True, help="Write over a file of that name that is there."
)


def check_plots(folder: Path | None, names: Iterable[str], force: bool) -> None:
    """Make the folder, and raise FacedeskError where plots of those names cannot be written there.

    Call this before minutes are spent on measuring.
    """
    from common.output_file import check_output, make_folder

    if folder is not None:
        make_folder(folder, FacedeskError)
        for name in names:
            for path in _with_table(folder / name):
                check_output(path, FacedeskError, overwrite=force)


def save_plot(diagram: Diagram, path: Path, force: bool, language: Language) -> None:
    """Write a diagram, as SVG or PNG as its name says, and its table as CSV beside it.

    Raises FacedeskError.
    """
    from common.output_file import output_file

    for one in _with_table(path):
        with output_file(one, FacedeskError, overwrite=force) as fresh:
            diagram.write(fresh, one.suffix, language)


def _with_table(path: Path) -> tuple[Path, Path]:
    return path, path.with_suffix(".csv")
