"""The real window and its thread, with a fake camera and fake faces."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PyQt5.QtCore import QMimeData, QPoint, QSize, Qt, QUrl
from PyQt5.QtGui import QContextMenuEvent, QDragEnterEvent, QDropEvent
from PyQt5.QtWidgets import QApplication, QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from capture.latest import SourceState, SourceStatus
from capture.source import FrameSource
from common.errors import EngineError, GalleryError, SourceError
from common.sentence import Sentence
from desktop.home import Home
from desktop.live.bars.idle_strip import Hint
from desktop.live.people.delegate import ID_ROLE
from desktop.live.people.import_bar import ImportSummary
from desktop.live.people.merge_dialog import MergeDialog
from desktop.live.people.person.page import PersonPage
from desktop.live.people.view import PeopleView
from desktop.live.source.dialog import SourceDialog
from desktop.live.window import Window
from desktop.shared.dialogs.confirming import ConfirmDialog
from desktop.shared.dialogs.message_dialog import MessageDialog
from desktop.shared.names import isolated
from desktop.shared.style import dress
from gallery.identity import Candidate, Identity
from gallery.store import Store
from models.conversion.preparation import PreparationProgress, PreparationStep
from recognition.enrollment.live import Review
from recognition.recognizer import Recognizer
from tests.desktop.conftest import (
    ANNA,
    BERTA,
    GOAL,
    FullDiskGallery,
    Stage,
    make_window,
    picture,
)

Enrolled = Callable[..., list[Identity]]


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No new name can be saved, until undo()."""
    monkeypatch.setattr(FullDiskGallery, "refuses_names", True)
    return monkeypatch


def names_on_show(window: Window) -> list[str | None]:
    return [f.match.identity.name if f.match else None for f in window.view.faces]


def begin_capture(window: Window, qtbot: QtBot, name: str) -> None:
    qtbot.waitUntil(window.idle_strip.enroll.isEnabled)
    qtbot.mouseClick(window.idle_strip.enroll, Qt.LeftButton)
    qtbot.keyClicks(window.enroll_dialog.name_page.field, name)
    qtbot.keyClick(window.enroll_dialog.name_page.field, Qt.Key_Return)
    assert window.enroll_dialog.currentWidget() is window.enroll_dialog.capture_page


def test_the_button_enrolls_who_is_in_front_of_the_camera(window: Window, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: names_on_show(window) == [None])
    begin_capture(window, qtbot, "Anna")
    review = window.enroll_dialog.review_page
    qtbot.waitUntil(review.save.isVisible)
    qtbot.mouseClick(review.save, Qt.LeftButton)
    qtbot.waitUntil(lambda: names_on_show(window) == ["Anna"])
    assert window.enroll_dialog.isHidden()
    assert window.people.list.item(0).text() == "Anna"
    assert window.enroll_dialog.capture_page.bar.value() == GOAL


def test_ctrl_e_enrolls_also_while_somebody_types_a_search(window: Window, qtbot: QtBot) -> None:
    qtbot.waitUntil(window.menus.enroll.isEnabled)
    window.activateWindow()
    window.people.search.setFocus()
    qtbot.waitUntil(window.people.search.hasFocus)
    qtbot.keyClick(window.people.search, Qt.Key_E, Qt.ControlModifier)
    assert window.enroll_dialog.isVisible()


def test_who_was_just_enrolled_is_selected_whatever_is_searched(
    enrolled: Enrolled, window: Window, qtbot: QtBot
) -> None:
    enrolled(Berta=BERTA)
    qtbot.waitUntil(lambda: window.people.list.count() == 1)
    window.people.search.setText("bert")
    begin_capture(window, qtbot, "Anna")
    review = window.enroll_dialog.review_page
    qtbot.waitUntil(review.save.isVisible)
    qtbot.mouseClick(review.save, Qt.LeftButton)
    qtbot.waitUntil(lambda: window.people.list.count() == 2)
    (chosen,) = window.people.list.selectedItems()
    assert chosen.text() == "Anna"
    assert not chosen.isHidden()
    window.people.renamed.emit(chosen.data(ID_ROLE), "Zoë")
    qtbot.waitUntil(lambda: chosen.text() == "Zoë")
    assert not chosen.isHidden()
    window.people.search.setText("berta")  # typed anew, it is a search again
    assert chosen.isHidden()


def test_an_empty_gallery_says_what_to_do(window: Window, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: "press Enroll" in window.idle_strip.hint.text())
    assert window.people.empty.isVisible()


