"""Takes what an administrator changes in the check-ins by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from pathlib import Path

from PyQt5.QtCore import QDateTime, QLocale, Qt
from PyQt5.QtWidgets import (
    QComboBox,
    QCompleter,
    QDateTimeEdit,
    QFormLayout,
    QLineEdit,
    QWidget,
)

from desktop.checkins.records import CheckIn
from desktop.shared.dialogs.working_dialog import WorkingDialog
from desktop.shared.names import isolated
from desktop.shared.plain_text import PlainLabel
from desktop.shared.strip import tell
from desktop.shared.style import push_button, with_role
from gallery.identity import Identity
from station.ledger import amending
from station.ledger.entry import Entry, Kind
from station.ledger.ledger import Ledger
from station.ledger.local_time import utc_of

SHORT_ID = 6
"""How many digits of an id tell people of the same name apart."""


class AmendingAct(Enum):
    """What is done with the check-ins."""

    ADD = auto()
    CORRECT = auto()
    UNDO = auto()


@dataclass(frozen=True)
class AmendingDesk:
    """What amending needs.

    ledger: the file. station: the name that stands in the rows. people: returns who is enrolled.
    ask: called with a window and an act, lets only the administrator do the act.
    """

    ledger: Path
    station: str
    people: Callable[[], Sequence[Identity]]
    ask: Callable[[QWidget, Callable[[], None]], None]


class AmendDialog(WorkingDialog):
    """Adds a check-in, or corrects or undoes one. Accepted once the ledger has it.

    wrong: the check-in that is corrected or undone; None to add one.
    """

    def __init__(
        self,
        act: AmendingAct,
        desk: AmendingDesk,
        wrong: CheckIn | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._act = act
        self._desk = desk
        self._wrong = wrong
        self._people = tuple(desk.people())
        self.question = PlainLabel()
        self.question.setWordWrap(True)
        self.person = QComboBox()
        self.direction = QComboBox()
        self.at = QDateTimeEdit()
        self.reason = QLineEdit()
        self._labels = tuple(PlainLabel() for _ in range(4))
        self._form = QFormLayout()
        self._form.setRowWrapPolicy(QFormLayout.WrapLongRows)
        fields = (self.person, self.direction, self.at, self.reason)
        for label, field in zip(self._labels, fields, strict=True):
            label.setBuddy(field)
            if act is not AmendingAct.UNDO or field is self.reason:
                self._form.addRow(label, field)
        self.save = with_role(push_button(), "primary")
        self.cancel = push_button()
        self.save.setDefault(True)
        self.cancel.setAutoDefault(False)
        self._lay_out()
        self._fill()
        self.save.clicked.connect(self._save)
        self.cancel.clicked.connect(self.reject)
        self.retranslate()

    def retranslate(self) -> None:
        titles = {
            AmendingAct.ADD: self.tr("Add a check-in"),
            AmendingAct.CORRECT: self.tr("Correct a check-in"),
            AmendingAct.UNDO: self.tr("Undo a check-in"),
        }
        self.setWindowTitle(titles[self._act])
        self.question.setText(self._question())
        texts = (
            self.tr("&Person"),
            self.tr("In or &out"),
            self.tr("&Time"),
            self.tr("&Reason"),
        )
        for label, text in zip(self._labels, texts, strict=True):
            label.setText(text)
        for index, text in enumerate((self.tr("In"), self.tr("Out"))):
            self.direction.setItemText(index, text)
        self.reason.setPlaceholderText(self.tr("Stays in the ledger"))
        self.at.setLocale(QLocale())
        self.at.setDisplayFormat(_with_year_and_minutes())
        done = {
            AmendingAct.ADD: self.tr("Add"),
            AmendingAct.CORRECT: self.tr("Correct"),
            AmendingAct.UNDO: self.tr("Undo it"),
        }
        self.save.setText(done[self._act])
        self.cancel.setText(self.tr("Cancel"))

    def allow(self) -> None:
        self.save.setEnabled(not self.is_working)

    def _question(self) -> str:
        if self._wrong is None:
            return self.tr(
                "A check-in or check-out that is missing is added. It says that it was added by "
                "hand, and why."
            )
        entry = self._wrong.entry
        at = QDateTime.fromSecsSinceEpoch(int(entry.happened_at.timestamp()))
        came = (
            self.tr("{} came in, {}.")
            if entry.counts_as is Kind.CHECK_IN
            else self.tr("{} went out, {}.")
        )
        what = came.format(isolated(entry.event.name), QLocale().toString(at, QLocale.ShortFormat))
        if self._act is AmendingAct.UNDO:
            rest = self.tr(
                "This will count no more. The entry stays, and says by which other it was undone. "
                "An undo cannot be undone; add the check-in again instead."
            )
        else:
            rest = self.tr("The entry itself stays; the correction counts in its place.")
        return f"{what} {rest}"

    def _fill(self) -> None:
        names = Counter(identity.name for identity in self._people)
        for identity in self._people:
            twice = names[identity.name] > 1
            shown = f"{identity.name} ({identity.id[:SHORT_ID]})" if twice else identity.name
            self.person.addItem(shown, identity)
        self.direction.addItem("", Kind.CHECK_IN)
        self.direction.addItem("", Kind.CHECK_OUT)
        self.person.setEditable(True)
        self.person.setInsertPolicy(QComboBox.NoInsert)
        completer = self.person.completer()
        completer.setFilterMode(Qt.MatchContains)
        completer.setCompletionMode(QCompleter.PopupCompletion)
        self.at.setCalendarPopup(True)
        now = QDateTime.currentDateTime()
        if self._wrong is None:
            self.person.setCurrentIndex(-1)
            self.at.setDateTime(QDateTime(now.date(), now.time().addSecs(-now.time().second())))
            return
        entry = self._wrong.entry
        ids = [identity.id for identity in self._people]
        if entry.event.identity_id in ids:
            self.person.setCurrentIndex(ids.index(entry.event.identity_id))
        else:  # whoever is not enrolled any more keeps their entries
            self.person.setCurrentIndex(-1)
            self.person.setEditText(entry.event.name)
        self.direction.setCurrentIndex(int(entry.counts_as is Kind.CHECK_OUT))
        self.at.setDateTime(QDateTime.fromSecsSinceEpoch(int(entry.happened_at.timestamp())))
        self._as_it_was = self.at.dateTime()

    def _chosen_person(self) -> Identity | None:
        """Return who is typed or chosen; None where nobody enrolled is."""
        index = self.person.findText(self.person.currentText().strip(), Qt.MatchFixedString)
        return self.person.itemData(index) if index >= 0 else None

    def _save(self) -> None:
        if not self.reason.text().strip():
            tell(self.problem, self.tr("Say in a few words why; the reason stays in the ledger."))
            self.reason.setFocus()
            return
        change = self._change()
        if change is None:
            return

        def write() -> Entry:
            with closing(Ledger(self._desk.ledger)) as ledger:
                return change(ledger)

        self.work(write, lambda _: self.accept())

    def _change(self) -> Callable[[Ledger], Entry] | None:
        """Return what is to be done; None where something is missing, which is then said."""
        station, reason = self._desk.station, self.reason.text()
        number = self._wrong.entry.number if self._wrong is not None else 0
        if self._act is AmendingAct.UNDO:
            return lambda ledger: amending.undo(ledger, station, number, reason)
        person = self._chosen_person()
        direction: Kind = self.direction.currentData()
        at: datetime = self.at.dateTime().toPyDateTime()
        if self._wrong is None:
            if person is None:
                tell(self.problem, self.tr("Choose a person who is enrolled."))
                self.person.setFocus()
                return None
            chosen = person
            return lambda ledger: amending.add(
                ledger, station, chosen, direction, utc_of(at, takes_the_first=True), reason
            )
        entry = self._wrong.entry
        if person is None and self.person.currentText().strip() != entry.event.name:
            tell(self.problem, self.tr("Choose a person who is enrolled."))
            self.person.setFocus()
            return None
        other = person if person is not None and person.id != entry.event.identity_id else None
        turned = direction if direction is not entry.counts_as else None
        moved = at if self.at.dateTime() != self._as_it_was else None
        if other is None and turned is None and moved is None:
            tell(self.problem, self.tr("Nothing is changed: choose what it should be."))
            return None
        return lambda ledger: amending.correct(
            ledger,
            station,
            number,
            reason,
            direction=turned,
            at=utc_of(moved, takes_the_first=True) if moved is not None else None,
            person=other,
        )

    def _lay_out(self) -> None:
        self.body.addWidget(self.question)
        self.body.addLayout(self._form)
        self.body.addWidget(self.problem)
        self.body.addStretch()
        self.buttons.addWidget(self.save)
        self.buttons.addWidget(self.cancel)
        self.setMinimumWidth(320)


def _with_year_and_minutes() -> str:
    form = QLocale().dateFormat(QLocale.ShortFormat)
    return f"{form if 'yyyy' in form else form.replace('yy', 'yyyy')} HH:mm"
