from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PyQt5.QtCore import QObject, Qt
from PyQt5.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop.home import Home
from desktop.live.people.last_seen import LastSeen
from desktop.live.people.own_worker import OwnWorker
from desktop.live.people.retention.bar import RetentionBar
from desktop.live.people.retention.desk import RetentionDesk
from desktop.live.people.retention.dialog import OverdueDialog
from desktop.shared.dialogs.confirming import ConfirmDialog
from gallery.identity import Identity
from gallery.store import Store
from recognition.recognizer import Recognizer
from station.ledger.audit import Audit
from station.ledger.ledger import Ledger
from station.people.retention import Overdue, RetentionRule
from tests.desktop.conftest import ANNA, BERTA

RULE = RetentionRule(days=100, since_seen=False)
ERASING = RetentionRule(days=100, since_seen=False, erases=True, grace_days=5)
DAY = timedelta(days=1)


class Own:
    """The worker's part, with a loaded recognizer, a bar and a window."""

    def __init__(self, recognizer: Recognizer, home: Home, qtbot: QtBot) -> None:
        self.home = home
        self.gallery = recognizer.gallery
        self.failures: list[str] = []
        self.told: list[str] = []
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.parent = QObject()
        audit = Audit(home.checkins, "Entrance", self.failures.append, begins_ledger=True)
        self.worker = OwnWorker(
            home, audit, lambda: recognizer, lambda error: None, lambda _: None, self.parent
        )
        self.worker.failed.connect(self.failures.append)
        self.bar = RetentionBar(self.window)
        self.last_seen = LastSeen(home.checkins, self.window)

    def desk(self, rule: RetentionRule, qtbot: QtBot) -> RetentionDesk:
        desk = RetentionDesk(rule, self.bar, self.last_seen, self.worker, self.window)
        desk.told.connect(self.told.append)
        with qtbot.waitSignal(self.worker.overdue_found):
            desk.ask()
        qtbot.waitUntil(lambda: self.last_seen._task is None)
        return desk


@pytest.fixture
def own(
    load: Callable[[], Recognizer],
    enrolled: Callable[..., list[Identity]],
    gallery_path: Path,
    home: Home,
    qtbot: QtBot,
) -> Iterator[Own]:
    enrolled(Anna=ANNA, Berta=BERTA)
    with closing(Store(gallery_path)) as store:
        for stored in list(store.load_all()):
            at = stored.identity.enrolled_at - 101 * DAY
            store.set_time(stored.identity.id, "enrolled_at", at.isoformat())
    made = Own(load(), home, qtbot)
    yield made
    made.last_seen.close()
    made.gallery.close()


def acts(home: Home) -> list[tuple[str, str]]:
    with closing(Ledger(home.checkins)) as ledger:
        return [(entry.event.note, entry.event.name) for entry in ledger.entries()]


def test_the_bar_says_how_many_and_nothing_is_erased(own: Own, qtbot: QtBot) -> None:
    desk = own.desk(RULE, qtbot)
    assert not own.bar.isHidden()
    assert own.bar.label.text() == "2 people were enrolled more than 100 days ago."
    assert len(own.gallery) == 2
    own.bar.close_button.click()
    assert own.bar.isHidden()
    with qtbot.waitSignal(own.worker.overdue_found):
        desk.ask()  # as it is done once a day
    assert not own.bar.isHidden()
    assert desk._timer.isActive()


def test_who_is_ticked_is_erased_and_the_others_are_asked_about_again(
    own: Own, qtbot: QtBot
) -> None:
    own.desk(RULE, qtbot)
    own.bar.review.click()
    (dialog,) = own.window.findChildren(OverdueDialog)
    assert not dialog.erase.isEnabled()  # nobody is ticked at first
    assert dialog.list.item(0).text().startswith("\u2068Anna\u2069, since ")
    dialog.list.item(0).setCheckState(Qt.Checked)
    dialog.erase.click()
    (question,) = dialog.findChildren(ConfirmDialog)
    assert question.question.text() == "Erase 1 person for good? It cannot be undone."
    with qtbot.waitSignal(own.worker.overdue_found):
        question.do.click()
    assert [who.name for who in own.gallery.identities] == ["Berta"]
    assert own.gallery.pending_erasures() == []
    assert own.told == ["1 person erased."]
    assert own.bar.label.text() == "1 person was enrolled more than 100 days ago."
    assert acts(own.home) == [("removed, over the age of retention", "Anna")]


def test_who_is_kept_is_asked_about_no_more(own: Own, qtbot: QtBot) -> None:
    own.desk(RULE, qtbot)
    own.bar.review.click()
    (dialog,) = own.window.findChildren(OverdueDialog)
    for row in range(2):
        dialog.list.item(row).setCheckState(Qt.Checked)
    with qtbot.waitSignal(own.worker.overdue_found):
        dialog.keep.click()
    assert len(own.gallery) == 2
    assert own.bar.isHidden()
    assert {act for act, _ in acts(own.home)} == {"kept for another period"}


def test_whose_grace_is_over_is_erased_where_that_is_allowed_and_told(
    own: Own, gallery_path: Path, qtbot: QtBot
) -> None:
    desk = own.desk(ERASING, qtbot)
    assert len(own.gallery) == 2  # first it is asked
    own.bar.review.click()
    (dialog,) = own.window.findChildren(OverdueDialog)
    assert "Without an answer the first is erased from" in dialog.told.text()
    dialog.reject()
    anna = own.gallery.find("Anna")[0]
    # Since the day on which she came over age there was a question, six days ago.
    with closing(Store(gallery_path)) as store:
        enrolled_at = (anna.enrolled_at - 10 * DAY).isoformat()
        store.set_time(anna.id, "enrolled_at", enrolled_at)
        store.set_time(anna.id, "asked_since", (datetime.now(UTC) - 6 * DAY).isoformat())
    own.gallery.catch_up()
    with qtbot.waitSignal(own.worker.overdue_found):
        desk.ask()
    assert [who.name for who in own.gallery.identities] == ["Berta"]
    assert own.told == ["1 person erased, as the settings say: over the age of retention."]
    assert own.gallery.pending_erasures() == []
    assert own.failures == []


def test_all_about_one_is_exported(own: Own, tmp_path: Path) -> None:
    own.home.gallery.touch()
    exported = []
    own.worker.person_exported.connect(lambda who, path: exported.append((who.name, path)))
    out = tmp_path / "anna.zip"
    own.worker.export_person(own.gallery.find("Anna")[0], out)
    assert exported == [("Anna", str(out))]
    assert "person.json" in zipfile.ZipFile(out).namelist()
    assert acts(own.home) == [("all that is kept was exported", "Anna")]
    own.worker.export_person(own.gallery.find("Anna")[0], own.home.gallery)
    assert len(own.failures) == 1  # never over a file of the home's own


def test_the_dialog_tells_when_it_is_erased_without_an_answer(qtbot: QtBot) -> None:
    at = datetime(2026, 1, 2, tzinfo=UTC)
    who = Identity("1" * 32, "Anna", at)
    dialog = OverdueDialog([Overdue(who, at, at, None)])
    qtbot.addWidget(dialog)
    assert "Without an answer" not in dialog.told.text()
