from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QFileDialog, QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from desktop.live.people.delegate import DETAILS_ROLE
from desktop.live.people.merge_dialog import MergeDialog
from desktop.live.people.summaries import MergeChoice, PersonSummary
from desktop.live.people.view import PeopleView
from desktop.shared.dialogs.confirming import ConfirmDialog
from desktop.shared.names import isolated
from gallery.identity import Candidate, Identity
from gallery.look_alikes import LookAlikes


def person(number: int, name: str, templates: int = 8) -> PersonSummary:
    identity = Identity(f"{number:06x}" + "0" * 26, name, datetime(2026, 3, 4, 12, tzinfo=UTC))
    return PersonSummary(identity, templates)


ANNA, BERTA, DUC = person(1, "Anna"), person(2, "Berta", 1), person(3, "Phạm Đức")


@pytest.fixture
def view(qtbot: QtBot) -> PeopleView:
    made = PeopleView()
    qtbot.addWidget(made)
    made.resize(300, 500)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.show_people([ANNA, BERTA, DUC])
    return made


def names(view: PeopleView) -> list[str]:
    items = (view.list.item(row) for row in range(view.list.count()))
    return [item.text() for item in items if not item.isHidden()]


def select(view: PeopleView, who: PersonSummary) -> None:
    view.list.setCurrentItem(view.list.findItems(who.identity.name, Qt.MatchExactly)[0])


def edit_name(view: PeopleView, who: PersonSummary, qtbot: QtBot) -> QLineEdit:
    select(view, who)
    qtbot.mouseClick(view.rename, Qt.LeftButton)
    editor = view.list.findChild(QLineEdit)
    editor.selectAll()
    return editor


def test_everyone_is_listed_with_pictures_and_day(view: PeopleView) -> None:
    assert names(view) == ["Anna", "Berta", "Phạm Đức"]
    assert view.list.item(0).data(DETAILS_ROLE).startswith("8 pictures · ")
    assert "26" in view.list.item(0).data(DETAILS_ROLE)  # some write the year so
    assert view.list.item(1).data(DETAILS_ROLE).startswith("1 picture · ")


def test_namesakes_are_told_apart(view: PeopleView) -> None:
    view.show_people([person(1, "Anna"), person(2, "Anna")])
    details = [view.list.item(row).data(DETAILS_ROLE) for row in range(2)]
    assert details[0].startswith("000001")
    assert details[1].startswith("000002")


def test_search_minds_neither_case_nor_accents(view: PeopleView, qtbot: QtBot) -> None:
    qtbot.keyClicks(view.search, "pham duc")
    assert names(view) == ["Phạm Đức"]
    view.search.clear()
    assert len(names(view)) == 3


def test_who_is_filtered_out_is_no_longer_selected(view: PeopleView, qtbot: QtBot) -> None:
    removed: list[str] = []
    view.removed.connect(removed.append)
    select(view, ANNA)
    qtbot.keyClicks(view.search, "berta")
    assert not view.remove.isEnabled()
    qtbot.mouseClick(view.remove, Qt.LeftButton)
    qtbot.keyClick(view.list, Qt.Key_Delete)
    view.list.setCurrentItem(view.list.findItems("Anna", Qt.MatchExactly)[0])  # by a key typed
    qtbot.keyClick(view.list, Qt.Key_Delete)
    assert removed == []
    view.search.clear()
    assert view.list.currentItem() is None or view.list.currentItem().text() == "Anna"


def test_where_nobody_matches_it_says_so(view: PeopleView, qtbot: QtBot) -> None:
    select(view, ANNA)
    qtbot.keyClicks(view.search, "zzz")
    assert view.empty.isVisible()
    assert view.empty.text().startswith("Nobody has this in their name")
    buttons = (view.rename, view.add_photos, view.merge, view.remove)
    assert not any(button.isEnabled() for button in buttons)
    view.search.clear()
    assert not view.empty.isVisible()
    assert view.list.isVisible()


