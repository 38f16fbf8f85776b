"""A small chart of the running recognizer: frames a second, latency, looks, one similarity."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PyQt5.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PyQt5.QtGui import (
    QColor,
    QHideEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPolygonF,
    QShowEvent,
)
from PyQt5.QtWidgets import QSizePolicy, QWidget

from bench.drawing.style import BLUE, GREEN, ORANGE, PINK
from desktop.i18n.numbers import decimal
from desktop.i18n.retranslated import Retranslated
from desktop.live.bars.rates import Rate
from desktop.live.picture.video_view import VideoView
from desktop.shared.names import isolated
from desktop.shared.plain_text import plain_tip
from recognition.recognizer import Recognition, RecognizedFace

EVERY_MS = 1000
KEPT = 120
"""Values of each figure: two minutes."""

_LINES = 5.5
_PAD_PX = 8
_NARROWEST = 115


@dataclass(frozen=True)
class Panel:
    """One figure. least: the lowest upper end of its axis. digits: after the decimal point."""

    colour: str
    least: float
    digits: int = 0


PANELS = (Panel(GREEN, 10), Panel(ORANGE, 100), Panel(PINK, 5, 1), Panel(BLUE, 1, 2))


class LiveChart(Retranslated, QWidget):
    """Shows the last two minutes. It counts while it is shown, and costs nothing else.

    The line of each figure has its values beside it: now, mean, lowest and highest.
    """

    def __init__(self, view: VideoView, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._view = view
        self._values = tuple(deque[float](maxlen=KEPT) for _ in PANELS)
        self._frames = self._looks = 0
        self._rates = Rate(clock), Rate(clock)
        self._newest: dict[int, NDArray[np.float32]] = {}
        self._followed: int | None = None
        self._who = ""
        self._similarity = math.nan
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.take_values)
        self.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Fixed)
        self.retranslate()

    def retranslate(self) -> None:
        self.setAccessibleName(self.tr("Live chart"))
        self._tell()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(480, round(_LINES * self.fontMetrics().lineSpacing()) + 2 * _PAD_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(_NARROWEST, self.sizeHint().height())

    def count(self, recognition: Recognition) -> None:
        """Count a frame that was recognized."""
        self._frames += 1
        seen = {}
        for face in recognition.faces:
            if face.track_id is not None and face.embedding is not None:
                seen[face.track_id] = face.embedding
                self._looks += self._newest.get(face.track_id) is not face.embedding
            if face.track_id is not None and face.track_id == self._followed:
                self._keep_similarity(face)
        self._newest = seen

    def follow(self, face: RecognizedFace) -> None:
        """Show this face's similarity from now on."""
        if face.track_id != self._followed:
            self._values[-1].clear()
        self._followed = face.track_id
        self._keep_similarity(face)
        self.update()

    @property
    def rows(self) -> list[tuple[str, str]]:
        """What is shown, as a table: each figure, and its values in words."""
        return [(name, self._told(place)) for place, name in enumerate(self._names())]

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        for rate, count in zip(self._rates, (self._frames, self._looks), strict=True):
            rate.since_last(count)  # what was before is not of this second
        self._timer.start(EVERY_MS)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def take_values(self) -> None:
        """Add a value of each figure; the timer calls it."""
        frames, looks = self._rates
        values = (
            frames.since_last(self._frames),
            self._view.latency_ms if self._view.latency_ms > 0 else math.nan,
            looks.since_last(self._looks),
            self._similarity,
        )
        for kept, value in zip(self._values, values, strict=True):
            kept.append(value)
        self._similarity = math.nan  # until the face is seen again
        self._tell()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().color(QPalette.Base))
        # One below another there would be no room: where it is narrow, the first ones are shown.
        shown = max(1, min(len(PANELS), self.width() // _NARROWEST))
        width = self.width() / shown
        for place, (name, told) in enumerate(self.rows[:shown]):
            room = QRectF(place * width, 0, width, self.height())
            room = room.adjusted(_PAD_PX, _PAD_PX, -_PAD_PX, -_PAD_PX)
            self._paint_panel(painter, room, place, name, told)

    # -- within ----------------------------------------------------------------------------

    def _names(self) -> tuple[str, ...]:
        whose = self.tr("similarity of {}").format(isolated(self._who)) if self._who else ""
        return (
            self.tr("frames a second"),
            self.tr("latency, ms"),
            self.tr("looks a second"),
            whose or self.tr("similarity: click a face"),
        )

    def _told(self, place: int) -> str:
        known = [value for value in self._values[place] if not math.isnan(value)]
        if not known:
            return "–"
        now = self._values[place][-1]
        digits = PANELS[place].digits
        return self.tr("{} (⌀ {}, {}–{})").format(
            "–" if math.isnan(now) else decimal(now, digits),
            *(decimal(v, digits) for v in (sum(known) / len(known), min(known), max(known))),
        )

    def _keep_similarity(self, face: RecognizedFace) -> None:
        self._who = face.nearest.identity.name if face.nearest is not None else ""
        self._similarity = face.nearest.similarity if face.nearest is not None else math.nan

    def _paint_panel(
        self, painter: QPainter, room: QRectF, place: int, name: str, told: str
    ) -> None:
        metrics, panel = self.fontMetrics(), PANELS[place]
        line = metrics.lineSpacing()
        ink = self.palette().color(QPalette.Text)
        quiet = QColor(ink)
        quiet.setAlpha(170)
        for row, (text, colour) in enumerate(((name, ink), (told, quiet))):
            painter.setPen(colour)
            place_of_text = QRectF(room.left(), room.top() + row * line, room.width(), line)
            elided = metrics.elidedText(text, Qt.ElideRight, int(room.width()))
            painter.drawText(place_of_text, int(Qt.AlignLeft | Qt.AlignVCenter), elided)
        plot = room.adjusted(0, 2 * line + 4, 0, 0)
        painter.setPen(QPen(quiet, 1))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        values = self._values[place]
        top = max((v for v in values if not math.isnan(v)), default=0.0)
        top = max(top * 1.1, panel.least)
        painter.setPen(QPen(QColor(panel.colour), 1.6))
        painter.setRenderHint(QPainter.Antialiasing)
        for points in _lines(list(values), plot, top):
            painter.drawPolyline(points)

    def _tell(self) -> None:
        told = "; ".join(f"{name}: {values}" for name, values in self.rows)
        self.setAccessibleDescription(told)
        self.setToolTip(plain_tip("\n".join(f"{name}: {values}" for name, values in self.rows)))


def _lines(values: list[float], plot: QRectF, top: float) -> list[QPolygonF]:
    """Return a line for each stretch of values that are known; the newest value is at the right."""
    lines, points = [], QPolygonF()
    for place, value in enumerate(values):
        if math.isnan(value):
            if points.count():
                lines.append(points)
            points = QPolygonF()
            continue
        x = plot.right() - plot.width() * (len(values) - 1 - place) / (KEPT - 1)
        y = plot.bottom() - plot.height() * min(max(value, 0.0) / top, 1.0)
        points.append(QPointF(x, y))
        if points.count() == 1:
            points.append(QPointF(x + 0.5, y))
    return [*lines, points] if points.count() else lines
