"""Shows who is enrolled: a list that can be searched, and what can be done with each person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from PyQt5.QtCore import QEvent, QLocale, QPoint, Qt, pyqtSignal
from PyQt5.QtGui import QKeyEvent, QKeySequence
from PyQt5.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QShortcut,
    QVBoxLayout,
    QWidget,
)

from desktop.i18n.retranslated import Retranslated
from desktop.live.people.delegate import DETAILS_ROLE, ID_ROLE, PersonDelegate
from desktop.live.people.file_dialogs import ask_export, ask_photos
from desktop.live.people.merge_dialog import MergeDialog
from desktop.live.people.order import PeopleOrder, ordered
from desktop.live.people.portraits import Portrait, Portraits
from desktop.live.people.row_text import local_time, people_text, row_text
from desktop.live.people.summaries import MergeChoice, PersonSummary
from desktop.live.people.undo_bar import Undoable, UndoBar
from desktop.shared.dialogs.confirming import confirm
from desktop.shared.dialogs.scrolled import Scrolled
from desktop.shared.names import folded, isolated
from desktop.shared.plain_text import PlainLabel, plain_tip
from desktop.shared.style import push_button, with_role
from gallery.identity import Identity
from gallery.look_alikes import LookAlikes

LEAST_LIST_PX = 56
"""On a low screen the list is so high: one person."""


class PeopleView(Retranslated, QWidget):
    """Shows the list, and emits a signal for each change that the user asks for.

    show_people() is called once the change is done.

    renamed: id, name. removed: id. restored: the id of a removal. photos_chosen: id, tuple of Path.
    merge_asked: the id of whom to merge into somebody, to be answered by choose_merge().
    merged: into id, from id, whether they are merged although they do not look alike.
    page_asked: the id of whose page to open. code_asked: the Identity who is to get a code.
    exported: a tuple of ids, a Path, whether it is an archive.
    portraits_wanted: a tuple of ids, to be answered by put_portraits().
    look_alikes_wanted: to be answered by show_look_alikes(). last_seen_wanted: by
    show_last_seen().
    """

    renamed = pyqtSignal(str, str)
    merge_asked = pyqtSignal(str)
    merged = pyqtSignal(str, str, bool)
    removed = pyqtSignal(str)
    restored = pyqtSignal(str)
    photos_chosen = pyqtSignal(str, object)
    page_asked = pyqtSignal(str)
    code_asked = pyqtSignal(object)
    exported = pyqtSignal(object, object, bool)
    portraits_wanted = pyqtSignal(object)
    look_alikes_wanted = pyqtSignal()
    last_seen_wanted = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: dict[str, QListWidgetItem] = {}
        self._people: dict[str, PersonSummary] = {}
        self._merge_dialog: MergeDialog | None = None
        self._merges_with = ""
        self._renaming: set[str] = set()
        self._changed: set[str] = set()
        """Who was just changed here: a search shows them all the same, until it is typed anew."""
        self._to_reveal = ""
        self._is_loaded = False  # before, nobody knows whether anybody is enrolled
        self._last_seen: Mapping[str, datetime] = {}
        self._look_alikes: dict[str, LookAlikes] | None = None
        self._together: dict[str, int] = {}
        self._batches = 0

        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._search)
        self.order = QComboBox()
        for order in PeopleOrder:
            self.order.addItem("", order)
        self.order.currentIndexChanged.connect(self._reorder)
        self.look_alikes = QPushButton()
        self.look_alikes.setCheckable(True)
        self.look_alikes.toggled.connect(self._toggle_look_alikes)
        self.count = with_role(PlainLabel(), "quiet")
        self.empty = with_role(PlainLabel(), "quiet")
        self.empty.setAlignment(Qt.AlignCenter)
        self.empty.setMargin(16)
        self.empty.setWordWrap(True)
        self.empty.setMinimumWidth(1)
        self.list = QListWidget()
        self.list.setVerticalScrollMode(QListWidget.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        self.list.setSelectionMode(QAbstractItemView.ExtendedSelection)
        self.list.setEditTriggers(QAbstractItemView.EditKeyPressed)
        self.list.setContextMenuPolicy(Qt.CustomContextMenu)
        self._portraits = Portraits(self.list.viewport())
        self._portraits.wanted.connect(self.portraits_wanted)
        self._delegate = PersonDelegate(self.list, self._portraits)
        self._delegate.renamed.connect(self._ask_rename)
        self.list.setItemDelegate(self._delegate)
        self.list.itemSelectionChanged.connect(self._enable_buttons)
        self.list.itemDoubleClicked.connect(lambda _: self._show_page())
        self.list.customContextMenuRequested.connect(self._show_menu)
        self.list.installEventFilter(self)
        QShortcut(QKeySequence.Delete, self.list, self._remove, context=Qt.WidgetShortcut)

        self.undo_bar = UndoBar()
        self.undo = self.undo_bar.button
        self.undo_bar.asked.connect(self._bring_back)
        self.page = self._button(self._show_page)
        self.rename = self._button(self._rename)
        self.add_photos = self._button(self._choose_photos)
        self.merge = self._button(self._ask_merge)
        self.export = self._button(self._ask_export)
        self.remove = self._button(self._remove)
        self._lay_out()
        self.retranslate()

    def retranslate(self) -> None:
        self.search.setPlaceholderText(self.tr("Search"))
        self.search.setAccessibleName(self.tr("Search people by name"))
        self.list.setAccessibleName(self.tr("People"))
        self.order.setAccessibleName(self.tr("Sort the people"))
        orders = self.tr("By name"), self.tr("Newest first"), self.tr("Last seen first")
        for index, text in enumerate(orders):
            self.order.setItemText(index, text)
        self.look_alikes.setText(self.tr("Look-alikes"))
        self.look_alikes.setToolTip(
            self.tr("Only people who are so alike that one may be named for the other")
        )
        self.page.setText(self.tr("Show…"))
        self.rename.setText(self.tr("Rename"))
        self.add_photos.setText(self.tr("Add photos…"))
        self.merge.setText(self.tr("Merge into…"))
        self.export.setText(self.tr("Export…"))
        self.remove.setText(self.tr("Remove"))
        self._show(tuple(self._people.values()))

    # -- who is shown ----------------------------------------------------------------------

    def show_people(self, people: Sequence[PersonSummary]) -> None:
        """Show everyone; by name they are in this order. The selection stays, and so does a name
        being edited."""
        self._is_loaded = True
        self._show(people)
        if self.look_alikes.isChecked():
            self.look_alikes_wanted.emit()

    def show_last_seen(self, last_seen: Mapping[str, datetime]) -> None:
        """Know when everybody was last seen: aware datetimes by id."""
        self._last_seen = last_seen
        self._show(tuple(self._people.values()))

    def show_look_alikes(self, pairs: Sequence[LookAlikes]) -> None:
        """Show only the people of these pairs, while that is asked for; the most alike first."""
        if not self.look_alikes.isChecked():
            return
        self._look_alikes = {}
        for pair in pairs:
            for identity in (pair.one, pair.other):
                self._look_alikes.setdefault(identity.id, pair)
        self._show(tuple(self._people.values()))

    def _show(self, people: Sequence[PersonSummary]) -> None:
        known, self._people = self._people, {person.identity.id: person for person in people}
        for identity_id, person in known.items():
            if self._people.get(identity_id) != person:  # other templates, another portrait
                self._portraits.forget(identity_id)
        chosen = [item.data(ID_ROLE) for item in self._chosen_items]
        current = self._chosen
        for identity_id in self._items.keys() - self._people.keys():
            self.list.takeItem(self.list.row(self._items.pop(identity_id)))
        names = Counter(person.identity.name for person in people)
        for row, person in enumerate(self._in_order(people)):
            item = self._items.setdefault(person.identity.id, QListWidgetItem())
            self._fill(item, person, is_namesake=names[person.identity.name] > 1)
            if self.list.item(row) is not item:
                self.list.takeItem(self.list.row(item))
                self.list.insertItem(row, item)
        # Where the selected person is gone, select nobody: the neighbour was not chosen.
        self.list.setCurrentItem(current if current in self._items.values() else None)
        for identity_id in chosen:
            if identity_id in self._items:
                self._items[identity_id].setSelected(True)
        self.undo_bar.forget_all(self._people.keys())
        if self._merge_dialog is not None:
            self._merge_dialog.keep_only(self._people.keys())
        self._filter()
        self._enable_buttons()
        if self._to_reveal in self._items:
            self.reveal(self._to_reveal)

    def _in_order(self, people: Sequence[PersonSummary]) -> list[PersonSummary]:
        found = ordered(people, self.order.currentData(), self._last_seen)
        if self._look_alikes is not None:
            place = {identity_id: i for i, identity_id in enumerate(self._look_alikes)}
            found.sort(key=lambda person: place.get(person.identity.id, len(place)))
        return found

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

    def forget_portrait(self, identity_id: str) -> None:
        """Ask for a portrait again: another one may have been chosen."""
        self._portraits.forget(identity_id)
        self.list.viewport().update()

    # -- what comes of what was asked for --------------------------------------------------

    def offer_undo(self, identity: Identity, merged_into: Identity | None = None) -> None:
        """Offer to bring back somebody who was removed, or merged into another.

        The offer lasts as long as the window is open.
        """
        together = self._together.pop(identity.id, 0)
        self.undo_bar.offer(Undoable(identity.id, identity, merged_into, together=together))

    def offer_picture_undo(self, identity: Identity, removal_id: str) -> None:
        """Offer to bring back a picture of this person."""
        self.undo_bar.offer(Undoable(removal_id, identity, is_picture=True))

    def forget_undo(self, removal_id: str) -> None:
        """Withdraw that offer: who or what was removed cannot be brought back any more."""
        self.undo_bar.forget(removal_id)

    def choose_merge(self, choice: MergeChoice) -> None:
        """Ask with whom the person is to be merged; that one's name and id are kept."""
        if self._merge_dialog is not None:
            return
        dialog = self._merge_dialog = MergeDialog(choice, self)
        dialog.setAttribute(Qt.WA_DeleteOnClose)
        dialog.chosen.connect(self.merged)
        dialog.portraits_wanted.connect(self.portraits_wanted)
        dialog.finished.connect(self._forget_merge_dialog)
        other, self._merges_with = self._merges_with, ""
        dialog.choose(other)
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

    # -- a person's row --------------------------------------------------------------------

    def _fill(self, item: QListWidgetItem, person: PersonSummary, is_namesake: bool) -> None:
        identity = person.identity
        item.setFlags(Qt.ItemIsSelectable | Qt.ItemIsEnabled | Qt.ItemIsEditable)
        item.setText(identity.name)
        item.setData(ID_ROLE, identity.id)
        item.setData(DETAILS_ROLE, self._details(person, is_namesake))
        item.setData(Qt.AccessibleDescriptionRole, self._details(person, is_namesake))
        enrolled = QLocale().toString(local_time(identity.enrolled_at), QLocale.LongFormat)
        tip = self.tr("{}\nEnrolled {}\n{}").format(isolated(identity.name), enrolled, identity.id)
        item.setToolTip(plain_tip(tip))

    def _details(self, person: PersonSummary, is_namesake: bool) -> str:
        pair = (self._look_alikes or {}).get(person.identity.id)
        return row_text(person, self.order.currentData(), self._last_seen, pair, is_namesake)

    def _search(self) -> None:
        self._changed.clear()
        self._filter()

    def _filter(self) -> None:
        wanted = folded(self.search.text())
        for identity_id, item in self._items.items():
            fits = wanted in folded(item.text())
            if self._look_alikes is not None:
                fits = fits and identity_id in self._look_alikes
            item.setHidden(not (fits or identity_id in self._changed))
        if not self._chosen_items:
            self.list.setCurrentItem(None)  # so that nothing is done to somebody unseen
        for item in self.list.selectedItems():
            if item.isHidden():
                item.setSelected(False)
        shown = sum(not item.isHidden() for item in self._items.values())
        self.empty.setText(self._said_of_nobody() if self._is_loaded else "")
        self.empty.setHidden(shown > 0)
        self.list.setVisible(shown > 0)
        self._tell_count(shown)

    def _said_of_nobody(self) -> str:
        if not self._items:
            return self.tr(
                "Nobody is enrolled yet: sit in front of the camera, and press Enroll. Or drop a "
                "folder of pictures here."
            )
        if self._look_alikes == {}:
            return self.tr("Nobody is so like somebody else.")
        return self.tr("Nobody has this in their name: type less of it.")

    def _tell_count(self, shown: int) -> None:
        total = len(self._items)
        text = people_text(total)
        if shown < total:
            text = self.tr("{} of {}").format(shown, text)
        chosen = len(self._chosen_items)
        if chosen > 1:
            text += " · " + self.tr("{} chosen").format(chosen)
        self.count.setText(text if total else "")

    def _reorder(self) -> None:
        if self.order.currentData() is PeopleOrder.LAST_SEEN:
            self.last_seen_wanted.emit()
        self._show(tuple(self._people.values()))

    def _toggle_look_alikes(self, wanted: bool) -> None:
        if wanted:
            self.look_alikes_wanted.emit()
        else:
            self._look_alikes = None
            self._show(tuple(self._people.values()))

    # -- who is chosen, and what is done with them -----------------------------------------

    @property
    def chosen_person(self) -> Identity | None:
        """The person who is chosen; None where nobody is, or several are."""
        item = self._chosen
        return self._people[item.data(ID_ROLE)].identity if item is not None else None

    @property
    def _chosen_items(self) -> list[QListWidgetItem]:
        """The rows that are shown as chosen; Qt's current row, which Tab sets, may be another."""
        return [item for item in self.list.selectedItems() if not item.isHidden()]

    @property
    def _chosen(self) -> QListWidgetItem | None:
        items = self._chosen_items
        return items[0] if len(items) == 1 else None

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Enter opens the page of who is chosen; within an editor, Enter ends the editing."""
        is_enter = (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.KeyPress
            and event.key() in (Qt.Key_Return, Qt.Key_Enter)
        )
        # Also Enter that has just ended the editing of a name comes here.
        if is_enter and self._chosen is not None and not self._delegate.is_editing:
            self._show_page()
            return True
        return False

    def _button(self, action: Callable[[], None]) -> QPushButton:
        button = push_button()
        button.clicked.connect(lambda: action())
        return button

    def _enable_buttons(self) -> None:
        chosen = len(self._chosen_items)
        for button in (self.page, self.rename, self.add_photos):
            button.setEnabled(chosen == 1)
        for button in (self.export, self.remove):
            button.setEnabled(chosen > 0)
        self.merge.setEnabled(chosen == 2 or (chosen == 1 and len(self._items) > 1))
        self._tell_count(sum(not item.isHidden() for item in self._items.values()))

    def _show_menu(self, place: QPoint) -> None:
        if not self._chosen_items:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WA_DeleteOnClose)
        for button in (self.page, self.rename, self.add_photos, self.merge):
            self._add_entry(menu, button.text(), button.click, button.isEnabled())
        chosen = self.chosen_person
        self._add_entry(
            menu, self.tr("Code…"), lambda: self.code_asked.emit(chosen), chosen is not None
        )
        self._add_entry(menu, self.export.text(), self.export.click, True)
        menu.addSeparator()
        self._add_entry(menu, self.remove.text(), self.remove.click, True)
        menu.popup(self.list.viewport().mapToGlobal(place))

    def _add_entry(self, menu: QMenu, text: str, act: Callable[[], None], allowed: bool) -> None:
        entry = menu.addAction(text)
        entry.setEnabled(allowed)
        entry.triggered.connect(lambda _: act())

    def _show_page(self) -> None:
        if self._chosen is not None:
            self.page_asked.emit(self._chosen.data(ID_ROLE))

    def _ask_rename(self, identity_id: str, name: str) -> None:
        self._renaming.add(identity_id)
        self.renamed.emit(identity_id, name)

    def _rename(self) -> None:
        if self._chosen is not None:
            self.list.editItem(self._chosen)

    def _remove(self) -> None:
        ids = [item.data(ID_ROLE) for item in self._chosen_items]
        if len(ids) < 2:
            for identity_id in ids:
                self.removed.emit(identity_id)
            return
        confirm(
            self,
            self.tr("Remove"),
            self.tr("Remove {} people? Until the window closes, they can be brought back.").format(
                len(ids)
            ),
            self.tr("Remove"),
            lambda: self._remove_all(ids),
        )

    def _remove_all(self, ids: Sequence[str]) -> None:
        self._batches += 1
        for identity_id in ids:
            self._together[identity_id] = self._batches
            self.removed.emit(identity_id)

    def _bring_back(self, undoable: Sequence[Undoable]) -> None:
        for one in undoable:
            self.restored.emit(one.removal_id)
            if one.is_picture:
                self.undo_bar.forget(one.removal_id)
            self.reveal(one.identity.id)

    def _ask_merge(self) -> None:
        items = self._chosen_items
        people = [self._people[item.data(ID_ROLE)].identity for item in items]
        if len(people) == 2:  # the one who has been here longer stays
            people.sort(key=lambda identity: identity.enrolled_at, reverse=True)
            self._merges_with = people[1].id
        if people:
            self.merge_asked.emit(people[0].id)

    def _forget_merge_dialog(self) -> None:
        self._merge_dialog = None

    def _choose_photos(self) -> None:
        if self._chosen is not None:
            self.choose_photos_for(self._chosen.data(ID_ROLE))

    def choose_photos_for(self, identity_id: str) -> None:
        """Ask for photos of this person."""
        ask_photos(self, lambda photos: self.photos_chosen.emit(identity_id, photos))

    def _ask_export(self) -> None:
        ids = tuple(item.data(ID_ROLE) for item in self._chosen_items)
        if ids:
            ask_export(self, lambda path, archive: self.exported.emit(ids, path, archive))

    def _lay_out(self) -> None:
        self.order.setSizeAdjustPolicy(QComboBox.AdjustToMinimumContentsLengthWithIcon)
        self.order.setMinimumContentsLength(6)
        options = QHBoxLayout()
        options.addWidget(self.order, 1)
        options.addWidget(self.look_alikes)
        acts = QWidget()
        buttons = QGridLayout(acts)
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.setSpacing(4)
        pressed = self.page, self.rename, self.add_photos, self.merge, self.export, self.remove
        for place, button in enumerate(pressed):
            buttons.addWidget(button, place // 2, place % 2)
        self.list.setMinimumHeight(LEAST_LIST_PX)
        layout = QVBoxLayout(self)
        layout.addWidget(self.search)
        layout.addLayout(options)
        layout.addWidget(self.empty, 1)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.count)
        layout.addWidget(self.undo_bar)
        layout.addWidget(Scrolled(acts))