def test_it_says_how_far_the_preparation_is(window: Window, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: "press Enroll" in window.idle_strip.hint.text())
    strip = window.idle_strip
    assert not strip.progress.isVisible()
    strip.show_hint(Hint.LOADING)
    assert not strip.progress.isVisible()  # the models were there: nothing is prepared
    strip.show_preparation(PreparationProgress(PreparationStep.FETCHING, 1, 2))
    assert strip.hint.text() == "Fetching the models, once: 1 of 2"
    assert (strip.progress.minimum(), strip.progress.maximum()) == (0, 0)  # it is busy
    strip.show_preparation(PreparationProgress(PreparationStep.CONVERTING, 3, 8))
    assert strip.hint.text() == "Preparing the models, once: 3 of 8"
    assert strip.progress.isVisible()
    assert (strip.progress.value(), strip.progress.maximum()) == (3, 8)
    strip.show_preparation(PreparationProgress(PreparationStep.COMPILING, 8, 8))
    assert strip.hint.text() == "Getting the models ready for this computer, once…"
    assert (strip.progress.minimum(), strip.progress.maximum()) == (0, 0)
    strip.show_hint(Hint.NOBODY_ENROLLED)
    assert not strip.progress.isVisible()


def test_nobody_is_said_to_be_missing_before_the_gallery_is_read(qtbot: QtBot) -> None:
    people = PeopleView()
    qtbot.addWidget(people)
    assert people.empty.text() == ""
    people.show_people(())
    assert people.empty.text().startswith("Nobody is enrolled yet: sit in front")


def test_cancel_brings_the_button_back(window: Window, qtbot: QtBot) -> None:
    begin_capture(window, qtbot, "Anna")
    qtbot.mouseClick(window.enroll_dialog.capture_page.cancel, Qt.LeftButton)
    assert window.enroll_dialog.isHidden()
    assert window.idle_strip.enroll.isVisible()


def test_removing_and_undoing_reach_the_picture(
    enrolled: Enrolled, window: Window, qtbot: QtBot
) -> None:
    qtbot.waitUntil(
        lambda: window.people.list.count() == 0 and window.idle_strip.enroll.isEnabled()
    )
    enrolled(Anna=ANNA)  # by another program
    qtbot.waitUntil(lambda: names_on_show(window) == ["Anna"])
    qtbot.waitUntil(lambda: window.people.list.count() == 1)
    window.people.list.setCurrentRow(0)
    qtbot.mouseClick(window.people.remove, Qt.LeftButton)
    qtbot.waitUntil(lambda: names_on_show(window) == [None])
    qtbot.mouseClick(window.people.undo, Qt.LeftButton)
    qtbot.waitUntil(lambda: names_on_show(window) == ["Anna"])
    assert not window.people.undo_bar.isVisible()


def test_closing_erases_who_was_removed_and_ends_all_threads(
    load: Callable[[], Recognizer],
    stage: Stage,
    enrolled: Enrolled,
    gallery_path: Path,
    home: Home,
    qtbot: QtBot,
) -> None:
    enrolled(Anna=ANNA, Berta=BERTA)
    window = make_window(load, stage.open, home)
    qtbot.addWidget(window)
    window.open_source("0")
    qtbot.waitUntil(lambda: window.people.list.count() == 2)
    window.people.list.setCurrentRow(0)
    window.people.remove.click()
    qtbot.waitUntil(lambda: window.people.list.count() == 1)
    window.close()
    assert not window.worker.thread().isRunning()
    assert not [t for t in threading.enumerate() if t.name.startswith("source")]
    store = Store(gallery_path)
    assert [stored.identity.name for stored in store.load_all()] == ["Berta"]
    assert store.pending_erasures() == []
    store.close()


def test_a_lost_camera_is_told_and_comes_back(window: Window, stage: Stage, qtbot: QtBot) -> None:
    begin_capture(window, qtbot, "Anna")
    stage.is_unplugged = True
    qtbot.waitUntil(lambda: "Trying again" in window.view.message)
    assert window.status.source.text() == "Not answering"
    assert window.enroll_dialog.capture_page.guidance.text() == "Waiting for the camera"
    stage.is_unplugged = False
    qtbot.waitUntil(window.enroll_dialog.review_page.save.isVisible)
    assert window.view.message == ""


