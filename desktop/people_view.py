"""Who is enrolled: a list to search, and what can be done about each person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from PyQt5.QtCore import QDateTime, QLocale, Qt, pyqtSignal
from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QShortcut,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from capture.stills import PICTURE_SUFFIXES
from desktop.bidi import isolated, short
from desktop.folding import folded
from desktop.i18n.retranslated import Retranslated
from desktop.person_delegate import DETAILS_ROLE, ID_ROLE, PORTRAIT_PX, PersonDelegate
from desktop.pictures import portrait_pixmap
from desktop.style import push_button, with_role
from desktop.worker import PersonSummary
from gallery.identity import Identity

SHORT_ID = 6
"""So many of an id's digits tell people of the same name apart."""


class PeopleView(Retranslated, QWidget):
    """Each signal asks for a change; show_people() is told of it once it is done.

    renamed: id, name. merged: into id, from id. removed: id. restored: id.
    photos_chosen: id, tuple of Path.
    """

    renamed = pyqtSignal(str, str)
    merged = pyqtSignal(str, str)
    removed = pyqtSignal(str)
    restored = pyqtSignal(str)
    photos_chosen = pyqtSignal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: dict[str, QListWidgetItem] = {}
        self._people: dict[str, PersonSummary] = {}
        self._removed: list[Identity] = []
        self._renaming: set[str] = set()
        self._is_loaded = False  # before, nobody knows whether anybody is enrolled

        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.empty = with_role(QLabel(), "quiet")
        self.empty.setAlignment(Qt.AlignCenter)
        self.empty.setMargin(16)
        self.list = QListWidget()
        self.list.setVerticalScrollMode(QListWidget.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        self._delegate = PersonDelegate(self.list)
        self._delegate.renamed.connect(self._ask_rename)
        self.list.setItemDelegate(self._delegate)
        self.list.currentItemChanged.connect(self._enable_buttons)
        QShortcut(QKeySequence.Delete, self.list, self._remove, context=Qt.WidgetShortcut)

        self.rename = self._button(self._rename)
        self.add_photos = self._button(self._choose_photos)
        self.merge = self._button(self._choose_merge)
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
        """Everyone, in the order to show. The selection and a name being edited stay."""
        self._is_loaded = True
        self._show(people)

    def _show(self, people: Sequence[PersonSummary]) -> None:
        self._people = {person.identity.id: person for person in people}
        current = self._current_id()
        for identity_id in self._items.keys() - self._people.keys():
            self.list.takeItem(self.list.row(self._items.pop(identity_id)))
        names = Counter(person.identity.name for person in people)
        for row, person in enumerate(people):
            item = self._items.setdefault(person.identity.id, QListWidgetItem())
            self._fill(item, person, is_namesake=names[person.identity.name] > 1)
            if self.list.item(row) is not item:
                self.list.takeItem(self.list.row(item))
                self.list.insertItem(row, item)
        # Where the one selected is gone, nobody is: the neighbour was not chosen.
        self.list.setCurrentItem(self._items.get(current) if current is not None else None)
        self._removed = [i for i in self._removed if i.id not in self._people]
        self._show_undo()
        self._filter()
        self._enable_buttons()

    def offer_undo(self, identity: Identity) -> None:
        """Somebody was removed, and can be brought back as long as the window is open."""
        self._removed.append(identity)
        self._show_undo()

    @property
    def is_renaming(self) -> bool:
        """Whether a new name was asked for that is neither done nor failed."""
        return bool(self._renaming)

    def finish_editing(self) -> None:
        """Ask for the name that is being typed, if it can stand."""
        self._delegate.finish_editing()

    def rename_done(self, identity_id: str) -> None:
        self._renaming.discard(identity_id)

    def rename_failed(self, identity_id: str, name: str) -> None:
        """The typed name goes back into the editor: it is not lost."""
        self._renaming.discard(identity_id)
        item = self._items.get(identity_id)
        if item is None:
            return
        self.finish_editing()  # of somebody else's name
        if item.isHidden():
            self.search.clear()
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
        ratio = self.devicePixelRatioF()
        item.setData(Qt.DecorationRole, portrait_pixmap(person.portrait, PORTRAIT_PX, ratio))
        enrolled = QLocale().toString(_local(identity), QLocale.LongFormat)
        item.setToolTip(
            self.tr("{}\nEnrolled {}\n{}").format(isolated(identity.name), enrolled, identity.id)
        )

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
        self._undo_text = QLabel()
        self._undo_text.setTextFormat(Qt.PlainText)
        self._undo_text.setWordWrap(True)
        self.undo = push_button()
        self.undo.clicked.connect(lambda: self.restored.emit(self._removed[-1].id))
        row = QHBoxLayout(self.undo_bar)
        row.addWidget(self._undo_text, 1)
        row.addWidget(self.undo)
        self.undo_bar.hide()
        return self.undo_bar

    def _show_undo(self) -> None:
        self.undo_bar.setVisible(bool(self._removed))
        if self._removed:
            name = short(self._removed[-1].name)
            self._undo_text.setText(self.tr("{} was removed.").format(name))
            self.undo.setAccessibleName(self.tr("Bring {} back").format(name))

    def _filter(self) -> None:
        wanted = folded(self.search.text())
        for item in self._items.values():
            item.setHidden(wanted not in folded(item.text()))
        current = self.list.currentItem()
        if current is not None and current.isHidden():
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
        chosen = self._current_id() is not None
        for button in (self.rename, self.add_photos, self.remove):
            button.setEnabled(chosen)
        self.merge.setEnabled(chosen and len(self._items) > 1)

    def _current_id(self) -> str | None:
        """The selected person's, if they are on show."""
        item = self.list.currentItem()
        return item.data(ID_ROLE) if item is not None and not item.isHidden() else None

    def _ask_rename(self, identity_id: str, name: str) -> None:
        self._renaming.add(identity_id)
        self.renamed.emit(identity_id, name)

    def _rename(self) -> None:
        self.list.editItem(self.list.currentItem())

    def _remove(self) -> None:
        identity_id = self._current_id()
        if identity_id is not None:
            self.removed.emit(identity_id)

    def _choose_merge(self) -> None:
        """Whom the selected person is the same as: that one's name and id stay."""
        from_id = self._current_id()
        if from_id is None:
            return
        name = short(self._people[from_id].identity.name)
        others = {
            f"{short(person.identity.name)} ({identity_id[:SHORT_ID]})": identity_id
            for identity_id, person in self._people.items()
            if identity_id != from_id
        }

        def tell(chosen: str) -> None:
            dialog.setLabelText(
                self.tr(
                    "{0} is the same person as the one chosen here.\n\n"
                    "The name {1} stays, and gets the pictures of {0}.\n"
                    "The name {0} goes. This cannot be undone."
                ).format(name, chosen)
            )

        dialog = QInputDialog(self)
        dialog.setAttribute(Qt.WA_DeleteOnClose)
        dialog.setWindowTitle(self.tr("Merge"))
        dialog.setOkButtonText(self.tr("Merge"))
        dialog.setComboBoxItems(list(others))
        for label in dialog.findChildren(QLabel):
            label.setWordWrap(True)
        tell(dialog.textValue())
        dialog.textValueChanged.connect(tell)
        dialog.textValueSelected.connect(lambda text: self.merged.emit(others[text], from_id))
        dialog.open()

    def _choose_photos(self) -> None:
        identity_id = self._current_id()
        kinds = " ".join(f"*{suffix}" for suffix in sorted(PICTURE_SUFFIXES))
        dialog = QFileDialog(
            self, self.tr("Add photos"), "", self.tr("Pictures ({})").format(kinds)
        )
        dialog.setAttribute(Qt.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.ExistingFiles)
        dialog.filesSelected.connect(
            lambda files: self.photos_chosen.emit(identity_id, tuple(Path(f) for f in files))
        )
        dialog.open()


def _local(identity: Identity) -> QDateTime:
    """When it was enrolled, in the time of this place."""
    return QDateTime.fromSecsSinceEpoch(int(identity.enrolled_at.timestamp()))