def test_after_a_removal_nobody_is_selected(view: PeopleView) -> None:
    select(view, ANNA)
    view.show_people([BERTA, DUC])
    assert not view.remove.isEnabled()


def test_an_empty_gallery_is_said_to_be_empty(view: PeopleView) -> None:
    view.show_people([])
    assert view.empty.isVisible()
    assert not view.list.isVisible()


def test_nothing_can_be_done_to_nobody(view: PeopleView) -> None:
    view.list.setCurrentItem(None)
    buttons = (view.rename, view.add_photos, view.merge, view.remove)
    assert not any(button.isEnabled() for button in buttons)


def test_the_name_is_edited_in_place(view: PeopleView, qtbot: QtBot) -> None:
    editor = edit_name(view, ANNA, qtbot)
    editor.insert("Zoë")
    with qtbot.waitSignal(view.renamed) as renamed:
        qtbot.keyClick(editor, Qt.Key_Return)
    assert renamed.args == [ANNA.identity.id, "Zoë"]
    assert names(view)[0] == "Anna"  # until the gallery has it


def test_a_name_that_cannot_stand_keeps_the_editor_open(view: PeopleView, qtbot: QtBot) -> None:
    renamed: list[str] = []
    view.renamed.connect(lambda identity_id, name: renamed.append(name))
    editor = edit_name(view, ANNA, qtbot)
    qtbot.keyClicks(editor, "  ")
    qtbot.keyClick(editor, Qt.Key_Return)
    assert editor.isVisible()
    assert renamed == []
    qtbot.keyClicks(editor, "Ann")
    qtbot.keyClick(editor, Qt.Key_Return)
    qtbot.waitUntil(lambda: renamed == ["Ann"])


def test_an_editor_outlives_changes_to_others(view: PeopleView, qtbot: QtBot) -> None:
    editor = edit_name(view, BERTA, qtbot)
    qtbot.keyClicks(editor, "Bert")
    view.show_people([BERTA, DUC, person(4, "Xaver")])
    assert editor.isVisible()
    assert editor.text() == "Bert"
    assert names(view) == ["Berta", "Phạm Đức", "Xaver"]


def test_the_selection_stays(view: PeopleView) -> None:
    select(view, BERTA)
    view.show_people([DUC, person(2, "Zoë")])
    assert view.list.currentItem().text() == "Zoë"


def test_removing_can_be_undone_one_after_the_other(view: PeopleView, qtbot: QtBot) -> None:
    select(view, ANNA)
    view.list.setFocus()
    with qtbot.waitSignal(view.removed) as removed:
        qtbot.keyClick(view.list, Qt.Key_Delete)
    assert removed.args == [ANNA.identity.id]
    view.offer_undo(ANNA.identity)
    view.offer_undo(BERTA.identity)
    view.show_people([DUC])
    with qtbot.waitSignal(view.restored) as restored:
        qtbot.mouseClick(view.undo, Qt.LeftButton)
    assert restored.args == [BERTA.identity.id]
    view.show_people([BERTA, DUC])
    with qtbot.waitSignal(view.restored) as restored:
        qtbot.mouseClick(view.undo, Qt.LeftButton)
    assert restored.args == [ANNA.identity.id]
    view.show_people([ANNA, BERTA, DUC])
    assert not view.undo_bar.isVisible()


def test_a_merge_is_asked_for_and_can_be_undone(view: PeopleView, qtbot: QtBot) -> None:
    select(view, ANNA)
    with qtbot.waitSignal(view.merge_asked) as asked:
        qtbot.mouseClick(view.merge, Qt.LeftButton)
    assert asked.args == [ANNA.identity.id]
    others = (Candidate(DUC.identity, 0.6), Candidate(BERTA.identity, 0.1))
    view.choose_merge(MergeChoice(ANNA.identity, others, one_person=0.3))
    dialog = view.findChild(MergeDialog)
    dialog.list.setCurrentRow(0)
    with qtbot.waitSignal(view.merged) as merged:
        qtbot.mouseClick(dialog.merge, Qt.LeftButton)
    assert merged.args == [DUC.identity.id, ANNA.identity.id, False]
    view.offer_undo(ANNA.identity, DUC.identity)
    view.show_people([BERTA, DUC])
    anna, duc = isolated("Anna"), isolated("Phạm Đức")
    assert view.undo_bar.text.text() == f"{anna} was merged into {duc}."
    with qtbot.waitSignal(view.restored) as restored:
        qtbot.mouseClick(view.undo, Qt.LeftButton)
    assert restored.args == [ANNA.identity.id]


