"""Shows the documentation in a window of its own: without a network, and searchable by page."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import QLocale, QSize, Qt, QUrl
from PyQt5.QtGui import QKeySequence, QShowEvent
from PyQt5.QtWidgets import (
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QShortcut,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from desktop.help.pages import HelpPage
from desktop.i18n.retranslated import Retranslated
from desktop.shared.dialogs.screen_room import keep_on_screen, screen_room
from desktop.shared.plain_text import OwnPages, PlainLabel, plain_tip
from desktop.shared.style import with_role

SIZE = QSize(900, 680)
LIST_PX = 220


class HelpWindow(Retranslated, QWidget):
    """Shows one of the pages, and those in the list that have the words that are looked for."""

    def __init__(self, pages: Sequence[HelpPage], parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.Window)
        self._pages = {page.name: page for page in pages}
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self.list = with_role(QListWidget(), "sections")
        self.none = with_role(PlainLabel(), "quiet")
        self.none.setWordWrap(True)
        self.none.setMinimumWidth(1)
        self.in_english = with_role(PlainLabel(), "quiet")
        self.in_english.setWordWrap(True)
        self.in_english.setMinimumWidth(1)
        self.text = OwnPages()
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.ElideRight)
        self._items = [QListWidgetItem(page.title, self.list) for page in pages]
        for item, page in zip(self._items, pages, strict=True):
            item.setData(Qt.UserRole, page.name)
            item.setToolTip(plain_tip(page.title))
        self._lay_out()
        self.search.textChanged.connect(self._filter)
        self.search.returnPressed.connect(self._find)
        self.list.currentItemChanged.connect(self._show_page)
        self.text.anchorClicked.connect(self._follow)
        QShortcut(QKeySequence.Find, self, self.search.setFocus)
        QShortcut(QKeySequence.Cancel, self, self.hide)
        self.retranslate()
        self.list.setCurrentRow(0)

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Documentation"))
        self.search.setPlaceholderText(self.tr("Search the pages"))
        self.search.setAccessibleName(self.tr("Words that a page has to contain"))
        self.list.setAccessibleName(self.tr("Pages"))
        self.text.setAccessibleName(self.tr("Page"))
        self.in_english.setText(self.tr("These pages are in English."))
        # Whoever reads English need not be told.
        self.in_english.setVisible(QLocale().language() != QLocale.English)
        self._filter()

    @property
    def page(self) -> str:
        """The name of the page on show; empty for none."""
        item = self.list.currentItem()
        return str(item.data(Qt.UserRole)) if item is not None else ""

    def showEvent(self, event: QShowEvent) -> None:
        if not event.spontaneous():
            self.resize(self.size().boundedTo(screen_room(self)))
            keep_on_screen(self)

    def _filter(self) -> None:
        words = self.search.text()
        for item in self._items:
            item.setHidden(not self._pages[item.data(Qt.UserRole)].has(words))
        shown = [item for item in self._items if not item.isHidden()]
        if self._pages:
            self.none.setText(self.tr("No page has these words: use fewer, or others."))
        else:
            self.none.setText(
                self.tr("The pages did not come with this installation: they are in its docs.")
            )
        self.none.setVisible(not shown)
        current = self.list.currentItem()
        if shown and (current is None or current.isHidden()):
            self.list.setCurrentItem(shown[0])

    def _find(self) -> None:
        """Go to the next place of the words in the page, and from the last to the first."""
        words = self.search.text().strip()
        if words and not self.text.find(words):
            self.text.moveCursor(self.text.textCursor().Start)
            self.text.find(words)

    def _show_page(self) -> None:
        page = self._pages.get(self.page)
        if page is not None:
            self.text.show_markdown(page.text)

    def _follow(self, link: QUrl) -> None:
        """Go to another page, or a heading of this one. What lies elsewhere is not opened."""
        name = link.path().rpartition("/")[2].removesuffix(".md")
        if link.isRelative() and name in self._pages:
            self.search.clear()
            self.list.setCurrentItem(self._items[list(self._pages).index(name)])
        elif link.isRelative() and link.hasFragment():
            self.text.scrollToAnchor(link.fragment())

    def _lay_out(self) -> None:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.search, self.in_english, self.none):
            column.addWidget(widget)
        column.addWidget(self.list, 1)
        parts = QSplitter(Qt.Horizontal)
        parts.setChildrenCollapsible(False)
        parts.addWidget(side)
        parts.addWidget(self.text)
        parts.setStretchFactor(1, 1)
        parts.setSizes([LIST_PX, SIZE.width() - LIST_PX])
        layout = QVBoxLayout(self)
        layout.addWidget(parts)
        self.resize(SIZE)