def test_models_that_cannot_be_loaded_leave_the_picture(
    stage: Stage, home: Home, qtbot: QtBot
) -> None:
    def load() -> Recognizer:
        raise EngineError("an engine", "there is none", "Install one")

    window = make_window(load, stage.open, home)
    qtbot.addWidget(window)
    window.show()
    window.open_source("0")
    qtbot.waitUntil(window.notice.isVisible)
    assert window.notice.label.text() == "Expected an engine, but there is none. Install one."
    assert not window.idle_strip.enroll.isEnabled()
    # Only a start loads the models.
    qtbot.waitUntil(lambda: "start Facedesk again" in window.idle_strip.hint.text())
    qtbot.waitUntil(lambda: window.feed.peek() is not None)
    window.close()


def test_a_click_on_a_face_says_why(enrolled: Enrolled, window: Window, qtbot: QtBot) -> None:
    enrolled(Anna=ANNA)
    qtbot.waitUntil(lambda: names_on_show(window) == ["Anna"])
    box = window.view.box_of(window.view.faces[0].face)
    qtbot.mouseClick(window.view, Qt.LeftButton, pos=box.center().toPoint())
    assert window.why.isVisible()
    assert "Anna" in window.why.text
    assert "passes" in window.why.text
    qtbot.keyClick(window.why, Qt.Key_Escape)
    assert not window.why.isVisible()
    qtbot.mouseClick(window.view, Qt.LeftButton, pos=QPoint(1, 1))
    assert not window.why.isVisible()


def test_who_a_face_is_not_is_said_by_the_right_button_and_undone(
    enrolled: Enrolled, window: Window, qtbot: QtBot
) -> None:
    enrolled(Anna=ANNA)
    qtbot.waitUntil(lambda: names_on_show(window) == ["Anna"])
    place = window.view.box_of(window.view.faces[0].face).center().toPoint()
    asked = QContextMenuEvent(QContextMenuEvent.Mouse, place, window.view.mapToGlobal(place))
    QApplication.sendEvent(window.view, asked)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    _, reject = menu.actions()
    assert reject.text() == f"This is not {isolated('Anna')}"
    reject.trigger()
    menu.close()
    qtbot.waitUntil(window.rejection_bar.isVisible)
    assert "This is not" in window.rejection_bar.label.text()
    qtbot.waitUntil(lambda: names_on_show(window) == [None])
    qtbot.mouseClick(window.rejection_bar.undo, Qt.LeftButton)
    qtbot.waitUntil(lambda: names_on_show(window) == ["Anna"])
    assert window.rejection_bar.isHidden()


def test_the_source_can_be_changed(window: Window, stage: Stage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: names_on_show(window) == [None])
    assert window.view.is_mirrored
    stage.image = picture(ANNA, BERTA)
    window._ask_source()
    dialog = window.findChild(SourceDialog)
    dialog.field.setText("  ")
    assert not dialog.open_button.isEnabled()
    dialog.field.setText(" clip.mp4")
    qtbot.keyClick(dialog.field, Qt.Key_Return)
    assert not dialog.isVisible()
    assert window.feed.spec == "clip.mp4"
    assert not window.view.is_mirrored
    assert names_on_show(window) == []
    qtbot.waitUntil(lambda: names_on_show(window) == [None, None])


def test_the_line_of_rates_can_be_hidden(window: Window, qtbot: QtBot) -> None:
    assert window.status.statistics.isVisible()
    qtbot.waitUntil(lambda: "dropped" in window.status.statistics.text())
    with qtbot.waitSignal(window.statistics_toggled) as toggled:
        window.menus.rates.trigger()
    assert toggled.args == [False]
    assert not window.status.statistics.isVisible()


def test_skipped_photos_are_listed(
    enrolled: Enrolled, window: Window, tmp_path: Path, qtbot: QtBot
) -> None:
    (anna,) = enrolled(Anna=ANNA)
    qtbot.waitUntil(lambda: window.people.list.count() == 1)
    photos = (tmp_path / "stranger.png", tmp_path / "nobody.png")
    Image.fromarray(picture(3)).save(photos[0])
    Image.fromarray(picture()).save(photos[1])
    window.people.photos_chosen.emit(anna.id, photos)
    qtbot.waitUntil(lambda: window.findChild(MessageDialog) is not None)
    box = window.findChild(MessageDialog)
    assert box.text.text() == f"1 photos were added to {isolated('Anna')}."
    assert "nobody.png" in box.details.toPlainText()
    box.close_button.click()


