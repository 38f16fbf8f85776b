from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from PyQt5.QtCore import QDate, Qt
from pytestqt.qtbot import QtBot

from desktop.checkins.arrivals_chart import ArrivalsChart
from desktop.checkins.columns import shown_hours
from desktop.checkins.records import read_records
from desktop.checkins.rows_model import RowsModel
from desktop.checkins.view import CheckinsView
from desktop.i18n.languages import use
from station.ledger.entry import Event, Kind, Means
from station.ledger.export_formats import write_csv, write_xlsx
from station.ledger.ledger import Ledger

TODAY = date.today()
YESTERDAY = TODAY - timedelta(days=1)

Write = Callable[..., int]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sổ" / "checkins.db"


@pytest.fixture
def write(path: Path) -> Write:
    """write(day, hour, kind, name, ...): appends an entry; its number."""

    def append(day: date, hour: float, kind: Kind, name: str, **more: object) -> int:
        at = datetime.combine(day, time()).astimezone() + timedelta(hours=hour)
        ledger = Ledger(path, clock=lambda: at)
        try:
            event = Event(kind, "Cổng", name.casefold(), name, **more)
            return ledger.append(event).number
        finally:
            ledger.close()

    return append


@pytest.fixture
def two_days(write: Write) -> None:
    write(YESTERDAY, 8, Kind.CHECK_IN, "Anna", similarity=0.71, threshold=0.4)
    write(YESTERDAY, 8.5, Kind.CHECK_IN, "Phạm Đức", similarity=0.66, threshold=0.4)
    write(YESTERDAY, 12.25, Kind.CHECK_OUT, "Anna")
    wrong = write(YESTERDAY, 13, Kind.CHECK_IN, "Berta")
    write(YESTERDAY, 13.01, Kind.UNDONE, "Berta", refers_to=wrong)
    write(TODAY, 0.01, Kind.CHECK_IN, "Anna", means=Means.CODE)


@pytest.fixture
def view(path: Path, qtbot: QtBot) -> Iterator[CheckinsView]:
    made = CheckinsView(path)
    qtbot.addWidget(made)
    made.show()
    yield made
    made.close()