def test_tab_chooses_nobody_and_shows_where_it_is(view: PeopleView, qtbot: QtBot) -> None:
    removed: list[str] = []
    view.removed.connect(removed.append)
    view.list.setCurrentItem(None)
    view.look_alikes.setFocus()
    unfocused = view.list.visualItemRect(view.list.item(0))
    before = view.list.viewport().grab(unfocused).toImage()
    qtbot.keyClick(view.look_alikes, Qt.Key_Tab)
    assert view.list.hasFocus()
    assert view.list.currentItem().text() == "Anna"  # Qt's doing
    assert view.list.viewport().grab(unfocused).toImage() != before
    assert not view.remove.isEnabled()
    qtbot.keyClick(view.list, Qt.Key_Delete)
    assert removed == []
    qtbot.keyClick(view.list, Qt.Key_Space)
    assert view.remove.isEnabled()
    qtbot.keyClick(view.list, Qt.Key_Delete)
    assert removed == [ANNA.identity.id]


def test_a_row_that_is_not_shown_as_chosen_is_not_removed(view: PeopleView, qtbot: QtBot) -> None:
    select(view, ANNA)
    place = view.list.visualItemRect(view.list.item(0)).center()
    qtbot.mouseClick(view.list.viewport(), Qt.LeftButton, Qt.ControlModifier, place)
    assert view.list.currentItem().text() == "Anna"
    assert not view.remove.isEnabled()
    with qtbot.assertNotEmitted(view.removed):
        qtbot.keyClick(view.list, Qt.Key_Delete)


def test_photos_are_chosen_from_the_disk(view: PeopleView, tmp_path: Path, qtbot: QtBot) -> None:
    photo = tmp_path / "ảnh 1.png"
    photo.touch()
    select(view, ANNA)
    qtbot.mouseClick(view.add_photos, Qt.LeftButton)
    dialog = view.findChild(QFileDialog)
    with qtbot.waitSignal(view.photos_chosen) as chosen:
        dialog.filesSelected.emit([str(photo)])
    assert chosen.args == [ANNA.identity.id, (photo,)]
    dialog.close()


def test_a_refused_name_goes_back_into_the_editor(view: PeopleView, qtbot: QtBot) -> None:
    editor = edit_name(view, ANNA, qtbot)
    editor.insert("Zoë")
    with qtbot.waitSignal(view.renamed):
        qtbot.keyClick(editor, Qt.Key_Return)
    assert view.is_renaming
    qtbot.keyClicks(view.search, "berta")
    view.rename_failed(ANNA.identity.id, "Zoë")
    assert not view.is_renaming
    assert view.list.currentItem().text() == "Anna"
    open_again = [e for e in view.list.findChildren(QLineEdit) if e.isVisible()]
    assert open_again[-1].text() == "Zoë"
    view.show_people([ANNA, BERTA, DUC])
    assert open_again[-1].text() == "Zoë"


def test_the_name_of_who_was_removed_keeps_to_itself(view: PeopleView) -> None:
    view.offer_undo(person(9, "محمد").identity)
    assert view.undo_bar.text.text().startswith(f"{isolated('محمد')} was removed.")


def test_enter_presses_the_button_that_has_the_focus(view: PeopleView, qtbot: QtBot) -> None:
    select(view, ANNA)
    with qtbot.waitSignal(view.removed):
        qtbot.keyClick(view.remove, Qt.Key_Return)


# -- count, order, look-alikes -------------------------------------------------------------


