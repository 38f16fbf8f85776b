"""The files of docs/learning.md: twelve people, three pictures of each to enroll, some to ask for.

The names are not theirs.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from capture.portrait import PORTRAIT

NAMES = ("An", "Bình", "Chi", "Dũng", "Giang", "Hà", "Khoa", "Lan", "Minh", "Nga", "Phúc", "Quân")

ENROLLED = (0, 1, 3)
"""Of a person's pictures: clear ones."""


def make(folder: Path) -> None:
    shared = Path(os.environ.get("FACEDESK_DATA", Path(__file__).parents[3] / "shared"))
    if not (shared / "faces").is_dir():
        pytest.skip("no real pictures here: FACEDESK_DATA names their folder")
    for name, person in zip(NAMES, sorted((shared / "faces" / "people").iterdir()), strict=True):
        (folder / "people" / name).mkdir(parents=True)
        pictures = sorted(person.iterdir())
        for picture in (pictures[number] for number in ENROLLED):
            shutil.copy(picture, folder / "people" / name)
        if name in ("An", "Bình"):
            shutil.copy(pictures[5], folder / f"{name}-today.png")
            shutil.copy(pictures[6], folder / f"{name}-another.png")
    (folder / "raw" / "Eileen").mkdir(parents=True)
    shutil.copy(PORTRAIT, folder / "raw" / "Eileen" / "portrait.webp")
    (folder / "raw" / "Eileen" / "cut-short.jpg").write_bytes(b"\xff\xd8\xff")