def texts(model: RowsModel) -> list[list[str]]:
    return [
        [model.index(row, column).data() for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def is_read(view: CheckinsView, rows: int) -> Callable[[], bool]:
    return lambda: view.check_ins.rowCount() == rows and view._task is None


def test_without_a_ledger_there_is_nobody_and_none_is_made(
    view: CheckinsView, path: Path, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: "Nobody" in view.sums.text())
    assert not view.export_csv.isEnabled()
    assert not path.exists()


def test_every_check_in_is_shown_the_newest_first(
    two_days: None, view: CheckinsView, qtbot: QtBot
) -> None:
    qtbot.waitUntil(is_read(view, 5))
    rows = texts(view.check_ins)
    assert [row[1] for row in rows] == ["Anna", "Berta", "Anna", "Phạm Đức", "Anna"]
    assert [row[2] for row in rows] == ["In", "In", "Out", "In", "In"]
    assert [row[3] for row in rows] == ["Code", "Face", "Face", "Face", "Face"]
    assert [row[4] for row in rows] == ["", "", "", "0.66", "0.71"]
    assert [row[5] for row in rows] == ["", "Undone", "", "", ""]
    assert rows[-1][0].endswith("08:00:00")


def test_days_and_people_have_their_sums(two_days: None, view: CheckinsView, qtbot: QtBot) -> None:
    qtbot.waitUntil(is_read(view, 5))
    assert [row[1:] for row in texts(view.days)] == [
        ["1", "1", "0:00", "1"],
        ["2", "2", "4:15", "1"],
    ]
    assert texts(view.people) == [
        ["Anna", "2", "2", "4:15", "1"],
        ["Phạm Đức", "1", "1", "0:00", "1"],
    ]
    assert view.sums.text() == "People: 2 · check-ins: 3 · hours: 4:15"
    assert view.chart.bar_of(YESTERDAY).height() > view.chart.bar_of(TODAY).height() > 0


def test_a_corrected_entry_says_so(write: Write, view: CheckinsView, qtbot: QtBot) -> None:
    number = write(YESTERDAY, 9, Kind.CHECK_IN, "Anna")
    at = datetime.combine(YESTERDAY, time(7, 30)).astimezone()
    write(
        *(TODAY, 0.01, Kind.CORRECTION, "Anna"),
        refers_to=number,
        counts_as=Kind.CHECK_IN,
        happened_at=at,
        means=Means.OPERATOR,
    )
    view.refresh()
    qtbot.waitUntil(is_read(view, 2))
    assert [(row[0][-8:], row[5]) for row in texts(view.check_ins)] == [
        ("09:00:00", "Corrected"),
        ("07:30:00", "Correction"),
    ]


def test_a_name_is_found_without_its_accents(
    two_days: None, view: CheckinsView, qtbot: QtBot
) -> None:
    qtbot.waitUntil(is_read(view, 5))
    view.filter.name.setText("pham duc")
    assert [row[1] for row in texts(view.check_ins)] == ["Phạm Đức"]
    assert [row[0] for row in texts(view.people)] == ["Phạm Đức"]
    assert view.chart.bar_of(TODAY).height() == 0
    view.filter.name.setText("nobody")
    assert not view.export_csv.isEnabled()
    view.filter.name.clear()
    assert view.check_ins.rowCount() == 5


def test_other_days_are_read_anew(two_days: None, view: CheckinsView, qtbot: QtBot) -> None:
    qtbot.waitUntil(is_read(view, 5))
    view.filter.first.setDate(QDate(TODAY.year, TODAY.month, TODAY.day))
    qtbot.waitUntil(is_read(view, 1))
    assert view.filter.last.minimumDate() == view.filter.first.date()
    assert view.chart.days == 1


def test_an_undo_of_a_later_day_counts(write: Write, path: Path) -> None:
    number = write(YESTERDAY, 9, Kind.CHECK_IN, "Anna")
    write(TODAY, 0.01, Kind.UNDONE, "Anna", refers_to=number)
    (shown,) = read_records(path, YESTERDAY, YESTERDAY).check_ins
    assert shown.is_undone


def test_a_title_sorts(two_days: None, view: CheckinsView, qtbot: QtBot) -> None:
    qtbot.waitUntil(is_read(view, 5))
    view.check_ins.sort(4, Qt.DescendingOrder)
    assert [row[4] for row in texts(view.check_ins)][:2] == ["0.71", "0.66"]
    view.filter.name.setText("a")
    assert [row[4] for row in texts(view.check_ins)][:2] == ["0.71", "0.66"]


@pytest.mark.parametrize("tab", [0, 2])
def test_what_is_on_show_is_exported(
    two_days: None, view: CheckinsView, tmp_path: Path, qtbot: QtBot, tab: int
) -> None:
    qtbot.waitUntil(is_read(view, 5))
    view.filter.name.setText("anna")
    view.tabs.setCurrentIndex(tab)
    for file, writer in ((tmp_path / "a.csv", write_csv), (tmp_path / "a.xlsx", write_xlsx)):
        view.export(file, writer)
        qtbot.waitUntil(lambda: view._task is None)
        assert "is saved" in view.sums.text()
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as opened:
        header, *rows = list(csv.reader(opened))
    names = [row[header.index("name")] for row in rows]
    assert names == ["Anna"] * (3 if tab == 0 else 2)
    assert load_workbook(tmp_path / "a.xlsx").active.max_row == len(rows) + 1


def test_a_sheet_speaks_the_language_of_the_window(
    two_days: None, view: CheckinsView, tmp_path: Path, qtbot: QtBot
) -> None:
    qtbot.waitUntil(is_read(view, 5))
    file = tmp_path / "a.xlsx"
    try:
        use("vi")
        view.export(file, view._writer_of_xlsx())
        qtbot.waitUntil(lambda: view._task is None)
    finally:
        use("en")
    header, first, *_ = load_workbook(file).active.iter_rows(values_only=True)
    assert header[1:4] == ("thời gian", "loại", "tên")
    assert first[2:4] == ("vào", "Anna")


def test_what_cannot_be_written_or_read_is_told(
    two_days: None, view: CheckinsView, path: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    qtbot.waitUntil(is_read(view, 5))
    view.export(tmp_path / "no such folder" / "a.csv", write_csv)
    qtbot.waitUntil(view.problem.isVisible)
    assert "choose another folder" in view.problem.text()
    path.write_bytes(b"no database at all " * 100)
    view.refresh()
    qtbot.waitUntil(
        lambda: "another kind" in view.problem.text() or "damaged" in view.problem.text()
    )
    assert view.check_ins.rowCount() == 5


def test_closing_while_it_reads(two_days: None, path: Path, qtbot: QtBot) -> None:
    view = CheckinsView(path)
    qtbot.addWidget(view)
    view.show()
    task = view._task
    view.refresh()
    view.close()
    assert task is not None
    assert task.isFinished()


def test_the_chart_tells_the_day_under_the_pointer(qtbot: QtBot) -> None:
    chart = ArrivalsChart()
    qtbot.addWidget(chart)
    chart.resize(600, 150)
    first, last = date(2026, 3, 1), date(2026, 3, 30)
    chart.show_days(first, last, {date(2026, 3, 2): 12, date(2026, 3, 9): 6})
    for day in (first, date(2026, 3, 9), last):
        assert chart.day_at(chart.bar_of(day).center().x()) == day
    assert chart.day_at(0) is None
    tall, low = chart.bar_of(date(2026, 3, 2)), chart.bar_of(date(2026, 3, 9))
    assert tall.height() == pytest.approx(2 * low.height())
    assert "12 check-ins" in chart.accessibleDescription()
    assert len(chart._labelled()) < 30
    assert not chart.grab().isNull()


def test_hours_are_hours_and_minutes() -> None:
    assert shown_hours(timedelta(hours=31, minutes=4, seconds=50)) == "31:05"
