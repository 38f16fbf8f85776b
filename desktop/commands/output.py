"""Writes the commands' files: never over another one without --force, never over an input."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from common.errors import FacedeskError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

force_option = click.option(
    "--force", is_flag=True, help="Write over a file of that name that is there."
)


def make_folder(folder: Path, error: type[FacedeskError], *, private: bool = False) -> None:
    """Make the folder where there is none. Raises `error`.

    private: only its owner may open it.
    """
    try:
        folder.mkdir(0o700 if private else 0o777, parents=True, exist_ok=True)
    except OSError as failure:
        raise error(
            f"a folder {folder} to write to",
            f"it cannot be made ({failure.strerror or failure})",
            "Free some space, or choose another folder",
        ) from failure


def check_plots(folder: Path | None, names: Iterable[str], force: bool) -> None:
    """Make the folder, and raise FacedeskError where plots of those names cannot be written there.

    Call this before minutes are spent on measuring.
    """
    from common.extras import needing
    from common.output_file import check_output

    if folder is not None:
        with needing("plots", "which draws the plots"):
            import matplotlib  # noqa: F401
        make_folder(folder, FacedeskError)
        for name in names:
            check_output(folder / name, FacedeskError, overwrite=force)


def save_plot(figure: Figure, path: Path, force: bool) -> None:
    """Write a figure as PNG. Raises FacedeskError."""
    from common.output_file import output_file

    with output_file(path, FacedeskError, overwrite=force) as fresh:
        figure.savefig(fresh, dpi=120)
