"""Every widget, made in English and told to speak Vietnamese, says what one made so says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PyQt5.QtCore import QEvent
from PyQt5.QtWidgets import QAction, QApplication, QTableView, QWidget
from pytestqt.qtbot import QtBot

from capture.latest import SourceState, SourceStatus
from common.sentence import Sentence
from desktop.administration.new_pin_dialog import NewPinDialog
from desktop.checkins.amend_dialog import AmendingAct
from desktop.checkins.view import CheckinsView
from desktop.home import Home
from desktop.i18n.languages import FOLDER, use
from desktop.kiosk.administrator_dialog import AdministratorDialog
from desktop.live.bars.idle_strip import Hint, IdleStrip
from desktop.live.bars.notice_bar import NoticeBar
from desktop.live.enroll.dialog import EnrollDialog
from desktop.live.people.merge_dialog import MergeDialog
from desktop.live.people.summaries import MergeChoice, PersonSummary
from desktop.live.people.view import PeopleView
from desktop.settings.dialog import SettingsDialog
from desktop.settings.editors import TextEditor
from desktop.settings.file import Settings
from desktop.shared.pin_dialog import PinDialog
from gallery.identity import Candidate, Identity, Template
from recognition.enrollment.counting import GUIDANCE, FrameVerdict, RefusalReason
from recognition.enrollment.live import Progress, Review
from recognition.enrollment.poses import Pose
from recognition.recognizer import Recognizer
from tests.desktop import filled_dialogs
from tests.desktop.conftest import make_window

BLACK = np.zeros((112, 112, 3), np.uint8)
ANNA = Identity("1" * 32, "Anna", datetime(2026, 3, 4, tzinfo=UTC))
TEXTS = ("text", "title", "windowTitle", "placeholderText", "toolTip", "format")
ACCESSIBLE = ("accessibleName", "accessibleDescription")


@pytest.fixture(autouse=True)
def english(qapp: QApplication) -> Iterator[None]:
    use("en")
    yield
    use("en")


class Guard:
    wait_s = 30.0

    def check(self, pin: str) -> Guard:
        return self

    ok = False


def people_view() -> PeopleView:
    view = PeopleView()
    view.show_people([PersonSummary(ANNA, 8)])
    view.offer_undo(Identity("2" * 32, "Berta", ANNA.enrolled_at))
    return view


def merging() -> MergeDialog:
    berta = Identity("2" * 32, "Berta", ANNA.enrolled_at)
    dialog = MergeDialog(MergeChoice(ANNA, (Candidate(berta, 0.1),), 0.3))
    dialog.list.setCurrentRow(0)
    return dialog


def capturing() -> EnrollDialog:
    dialog = EnrollDialog()
    dialog.capture_page.begin("Anna")
    reason = RefusalReason.MOVING
    verdict = FrameVerdict(True, False, reason, GUIDANCE[reason], 3, 50, None, {Pose.UP: 0.0})
    dialog.show_progress(Progress(verdict, False))
    return dialog


def waiting() -> EnrollDialog:
    dialog = EnrollDialog()
    dialog.capture_page.begin("Anna")
    dialog.show_source(SourceStatus(SourceState.LOST, Sentence("Gone.")))
    return dialog


def reviewing(known: bool) -> EnrollDialog:
    dialog = EnrollDialog()
    same = (Candidate(ANNA, 0.7),) if known else ()
    templates = tuple(Template(np.zeros(8, np.float32), BLACK, 0.5, "toy") for _ in range(2))
    dialog.show_review(Review("Anna", templates, BLACK, same, ()))
    return dialog


def hinting() -> IdleStrip:
    strip = IdleStrip()
    strip.show_hint(Hint.NOBODY_ENROLLED)
    return strip


def wrong_settings() -> SettingsDialog:
    dialog = SettingsDialog(Path("settings.toml"), Settings())
    for row in dialog.rows.values():
        if isinstance(row.editor, TextEditor):
            row.editor.clear()
    dialog.save.click()
    return dialog


MAKERS: dict[str, Callable[[], QWidget]] = {
    "people": people_view,
    "merging": merging,
    "capturing": capturing,
    "waiting": waiting,
    "known": lambda: reviewing(True),
    "new": lambda: reviewing(False),
    "hinting": hinting,
    "notice": NoticeBar,
    "settings": lambda: SettingsDialog(Path("settings.toml"), Settings()),
    "wrong settings": wrong_settings,
    "check-ins": lambda: CheckinsView(Path("no ledger")),
    "pin": lambda: PinDialog(Guard()),
    "amending": lambda: filled_dialogs.amending(AmendingAct.CORRECT),
    "undoing": lambda: filled_dialogs.amending(AmendingAct.UNDO),
    "code": filled_dialogs.code,
    "imported": filled_dialogs.imported,
    "new pin": filled_dialogs.ALL[NewPinDialog]["new-pin"],
    "person": filled_dialogs.page,
    "split": filled_dialogs.split,
    "administrator": lambda: AdministratorDialog("Expected a name, but it is empty. Type one."),
}


def spoken(widget: QWidget) -> list[tuple[str, ...]]:
    """All that a widget and those in it say."""
    found = []
    for part in (widget, *widget.findChildren(QWidget), *widget.findChildren(QAction)):
        names = TEXTS if isinstance(part, QAction) else (*TEXTS, *ACCESSIBLE)
        said = [getattr(part, name)() for name in names if callable(getattr(part, name, None))]
        if isinstance(part, QTableView):
            model = part.model()
            said += [model.headerData(n, 1) for n in range(model.columnCount())]
        found.append((type(part).__name__, *map(str, said)))
    return found


@pytest.mark.parametrize("name", MAKERS)
def test_the_language_changes_on_show(qtbot: QtBot, qapp: QApplication, name: str) -> None:
    made_before = MAKERS[name]()
    qtbot.addWidget(made_before)
    english = spoken(made_before)
    use("vi")
    qapp.sendPostedEvents(None, QEvent.LanguageChange)
    made_after = MAKERS[name]()
    qtbot.addWidget(made_after)
    assert spoken(made_before) == spoken(made_after)
    assert spoken(made_before) != english
    use("en")
    qapp.sendPostedEvents(None, QEvent.LanguageChange)
    assert spoken(made_before) == english


def test_the_window_says_nothing_in_english(
    qtbot: QtBot, qapp: QApplication, load: Callable[[], Recognizer], home: Home
) -> None:
    window = make_window(load, lambda spec: None, home)
    qtbot.addWidget(window)
    before = spoken(window)
    use("vi")
    qapp.sendPostedEvents(None, QEvent.LanguageChange)
    source = (FOLDER / "facedesk_vi.ts").read_text("utf-8")
    english = {
        text
        for line in before
        for text in line[1:]
        if f"<source>{text.replace('&', '&amp;')}</source>" in source
    }
    still = {text for line in spoken(window) for text in line[1:]} & english
    window.close()
    assert english
    assert still <= {"OK"}
