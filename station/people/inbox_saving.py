"""Writes the pictures of unknown people to a folder, for somebody to look at."""

from __future__ import annotations

from pathlib import Path

from common.errors import StationError
from common.output_file import make_folder, output_file
from gallery.crops import to_png
from station.people.inbox import Inbox


def save_pictures(kept: Inbox, folder: Path, *, overwrite: bool = False) -> int:
    """Writes all pictures as PNG files that only their owner may read. Returns how many are new.

    What was saved there before stays as it is. Raises StationError where a file of that name is
    another picture, unless `overwrite`.
    """
    make_folder(folder, StationError, private=True)
    saved = 0
    for unknown in kept.all():
        path = folder / f"{unknown.at:%Y-%m-%d_%H-%M-%S}_{unknown.id}.png"
        png = to_png(kept.picture(unknown))
        if path.is_file() and path.read_bytes() == png:
            continue
        with output_file(path, StationError, overwrite=overwrite) as fresh:
            fresh.write_bytes(png)
        saved += 1
    return saved
