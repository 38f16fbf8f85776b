"""Closes what the administrator's PIN has opened, once nobody uses it."""

from __future__ import annotations

from PyQt5.QtCore import QCoreApplication, QEvent, QObject, QPoint, Qt, QTimer
from PyQt5.QtGui import QKeyEvent, QMouseEvent
from PyQt5.QtWidgets import QAbstractItemView, QApplication, QDialog, QWidget

UNATTENDED_MS = 60_000
"""After this time without use, windows that the PIN opened close: they must not stay open."""

_BY_HAND = frozenset(
    {
        *(QEvent.KeyPress, QEvent.InputMethod, QEvent.Wheel),
        *(QEvent.MouseButtonPress, QEvent.MouseButtonRelease, QEvent.MouseMove),
        *(QEvent.NonClientAreaMouseButtonPress, QEvent.NonClientAreaMouseMove),
        *(QEvent.TouchBegin, QEvent.TouchUpdate, QEvent.TouchEnd),
        *(QEvent.TabletPress, QEvent.TabletMove, QEvent.TabletRelease),
    }
)

_PASSING = frozenset({Qt.ToolTip, Qt.SplashScreen, Qt.Desktop})


class Unattended(QObject):
    """Closes every window but one when nobody has used key, pointer or finger for UNATTENDED_MS.

    The innermost closes first: open lists and menus, then a message box, then the file dialog that
    it belongs to, then the settings. Nothing is saved by it.

    stays: the window that is never closed; None closes all of them.
    """

    def __init__(self, stays: QWidget | None = None) -> None:
        super().__init__(stays)
        application = QCoreApplication.instance()
        assert application is not None
        self._application = application
        self._stays = stays
        self._pointer = QPoint()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._close_innermost)

    def watch(self) -> None:
        """Watch from now on, until all windows are closed."""
        self._application.installEventFilter(self)
        self._timer.start(UNATTENDED_MS)

    def stop(self) -> None:
        self._application.removeEventFilter(self)
        self._timer.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _BY_HAND and event.spontaneous() and self._is_somebodys(event):
            self._timer.start(UNATTENDED_MS)
        return False

    def _is_somebodys(self, event: QEvent) -> bool:
        """Return whether a person caused the event.

        A key that is held down, or a pointer that does not move, is no sign of a person.
        """
        if isinstance(event, QKeyEvent):
            return not event.isAutoRepeat()
        if isinstance(event, QMouseEvent) and event.type() == QEvent.MouseMove:
            before, self._pointer = self._pointer, event.globalPos()
            return before != self._pointer
        return True

    def _close_innermost(self) -> None:
        window = self._innermost()
        if window is None:
            self.stop()
            return
        if isinstance(window, QDialog):
            window.done(QDialog.Rejected)  # which no dialog puts off to ask about its changes
        else:
            _give_up_typing(window)
            window.close()
        # One in each turn of the event loop, since the inner window may run a loop of its own.
        self._timer.start(UNATTENDED_MS if window.isVisible() else 0)

    def _innermost(self) -> QWidget | None:
        inner = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        if inner is not None:
            return inner
        shown = [
            window
            for window in QApplication.topLevelWidgets()
            if window.isVisible()
            and window is not self._stays
            and window.windowType() not in _PASSING
        ]
        return max(shown, key=_depth, default=None)


def _depth(widget: QWidget) -> int:
    parent = widget.parentWidget()
    return 0 if parent is None else 1 + _depth(parent)


def _give_up_typing(window: QWidget) -> None:
    """Discard a name that was only half typed in a list, so that it is given to nobody."""
    editor = window.focusWidget()
    viewport = None if editor is None else editor.parentWidget()
    if viewport is not None and isinstance(viewport.parentWidget(), QAbstractItemView):
        escape = QKeyEvent(QEvent.KeyPress, Qt.Key_Escape, Qt.NoModifier)
        QApplication.sendEvent(editor, escape)
