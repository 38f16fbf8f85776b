"""The window's menus; the window decides what each action does."""

from __future__ import annotations

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QAction, QActionGroup, QMenu, QMenuBar

from desktop.i18n.languages import SYSTEM, languages, own_name
from desktop.i18n.retranslated import Retranslated


class Menus(Retranslated, QMenuBar):
    """Makes the menus and their actions.

    language_chosen: the language's code, or "system".
    """

    language_chosen = pyqtSignal(str)

    def __init__(self, toggle_people: QAction) -> None:
        super().__init__()
        self._source = self.addMenu("")
        self.open_camera = _action(self._source, "Ctrl+O")
        self.open_file = _action(self._source, "Ctrl+Shift+O")
        self.open_demo = _action(self._source)
        self._source.addSeparator()
        self.settings = _action(self._source, "Ctrl+,")
        self.quit = _action(self._source, "Ctrl+Q")

        self._people = self.addMenu("")
        self.enroll = _action(self._people, "Ctrl+E")
        self.enroll.setEnabled(False)
        self.enroll.setShortcutContext(Qt.ApplicationShortcut)
        self.why = _action(self._people, "Ctrl+I")
        self.checkins = _action(self._people, "Ctrl+K")

        self._view = self.addMenu("")
        self._view.addAction(toggle_people)
        self.rates = _action(self._view, "Ctrl+T", checkable=True)
        self.mirror = _action(self._view, "Ctrl+M", checkable=True)
        self._language = self._view.addMenu("")
        self._languages = QActionGroup(self)
        self._add_languages()
        self.retranslate()

    def retranslate(self) -> None:
        for thing, text in (
            (self._source, self.tr("&Source")),
            (self._people, self.tr("&People")),
            (self._view, self.tr("&View")),
            (self._language, self.tr("&Language")),
        ):
            thing.setTitle(text)
        for action, text in (
            (self.open_camera, self.tr("&Camera or address…")),
            (self.open_file, self.tr("Video &file…")),
            (self.open_demo, self.tr("&Demo")),
            (self.settings, self.tr("&Settings…")),
            (self.quit, self.tr("&Quit")),
            (self.enroll, self.tr("&Enroll…")),
            (self.why, self.tr("&Why this name?")),
            (self.checkins, self.tr("&Check-ins…")),
            (self.rates, self.tr("&Rates and times")),
            (self.mirror, self.tr("&Mirror the picture")),
            (self._languages.actions()[0], self.tr("The &computer's")),
        ):
            action.setText(text)

    def show_language(self, choice: str) -> None:
        """Check the menu entry of this language."""
        for action in self._languages.actions():
            action.setChecked(action.data() == choice)

    def _add_languages(self) -> None:
        for choice in (SYSTEM, *languages()):
            action = self._languages.addAction(own_name(choice))
            action.setCheckable(True)
            action.setData(choice)
        self._language.addActions(self._languages.actions())
        self._languages.triggered.connect(lambda action: self.language_chosen.emit(action.data()))


def _action(menu: QMenu, keys: str = "", checkable: bool = False) -> QAction:
    action = menu.addAction("")
    action.setShortcut(keys)
    action.setCheckable(checkable)
    return action
