from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PyQt5.QtCore import QLocale, Qt
from pytestqt.qtbot import QtBot

from desktop.live.enroll.dialog import EnrollDialog
from gallery.consents import ConsentWay
from recognition.enrollment.consent import consent_forms
from recognition.enrollment.live import Review


@pytest.fixture
def text(tmp_path: Path) -> Path:
    file = tmp_path / "consent.txt"
    file.write_text("I agree to be recognized here.", "utf-8")
    (tmp_path / "consent.vi.txt").write_text("Tôi đồng ý được nhận ra ở đây.", "utf-8")
    return file


@pytest.fixture
def dialog(qtbot: QtBot, text: Path) -> EnrollDialog:
    made = EnrollDialog(consent=lambda: consent_forms(str(text)))
    qtbot.addWidget(made)
    made.show()
    made.open()
    return made


REVIEW = Review("Anna", (), np.full((112, 112, 3), 99, np.uint8), (), ())


def enroll(dialog: EnrollDialog, qtbot: QtBot) -> Review:
    """Go on from the name; return what is saved."""
    dialog.name_page.field.setText("Anna")
    dialog.name_page.start.click()
    dialog.show_review(REVIEW)
    with qtbot.waitSignal(dialog.save_asked) as asked:
        dialog.review_page.save.click()
    return asked.args[0]


def test_the_text_comes_before_the_name_and_the_camera(dialog: EnrollDialog, qtbot: QtBot) -> None:
    page = dialog.consent_page
    assert dialog.currentWidget() is page
    assert page.text.toPlainText() == "I agree to be recognized here."
    started = []
    dialog.started.connect(started.append)
    page.agree.click()
    assert dialog.currentWidget() is dialog.name_page
    assert not started
    consent = enroll(dialog, qtbot).consent
    assert consent is not None
    assert (consent.text, consent.way) == ("I agree to be recognized here.", ConsentWay.SCREEN)


def test_what_was_agreed_to_is_the_text_that_was_chosen(dialog: EnrollDialog, qtbot: QtBot) -> None:
    page = dialog.consent_page
    page.language.setCurrentIndex(page.language.findText("Tiếng Việt"))
    assert page.text.toPlainText() == "Tôi đồng ý được nhận ra ở đây."
    page.agree.click()
    consent = enroll(dialog, qtbot).consent
    assert consent is not None
    assert (consent.language, consent.text) == ("vi", "Tôi đồng ý được nhận ra ở đây.")


def test_the_windows_language_is_shown_first(dialog: EnrollDialog) -> None:
    before = QLocale()
    QLocale.setDefault(QLocale("vi"))
    try:
        dialog.open()
    finally:
        QLocale.setDefault(before)
    assert dialog.consent_page.text.toPlainText() == "Tôi đồng ý được nhận ra ở đây."


def test_no_ends_it(dialog: EnrollDialog, qtbot: QtBot) -> None:
    with qtbot.waitSignals([dialog.cancelled, dialog.closed]):
        dialog.consent_page.cancel.click()


def test_enter_agrees_to_nothing_that_was_not_read(dialog: EnrollDialog, qtbot: QtBot) -> None:
    qtbot.keyClick(dialog.consent_page.text, Qt.Key_Return)
    assert dialog.currentWidget() is dialog.consent_page


def test_each_person_is_asked(dialog: EnrollDialog) -> None:
    dialog.consent_page.agree.click()
    dialog.open()
    assert dialog.currentWidget() is dialog.consent_page
    assert dialog._consent is None


def test_without_a_text_nobody_can_go_on(dialog: EnrollDialog, text: Path) -> None:
    text.unlink()
    (text.parent / "consent.vi.txt").unlink()
    dialog.open()
    page = dialog.consent_page
    assert "nobody is enrolled" in page.problem.text()
    assert not page.agree.isEnabled()
    page.agree.click()
    assert dialog.currentWidget() is page
    text.write_text("Here it is again.", "utf-8")
    dialog.open()
    assert page.text.toPlainText() == "Here it is again."
    assert page.agree.isEnabled()
    assert not page.problem.isVisible()


def test_without_the_setting_the_name_comes_first(qtbot: QtBot) -> None:
    dialog = EnrollDialog()
    qtbot.addWidget(dialog)
    dialog.open()
    assert dialog.currentWidget() is dialog.name_page
    dialog.name_page.field.setText("Anna")
    assert enroll(dialog, qtbot) is REVIEW