def test_a_second_click_on_the_face_closes_the_card(
    enrolled: Enrolled, window: Window, qtbot: QtBot
) -> None:
    qtbot.waitUntil(window.idle_strip.enroll.isEnabled)
    enrolled(Anna=ANNA)
    qtbot.waitUntil(lambda: names_on_show(window) == ["Anna"])
    face = window.view.box_of(window.view.faces[0].face).center().toPoint()
    for is_open in (True, False, True):
        qtbot.mouseClick(window.view, Qt.LeftButton, pos=face)
        assert window.why.isVisible() is is_open
    assert "Anna" in window.why.text
    qtbot.keyClick(window.people.list, Qt.Key_Escape)
    assert not window.why.isVisible()


def test_the_card_tells_of_a_new_name_and_goes_with_the_face(
    enrolled: Enrolled, window: Window, stage: Stage, qtbot: QtBot
) -> None:
    qtbot.waitUntil(window.idle_strip.enroll.isEnabled)
    (anna,) = enrolled(Anna=ANNA)
    qtbot.waitUntil(lambda: names_on_show(window) == ["Anna"])
    window.view.face_clicked.emit(window.view.faces[0])
    window.people.renamed.emit(anna.id, "Zoë")
    qtbot.waitUntil(lambda: window.why.title.text() == "Zoë")
    window.people.removed.emit(anna.id)
    qtbot.waitUntil(lambda: window.why.title.text() == "Unknown")
    assert "Zoë" not in window.why.text
    stage.image = picture()
    qtbot.waitUntil(window.why.isHidden)


