from __future__ import annotations

import csv
import errno
import os
import stat
from collections.abc import Callable, Iterator
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from common.errors import LedgerError
from station.ledger import export_formats as spreadsheet
from station.ledger.export_formats import CsvForm, Table, write_csv, write_xlsx

NAMES = ["Ánh 😀", "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", 'it\'s; "so", said', "two\nlines"]
NOON = datetime(2026, 11, 2, 12)

Write = Callable[..., None]
each_kind = pytest.mark.parametrize("write", [write_csv, write_xlsx])


def table() -> list[tuple[object, ...]]:
    return [("name", "value", "time"), *((name, -0.5, NOON) for name in NAMES), ("none", None, 7)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bảng – 表.out"


def test_csv(path: Path) -> None:
    write_csv(path, table())
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")  # or Excel reads it as Latin-1
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["name", "value", "time"]
    harmless = [f"'{name}" if 1 <= n <= 6 else name for n, name in enumerate(NAMES)]
    assert [row[0] for row in rows] == [*harmless, "none"]
    assert {tuple(row[1:]) for row in rows[:-1]} == {("-0.50", "2026-11-02 12:00:00")}
    assert rows[-1][1:] == ["", "7"]


def test_text_stays_whole_where_a_program_separates_by_semicolons(path: Path) -> None:
    write_csv(path, [("a;=1+1",)])
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file, delimiter=";")) == [["a;=1+1"]]


def test_xlsx(path: Path) -> None:
    write_xlsx(path, table())
    sheet = openpyxl.load_workbook(BytesIO(path.read_bytes())).active
    assert sheet is not None
    header, *rows = sheet.iter_rows()
    assert [cell.value for cell in header] == ["name", "value", "time"]
    assert [row[0].value for row in rows] == [*NAMES, "none"]
    assert {row[0].data_type for row in rows} == {"s"}  # no formula
    assert {tuple(c.value for c in row[1:]) for row in rows[:-1]} == {(-0.5, NOON)}
    assert [cell.value for cell in rows[-1][1:]] == [None, 7]
    assert sheet.freeze_panes == "A2"


def test_csv_as_a_language_writes_it(path: Path) -> None:
    rows: Table = [("=name", "a;b"), (0.7123, -7.5), (3, date(2026, 11, 2))]
    write_csv(path, rows, form=CsvForm.of_language(","))
    text = path.read_text("utf-8-sig")
    assert text.splitlines() == ['"\'=name";"a;b"', "0,71;-7,50", '3;"2026-11-02"']
    for decimal, separator, second in (
        (".", None, "0.71,-7.50"),
        (",", ",", "0.71,-7.50"),
        (",", "\t", "0,71\t-7,50"),
        (".", ";", "0.71;-7.50"),
    ):
        write_csv(path, rows, True, form=CsvForm.of_language(decimal, separator))
        assert path.read_text("utf-8-sig").splitlines()[1] == second


def test_a_sheet_is_ready_to_be_read(path: Path) -> None:
    rows: Table = [
        ("day", "name", "similarity", "time"),
        (date(2026, 11, 2), "Nguyễn Thị Minh Khai", 0.7123, NOON),
        (date(2026, 11, 3), "x" * 300, 0.5, NOON),
    ]
    write_xlsx(path, rows, title="Lượt ra vào")
    sheet = openpyxl.load_workbook(BytesIO(path.read_bytes())).active
    assert sheet is not None
    assert (sheet.title, sheet.freeze_panes) == ("Lượt ra vào", "A2")
    assert sheet.auto_filter.ref == "A1:D3"
    assert [cell.font.bold for cell in sheet[1]] == [True] * 4
    assert not any(cell.font.bold for cell in sheet[2])
    assert [cell.number_format for cell in sheet[2]] == [
        *("yyyy-mm-dd", "General", "0.00", "yyyy-mm-dd hh:mm:ss")
    ]
    assert [cell.is_date for cell in sheet[2]] == [True, False, False, True]
    assert sheet["C2"].value == 0.7123
    widths = [sheet.column_dimensions[column].width for column in "ABCD"]
    assert widths == [13, 48, 13, 22]


def test_a_sheet_of_nothing_can_be_opened(path: Path) -> None:
    for rows in ([], [("name", "value")]):
        write_xlsx(path, rows, True)
        assert openpyxl.load_workbook(BytesIO(path.read_bytes())).active is not None


def test_xlsx_of_characters_that_it_cannot_hold(path: Path) -> None:
    write_xlsx(path, [("a\x00b\x0b",)])
    sheet = openpyxl.load_workbook(BytesIO(path.read_bytes())).active
    assert sheet is not None
    assert sheet["A1"].value == "a\ufffdb\ufffd"


@each_kind
def test_a_file_that_is_there_stays(write: Write, path: Path) -> None:
    path.write_text("mine", "utf-8")
    with pytest.raises(LedgerError, match=r"is there already.*--force"):
        write(path, table())
    assert path.read_text("utf-8") == "mine"
    write(path, table(), overwrite=True)
    assert path.stat().st_size > 100


@each_kind
def test_only_the_owner_may_read_it(write: Write, path: Path) -> None:
    path.touch(0o644)
    write(path, table(), overwrite=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(path.parent) == [path.name]  # noqa: PTH208


@each_kind
def test_what_fails_half_way_leaves_nothing(write: Write, path: Path) -> None:
    def failing() -> Iterator[tuple[str, ...]]:
        yield ("name",)
        raise LedgerError("a row", "there is none", "Look")

    path.write_text("mine", "utf-8")
    with pytest.raises(LedgerError, match="a row"):
        write(path, failing(), overwrite=True)
    assert path.read_text("utf-8") == "mine"
    assert os.listdir(path.parent) == [path.name]  # noqa: PTH208


@each_kind
@pytest.mark.parametrize("where", ["nowhere/file", "."])
def test_a_place_that_cannot_be_written(write: Write, tmp_path: Path, where: str) -> None:
    with pytest.raises(LedgerError, match="be able to write"):
        write(tmp_path / where, table(), overwrite=True)


@each_kind
def test_a_full_disk(write: Write, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LedgerError, match="No space"):
        write(path, table())
    assert os.listdir(path.parent) == []  # noqa: PTH208


def test_more_rows_than_a_sheet_can_have(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert spreadsheet._MOST_ROWS == 1_048_576
    monkeypatch.setattr(spreadsheet, "_MOST_ROWS", 3)
    rows: Table = [(n,) for n in range(4)]
    with pytest.raises(LedgerError, match=r"at most 2 rows.*CSV"):
        write_xlsx(path, rows)
    write_csv(path, rows)