def test_everybody_is_counted(view: PeopleView) -> None:
    assert view.count.text() == "3 people"
    view.search.setText("b")
    assert view.count.text() == "1 of 3 people"
    view.search.clear()
    view.list.selectAll()
    assert view.count.text() == "3 people · 3 chosen"
    view.show_people([ANNA])
    assert view.count.text() == "1 person"
    view.show_people([])
    assert view.count.text() == ""


def test_the_list_is_sorted_by_what_is_chosen_and_the_selection_stays(
    view: PeopleView, qtbot: QtBot
) -> None:
    view.list.item(0).setSelected(True)
    view.list.item(2).setSelected(True)
    with qtbot.waitSignal(view.last_seen_wanted):
        view.order.setCurrentIndex(2)
    view.show_last_seen({DUC.identity.id: datetime(2026, 3, 5, 12, tzinfo=UTC)})
    assert names(view) == ["Phạm Đức", "Anna", "Berta"]
    assert {item.text() for item in view.list.selectedItems()} == {"Anna", "Phạm Đức"}
    assert view.list.item(0).data(DETAILS_ROLE).startswith("seen ")
    assert view.list.item(1).data(DETAILS_ROLE).startswith("never seen")
    view.order.setCurrentIndex(0)
    assert names(view) == ["Anna", "Berta", "Phạm Đức"]


def test_only_look_alikes_are_shown_the_most_alike_first(view: PeopleView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.look_alikes_wanted):
        view.look_alikes.click()
    view.show_look_alikes([LookAlikes(DUC.identity, ANNA.identity, 0.71)])
    assert names(view) == ["Phạm Đức", "Anna"]
    assert view.list.item(0).data(DETAILS_ROLE) == f"like {isolated('Anna')} (0.71)"
    with qtbot.waitSignal(view.look_alikes_wanted):  # they may be others now
        view.show_people([ANNA, BERTA, DUC])
    view.show_look_alikes([])
    assert names(view) == []
    assert view.empty.text() == "Nobody is so like somebody else."
    view.look_alikes.click()
    assert names(view) == ["Anna", "Berta", "Phạm Đức"]
    view.show_look_alikes([LookAlikes(DUC.identity, ANNA.identity, 0.71)])  # too late
    assert len(names(view)) == 3


# -- several at once, menu, keys -----------------------------------------------------------


def choose_all(view: PeopleView) -> None:
    view.list.setFocus()
    view.list.selectAll()


def test_several_are_removed_after_a_question_and_come_back_together(
    view: PeopleView, qtbot: QtBot
) -> None:
    removed: list[str] = []
    restored: list[str] = []
    view.removed.connect(removed.append)
    view.restored.connect(restored.append)
    choose_all(view)
    qtbot.keyClick(view.list, Qt.Key_Delete)
    question = view.findChild(ConfirmDialog)
    assert "Remove 3 people?" in question.question.text()
    qtbot.keyClick(question, Qt.Key_Return)  # a key that was held too long
    assert removed == []
    qtbot.keyClick(view.list, Qt.Key_Delete)
    next(d for d in view.findChildren(ConfirmDialog) if d.isVisible()).do.click()
    ids = [who.identity.id for who in (ANNA, BERTA, DUC)]
    assert removed == ids
    for who in (ANNA, BERTA, DUC):
        view.offer_undo(who.identity)
    view.show_people([])
    assert view.undo_bar.text.text().startswith("3 people were removed.")
    view.undo.click()
    assert restored == ids


def test_several_are_exported_to_what_the_dialog_says(
    view: PeopleView, tmp_path: Path, qtbot: QtBot
) -> None:
    view.list.item(0).setSelected(True)
    view.list.item(2).setSelected(True)
    view.export.click()
    dialog = view.findChild(QFileDialog)
    with qtbot.waitSignal(view.exported) as exported:
        dialog.fileSelected.emit(str(tmp_path / "two.facedesk"))
    ids = (ANNA.identity.id, DUC.identity.id)
    assert exported.args == [ids, tmp_path / "two.facedesk", True]
    dialog.close()


