"""The window's menus; the window decides what each action does."""

from __future__ import annotations

from PyQt5.QtCore import QEvent, Qt, pyqtSignal
from PyQt5.QtWidgets import QAction, QActionGroup, QMenu, QMenuBar

from desktop.i18n.languages import SYSTEM, languages, own_name
from desktop.i18n.retranslated import Retranslated
from desktop.shared.icons.icon import icon


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
        self.import_folder = _action(self._people)
        self.why = _action(self._people, "Ctrl+I")
        self.checkins = _action(self._people, "Ctrl+K")
        self.threshold = _action(self._people, "Ctrl+L")
        self.history = _action(self._people)

        self._administrator = self.addMenu("")
        self.here_now = _action(self._administrator)
        self.add_checkin = _action(self._administrator)
        self.verify = _action(self._administrator)
        self._administrator.addSeparator()
        self.inbox = _action(self._administrator)
        self.code = _action(self._administrator)
        self.pin = _action(self._administrator)

        self._view = self.addMenu("")
        self._view.addAction(toggle_people)
        self.rates = _action(self._view, "Ctrl+T", checkable=True)
        self.chart = _action(self._view, "Ctrl+G", checkable=True)
        self.mirror = _action(self._view, "Ctrl+M", checkable=True)
        self._language = self._view.addMenu("")
        self._languages = QActionGroup(self)
        self._add_languages()
        self._help = self.addMenu("")
        self.documentation = _action(self._help, "F1")
        self.about = _action(self._help)
        self._draw()
        self.retranslate()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.PaletteChange:
            self._draw()
        super().changeEvent(event)

    def _draw(self) -> None:
        """Draw the signs in the colours of the theme."""
        for action, name in (
            (self.open_camera, "camera"),
            (self.open_file, "film"),
            (self.open_demo, "person"),
            (self.settings, "settings"),
            (self.quit, "quit"),
            (self.enroll, "person-add"),
            (self.why, "question"),
            (self.checkins, "check-ins"),
            (self.documentation, "help"),
            (self.about, "information"),
        ):
            action.setIcon(icon(name))

    def retranslate(self) -> None:
        for thing, text in (
            (self._source, self.tr("&Source")),
            (self._people, self.tr("&People")),
            (self._administrator, self.tr("&Administrator")),
            (self._view, self.tr("&View")),
            (self._language, self.tr("&Language")),
            (self._help, self.tr("&Help")),
        ):
            thing.setTitle(text)
        for action, text in (
            (self.open_camera, self.tr("&Camera or address…")),
            (self.open_file, self.tr("Video &file…")),
            (self.open_demo, self.tr("&Demo")),
            (self.settings, self.tr("&Settings…")),
            (self.quit, self.tr("&Quit")),
            (self.enroll, self.tr("&Enroll…")),
            (self.import_folder, self.tr("Import a &folder…")),
            (self.why, self.tr("&Why this name?")),
            (self.checkins, self.tr("&Check-ins…")),
            (self.threshold, self.tr("&Threshold…")),
            (self.history, self.tr("C&hanges…")),
            (self.here_now, self.tr("Who is &here now…")),
            (self.add_checkin, self.tr("&Add a check-in…")),
            (self.verify, self.tr("&Verify the check-ins…")),
            (self.inbox, self.tr("&Unknown people…")),
            (self.code, self.tr("&Code of the person chosen…")),
            (self.pin, self.tr("&PIN…")),
            (self.documentation, self.tr("&Documentation")),
            (self.about, self.tr("&About Facedesk")),
            (self.rates, self.tr("&Rates and times")),
            (self.chart, self.tr("Live &chart")),
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
