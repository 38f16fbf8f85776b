"""Writes tables for a spreadsheet program: CSV and XLSX files, written whole or not at all."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Self
from zipfile import ZIP_DEFLATED, ZipFile

from common.errors import LedgerError
from common.output_file import output_file
from common.sentence import Sentence

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell as OpenpyxlCell
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

Cell = str | int | float | date | datetime | None
"""The content of a cell. Times are naive: they are what a local clock shows. Numbers that are not
whole are shown with two digits after the decimal sign."""

Table = Iterable[Sequence[Cell]]
"""The rows of a table; the first row is the header."""

_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
"""A text in a CSV file must not begin with one of these, since a spreadsheet would take it for a
formula: owasp.org/www-community/attacks/CSV_Injection, with the full-width signs."""

_MOST_ROWS = 2**20
"""The most rows of a sheet in an XLSX file, the header included."""

_MEASURED_ROWS = 1000
"""The rows by which the widths of columns are chosen: the first ones."""

_NARROWEST, _WIDEST = 8, 48
"""The limits of a column's width, in characters."""

_DAY, _TIME, _NUMBER = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "0.00"


@dataclass(frozen=True)
class CsvForm:
    """How a CSV file separates fields, and whole numbers from their fractions."""

    separator: str = ","
    decimal: str = "."

    @classmethod
    def of_language(cls, decimal: str, separator: str | None = None) -> Self:
        """Returns the form that a spreadsheet program expects in a language.

        decimal: the language's decimal sign; where it is a comma, fields are separated by
        semicolons. separator: another one, where it is wanted. Between commas numbers have points.
        """
        chosen = separator or (";" if decimal == "," else ",")
        return cls(chosen, "." if chosen == "," else decimal)


def write_csv(
    path: Path,
    table: Table,
    overwrite: bool = False,
    inputs: Iterable[Path] = (),
    form: CsvForm = CsvForm(),
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
        writer = csv.writer(file, delimiter=form.separator, quoting=csv.QUOTE_NONNUMERIC)
        for row in table:
            writer.writerow([_in_csv(cell, form) for cell in row])


def write_xlsx(
    path: Path,
    table: Table,
    overwrite: bool = False,
    inputs: Iterable[Path] = (),
    title: str = "Facedesk",
) -> None:
    """Writes an XLSX file of one sheet; text is never read as a formula.

    The header stays in view, in bold, with a filter for each column; columns are as wide as what is
    in them. title: the sheet's name. inputs: files that are never written over. Raises LedgerError
    for a file that is there already, unless `overwrite` is true; for one that cannot be written;
    and for more rows than a sheet can have. After an error, the file that was there is unchanged.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter
    from openpyxl.writer.excel import ExcelWriter

    with output_file(path, LedgerError, overwrite=overwrite, inputs=inputs) as fresh:
        workbook = Workbook(write_only=True)
        sheet = workbook.create_sheet(title)
        sheet.freeze_panes = "A2"
        rows = _few_enough(table)
        first = list(islice(rows, _MEASURED_ROWS))
        for column, width in enumerate(_widths(first), start=1):
            sheet.column_dimensions[get_column_letter(column)].width = width
        number = 0
        try:
            for number, row in enumerate(chain(first, rows), start=1):
                cells = [_in_sheet(sheet, value) for value in row]
                if number == 1:
                    for cell in cells:
                        cell.font = Font(bold=True)
                sheet.append(cells)
            if first and first[0]:
                sheet.auto_filter.ref = f"A1:{get_column_letter(len(first[0]))}{number}"
        finally:
            sheet.close()
        # Workbook.save leaves the archive open where the disk is full.
        with ZipFile(fresh, "w", ZIP_DEFLATED) as archive:
            ExcelWriter(workbook, archive).save()


def _widths(rows: Iterable[Sequence[Cell]]) -> list[int]:
    """Returns the width of each column in characters, with room for the filter's button."""
    longest: dict[int, int] = {}
    for row in rows:
        for column, value in enumerate(row):
            length = max(map(len, _shown(value).split("\n")))
            longest[column] = max(longest.get(column, 0), length)
    return [min(max(length + 3, _NARROWEST), _WIDEST) for length in longest.values()]


def _shown(value: Cell) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def _in_sheet(sheet: WriteOnlyWorksheet, value: Cell) -> OpenpyxlCell:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if not isinstance(value, str):
        cell = WriteOnlyCell(sheet, value)  # type: ignore[arg-type]  # the stubs lack dates
        if isinstance(value, datetime):  # which is a date, too
            cell.number_format = _TIME
        elif isinstance(value, date):
            cell.number_format = _DAY
        elif isinstance(value, float):
            cell.number_format = _NUMBER
        return cell
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


class _Decimal:
    """A number as the language writes it: the csv module quotes no number."""

    def __init__(self, value: float, sign: str) -> None:
        self._value = value
        self._sign = sign

    def __float__(self) -> float:
        return self._value

    def __str__(self) -> str:
        return f"{self._value:.2f}".replace(".", self._sign)


def _in_csv(cell: Cell, form: CsvForm) -> Cell | _Decimal:
    if isinstance(cell, float):
        return _Decimal(cell, form.decimal)
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
