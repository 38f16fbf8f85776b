"""Finds the pages of documentation that come with the program, and searches them."""

from __future__ import annotations

import re
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import desktop
from desktop.shared.names import folded

FIRST = "README"
_ORDER = (FIRST, "station", "screens", "liveness", "accuracy", "learning", "calibration", "models")
"""These go first; the others follow by name."""

_PICTURE = re.compile(r"\[?!\[[^\]]*\]\([^)]*\)(\]\([^)]*\))?")
_HEADING = re.compile(r"^#\s+(.+)$", re.MULTILINE)


@dataclass(frozen=True)
class HelpPage:
    """One page. name: of its file, without .md. text: Markdown, without its pictures."""

    name: str
    title: str
    text: str

    def has(self, words: str) -> bool:
        """Return whether each of the words is somewhere in the page, in any case and accents."""
        text = folded(self.text)
        return all(word in text for word in folded(words).split())


def help_folder() -> Path | None:
    """Return the folder with the pages: installed with the program, or the repository's."""
    root = Path(desktop.__file__).parents[1]
    installed = Path(sysconfig.get_path("data"), "share", "facedesk", "docs")
    for folder in (root / "docs", installed):
        if (folder / "station.md").is_file():
            return folder
    return None


def read_pages(folder: Path | None) -> Sequence[HelpPage]:
    """Return all pages of the folder, and the README beside or in it, in the order of reading."""
    if folder is None:
        return ()
    files = sorted({*folder.glob("*.md"), *folder.parent.glob(f"{FIRST}.md")})
    pages = [_page(file) for file in files]

    def place(page: HelpPage) -> tuple[int, str]:
        known = _ORDER.index(page.name) if page.name in _ORDER else len(_ORDER)
        return known, page.name

    return sorted(pages, key=place)


def _page(file: Path) -> HelpPage:
    text = _PICTURE.sub("", file.read_text("utf-8"))
    heading = _HEADING.search(text)
    title = heading[1].replace("`", "") if heading else file.stem
    return HelpPage(file.stem, title, text)