def test_a_source_that_cannot_be_opened_is_told_once_and_nobody_enrolled_from_it(
    window: Window, stage: Stage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(spec: str) -> FrameSource:
        raise SourceError("a path", f"there is nothing at {spec!r}", "Check the path")

    qtbot.waitUntil(window.idle_strip.enroll.isEnabled)
    with monkeypatch.context() as patched:
        patched.setattr(window.feed, "_open_source", refuse)
        window.open_source("missing.mp4")
        qtbot.waitUntil(lambda: "missing.mp4" in window.view.message)
    assert "missing.mp4" not in window.status.source.text()
    assert not window.idle_strip.enroll.isEnabled()
    assert not window.menus.enroll.isEnabled()
    assert "Source menu" in window.idle_strip.hint.text()
    window.open_source("0")
    qtbot.waitUntil(window.idle_strip.enroll.isEnabled)


def type_new_name(window: Window, qtbot: QtBot, name: str) -> QLineEdit:
    window.activateWindow()  # an editor closes as soon as its window is no longer the active one
    qtbot.waitUntil(lambda: window.people.list.count() == 1 and window.isActiveWindow())
    window.people.list.setCurrentRow(0)
    qtbot.mouseClick(window.people.rename, Qt.LeftButton)
    editor = window.people.list.findChild(QLineEdit)
    editor.selectAll()
    qtbot.keyClicks(editor, name)
    return editor


def open_editors(window: Window) -> list[str]:
    return [e.text() for e in window.people.list.findChildren(QLineEdit) if e.isVisible()]


def test_a_name_that_cannot_be_saved_goes_back_into_the_editor(
    enrolled: Enrolled, window: Window, full_disk: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    qtbot.waitUntil(window.idle_strip.enroll.isEnabled)
    enrolled(Anna=ANNA)
    qtbot.keyClick(type_new_name(window, qtbot, "Berta"), Qt.Key_Return)
    qtbot.waitUntil(window.notice.isVisible)
    assert "it is full" in window.notice.label.text()
    qtbot.waitUntil(lambda: open_editors(window) == ["Berta"])
    full_disk.undo()
    editor = next(e for e in window.people.list.findChildren(QLineEdit) if e.isVisible())
    qtbot.keyClick(editor, Qt.Key_Return)
    qtbot.waitUntil(lambda: window.people.list.item(0).text() == "Berta")


def test_closing_waits_for_a_name_and_stays_where_it_cannot_be_saved(
    enrolled: Enrolled, window: Window, full_disk: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    qtbot.waitUntil(window.idle_strip.enroll.isEnabled)
    enrolled(Anna=ANNA)
    type_new_name(window, qtbot, "Berta")
    window.close()
    qtbot.waitUntil(window.notice.isVisible)
    assert window.isVisible()
    assert open_editors(window) == ["Berta"]
    assert "Close again" in window.notice.label.text()
    window.close()
    assert not window.isVisible()


def test_closing_saves_the_name_that_is_being_typed(
    enrolled: Enrolled, window: Window, gallery_path: Path, qtbot: QtBot
) -> None:
    qtbot.waitUntil(window.idle_strip.enroll.isEnabled)
    enrolled(Anna=ANNA)
    type_new_name(window, qtbot, "Berta")
    window.close()
    qtbot.waitUntil(window.isHidden)
    store = Store(gallery_path)
    assert [stored.identity.name for stored in store.load_all()] == ["Berta"]
    store.close()


@pytest.mark.parametrize("page", [None, "name_page", "capture_page", "review_page"])
def test_it_fits_a_small_screen_at_twice_the_size(
    window: Window,
    qapp: QApplication,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    page: str | None,
) -> None:
    room = QSize(1024, 768) / 2 - QSize(0, 36)
    monkeypatch.setattr(window, "screen_room", lambda: room)
    before = qapp.styleSheet(), qapp.font()
    dress(qapp)
    try:
        qtbot.waitUntil(window.idle_strip.enroll.isEnabled)
        if page is not None:
            window.idle_strip.enroll.click()
            known = Candidate(
                Identity(
                    "1" * 32,
                    "Bartholomäus-Maximilian von Ostfriesland",
                    datetime(2026, 3, 4, tzinfo=UTC),
                ),
                0.7,
            )
            crop = np.zeros((112, 112, 3), np.uint8)
            window.enroll_dialog.show_review(Review("Anna", (), crop, (known,), ()))
            window.enroll_dialog.setCurrentWidget(getattr(window.enroll_dialog, page))
        window.resize(room)
        least = window.minimumSizeHint()
        assert least.boundedTo(room) == least
        assert window.people_dock.isVisible() is (page is None)
        window._end_enrollment()
        assert window.people_dock.isVisible()
    finally:
        qapp.setStyleSheet(before[0])


def test_after_the_film_who_is_removed_elsewhere_is_no_longer_named(
    load: Callable[[], Recognizer],
    enrolled: Enrolled,
    window: Window,
    stage: Stage,
    qtbot: QtBot,
) -> None:
    (anna,) = enrolled(Anna=ANNA)
    stage.film_frames = 60
    states: list[SourceState] = []
    window.feed.status_changed.connect(lambda status: states.append(status.state))
    window.open_source("clip.mp4")
    qtbot.waitUntil(lambda: SourceState.ENDED in states)
    qtbot.waitUntil(lambda: names_on_show(window) == ["Anna"])
    window.why.explain(window.view.faces[0])
    with closing(load().gallery) as other:
        other.remove(anna.id)
    qtbot.waitUntil(lambda: names_on_show(window) == [None])
    qtbot.waitUntil(lambda: window.people.list.count() == 0)
    assert "Anna" not in window.why.text


def test_a_merge_is_undone_in_the_window(enrolled: Enrolled, window: Window, qtbot: QtBot) -> None:
    enrolled(Anna=ANNA, Ann=ANNA, Berta=BERTA)
    people = window.people
    qtbot.waitUntil(lambda: people.list.count() == 3)
    people.list.setCurrentItem(people.list.findItems("Anna", Qt.MatchExactly)[0])
    qtbot.mouseClick(people.merge, Qt.LeftButton)
    qtbot.waitUntil(lambda: people.findChild(MergeDialog) is not None)
    dialog = people.findChild(MergeDialog)
    assert [dialog.list.item(row).text() for row in range(2)] == ["Ann", "Berta"]
    dialog.list.setCurrentRow(0)
    qtbot.mouseClick(dialog.merge, Qt.LeftButton)
    qtbot.waitUntil(lambda: people.list.count() == 2)
    qtbot.waitUntil(people.undo_bar.isVisible)
    qtbot.mouseClick(people.undo, Qt.LeftButton)
    qtbot.waitUntil(lambda: people.list.count() == 3)
    assert not people.undo_bar.isVisible()


def test_the_live_chart_is_made_when_it_is_wanted(window: Window, qtbot: QtBot) -> None:
    assert not window.menus.chart.isChecked()
    assert window._chart is None
    before = window.worker.receivers(window.worker.recognized)
    window.menus.chart.trigger()
    chart = window._chart
    assert chart is not None
    assert chart.isVisible()
    assert window.worker.receivers(window.worker.recognized) == before + 1
    window.menus.chart.trigger()
    assert not chart.isVisible()
    assert window.worker.receivers(window.worker.recognized) == before, "it costs nothing"
    window.menus.chart.trigger()
    assert window._chart is chart


# -- pages, codes, folders -----------------------------------------------------------------


def opened_page(window: Window, identity: Identity, qtbot: QtBot) -> PersonPage:
    qtbot.waitUntil(lambda: window.people.list.count() > 0)
    window.people.page_asked.emit(identity.id)
    qtbot.waitUntil(lambda: window.findChild(PersonPage) is not None)
    return window.findChild(PersonPage)


def test_a_note_on_the_page_is_saved_before_the_window_closes(
    enrolled: Enrolled, window: Window, gallery_path: Path, qtbot: QtBot
) -> None:
    (anna,) = enrolled(Anna=ANNA)
    page = opened_page(window, anna, qtbot)
    page.note.text.setPlainText("Comes on Mondays")
    window.close()
    qtbot.waitUntil(window.isHidden)
    with closing(Store(gallery_path)) as store:
        assert [one.identity.note for one in store.load_all()] == ["Comes on Mondays"]


def test_a_note_that_cannot_be_saved_keeps_the_window_open(
    enrolled: Enrolled, window: Window, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    def refuse(self: object, identity_id: str, note: str) -> Identity:
        raise GalleryError("room on the disk", "it is full", "Free some space")

    (anna,) = enrolled(Anna=ANNA)
    monkeypatch.setattr(FullDiskGallery, "set_note", refuse)
    page = opened_page(window, anna, qtbot)
    page.note.text.setPlainText("Mine")
    page.accept()  # it was closed before it was known
    qtbot.waitUntil(lambda: any("it is full" in p.note.state.text() for p in pages(window)))
    again = next(p for p in pages(window) if p.isVisible())
    assert again.note.text.toPlainText() == "Mine"
    window.close()
    qtbot.wait(50)
    assert window.isVisible()
    window.close()
    assert not window.isVisible()


def pages(window: Window) -> list[PersonPage]:
    return window.findChildren(PersonPage)


def test_a_page_follows_what_is_changed_and_goes_with_its_person(
    enrolled: Enrolled, window: Window, qtbot: QtBot
) -> None:
    (anna,) = enrolled(Anna=ANNA)
    page = opened_page(window, anna, qtbot)
    window.people.renamed.emit(anna.id, "Zoë")
    qtbot.waitUntil(lambda: page.name.text() == isolated("Zoë"))
    window.people.removed.emit(anna.id)
    qtbot.waitUntil(lambda: not [p for p in pages(window) if p.isVisible()])


def test_a_dropped_folder_is_imported_after_a_question(
    window: Window, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "staff" / "Cleo").mkdir(parents=True)
    Image.fromarray(picture(3)).save(tmp_path / "staff" / "Cleo" / "1.png")
    qtbot.waitUntil(window.idle_strip.enroll.isEnabled)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "staff"))])
    args = (QPoint(5, 5), Qt.CopyAction, data, Qt.LeftButton, Qt.NoModifier)
    entering = QDragEnterEvent(*args)
    window.dragEnterEvent(entering)
    assert entering.isAccepted()
    window.dropEvent(QDropEvent(*args))
    window.findChild(ConfirmDialog).do.click()
    qtbot.waitUntil(lambda: window.findChild(ImportSummary) is not None)
    summary = window.findChild(ImportSummary)
    assert "1 person, 1 picture added" in summary.text.text()
    assert window.people.list.count() == 1
    assert window.import_bar.isHidden()
    summary.accept()


def test_what_is_no_folder_is_not_taken(window: Window, tmp_path: Path, qtbot: QtBot) -> None:
    qtbot.waitUntil(window.idle_strip.enroll.isEnabled)
    (tmp_path / "a.png").touch()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.png"))])
    entering = QDragEnterEvent(QPoint(5, 5), Qt.CopyAction, data, Qt.LeftButton, Qt.NoModifier)
    entering.ignore()
    window.dragEnterEvent(entering)
    assert not entering.isAccepted()


def test_on_a_narrow_screen_the_rates_are_cut_before_the_source(
    window: Window, qtbot: QtBot
) -> None:
    window.people_dock.hide()
    window.resize(400, 500)
    status = window.status
    qtbot.waitUntil(lambda: status.source.text().startswith("Camera 0"))
    status.stop()
    status.show_source(SourceStatus(SourceState.ENDED, Sentence("The film has ended.")))
    status.statistics.setText("Camera 30 fps · recognition 30 fps · latency 100 ms · " * 3)
    qtbot.waitUntil(lambda: "…" in status.statistics.shown_text)
    assert status.source.shown_text == "Ended"
