"""The files of docs/backup.md: a portrait."""

from __future__ import annotations

import shutil
from pathlib import Path

from capture.portrait import PORTRAIT


def make(folder: Path) -> None:
    shutil.copy(PORTRAIT, folder / "eileen.webp")