def test_two_that_are_chosen_are_merged_with_each_other(view: PeopleView, qtbot: QtBot) -> None:
    later = PersonSummary(Identity("f" * 32, "Ann", datetime(2026, 5, 1, tzinfo=UTC)), 8)
    view.show_people([later, ANNA, BERTA])
    view.list.item(0).setSelected(True)
    view.list.item(1).setSelected(True)
    assert not view.rename.isEnabled()
    with qtbot.waitSignal(view.merge_asked) as asked:
        view.merge.click()
    assert asked.args == [later.identity.id]  # who has been here longer keeps the name
    others = (Candidate(BERTA.identity, 0.6), Candidate(ANNA.identity, 0.5))
    view.choose_merge(MergeChoice(later.identity, others, one_person=0.3))
    dialog = view.findChild(MergeDialog)
    assert dialog.merge.isEnabled()
    with qtbot.waitSignal(view.merged) as merged:
        dialog.merge.click()
    assert merged.args == [ANNA.identity.id, later.identity.id, False]


def test_enter_and_a_double_click_open_the_page(view: PeopleView, qtbot: QtBot) -> None:
    select(view, BERTA)
    view.list.setFocus()
    with qtbot.waitSignal(view.page_asked) as asked:
        qtbot.keyClick(view.list, Qt.Key_Return)
    assert asked.args == [BERTA.identity.id]
    place = view.list.visualItemRect(view.list.item(0)).center()
    qtbot.mouseClick(view.list.viewport(), Qt.LeftButton, pos=place)
    with qtbot.waitSignal(view.page_asked) as asked:
        qtbot.mouseDClick(view.list.viewport(), Qt.LeftButton, pos=place)
    assert asked.args == [ANNA.identity.id]
    assert not [e for e in view.list.findChildren(QLineEdit) if e.isVisible()]


def test_enter_that_ends_a_name_opens_no_page(view: PeopleView, qtbot: QtBot) -> None:
    editor = edit_name(view, ANNA, qtbot)
    editor.insert("Zoë")
    with qtbot.assertNotEmitted(view.page_asked), qtbot.waitSignal(view.renamed):
        qtbot.keyClick(editor, Qt.Key_Return)


def test_the_menu_offers_what_can_be_done(view: PeopleView, qtbot: QtBot) -> None:
    select(view, ANNA)
    view.list.customContextMenuRequested.emit(view.list.visualItemRect(view.list.item(0)).center())
    menu = view.findChild(QMenu)
    entries = {action.text(): action for action in menu.actions() if action.text()}
    assert list(entries) == [
        "Show…",
        "Rename",
        "Add photos…",
        "Merge into…",
        "Code…",
        "Export…",
        "Remove",
    ]
    with qtbot.waitSignal(view.code_asked) as asked:
        entries["Code…"].trigger()
    assert asked.args == [ANNA.identity]
    menu.close()
    choose_all(view)
    view.list.customContextMenuRequested.emit(view.list.visualItemRect(view.list.item(0)).center())
    menu = view.findChildren(QMenu)[-1]
    allowed = [action.text() for action in menu.actions() if action.isEnabled() and action.text()]
    assert allowed == ["Export…", "Remove"]
    menu.close()


def test_a_picture_comes_back_by_its_removal(view: PeopleView, qtbot: QtBot) -> None:
    view.offer_picture_undo(ANNA.identity, "f" * 32)
    view.show_people([ANNA, BERTA, DUC])  # she herself was never gone
    assert view.undo_bar.isVisible()
    with qtbot.waitSignal(view.restored) as restored:
        view.undo.click()
    assert restored.args == ["f" * 32]
    assert view.undo_bar.isHidden()


def test_what_can_be_undone_is_read_whole(view: PeopleView, qtbot: QtBot) -> None:
    view.resize(260, 500)
    view.offer_undo(ANNA.identity)
    text = view.undo_bar.text
    qtbot.waitUntil(lambda: text.height() >= text.heightForWidth(text.width()))
