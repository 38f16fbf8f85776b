"""A diagram: what it shows in words, how it is drawn, and the table of what it shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.drawing.style import styled, svg_of, write_numbers, write_png
from common.sentence import ENGLISH, Language, Sentence, translated

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Say = Callable[[str], str]
"""Returns a Sentence in the language of a diagram, and a plain string as it is."""


@dataclass(frozen=True)
class Diagram:
    """about: what it shows, as a sentence. headings, rows: of the table; each row as long.

    draw: makes the figure, with its texts as they are said; called when it is asked for.
    """

    title: Sentence
    about: Sentence
    headings: tuple[Sentence, ...]
    rows: tuple[tuple[str, ...], ...]
    draw: Callable[[Say], Figure]

    def svg(self, language: Language = ENGLISH) -> str:
        """Return the diagram as an <svg> element."""
        with styled(self.title):
            return svg_of(self._drawn(language), language.say(self.title))

    def write(self, path: Path, kind: str, language: Language = ENGLISH) -> None:
        """Write a file. kind: .svg, .png, or .csv for the table alone."""
        if kind == ".png":
            with styled(self.title):
                write_png(self._drawn(language), path)
        elif kind == ".svg":
            path.write_text(self.svg(language) + "\n", "utf-8")
        else:
            self._write_table(path, language)

    def _drawn(self, language: Language) -> Figure:
        figure = self.draw(language.say)
        write_numbers(figure, language.number)
        return figure

    def _write_table(self, path: Path, language: Language) -> None:
        """Write what programs read, too: numbers have a decimal point in every language."""
        import csv

        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            for row in (self.headings, *self.rows):
                writer.writerow([translated(cell, language.look_up) for cell in row])
