"""Finds what of a window is off the screen, or not seen whole."""

from __future__ import annotations

from collections.abc import Iterator

from PyQt5.QtCore import QPoint, QRect, Qt
from PyQt5.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QScrollArea,
    QStyle,
    QStyleOptionComboBox,
    QWidget,
)

from desktop.kiosk.fitting_label import FittingLabel
from desktop.kiosk.look import SMALLEST_TEXT_PX
from desktop.shared.elided_label import ElidedLabel

SLACK_PX = 1
"""Fractions of a pixel."""

LEAST_ICON_PX = 12


def faults(top: QWidget, room: QRect) -> list[str]:
    """Return what is wrong with a window on a screen with this room, each fault in words."""
    found = []
    if not room.contains(QRect(room.topLeft(), top.size())):
        found.append(f"{type(top).__name__} is {top.width()} x {top.height()}")
    least = top.minimumSizeHint()
    if least.width() > room.width() or least.height() > room.height():
        found.append(f"{type(top).__name__} needs {least.width()} x {least.height()}")
    for widget in top.findChildren(QWidget):
        if widget.isVisible() and widget.window() is top:
            found += [f"{_named(widget)} {fault}" for fault in _faults_of(widget, top)]
    return found


def _faults_of(widget: QWidget, top: QWidget) -> Iterator[str]:
    if isinstance(widget, QAbstractButton | QLabel | QLineEdit | QComboBox):
        if not _is_reachable(widget, top):
            yield "is off the screen"
        elif _is_clipped(widget):
            yield f"is clipped: {widget.width()} x {widget.height()}, not {_needs(widget)}"


def _named(widget: QWidget) -> str:
    text = getattr(widget, "text", getattr(widget, "currentText", str))()
    return f"{type(widget).__name__} {text or widget.accessibleName() or widget.objectName()!r}"


def _is_reachable(widget: QWidget, top: QWidget) -> bool:
    """Whether all of it is within each widget around it; what scrolls up and down shows all."""
    inner, parent = widget, widget.parentWidget()
    place = widget.rect()
    while parent is not None and inner is not top:
        place = QRect(inner.mapToParent(place.topLeft()), place.size())
        room = parent.rect()
        area = parent.parentWidget()
        if isinstance(area, QAbstractScrollArea) and parent is area.viewport():
            place = QRect(QPoint(place.left(), 0), place.size())
            room = QRect(0, 0, parent.width(), place.height())
        if not room.adjusted(-SLACK_PX, -SLACK_PX, SLACK_PX, SLACK_PX).contains(place):
            return False
        if isinstance(area, QScrollArea) and parent is area.viewport():
            # From here on it is the area that has to be seen.
            inner, parent = area, area.parentWidget()
            place = area.rect()
            continue
        inner, parent = parent, parent.parentWidget()
    return True


def _needs(widget: QWidget) -> str:
    hint = widget.sizeHint()
    return f"{hint.width()} x {hint.height()}"


def _is_clipped(widget: QWidget) -> bool:
    if isinstance(widget, FittingLabel):
        return 0 < widget.shown_px <= SMALLEST_TEXT_PX < widget.font().pixelSize()
    if isinstance(widget, ElidedLabel):
        return widget.height() + SLACK_PX < widget.fontMetrics().height()
    if isinstance(widget, QLabel):
        return _is_label_clipped(widget)
    if isinstance(widget, QComboBox):
        if isinstance(widget.window(), QFileDialog):
            return False  # a path: Qt's own shows what fits
        option = QStyleOptionComboBox()
        option.initFrom(widget)
        option.frame = widget.hasFrame()
        field = widget.style().subControlRect(
            QStyle.CC_ComboBox, option, QStyle.SC_ComboBoxEditField, widget
        )
        return widget.fontMetrics().horizontalAdvance(widget.currentText()) > field.width()
    if isinstance(widget, QLineEdit):
        is_inner = isinstance(widget.parentWidget(), QAbstractSpinBox | QComboBox)
        least = widget.fontMetrics() if is_inner else widget.minimumSizeHint()
        written = widget.fontMetrics().horizontalAdvance(widget.text()) if is_inner else 0
        return (
            widget.height() + SLACK_PX < least.height()
            or widget.contentsRect().width() + SLACK_PX < written
        )
    if isinstance(widget, QAbstractButton) and not widget.text():
        return widget.width() < min(widget.iconSize().width(), LEAST_ICON_PX)
    hint = widget.sizeHint()
    words = widget.fontMetrics().size(Qt.TextShowMnemonic, getattr(widget, "text", str)())
    is_narrow = widget.width() + SLACK_PX < hint.width() and widget.width() < words.width() + 8
    return is_narrow or widget.height() + SLACK_PX < min(hint.height(), words.height() + 4)


def _is_label_clipped(label: QLabel) -> bool:
    if not label.text():
        return False
    room = label.contentsRect()
    margin = label.margin()
    room.adjust(margin, margin, -margin, -margin)
    flags = int(label.alignment()) | Qt.TextShowMnemonic
    flags |= Qt.TextWordWrap if label.wordWrap() else 0
    # Qt drops the blank at which it breaks a line.
    width = room.width() + SLACK_PX
    needed = label.fontMetrics().boundingRect(QRect(0, 0, width, 1 << 20), flags, label.text())
    return needed.width() > width + SLACK_PX or needed.height() > room.height() + SLACK_PX
