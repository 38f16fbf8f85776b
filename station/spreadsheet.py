"""Tables for a spreadsheet program: CSV and XLSX files, written whole or not at all."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from facedesk_errors import LedgerError

Cell = str | int | float | datetime | None
"""Times are naive: what a local clock shows."""

Table = Iterable[Sequence[Cell]]
"""Its first row is the header."""

_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
"""What a text may not begin with in a CSV file, since a spreadsheet would take it for a formula:
owasp.org/www-community/attacks/CSV_Injection, with the full-width signs."""

_MOST_ROWS = 2**20
"""Of a sheet in an XLSX file, the header's among them."""


def write_csv(path: Path, table: Table, overwrite: bool = False) -> None:
    """CSV as Excel writes "CSV UTF-8": with a byte order mark, text quoted.

    A text that begins as a formula gets an apostrophe before it, which is what a person would
    type. Raises LedgerError as `write_xlsx` does.
    """

    def write(fresh: Path) -> None:
        with fresh.open("w", encoding="utf-8-sig", newline="") as file:
            # Quoted, so that no text is cut where a program separates by semicolons.
            writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
            for row in table:
                writer.writerow([_harmless(cell) for cell in row])

    _replace(path, write, overwrite)


def write_xlsx(path: Path, table: Table, overwrite: bool = False) -> None:
    """One sheet, its header fixed; text is never a formula.

    Raises LedgerError for a file that is there already, unless `overwrite`; for one that cannot
    be written; and for more rows than a sheet can have. What was there stays as it was then.
    """

    def write(fresh: Path) -> None:
        from openpyxl import Workbook
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
        from openpyxl.writer.excel import ExcelWriter

        workbook = Workbook(write_only=True)
        sheet = workbook.create_sheet()
        sheet.freeze_panes = "A2"
        try:
            for row in _few_enough(table):
                cells = []
                for value in row:
                    if isinstance(value, str):
                        cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("\ufffd", value))
                        cell.data_type = "s"  # openpyxl takes "=..." for a formula
                    else:
                        cell = WriteOnlyCell(sheet, value)
                    cells.append(cell)
                sheet.append(cells)
        finally:
            sheet.close()
        # Workbook.save leaves the archive open where the disk is full.
        with ZipFile(fresh, "w", ZIP_DEFLATED) as archive:
            ExcelWriter(workbook, archive).save()

    _replace(path, write, overwrite)


def _few_enough(table: Table) -> Iterator[Sequence[Cell]]:
    for number, row in enumerate(table, start=1):
        if number > _MOST_ROWS:
            raise LedgerError(
                f"at most {_MOST_ROWS - 1:,} rows for an XLSX file",
                "there are more",
                "Choose a shorter time, or a CSV file",
            )
        yield row


def _replace(path: Path, write: Callable[[Path], None], overwrite: bool) -> None:
    """Owner-readable, since it says who was where."""
    if path.exists() and not overwrite:
        raise LedgerError(
            "to write a new file",
            f"{path} is there already",
            "Choose another name, or use --force to overwrite it",
        )
    fresh = path.with_name(f".{path.name}.new")
    try:
        fresh.touch(0o600)
        fresh.chmod(0o600)  # one left over from a crash keeps its own mode
        write(fresh)
        with fresh.open("rb+") as file:
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise LedgerError(
            f"to be able to write {path}",
            f"that failed ({error.strerror or error})",
            "Free some space, or choose another folder",
        ) from error
    finally:
        with suppress(OSError):  # there is none where all went well
            fresh.unlink()


def _harmless(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
