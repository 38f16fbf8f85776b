"""Says a table that is exported in the language of the window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from desktop.i18n.sentences import in_own_words
from station.ledger.export_formats import Cell, Table


def in_words(table: Table) -> Iterator[Sequence[Cell]]:
    """Gives the table's rows with the Sentences among the cells translated, names as they are."""
    for row in table:
        yield [in_own_words(cell) if isinstance(cell, str) else cell for cell in row]
