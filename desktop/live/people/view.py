"""Shows who is enrolled: a list that can be searched, and what can be done with each person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from PyQt5.QtCore import QDateTime, QLocale, Qt, pyqtSignal
from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QShortcut,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from capture.kinds import PICTURE_SUFFIXES
from desktop.i18n.retranslated import Retranslated
from desktop.live.people.delegate import DETAILS_ROLE, ID_ROLE, PersonDelegate
from desktop.live.people.merge_dialog import SHORT_ID, MergeDialog
from desktop.live.people.portraits import Portrait, Portraits
from desktop.live.people.summaries import MergeChoice, PersonSummary
from desktop.shared.names import folded, isolated, short
from desktop.shared.plain_text import PlainFileDialog, PlainLabel, plain_tip
from desktop.shared.style import push_button, with_role
from gallery.identity import Identity


class PeopleView(Retranslated, QWidget):
    """Shows the list, and emits a signal for each change that the user asks for.

    show_people() is called once the change is done.

    renamed: id, name. removed: id. restored: id. photos_chosen: id, tuple of Path.
    merge_asked: the id of whom to merge into somebody, to be answered by choose_merge().
    merged: into id, from id, whether they are merged although they do not look alike.
    portraits_wanted: a tuple of ids, to be answered by put_portraits().
    """

    renamed = pyqtSignal(str, str)
    merge_asked = pyqtSignal(str)
    merged = pyqtSignal(str, str, bool)
    removed = pyqtSignal(str)
    restored = pyqtSignal(str)
    photos_chosen = pyqtSignal(str, object)
    portraits_wanted = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: dict[str, QListWidgetItem] = {}
        self._people: dict[str, PersonSummary] = {}
        self._undoable: list[tuple[Identity, Identity | None]] = []
        """The people who are gone, the latest last, and whom each was merged into, if anybody."""
        self._merge_dialog: MergeDialog | None = None
        self._renaming: set[str] = set()
        self._changed: set[str] = set()
        """Who was just changed here: a search shows them all the same, until it is typed anew."""
        self._to_reveal = ""
        self._is_loaded = False  # before, nobody knows whether anybody is enrolled

        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._search)
        self.empty = with_role(PlainLabel(), "quiet")
        self.empty.setAlignment(Qt.AlignCenter)
        self.empty.setMargin(16)
        self.list = QListWidget()
        self.list.setVerticalScrollMode(QListWidget.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        self._portraits = Portraits(self.list.viewport())
        self._portraits.wanted.connect(self.portraits_wanted)
        self._delegate = PersonDelegate(self.list, self._portraits)
        self._delegate.renamed.connect(self._ask_rename)
        self.list.setItemDelegate(self._delegate)
        self.list.itemSelectionChanged.connect(self._enable_buttons)
        QShortcut(QKeySequence.Delete, self.list, self._remove, context=Qt.WidgetShortcut)

        self.rename = self._button(self._rename)
        self.add_photos = self._button(self._choose_photos)
        self.merge = self._button(self._ask_merge)
        self.remove = self._button(self._remove)
        buttons = QGridLayout()
        buttons.addWidget(self.rename, 0, 0)
        buttons.addWidget(self.add_photos, 0, 1)
        buttons.addWidget(self.merge, 1, 0)
        buttons.addWidget(self.remove, 1, 1)

        layout = QVBoxLayout(self)
        layout.addWidget(self.search)
        layout.addWidget(self.empty)
        layout.addWidget(self.list, 1)
        layout.addWidget(self._undo_bar())
        layout.addLayout(buttons)
        self.retranslate()

    def retranslate(self) -> None:
        self.search.setPlaceholderText(self.tr("Search"))
        self.search.setAccessibleName(self.tr("Search people by name"))
        self.list.setAccessibleName(self.tr("People"))
        self.rename.setText(self.tr("Rename"))
        self.add_photos.setText(self.tr("Add photos…"))
        self.merge.setText(self.tr("Merge into…"))
        self.remove.setText(self.tr("Remove"))
        self.undo.setText(self.tr("Undo"))
        self._show(tuple(self._people.values()))

    def show_people(self, people: Sequence[PersonSummary]) -> None:
        """Show everyone, in this order. The selection stays, and so does a name being edited."""
        self._is_loaded = True
        self._show(people)

    def _show(self, people: Sequence[PersonSummary]) -> None:
        known, self._people = self._people, {person.identity.id: person for person in people}
        for identity_id, person in known.items():
            if self._people.get(identity_id) != person:  # other templates, another portrait
                self._portraits.forget(identity_id)
        chosen = self._chosen
        for identity_id in self._items.keys() - self._people.keys():
            self.list.takeItem(self.list.row(self._items.pop(identity_id)))
        names = Counter(person.identity.name for person in people)
        for row, person in enumerate(people):
            item = self._items.setdefault(person.identity.id, QListWidgetItem())
            self._fill(item, person, is_namesake=names[person.identity.name] > 1)
            if self.list.item(row) is not item:
                self.list.takeItem(self.list.row(item))
                self.list.insertItem(row, item)
        # Where the selected person is gone, select nobody: the neighbour was not chosen.
        self.list.setCurrentItem(chosen if chosen in self._items.values() else None)
        self._undoable = [gone for gone in self._undoable if gone[0].id not in self._people]
        if self._merge_dialog is not None:
            self._merge_dialog.keep_only(self._people.keys())
        self._show_undo()
        self._filter()
        self._enable_buttons()
        if self._to_reveal in self._items:
            self.reveal(self._to_reveal)

    def reveal(self, identity_id: str) -> None:
        """Select who was just enrolled or changed, in view, also where a search would hide them.

        Where the person is not in the list yet, this is done once they are.
        """
        item = self._items.get(identity_id)
        self._to_reveal = "" if item is not None else identity_id
        self._changed.add(identity_id)
        if item is not None:
            self._filter()
            self.list.setCurrentItem(item)
            self.list.scrollToItem(item)

    def put_portraits(self, portraits: Collection[Portrait]) -> None:
        self._portraits.put(portraits)
        if self._merge_dialog is not None:
            self._merge_dialog.put_portraits(portraits)

    def offer_undo(self, identity: Identity, merged_into: Identity | None = None) -> None:
        """Offer to bring back somebody who was removed, or merged into another.

        The offer lasts as long as the window is open.
        """
        self._undoable.append((identity, merged_into))
        self._show_undo()

    def forget_undo(self, identity_id: str) -> None:
        """Withdraw that offer: the person is erased, and cannot be brought back any more."""
        self._undoable = [gone for gone in self._undoable if gone[0].id != identity_id]
        self._show_undo()

    def choose_merge(self, choice: MergeChoice) -> None:
        """Ask with whom the person is to be merged; that one's name and id are kept."""
        if self._merge_dialog is not None:
            return
        dialog = self._merge_dialog = MergeDialog(choice, self)
        dialog.setAttribute(Qt.WA_DeleteOnClose)
        dialog.chosen.connect(self.merged)
        dialog.portraits_wanted.connect(self.portraits_wanted)
        dialog.finished.connect(self._forget_merge_dialog)
        dialog.open()

    @property
    def is_renaming(self) -> bool:
        """Whether a new name was asked for, and the rename has neither been done nor failed yet."""
        return bool(self._renaming)

    def finish_editing(self) -> None:
        """Ask for the name that is being typed, if it is valid."""
        self._delegate.finish_editing()

    def rename_done(self, identity_id: str) -> None:
        self._renaming.discard(identity_id)

    def rename_failed(self, identity_id: str, name: str) -> None:
        """Put the typed name back into the editor, so that it is not lost."""
        self._renaming.discard(identity_id)
        item = self._items.get(identity_id)
        if item is None:
            return
        self.finish_editing()  # of somebody else's name
        self._changed.add(identity_id)
        self._filter()
        self._delegate.put_back(identity_id, name)
        self.list.setCurrentItem(item)
        self.list.editItem(item)

    def _fill(self, item: QListWidgetItem, person: PersonSummary, is_namesake: bool) -> None:
        identity = person.identity
        item.setFlags(Qt.ItemIsSelectable | Qt.ItemIsEnabled | Qt.ItemIsEditable)
        item.setText(identity.name)
        item.setData(ID_ROLE, identity.id)
        item.setData(DETAILS_ROLE, self._details(person, is_namesake))
        item.setData(Qt.AccessibleDescriptionRole, self._details(person, is_namesake))
        enrolled = QLocale().toString(_local(identity), QLocale.LongFormat)
        tip = self.tr("{}\nEnrolled {}\n{}").format(isolated(identity.name), enrolled, identity.id)
        item.setToolTip(plain_tip(tip))

    def _details(self, person: PersonSummary, is_namesake: bool) -> str:
        count = person.template_count
        templates = self.tr("1 template") if count == 1 else self.tr("{} templates").format(count)
        enrolled = QLocale().toString(_local(person.identity).date(), QLocale.ShortFormat)
        namesake = (person.identity.id[:SHORT_ID],) if is_namesake else ()
        return " · ".join((*namesake, templates, enrolled))

    def _undo_bar(self) -> QWidget:
        self.undo_bar = with_role(QWidget(), "notice")
        self.undo_bar.setAttribute(Qt.WA_StyledBackground)
        self.undo_bar.setSizePolicy(QSizePolicy.Preferred, QSizePolicy.Maximum)
        self._undo_text = PlainLabel()
        self._undo_text.setWordWrap(True)
        self.undo = push_button()
        self.undo.clicked.connect(self._bring_back)
        row = QHBoxLayout(self.undo_bar)
        row.addWidget(self._undo_text, 1)
        row.addWidget(self.undo)
        self.undo_bar.hide()
        return self.undo_bar

    def _show_undo(self) -> None:
        self.undo_bar.setVisible(bool(self._undoable))
        if not self._undoable:
            return
        gone, into = self._undoable[-1]
        name = short(gone.name)
        if into is None:
            text = self.tr(
                "{} was removed. Closing the window erases all but their rows in the ledger."
            ).format(name)
        else:
            text = self.tr("{} was merged into {}.").format(name, short(into.name))
        self._undo_text.setText(text)
        self.undo.setAccessibleName(self.tr("Bring {} back").format(name))

    def _search(self) -> None:
        self._changed.clear()
        self._filter()

    def _bring_back(self) -> None:
        identity_id = self._undoable[-1][0].id
        self.restored.emit(identity_id)
        self.reveal(identity_id)

    def _filter(self) -> None:
        wanted = folded(self.search.text())
        for identity_id, item in self._items.items():
            fits = wanted in folded(item.text()) or identity_id in self._changed
            item.setHidden(not fits)
        if self._chosen is None:
            self.list.setCurrentItem(None)  # so that nothing is done to somebody unseen
        any_shown = any(not item.isHidden() for item in self._items.values())
        nobody = self.tr("Nobody matches") if self._items else self.tr("Nobody is enrolled yet.")
        self.empty.setText(nobody if self._is_loaded else "")
        self.empty.setHidden(any_shown)
        self.list.setVisible(any_shown)

    def _button(self, action: Callable[[], None]) -> QPushButton:
        button = push_button()
        button.clicked.connect(lambda: action())
        return button

    def _enable_buttons(self) -> None:
        chosen = self._chosen is not None
        for button in (self.rename, self.add_photos, self.remove):
            button.setEnabled(chosen)
        self.merge.setEnabled(chosen and len(self._items) > 1)

    @property
    def _chosen(self) -> QListWidgetItem | None:
        """The row that is shown as chosen; Qt's current row, which Tab sets, may be another one."""
        return next((item for item in self.list.selectedItems() if not item.isHidden()), None)

    def _ask_rename(self, identity_id: str, name: str) -> None:
        self._renaming.add(identity_id)
        self.renamed.emit(identity_id, name)

    def _rename(self) -> None:
        if self._chosen is not None:
            self.list.editItem(self._chosen)

    def _remove(self) -> None:
        if self._chosen is not None:
            self.removed.emit(self._chosen.data(ID_ROLE))

    def _ask_merge(self) -> None:
        if self._chosen is not None:
            self.merge_asked.emit(self._chosen.data(ID_ROLE))

    def _forget_merge_dialog(self) -> None:
        self._merge_dialog = None

    def _choose_photos(self) -> None:
        if self._chosen is None:
            return
        identity_id = self._chosen.data(ID_ROLE)
        kinds = " ".join(f"*{suffix}" for suffix in sorted(PICTURE_SUFFIXES))
        dialog = PlainFileDialog(
            self, self.tr("Add photos"), "", self.tr("Pictures ({})").format(kinds)
        )
        dialog.setAttribute(Qt.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.ExistingFiles)
        dialog.filesSelected.connect(
            lambda files: self.photos_chosen.emit(identity_id, tuple(Path(f) for f in files))
        )
        dialog.open()


def _local(identity: Identity) -> QDateTime:
    """Return when the person was enrolled, in local time."""
    return QDateTime.fromSecsSinceEpoch(int(identity.enrolled_at.timestamp()))
