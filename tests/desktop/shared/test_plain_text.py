"""Nothing that a person or a file supplied is ever rendered as rich text."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PyQt5.QtCore import QModelIndex, Qt, QTimer
from PyQt5.QtGui import QTextDocument
from PyQt5.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QLabel,
    QMessageBox,
)
from pytestqt.qtbot import QtBot

from capture.latest import SourceState, SourceStatus
from common.errors import GalleryError, StationError
from desktop.checkins.view import CheckinsView
from desktop.home import Home
from desktop.kiosk.administrator_dialog import AdministratorDialog
from desktop.kiosk.bar import StationBar
from desktop.kiosk.pages.message_card import MessageCard
from desktop.kiosk.pages.person_card import PersonCard
from desktop.live.source.dialog import SourceDialog
from desktop.live.window import Window
from desktop.live.worker import AddedPhotos
from desktop.settings.dialog import SettingsDialog
from desktop.settings.file import Settings
from desktop.shared.dialogs.message_dialog import MessageDialog
from desktop.shared.elided_label import ElidedLabel
from desktop.shared.pin_dialog import PinDialog
from desktop.shared.plain_text import PlainFileDialog, plain_button, plain_tip
from gallery.identity import Candidate, Identity
from recognition.enrollment.live import Review
from recognition.enrollment.photos import Skipped
from station.ledger.entry import Event, Kind
from station.ledger.ledger import Ledger
from station.screen import CheckedIn, Confirm, Direction, Fault, Undone
from tests.desktop.conftest import ANNA, BERTA

HOSTILE = "<img src=x>"
"""As short as it is dangerous, so that nothing shortens it."""

FAULT = str(GalleryError(f"a file {HOSTILE}", f"there is none at /tmp/{HOSTILE}", HOSTILE))


def might_be_rich(text: str, text_format: int = Qt.AutoText) -> bool:
    """More than Qt takes for rich text: that has a tag, or an entity of one."""
    looks = "<" in text or "&lt;" in text
    return text_format == Qt.RichText or (text_format == Qt.AutoText and looks)


def misread(text: str, text_format: int = Qt.AutoText) -> bool:
    """Whether a reader sees something else than is written there."""
    if not might_be_rich(text, text_format):
        return False
    document = QTextDocument()
    document.setHtml(text)
    return HOSTILE not in document.toPlainText()


def cells(view: QAbstractItemView) -> Iterator[QModelIndex]:
    model = view.model()
    for row in range(0 if model is None else model.rowCount()):
        column = 0
        while (index := model.index(row, column)).isValid():
            yield index
            column += 1


def texts() -> Iterator[tuple[str, str, int]]:
    """Where each text of every widget is, the text, and how it is taken."""
    for widget in QApplication.allWidgets():
        where = type(widget).__name__
        yield f"{where}'s tooltip", widget.toolTip(), Qt.AutoText
        yield f"{where}'s help", widget.whatsThis(), Qt.AutoText
        if isinstance(widget, QLabel):
            yield f"{where} {widget.objectName()}", widget.text(), widget.textFormat()
        if isinstance(widget, QAbstractItemView):
            for index in cells(widget):
                for role in (Qt.ToolTipRole, Qt.WhatsThisRole):
                    yield f"a cell of {where}", str(index.data(role) or ""), Qt.AutoText
        for action in widget.actions():
            yield f"{where}'s action", action.toolTip(), Qt.AutoText


def rich_texts() -> list[str]:
    return [f"{where}: {text}" for where, text, how in texts() if misread(text, how)]


def seen() -> bool:
    """Whether the hostile text is anywhere at all: else the test would look at nothing."""
    return any(HOSTILE in text or "&lt;img" in text for _, text, _ in texts())


@pytest.fixture
def review() -> Review:
    known = Identity("a" * 32, HOSTILE, datetime(2026, 1, 1, tzinfo=UTC))
    alike = (Candidate(known, 0.9),)
    picture = np.zeros((112, 112, 3), np.uint8)
    return Review(HOSTILE, (), picture, same=alike, alike=alike)


def test_the_window_and_all_that_it_opens(
    window: Window,
    enrolled: Callable[..., list[Identity]],
    review: Review,
    qtbot: QtBot,
) -> None:
    qtbot.waitUntil(lambda: window.people.list.count() == 2)
    window.notice.show_message(FAULT)
    window.status.show_source(SourceStatus(SourceState.LIVE, HOSTILE))
    window.status.source.resize(1, 20)
    window.status.source.grab()
    window.people.offer_undo(Identity("c" * 32, HOSTILE, datetime(2026, 1, 1, tzinfo=UTC)))
    window.people.list.setCurrentRow(0)
    window.people.merge.click()
    skipped = Skipped(Path(HOSTILE), FAULT)
    window.desk.report_photos(AddedPhotos(review.same[0].identity, 1, (skipped,)))
    window.enroll_dialog.show()
    window.enroll_dialog.show_review(review)
    window.enroll_dialog.show_save_failure(FAULT)
    assert seen()
    assert rich_texts() == []
    window.enroll_dialog.show_capture_failure(FAULT)
    window.enroll_dialog.capture_page.begin(HOSTILE)
    window.feed.status_changed.emit(SourceStatus(SourceState.FAILED, FAULT))
    window.menus.open_camera.trigger()
    for kind in (MessageDialog, SourceDialog):
        assert [w for w in QApplication.topLevelWidgets() if isinstance(w, kind)]
    assert rich_texts() == []


@pytest.fixture(autouse=True)
def people(enrolled: Callable[..., list[Identity]]) -> None:
    """Everybody is called the same."""
    enrolled(**{HOSTILE: ANNA})
    enrolled(**{HOSTILE: BERTA})


def test_the_card_that_explains_a_name(window: Window, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: any(face.match for face in window.view.faces))
    window.menus.why.trigger()
    assert window.why.isVisible()
    window.why.title.resize(1, 20)
    window.why.title.grab()
    assert seen()
    assert rich_texts() == []


def test_the_check_ins(home: Home, qtbot: QtBot) -> None:
    with closing(Ledger(home.checkins)) as ledger:
        first = ledger.append(Event(Kind.CHECK_IN, HOSTILE, "a" * 32, HOSTILE))
        ledger.append(
            Event(Kind.UNDONE, HOSTILE, "a" * 32, HOSTILE, refers_to=first.number, note=HOSTILE)
        )
        ledger.append(Event(Kind.CHECK_IN, HOSTILE, "b" * 32, HOSTILE))
    view = CheckinsView(home.checkins)
    qtbot.addWidget(view)
    view.show()
    qtbot.waitUntil(lambda: bool(view.check_ins.rows))
    view._tell_saved(Path(HOSTILE))
    assert seen()
    assert rich_texts() == []
    view.close()


def test_settings_and_what_is_wrong_with_them(home: Home, qtbot: QtBot) -> None:
    dialog = SettingsDialog(home.settings, Settings(), None)
    qtbot.addWidget(dialog)
    dialog.show()
    for row in dialog.rows.values():
        if hasattr(row.editor, "setText") and isinstance(row.value, str):
            row.editor.setText(HOSTILE)
    for row in dialog.rows.values():
        row.check()
    dialog._tell(lambda: FAULT)
    assert seen()
    assert rich_texts() == []


def test_the_station(qtbot: QtBot) -> None:
    face = np.zeros((9, 9, 3), np.uint8)
    person, message = PersonCard(), MessageCard()
    shown = [StationBar(HOSTILE, "en"), person, message, AdministratorDialog(FAULT)]
    for widget in shown:
        qtbot.addWidget(widget)
        widget.show()
    at = datetime(2026, 1, 1, tzinfo=UTC)
    for screen in (
        CheckedIn(1, HOSTILE, Direction.IN, at, face, face),
        Confirm(HOSTILE, Direction.IN, face, face),
    ):
        person.show_screen(screen)
        assert seen()
        assert rich_texts() == []
    for told in (Fault(FAULT, HOSTILE), Undone(HOSTILE)):
        message.show_screen(told)
        assert rich_texts() == []


class HostileGuard:
    @property
    def wait_s(self) -> float:
        raise StationError(HOSTILE, HOSTILE, HOSTILE)

    def check(self, pin: str) -> object:
        raise StationError(HOSTILE, HOSTILE, HOSTILE)


def test_the_pin_dialog(qtbot: QtBot) -> None:
    dialog = PinDialog(HostileGuard())  # type: ignore[arg-type]
    qtbot.addWidget(dialog)
    dialog.show()
    assert HOSTILE in dialog.message.text()
    assert rich_texts() == []


def test_the_question_whether_to_write_over_a_file(tmp_path: Path, qtbot: QtBot) -> None:
    file = tmp_path / HOSTILE
    file.write_bytes(b"")
    dialog = PlainFileDialog(None, "", str(tmp_path))
    qtbot.addWidget(dialog)
    dialog.setOption(PlainFileDialog.DontUseNativeDialog)
    dialog.setAcceptMode(PlainFileDialog.AcceptSave)
    dialog.selectFile(HOSTILE)
    dialog.show()
    asked: list[list[str]] = []

    def look() -> None:
        (box,) = dialog.findChildren(QMessageBox)
        assert HOSTILE in box.text()
        asked.append(rich_texts())
        box.reject()

    QTimer.singleShot(200, look)
    dialog.accept()
    assert asked == [[]]


@pytest.mark.parametrize(
    "text", [HOSTILE, f"a\nb {HOSTILE}", f"  {HOSTILE}&amp;", f"&lt; {HOSTILE}"]
)
def test_a_tooltip_reads_as_it_is_written(text: str, qapp: QApplication) -> None:
    document = QTextDocument()
    document.setHtml(plain_tip(text))
    assert document.toPlainText() == text
    assert plain_tip("Ánh – 王芳\n2") == "Ánh – 王芳\n2"


def test_tooltips_on_show(qtbot: QtBot) -> None:
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.setText(HOSTILE * 9)
    label.resize(20, 20)
    label.show()
    label.grab()
    assert label.toolTip()
    assert not misread(label.toolTip())


def test_a_button_underlines_nothing_of_a_name() -> None:
    assert plain_button("Add to A & B") == "Add to A && B"


# -- who goes around it ------------------------------------------------------------------------

DESKTOP = Path(__file__).parents[3] / "desktop"
ONLY_IN_PLAIN_TEXT = {"QLabel", "QFileDialog", "QErrorMessage", "QTextBrowser", "QStaticText"}
NEVER = {"setWhatsThis", "setHtml", "insertHtml", "setMarkdown"}
MADE_PLAIN = {"QMessageBox", "QInputDialog", "QProgressDialog"}
ASKS = MADE_PLAIN | {"QFileDialog", "QWhatsThis"}
"""Their ready-made questions: QMessageBox.warning() and the like."""

TIPS = {"setToolTip": 0, "showText": 1}


def name_of(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def is_plain(tip: ast.expr) -> bool:
    """Through plain_tip, or words of our own."""
    match tip:
        case ast.Constant():
            return True
        case ast.IfExp(body=body, orelse=orelse):
            return is_plain(body) and is_plain(orelse)
        case ast.Call(func=ast.Attribute(attr="tr"), args=[ast.Constant()]):
            return True
        case ast.Call():
            return name_of(tip) == "plain_tip"
    return False


def faults(tree: ast.AST) -> Iterator[str]:
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            called = {name_of(call) for call in ast.walk(function) if isinstance(call, ast.Call)}
            if called & MADE_PLAIN and "make_plain" not in called:
                yield f"{function.lineno}: {function.name} does not make its dialog plain"
        if isinstance(function, ast.ClassDef):
            for base in function.bases:
                if isinstance(base, ast.Name) and base.id in ONLY_IN_PLAIN_TEXT | MADE_PLAIN:
                    yield f"{function.lineno}: {function.name} is a {base.id}"
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = name_of(call)
        of = getattr(getattr(call.func, "value", None), "id", "")
        if name in ONLY_IN_PLAIN_TEXT | NEVER or of in ASKS:
            yield f"{call.lineno}: {name}()"
        if name in TIPS and not is_plain(call.args[TIPS[name]]):
            yield f"{call.lineno}: {name}() without plain_tip()"
        if name == "setTextFormat":
            yield f"{call.lineno}: PlainLabel and make_plain() set the format"


def test_nobody_goes_around_it() -> None:
    found = [
        f"{path.relative_to(DESKTOP)}:{fault}"
        for path in sorted(DESKTOP.rglob("*.py"))
        if path.name != "plain_text.py"
        for fault in faults(ast.parse(path.read_text("utf-8")))
    ]
    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        *("QLabel(name)", "item.setToolTip(name)", "QToolTip.showText(place, name, self)"),
        *("QMessageBox.warning(self, '', name)", "def f():\n    QMessageBox(name)"),
        *("class Mine(QLabel): pass", "view.setWhatsThis(name)", "QFileDialog(self)"),
        "label.setToolTip(name if name else '')",
    ],
)
def test_going_around_it_is_noticed(code: str) -> None:
    assert list(faults(ast.parse(code)))
