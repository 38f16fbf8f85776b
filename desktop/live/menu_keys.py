"""Lets the menus' keys work wherever the focus is, also in a text field that uses them itself."""

from __future__ import annotations

from PyQt5.QtCore import QEvent, QObject
from PyQt5.QtGui import QKeyEvent, QKeySequence
from PyQt5.QtWidgets import QAction, QApplication, QMenuBar, QWidget


class MenuKeys(QObject):
    """Follows the focus, and lets the widget that has it claim no key of the menus.

    On some systems a text field moves its cursor at Ctrl+E, or erases at Ctrl+K. Qt asks the widget
    with the focus first, so that a menu's key did nothing while somebody was typing.
    """

    def __init__(self, menus: QMenuBar) -> None:
        super().__init__(menus)
        self._menus = menus
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._follow)
        self._follow(None, application.focusWidget())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.ShortcutOverride:
            pressed = QKeySequence(int(event.modifiers()) | event.key())
            actions = self._menus.findChildren(QAction)
            if any(pressed == action.shortcut() for action in actions):
                event.ignore()
                return True
        return super().eventFilter(watched, event)

    def _follow(self, old: QWidget | None, new: QWidget | None) -> None:
        if old is not None:
            old.removeEventFilter(self)
        if new is not None:
            new.installEventFilter(self)
