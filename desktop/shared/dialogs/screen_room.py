"""How much of the screen a window may take, and where it lies wholly on it."""

from __future__ import annotations

from PyQt5.QtCore import QPoint, QSize
from PyQt5.QtWidgets import QWidget

TITLE_BAR_PX = 36
"""A title bar's height, at most; no system tells it before the window is shown."""


def screen_room(widget: QWidget) -> QSize:
    """Return how large a window may be on the widget's screen, without its title bar.

    The size is in logical pixels, which a scaled screen has fewer of.
    """
    return widget.screen().availableSize() - QSize(0, TITLE_BAR_PX)


def keep_on_screen(window: QWidget) -> None:
    """Move a window, with its frame, to where all of it lies on the screen, if it fits there."""
    screen = window.screen().availableGeometry()
    frame = window.frameGeometry()
    x = max(screen.left(), min(frame.left(), screen.right() + 1 - frame.width()))
    y = max(screen.top(), min(frame.top(), screen.bottom() + 1 - frame.height()))
    if QPoint(x, y) != frame.topLeft():
        window.move(x, y)
