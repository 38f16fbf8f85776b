"""Writes the commands' files: never over another one without --force, never over an input."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from common.errors import FacedeskError
from common.sentence import Sentence

if TYPE_CHECKING:
    from matplotlib.figure import Figure

force_option = click.option(
    "--force", is_flag=True, help="Write over a file of that name that is there."
)


def check_plots(folder: Path | None, names: Iterable[str], force: bool) -> None:
    """Make the folder, and raise FacedeskError where plots of those names cannot be written there.

    Call this before minutes are spent on measuring.
    """
    from common.extras import needing
    from common.output_file import check_output, make_folder

    if folder is not None:
        with needing("plots", Sentence("which draws the plots")):
            import matplotlib  # noqa: F401
        make_folder(folder, FacedeskError)
        for name in names:
            check_output(folder / name, FacedeskError, overwrite=force)


def save_plot(figure: Figure, path: Path, force: bool) -> None:
    """Write a figure as PNG. Raises FacedeskError."""
    from common.output_file import output_file

    with output_file(path, FacedeskError, overwrite=force) as fresh:
        figure.savefig(fresh, dpi=120)
