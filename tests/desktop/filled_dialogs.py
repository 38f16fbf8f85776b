"""The dialogs about people and of the administrator, in their fullest states."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from PyQt5.QtCore import QCoreApplication, Qt
from PyQt5.QtWidgets import QDialog

from common.errors import SealingError
from common.sentence import Sentence
from desktop.administration.code_dialog import CodeDialog
from desktop.administration.inbox_dialog import InboxDialog
from desktop.administration.ledger_check_dialog import LedgerCheckDialog
from desktop.administration.new_pin_dialog import NewPinDialog
from desktop.checkins.amend_dialog import AmendDialog, AmendingAct, AmendingDesk
from desktop.checkins.records import CheckIn
from desktop.home import Home
from desktop.live.people.folder_import import FolderSummary
from desktop.live.people.history.dialog import HistoryDialog, ReturnPreview
from desktop.live.people.import_bar import ImportSummary
from desktop.live.people.person.details import PersonDetails, SplitProposal
from desktop.live.people.person.page import PersonPage
from desktop.live.people.person.split_dialog import SplitDialog
from desktop.live.people.retention.dialog import OverdueDialog
from desktop.shared.dialogs.confirming import ConfirmDialog
from desktop.shared.dialogs.passphrase_dialog import PassphraseDialog
from gallery.history.log import GalleryVersion, PersonChange
from gallery.history.person_state import PersonState
from gallery.history.words import told
from gallery.identity import Identity
from gallery.kept_pictures import KeptPicture
from recognition.enrollment.photos import Skipped
from recognition.splitting import Split
from station.ledger.audit import Audit
from station.ledger.entry import Entry, Event, Kind
from station.ledger.stays import Stay
from station.people.retention import Overdue

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
LONG = Identity("1" * 32, "Bartholomäus-Maximilian von Ostfriesland", NOW, "Comes on Mondays")
NOWHERE = Path("no such folder")
AUDIT = Audit(NOWHERE / "checkins.db", "Entrance", lambda told: None)


def kept(number: int) -> KeptPicture:
    crop = np.full((112, 112, 3), 12 * number, np.uint8)
    row = np.eye(16, dtype=np.float32)[number]
    return KeptPicture(number, NOW, 0.83, number == 2, row, crop, None)


PICTURES = tuple(map(kept, range(1, 12)))


def page() -> PersonPage:
    came = NOW - timedelta(days=1)
    visits = Stay(LONG.id, LONG.name, came, came + timedelta(hours=8)), Stay("", "", NOW, None)
    shown = PersonPage(PersonDetails(LONG, PICTURES, True, visits))
    shown.pictures.setCurrentRow(0)
    return shown


def split() -> SplitDialog:
    parted = Split(PICTURES[:7], PICTURES[7:], 0.6)
    dialog = SplitDialog(SplitProposal(LONG, parted, looks_like_one=True))
    dialog.show_failure(LONG.id, Sentence("it is empty"))
    return dialog


def code() -> CodeDialog:
    dialog = CodeDialog(LONG, True)
    dialog.again.setText("another")
    dialog.follow(LONG.id, Sentence("it was erased"))
    return dialog


def amending(act: AmendingAct) -> AmendDialog:
    event = Event(Kind.CHECK_IN, "Entrance", LONG.id, LONG.name)
    wrong = CheckIn(Entry(7, NOW, event, "", "", ""))
    desk = AmendingDesk(NOWHERE, "Entrance", lambda: (LONG,), lambda over, then: then())
    return AmendDialog(act, desk, None if act is AmendingAct.ADD else wrong)


def imported() -> ImportSummary:
    skipped = tuple(
        Skipped(NOWHERE / f"{n}.jpg", Sentence("It shows {}.", "Anna")) for n in range(9)
    )
    return ImportSummary(FolderSummary(NOWHERE, 12, 80, skipped, 3), None)


def history() -> HistoryDialog:
    shown = PersonState(LONG.name, "", "shown", 0, ((1, 1), (2, 1)), 0)
    renamed = PersonState("Bartholomäus", "Mondays", "shown", 0, ((1, 1),), 0)
    versions = tuple(
        GalleryVersion(n, NOW, 3 if n == 9 else None, "", "", (PersonChange(1, shown, renamed),))
        for n in range(9, 0, -1)
    )
    dialog = HistoryDialog(NOWHERE / "gallery.db", AUDIT)
    while dialog.is_working:
        QCoreApplication.processEvents()
    dialog.show_versions(versions)
    dialog.show_preview(ReturnPreview(5, tuple(told(versions[0]))))
    dialog.list.setCurrentRow(4)
    return dialog


def question() -> ConfirmDialog:
    asked = "Remove 12 people? Until the window closes, they can be brought back. " * 3
    return ConfirmDialog("Remove", asked, "Remove", None)


def over_age() -> OverdueDialog:
    people = [Overdue(LONG, NOW, NOW, NOW + timedelta(days=30))] * 9
    dialog = OverdueDialog(people)
    dialog.list.item(0).setCheckState(Qt.Checked)
    return dialog


def passphrase() -> PassphraseDialog:
    def refuse(typed: str) -> None:
        raise SealingError("the passphrase of this home", "it is another one", "Type it again")

    dialog = PassphraseDialog(refuse)
    dialog.open_button.click()
    return dialog


ALL: dict[type[QDialog], dict[str, Callable[[], QDialog]]] = {
    AmendDialog: {
        f"amend-{act.name.lower()}": (lambda act=act: amending(act)) for act in AmendingAct
    },
    CodeDialog: {"code": code},
    ConfirmDialog: {"confirm": question},
    HistoryDialog: {"history": history},
    ImportSummary: {"imported": imported},
    InboxDialog: {"inbox": lambda: InboxDialog(NOWHERE / "unknown.db", AUDIT)},
    LedgerCheckDialog: {"verify": lambda: LedgerCheckDialog(NOWHERE / "checkins.db")},
    NewPinDialog: {"new-pin": lambda: NewPinDialog(Home(NOWHERE, NOWHERE), AUDIT)},
    OverdueDialog: {"over-age": over_age},
    PassphraseDialog: {"passphrase": passphrase},
    PersonPage: {"person": page},
    SplitDialog: {"split": split},
}
"""How each is made, by its class and a name."""
