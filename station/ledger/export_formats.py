"""Writes tables for a spreadsheet program: CSV and XLSX files, written whole or not at all."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

from common.errors import LedgerError
from common.output_file import output_file
from common.sentence import Sentence

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell as OpenpyxlCell
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

Cell = str | int | float | datetime | None
"""The content of a cell. Times are naive: they are what a local clock shows."""

Table = Iterable[Sequence[Cell]]
"""The rows of a table; the first row is the header."""

_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
"""A text in a CSV file must not begin with one of these, since a spreadsheet would take it for a
formula: owasp.org/www-community/attacks/CSV_Injection, with the full-width signs."""

_MOST_ROWS = 2**20
"""The most rows of a sheet in an XLSX file, the header included."""


def write_csv(
    path: Path, table: Table, overwrite: bool = False, inputs: Iterable[Path] = ()
) -> None:
    """Writes a CSV file like Excel's "CSV UTF-8": with a byte order mark, text quoted.

    A text that begins as a formula gets an apostrophe before it, as a person would type it. Raises
    LedgerError as `write_xlsx` does.
    """

    with (
        output_file(path, LedgerError, overwrite=overwrite, inputs=inputs) as fresh,
        fresh.open("w", encoding="utf-8-sig", newline="") as file,
    ):
        # Quoted, so that no text is cut where a program separates by semicolons.
        writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
        for row in table:
            writer.writerow([_harmless(cell) for cell in row])


def write_xlsx(
    path: Path, table: Table, overwrite: bool = False, inputs: Iterable[Path] = ()
) -> None:
    """Writes an XLSX file of one sheet, with its header fixed; text is never read as a formula.

    inputs: files that are never written over. Raises LedgerError for a file that is there
    already, unless `overwrite` is true; for one that cannot be written; and for more rows than a
    sheet can have. After an error, the file that was there is unchanged.
    """
    from openpyxl import Workbook
    from openpyxl.writer.excel import ExcelWriter

    with output_file(path, LedgerError, overwrite=overwrite, inputs=inputs) as fresh:
        workbook = Workbook(write_only=True)
        sheet = workbook.create_sheet()
        sheet.freeze_panes = "A2"
        try:
            for row in _few_enough(table):
                sheet.append([_never_formula(sheet, value) for value in row])
        finally:
            sheet.close()
        # Workbook.save leaves the archive open where the disk is full.
        with ZipFile(fresh, "w", ZIP_DEFLATED) as archive:
            ExcelWriter(workbook, archive).save()


def _never_formula(sheet: WriteOnlyWorksheet, value: Cell) -> OpenpyxlCell:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if not isinstance(value, str):
        return WriteOnlyCell(sheet, value)
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("\ufffd", value))
    cell.data_type = "s"  # openpyxl takes "=..." for a formula
    return cell


def _few_enough(table: Table) -> Iterator[Sequence[Cell]]:
    for number, row in enumerate(table, start=1):
        if number > _MOST_ROWS:
            raise LedgerError(
                Sentence("at most {} rows for an XLSX file", f"{_MOST_ROWS - 1:,}"),
                "there are more",
                "Choose a shorter time, or a CSV file",
            )
        yield row


def _harmless(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
