"""Asks with whom a person is merged: the most alike first, both pictures side by side."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import zip_longest

from PyQt5.QtCore import QRect, Qt, pyqtSignal
from PyQt5.QtGui import QPainter, QPaintEvent
from PyQt5.QtWidgets import (
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QWidget,
)

from desktop.i18n.numbers import decimal
from desktop.live.people.delegate import DETAILS_ROLE, ID_ROLE, PersonDelegate
from desktop.live.people.portraits import Portrait, Portraits
from desktop.live.people.row_text import SHORT_ID
from desktop.live.people.summaries import MergeChoice
from desktop.shared.dialogs.fitting_dialog import FittingDialog
from desktop.shared.dialogs.wrapping_check_box import WrappingCheckBox
from desktop.shared.names import folded, short
from desktop.shared.plain_text import PlainLabel
from desktop.shared.style import push_button, with_role
from gallery.identity import Candidate, Identity
from recognition.merging import look_alike

PAIR_PX = 112


class MergeDialog(FittingDialog):
    """Offers the people to merge with. Nobody is chosen at first, so Enter alone merges nobody.

    chosen: into id, from id, and whether they are merged although they do not look alike.
    portraits_wanted: a tuple of ids, to be answered by put_portraits().
    """

    chosen = pyqtSignal(str, str, bool)
    portraits_wanted = pyqtSignal(object)

    def __init__(self, choice: MergeChoice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._person = choice.person
        self._one_person = choice.one_person
        self._others = {candidate.identity.id: candidate for candidate in choice.others}
        self.question = with_role(PlainLabel(), "title")
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self.list = QListWidget()
        self.list.setVerticalScrollMode(QListWidget.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        self._row_portraits = Portraits(self.list.viewport())
        self.list.setItemDelegate(PersonDelegate(self.list, self._row_portraits))
        self._pair_portraits = Portraits(self, PAIR_PX)
        self.pair = PortraitPair(self._pair_portraits)
        self.outcome = PlainLabel()
        self.anyway = WrappingCheckBox()
        self.merge = push_button()
        self.merge.setAutoDefault(False)
        self.cancel = push_button()
        self.cancel.setDefault(True)
        self._items = [self._item(candidate) for candidate in choice.others]
        self._lay_out()

        self.search.textChanged.connect(self._filter)
        self.list.itemSelectionChanged.connect(self._choose)
        self.anyway.toggled.connect(self._tell)
        self.merge.clicked.connect(self._merge)
        self.cancel.clicked.connect(self.reject)
        for portraits in (self._row_portraits, self._pair_portraits):
            portraits.wanted.connect(self.portraits_wanted)
        self.retranslate()

    def retranslate(self) -> None:
        name = short(self._person.name)
        self.setWindowTitle(self.tr("Merge"))
        self.question.setText(self.tr("Who is the same person as {}?").format(name))
        self.search.setPlaceholderText(self.tr("Search"))
        self.search.setAccessibleName(self.tr("Search people by name"))
        self.list.setAccessibleName(self.tr("People, the most alike first"))
        self.anyway.setText(self.tr("They do not look alike. Merge them all the same"))
        self.merge.setText(self.tr("Merge"))
        self.cancel.setText(self.tr("Cancel"))
        for item in self._items:
            self._describe(item)
        self._tell()

    def put_portraits(self, portraits: Collection[Portrait]) -> None:
        for asking in (self._row_portraits, self._pair_portraits):
            asking.put(portraits)

    def choose(self, identity_id: str) -> None:
        """Choose this person, who was chosen beside the first in the list; "" chooses nobody."""
        for item in self._items:
            if item.data(ID_ROLE) == identity_id:
                self.list.setCurrentItem(item)

    def keep_only(self, identity_ids: Collection[str]) -> None:
        """Remove everybody who is not among these ids: they are gone from the gallery."""
        if self._person.id not in identity_ids:
            self.reject()
            return
        for item in [i for i in self._items if i.data(ID_ROLE) not in identity_ids]:
            self._items.remove(item)
            self.list.takeItem(self.list.row(item))

    def _item(self, candidate: Candidate) -> QListWidgetItem:
        item = QListWidgetItem(candidate.identity.name, self.list)
        item.setFlags(Qt.ItemIsSelectable | Qt.ItemIsEnabled)
        item.setData(ID_ROLE, candidate.identity.id)
        return item

    def _describe(self, item: QListWidgetItem) -> None:
        candidate = self._others[item.data(ID_ROLE)]
        alike = self.tr("Alike on the whole: {}")
        unlike = self.tr("Not alike on the whole: {}")
        likeness = (alike if look_alike(candidate, self._one_person) else unlike).format(
            decimal(candidate.similarity)
        )
        details = f"{candidate.identity.id[:SHORT_ID]} · {likeness}"
        item.setData(DETAILS_ROLE, details)
        item.setData(Qt.AccessibleDescriptionRole, details)

    @property
    def _chosen(self) -> Candidate | None:
        """The person who is chosen, None while nobody is."""
        items = [item for item in self.list.selectedItems() if not item.isHidden()]
        return self._others[items[0].data(ID_ROLE)] if items else None

    def _filter(self) -> None:
        wanted = folded(self.search.text())
        for item in self._items:
            item.setHidden(wanted not in folded(item.text()))
        if self._chosen is None:
            self.list.clearSelection()

    def _choose(self) -> None:
        self.anyway.setChecked(False)
        self._tell()

    def _tell(self) -> None:
        chosen = self._chosen
        needs_more = chosen is not None and not look_alike(chosen, self._one_person)
        self.anyway.setVisible(needs_more)
        self.merge.setEnabled(chosen is not None and (not needs_more or self.anyway.isChecked()))
        self.pair.show_pair(self._person, *([chosen.identity] if chosen is not None else []))
        if chosen is None:
            self.outcome.setText(self.tr("Choose somebody; nothing is done before."))
            return
        self.outcome.setText(
            self.tr(
                "The name {1} stays, and gets the pictures of {0}. The name {0} goes; until the "
                "window closes, it can be brought back."
            ).format(short(self._person.name), short(chosen.identity.name))
        )

    def _merge(self) -> None:
        chosen = self._chosen
        if chosen is not None:
            self.chosen.emit(chosen.identity.id, self._person.id, self.anyway.isChecked())
            self.accept()

    def _lay_out(self) -> None:
        for label in (self.question, self.outcome):
            label.setWordWrap(True)
        self.body.addWidget(self.question)
        self.body.addWidget(self.pair, 0, Qt.AlignHCenter)  # in view on a low screen, too
        self.body.addWidget(self.search)
        self.body.addWidget(self.list, 1)
        self.body.addWidget(self.outcome)
        self.foot.insertWidget(0, self.anyway)
        self.buttons.addWidget(self.merge)
        self.buttons.addWidget(self.cancel)
        self.resize(420, 560)


class PortraitPair(QWidget):
    """Shows two people side by side, each with the name; the second place may be empty."""

    def __init__(self, portraits: Portraits) -> None:
        super().__init__()
        self._portraits = portraits
        self._people: Sequence[Identity] = ()
        self.setFixedSize(2 * PAIR_PX + PAIR_PX // 4, PAIR_PX + self.fontMetrics().height() + 4)

    def show_pair(self, *people: Identity) -> None:
        self._people = people
        self.setAccessibleName(" · ".join(short(person.name) for person in people))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        identity_ids = [person.id for person in self._people]
        for place, identity_id in zip_longest(self._places(), identity_ids):
            self._portraits.paint(painter, place, identity_id)
        for place, person in zip(self._places(), self._people, strict=False):
            under = QRect(place.left(), place.bottom() + 4, PAIR_PX, self.fontMetrics().height())
            name = self.fontMetrics().elidedText(person.name, Qt.ElideRight, PAIR_PX)
            painter.drawText(under, int(Qt.AlignCenter), name)

    def _places(self) -> Iterable[QRect]:
        yield QRect(0, 0, PAIR_PX, PAIR_PX)
        yield QRect(self.width() - PAIR_PX, 0, PAIR_PX, PAIR_PX)
