from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from PyQt5.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.live.people.delegate import DETAILS_ROLE
from desktop.live.people.merge_dialog import MergeDialog
from desktop.live.people.summaries import MergeChoice
from desktop.shared.names import isolated
from gallery.identity import Candidate, Identity


def person(number: int, name: str) -> Identity:
    return Identity(f"{number:06x}" + "0" * 26, name, datetime(2026, 3, 4, 12, tzinfo=UTC))


ZOE, ANNA, BERTA, DUC = (
    person(n, name) for n, name in enumerate(("Zoë", "Anna", "Berta", "Phạm Đức"))
)
OTHERS = (Candidate(ZOE, 0.55), Candidate(DUC, 0.31), Candidate(BERTA, 0.1))
CHOICE = MergeChoice(ANNA, OTHERS, one_person=0.3)


@pytest.fixture
def dialog(qtbot: QtBot) -> MergeDialog:
    made = MergeDialog(CHOICE)
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


@pytest.fixture
def chosen(dialog: MergeDialog) -> list[tuple[str, str, bool]]:
    """What it asked for."""
    asked: list[tuple[str, str, bool]] = []
    dialog.chosen.connect(lambda *what: asked.append(what))
    return asked


def rows(dialog: MergeDialog) -> list[str]:
    items = [dialog.list.item(row) for row in range(dialog.list.count())]
    return [item.text() for item in items if not item.isHidden()]


def test_the_most_alike_come_first_and_nobody_is_chosen(dialog: MergeDialog) -> None:
    assert rows(dialog) == ["Zoë", "Phạm Đức", "Berta"]
    details = [dialog.list.item(row).data(DETAILS_ROLE) for row in range(3)]
    assert details == [
        "000000 · Alike on the whole: 0.55",
        "000003 · Alike on the whole: 0.31",
        "000002 · Not alike on the whole: 0.10",
    ]
    assert dialog.list.selectedItems() == []
    assert not dialog.merge.isEnabled()


@pytest.mark.parametrize("focus", ["search", "list", "merge", "cancel"])
def test_enter_merges_nobody(
    dialog: MergeDialog, chosen: list[tuple[str, str, bool]], qtbot: QtBot, focus: str
) -> None:
    dialog.list.setCurrentRow(0)
    getattr(dialog, focus).setFocus()
    qtbot.keyClick(getattr(dialog, focus), Qt.Key_Return)
    assert chosen == []
    assert not dialog.isVisible()


def test_who_looks_alike_is_merged_by_one_click(
    dialog: MergeDialog, chosen: list[tuple[str, str, bool]], qtbot: QtBot
) -> None:
    dialog.list.setCurrentRow(1)
    assert not dialog.anyway.isVisible()
    assert f"The name {isolated('Phạm Đức')} stays" in dialog.outcome.text()
    assert f"The name {isolated('Anna')} goes" in dialog.outcome.text()
    qtbot.mouseClick(dialog.merge, Qt.LeftButton)
    assert chosen == [(DUC.id, ANNA.id, False)]
    assert not dialog.isVisible()


def test_who_does_not_look_alike_needs_a_second_yes(
    dialog: MergeDialog, chosen: list[tuple[str, str, bool]], qtbot: QtBot
) -> None:
    dialog.list.setCurrentRow(2)
    assert dialog.anyway.isVisible()
    assert not dialog.merge.isEnabled()
    dialog.anyway.click()
    dialog.list.setCurrentRow(0)
    dialog.list.setCurrentRow(2)  # it was said of one person alone
    assert not dialog.merge.isEnabled()
    dialog.anyway.click()
    qtbot.mouseClick(dialog.merge, Qt.LeftButton)
    assert chosen == [(BERTA.id, ANNA.id, True)]


def test_the_embedder_says_what_looks_alike(qtbot: QtBot) -> None:
    dialog = MergeDialog(MergeChoice(ANNA, OTHERS, one_person=0.6))
    qtbot.addWidget(dialog)
    dialog.list.setCurrentRow(0)  # at 0.55
    assert not dialog.merge.isEnabled()


def test_who_is_filtered_out_is_not_chosen(dialog: MergeDialog, qtbot: QtBot) -> None:
    dialog.list.setCurrentRow(0)
    qtbot.keyClicks(dialog.search, "duc")
    assert rows(dialog) == ["Phạm Đức"]
    assert not dialog.merge.isEnabled()


def test_both_pictures_are_asked_for_and_shown(qtbot: QtBot) -> None:
    dialog = MergeDialog(CHOICE)
    qtbot.addWidget(dialog)
    asked: set[str] = set()

    def answer(identity_ids: tuple[str, ...]) -> None:
        asked.update(identity_ids)
        red = np.full((112, 112, 3), (250, 0, 0), np.uint8)
        dialog.put_portraits([(identity_id, red) for identity_id in identity_ids])

    dialog.portraits_wanted.connect(answer)
    dialog.show()
    dialog.list.setCurrentRow(0)

    def reds() -> list[int]:
        picture = dialog.pair.grab().toImage()
        y = picture.height() // 2
        return [picture.pixelColor(x, y).red() for x in (y, picture.width() - y)]

    qtbot.waitUntil(lambda: reds() == [250, 250])
    assert {ANNA.id, ZOE.id} <= asked


def test_who_is_gone_meanwhile_cannot_be_chosen(dialog: MergeDialog) -> None:
    dialog.list.setCurrentRow(0)
    dialog.keep_only({ANNA.id, BERTA.id})
    assert rows(dialog) == ["Berta"]
    assert dialog._chosen is None or dialog._chosen.identity == BERTA
    dialog.keep_only({BERTA.id})
    assert not dialog.isVisible()


def test_each_of_the_two_faces_has_its_name(dialog: MergeDialog) -> None:
    assert dialog.pair.accessibleName() == isolated("Anna")
    dialog.list.setCurrentRow(0)
    assert dialog.pair.accessibleName() == f"{isolated('Anna')} · {isolated('Zoë')}"
