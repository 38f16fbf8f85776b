"""The files of docs/formats.md."""

from __future__ import annotations

import shutil
from pathlib import Path

from capture.portrait import PORTRAIT


def make(folder: Path) -> None:
    people = folder / "people" / "Eileen Collins"
    people.mkdir(parents=True)
    shutil.copy(PORTRAIT, people / "portrait.webp")
