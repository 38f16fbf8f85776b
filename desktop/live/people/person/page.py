"""One person's page: pictures, portrait, code, visits, note."""

from __future__ import annotations

from collections.abc import Collection

from PyQt5.QtCore import QDateTime, QLocale, Qt, pyqtSignal
from PyQt5.QtWidgets import QAbstractItemView, QHBoxLayout, QListWidget, QVBoxLayout, QWidget

from desktop.live.enroll.known_person import PortraitTile
from desktop.live.people.person.details import PersonDetails
from desktop.live.people.person.note_field import NoteField
from desktop.live.people.person.picture_list import PictureList
from desktop.live.people.portraits import Portrait
from desktop.live.people.row_text import pictures_text
from desktop.shared.dialogs.fitting_dialog import FittingDialog
from desktop.shared.dialogs.wrapping_row import WrappingRow, spread
from desktop.shared.names import isolated, short
from desktop.shared.plain_text import PlainLabel
from desktop.shared.style import push_button, with_role
from gallery.identity import Identity
from station.ledger.stays import Stay

PORTRAIT_PX = 88
SHORT_ID = 8
VISITS_SHOWN = 50
"""The newest ones; the window of the check-ins has all."""


class PersonPage(FittingDialog):
    """Shows the details of one person, and asks for what is changed in them.

    portrait_chosen, picture_removed: the id and the picture's number. split_asked: the id.
    code_asked, export_asked: the Identity. photos_asked: the id. note_changed: the id and the note.
    portraits_wanted: a tuple of ids, to be answered by put_portraits().
    """

    portrait_chosen = pyqtSignal(str, int)
    picture_removed = pyqtSignal(str, int)
    split_asked = pyqtSignal(str)
    code_asked = pyqtSignal(object)
    export_asked = pyqtSignal(object)
    photos_asked = pyqtSignal(str)
    note_changed = pyqtSignal(str, str)
    portraits_wanted = pyqtSignal(object)

    def __init__(self, details: PersonDetails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._details = details
        self.portrait = PortraitTile(PORTRAIT_PX)
        self.portrait.portraits_wanted.connect(self.portraits_wanted)
        self.name = with_role(PlainLabel(), "title")
        self.facts = with_role(PlainLabel(), "quiet")
        self.pictures_label, self.visits_label = PlainLabel(), PlainLabel()
        self.pictures = PictureList()
        self.pictures.setSelectionMode(QAbstractItemView.SingleSelection)
        self.pictures.itemSelectionChanged.connect(self._allow)
        self.show_as_portrait, self.remove = push_button(), push_button()
        self.add, self.split, self.code = push_button(), push_button(), push_button()
        self.export = push_button()
        self.note = NoteField()
        self.visits = QListWidget()
        self.visits.setSelectionMode(QAbstractItemView.NoSelection)
        self.visits.setMinimumHeight(4 * self.fontMetrics().lineSpacing())
        self.visits.setMaximumHeight(10 * self.fontMetrics().lineSpacing())
        self.close_page = push_button()
        self._acts = (
            *(self.show_as_portrait, self.remove, self.add, self.split, self.code),
            self.export,
        )
        for button in self._acts:
            button.setAutoDefault(False)
        self._lay_out()
        self.pictures.itemDoubleClicked.connect(lambda _: self._choose_portrait())
        self.show_as_portrait.clicked.connect(self._choose_portrait)
        self.remove.clicked.connect(self._remove_picture)
        self.add.clicked.connect(lambda: self.photos_asked.emit(self.identity.id))
        self.split.clicked.connect(lambda: self.split_asked.emit(self.identity.id))
        self.code.clicked.connect(lambda: self.code_asked.emit(self.identity))
        self.export.clicked.connect(lambda: self.export_asked.emit(self.identity))
        self.note.save_asked.connect(lambda note: self.note_changed.emit(self.identity.id, note))
        self.close_page.clicked.connect(self.accept)
        self.show_details(details)

    @property
    def identity(self) -> Identity:
        return self._details.identity

    def retranslate(self) -> None:
        identity = self.identity
        self.setWindowTitle(isolated(identity.name))
        self.name.setText(short(identity.name, 60))
        self.facts.setText(self._facts())
        self.pictures_label.setText(self.tr("&Pictures"))
        self.visits_label.setText(self.tr("&Visits"))
        self.show_as_portrait.setText(self.tr("Show as portrait"))
        self.remove.setText(self.tr("Remove picture"))
        self.add.setText(self.tr("Add photos…"))
        self.split.setText(self.tr("Split…"))
        self.code.setText(self.tr("Code…"))
        self.export.setText(self.tr("Export…"))
        self.close_page.setText(self.tr("Close"))
        self.portrait.show_person(
            identity.id, self.tr("Portrait of {}").format(isolated(identity.name))
        )
        self._show_visits()

    def show_details(self, details: PersonDetails) -> None:
        """Show what was read anew of this person; another person's details are ignored."""
        if details.identity.id != self.identity.id:
            return
        self._details = details
        self.portrait.forget(details.identity.id)
        self.pictures.show_pictures(details.pictures)
        self.note.show_note(details.identity.note)
        self.retranslate()
        self._allow()

    def put_portraits(self, portraits: Collection[Portrait]) -> None:
        self.portrait.put_portraits(portraits)

    def done(self, result: int) -> None:
        """Close once the note is saved; where it cannot be saved, the page stays with it."""
        self.note.flush()
        super().done(result)

    def _facts(self) -> str:
        identity = self.identity
        enrolled = QLocale().toString(_qt(identity.enrolled_at.timestamp()), QLocale.ShortFormat)
        pictures = pictures_text(len(self._details.pictures))
        code = self.tr("has a code") if self._details.has_code else self.tr("no code")
        enrolled = self.tr("enrolled {}").format(enrolled)
        facts = [enrolled, pictures, code, identity.id[:SHORT_ID]]
        if (consent := self._details.consent) is not None:
            at = QLocale().toString(_qt(consent.at.timestamp()), QLocale.ShortFormat)
            facts.insert(1, self.tr("agreed {}").format(at))
        return " · ".join(facts)

    def _show_visits(self) -> None:
        self.visits.clear()
        visits = self._details.visits
        for visit in visits[: -VISITS_SHOWN - 1 : -1]:
            self.visits.addItem(self._visit(visit))
        if not visits:
            self.visits.addItem(self.tr("No visit yet."))
        elif len(visits) > VISITS_SHOWN:
            more = self.tr("… and {} before; the check-ins have all.")
            self.visits.addItem(more.format(len(visits) - VISITS_SHOWN))

    def _visit(self, visit: Stay) -> str:
        arrived, left = (
            QLocale().toString(_qt(at.timestamp()), QLocale.ShortFormat) if at is not None else ""
            for at in (visit.arrived, visit.left)
        )
        if arrived and left:
            return self.tr("{} to {}").format(arrived, left)
        if arrived:
            return self.tr("{}, no check-out").format(arrived)
        return self.tr("no check-in, out {}").format(left)

    def _allow(self) -> None:
        chosen = [self.pictures.picture(number) for number in self.pictures.chosen]
        can_show = any(one.crop.size and not one.is_portrait for one in chosen)
        self.show_as_portrait.setEnabled(can_show)
        self.remove.setEnabled(bool(chosen) and len(self._details.pictures) > 1)
        self.split.setEnabled(len(self._details.pictures) > 1)

    def _choose_portrait(self) -> None:
        if self.show_as_portrait.isEnabled():
            self.portrait_chosen.emit(self.identity.id, self.pictures.chosen[0])

    def _remove_picture(self) -> None:
        self.picture_removed.emit(self.identity.id, self.pictures.chosen[0])

    def _lay_out(self) -> None:
        for label in (self.name, self.facts):
            label.setWordWrap(True)
            label.setMinimumWidth(1)
        self.pictures_label.setBuddy(self.pictures)
        self.visits_label.setBuddy(self.visits)
        texts = QVBoxLayout()
        texts.addWidget(self.name)
        texts.addWidget(self.facts)
        texts.addWidget(self.note)
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(self.portrait, 0, Qt.AlignTop)
        head.addLayout(texts, 1)
        acts = QWidget()
        row = WrappingRow()
        acts.setLayout(row)
        spread(acts)
        for button in self._acts:
            row.addWidget(button)
        self.body.addLayout(head)
        self.body.addWidget(self.pictures_label)
        self.body.addWidget(self.pictures, 1)
        self.body.addWidget(acts)
        self.body.addWidget(self.visits_label)
        self.body.addWidget(self.visits)
        self.buttons.addWidget(self.close_page)
        self.resize(580, 640)


def _qt(seconds: float) -> QDateTime:
    return QDateTime.fromSecsSinceEpoch(int(seconds))
