"""Both histograms of a gallery's own similarities, and the threshold as a line to be dragged."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt5.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt5.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPolygonF,
)
from PyQt5.QtWidgets import QSizePolicy, QWidget

from bench.drawing.style import BLUE, ORANGE
from desktop.i18n.numbers import decimal
from desktop.i18n.retranslated import Retranslated

STEP, LEAP = 0.005, 0.02
"""By so much the arrow keys move the line, and the keys of a page. Cosine."""

HIGHEST = 0.995

_BINS = 50
_NEAR_PX = 12
_PAD_PX = 8


class ScoreHistogram(Retranslated, QWidget):
    """Shows similarities of one person's pictures and of two people's, each kind as a whole.

    moved: the line is at this similarity now, moved by mouse or key.
    """

    moved = pyqtSignal(float)

    def __init__(self) -> None:
        super().__init__()
        self._edges: NDArray[np.float64] = np.linspace(0, 1, _BINS + 1)
        self._mated = self._nonmated = np.zeros(_BINS)
        self._threshold = self._in_use = self._calibrated = 0.5
        self._is_dragged = False
        self.setFocusPolicy(Qt.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Fixed)
        self.retranslate()

    def retranslate(self) -> None:
        self.setAccessibleName(self.tr("Similarities, and the threshold as a line"))
        self._tell()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(560, 15 * self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(240, self.sizeHint().height())

    def show_scores(
        self,
        mated: NDArray[np.float32],
        nonmated: NDArray[np.float32],
        in_use: float,
        calibrated: float,
    ) -> None:
        """Show other scores, and the line at the calibrated threshold."""
        lowest = min((float(v.min()) for v in (mated, nonmated) if len(v)), default=0.0)
        lowest = float(np.floor(10 * min(lowest, 0.0)) / 10)
        self._edges = np.linspace(lowest, 1, _BINS + 1)
        self._mated, self._nonmated = (
            np.histogram(values, self._edges)[0] / max(len(values), 1)
            for values in (mated, nonmated)
        )
        self._in_use, self._calibrated = in_use, calibrated
        self.place(calibrated)

    @property
    def threshold(self) -> float:
        return self._threshold

    @property
    def rows(self) -> list[tuple[float, float, float, float]]:
        """The bins that are not empty: from, to, share of one person's, share of two people's."""
        return [
            (float(low), float(high), float(own), float(other))
            for low, high, own, other in zip(
                self._edges, self._edges[1:], self._mated, self._nonmated, strict=False
            )
            if own or other
        ]

    def place(self, threshold: float) -> None:
        """Put the line somewhere; nobody is told."""
        self._threshold = min(max(threshold, float(self._edges[0])), max(HIGHEST, self._calibrated))
        self._tell()
        self.update()

    # -- mouse and keys --------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        near = abs(event.x() - self._x_of(self._threshold)) <= _NEAR_PX
        if event.button() == Qt.LeftButton and near:
            self._is_dragged = True
            self.setFocus(Qt.MouseFocusReason)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._is_dragged:
            self._move(self._value_at(event.x()))
        near = self._is_dragged or abs(event.x() - self._x_of(self._threshold)) <= _NEAR_PX
        self.setCursor(Qt.SplitHCursor if near else Qt.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._is_dragged = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key_Left: -STEP, Qt.Key_Down: -STEP, Qt.Key_Right: STEP, Qt.Key_Up: STEP,
            Qt.Key_PageDown: -LEAP, Qt.Key_PageUp: LEAP,
        }  # fmt: skip
        step = steps.get(Qt.Key(event.key()))
        if step is not None:
            self._move(self._threshold + step)
        elif event.key() == Qt.Key_Home:
            self._move(self._calibrated)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def _move(self, threshold: float) -> None:
        self.place(threshold)
        self.moved.emit(self._threshold)

    # -- painting --------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        ink, paper = (self.palette().color(r) for r in (QPalette.Text, QPalette.Base))
        painter.fillRect(self.rect(), paper)
        quiet = QColor(ink)
        quiet.setAlpha(150)
        self._paint_axis(painter, quiet)
        for shares, colour in ((self._nonmated, ORANGE), (self._mated, BLUE)):
            self._paint_bars(painter, shares, QColor(colour))
        self._paint_key(painter, ink, quiet)
        self._paint_line(painter, self._in_use, QPen(quiet, 1.5, Qt.DashLine))
        self._paint_line(painter, self._calibrated, QPen(quiet, 1.5, Qt.DotLine))
        self._paint_line(painter, self._threshold, QPen(ink, 2.5))
        self._paint_handle(painter, ink, paper)
        if self.hasFocus():
            painter.setPen(QPen(self.palette().color(QPalette.Highlight), 2))
            painter.setBrush(Qt.NoBrush)
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

    def _paint_axis(self, painter: QPainter, colour: QColor) -> None:
        plot = self._plot()
        painter.setPen(colour)
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        for tick in np.arange(np.ceil(self._edges[0] * 5 - 1e-9) / 5, 1.001, 0.2):
            x = self._x_of(float(tick))
            painter.drawLine(QPointF(x, plot.bottom()), QPointF(x, plot.bottom() + 4))
            place = QRectF(x - 30, plot.bottom() + 5, 60, self.fontMetrics().height())
            painter.drawText(place, int(Qt.AlignHCenter), decimal(float(tick) + 0.0, 1))
        place = QRectF(plot.left(), self.height() - self.fontMetrics().height() - 4,
                       plot.width(), self.fontMetrics().height())  # fmt: skip
        painter.drawText(place, int(Qt.AlignHCenter), self.tr("similarity"))

    def _paint_bars(self, painter: QPainter, shares: NDArray[np.float64], colour: QColor) -> None:
        plot = self._plot()
        top = max(float(self._mated.max()), float(self._nonmated.max()), 1e-9)
        outline = QPolygonF([QPointF(self._x_of(float(self._edges[0])), plot.bottom())])
        for low, high, share in zip(self._edges, self._edges[1:], shares, strict=False):
            y = plot.bottom() - plot.height() * float(share) / top
            outline.append(QPointF(self._x_of(float(low)), y))
            outline.append(QPointF(self._x_of(float(high)), y))
        outline.append(QPointF(plot.right(), plot.bottom()))
        painter.setPen(QPen(colour, 1.4))
        filled = QColor(colour)
        filled.setAlpha(90)
        painter.setBrush(filled)
        painter.drawPolygon(outline)

    def _paint_key(self, painter: QPainter, ink: QColor, quiet: QColor) -> None:
        x, metrics = float(_PAD_PX), self.fontMetrics()
        side, baseline = metrics.height() * 0.7, 6 + metrics.ascent()
        middle = 6 + metrics.height() / 2
        for mark, name in (
            (ORANGE, self.tr("two people")),
            (BLUE, self.tr("one person")),
            (Qt.DashLine, self.tr("in use")),
            (Qt.DotLine, self.tr("calibrated")),
        ):
            if isinstance(mark, str):
                painter.fillRect(QRectF(x, middle - side / 2, side, side), QColor(mark))
            else:
                painter.setPen(QPen(quiet, 1.5, mark))
                painter.drawLine(QPointF(x - side / 4, middle), QPointF(x + side, middle))
            painter.setPen(ink)
            painter.drawText(QPointF(x + 1.4 * side, baseline), name)
            x += 3 * side + metrics.horizontalAdvance(name)

    def _paint_line(self, painter: QPainter, at: float, pen: QPen) -> None:
        plot, x = self._plot(), self._x_of(at)
        painter.setPen(pen)
        painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))

    def _paint_handle(self, painter: QPainter, ink: QColor, paper: QColor) -> None:
        plot, x = self._plot(), self._x_of(self._threshold)
        told = decimal(self._threshold, 3)
        width = self.fontMetrics().horizontalAdvance(told) + 12
        left = min(max(x - width / 2, 0.0), self.width() - width)
        box = QRectF(left, plot.top() - self.fontMetrics().height() - 4, width,
                     self.fontMetrics().height() + 4)  # fmt: skip
        painter.setPen(Qt.NoPen)
        painter.setBrush(ink)
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(paper)
        painter.drawText(box, int(Qt.AlignCenter), told)

    def _plot(self) -> QRectF:
        height = self.fontMetrics().height()
        return QRectF(self.rect()).adjusted(
            2 * _PAD_PX, 2.6 * height + 8, -2 * _PAD_PX, -2.2 * height - 6
        )

    def _x_of(self, similarity: float) -> float:
        plot, low = self._plot(), float(self._edges[0])
        return plot.left() + plot.width() * (min(similarity, 1.0) - low) / (1 - low)

    def _value_at(self, x: float) -> float:
        plot, low = self._plot(), float(self._edges[0])
        return low + (1 - low) * (x - plot.left()) / plot.width()

    def _tell(self) -> None:
        self.setAccessibleDescription(
            self.tr("The line is at {}; {} is in use, {} is calibrated.").format(
                *(decimal(v, 3) for v in (self._threshold, self._in_use, self._calibrated))
            )
        )
