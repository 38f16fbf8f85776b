"""A bar chart that shows how many check-ins each day had."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from PyQt5.QtCore import QDate, QEvent, QLocale, QPointF, QRectF, Qt
from PyQt5.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QPainter, QPaintEvent
from PyQt5.QtWidgets import QToolTip, QWidget

from desktop.checkins.columns import shown_day
from desktop.i18n.retranslated import Retranslated
from desktop.shared.look.colours import colours
from desktop.shared.plain_text import plain_tip

HEIGHT_PX = 180
WIDEST_BAR_PX = 48
PAD_PX = 10


class ArrivalsChart(Retranslated, QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._first = self._last = date.today()
        self._arrivals: Mapping[date, int] = {}
        self._title = ""
        self.setMinimumHeight(HEIGHT_PX)
        self.setMouseTracking(True)
        self.retranslate()

    def retranslate(self) -> None:
        self._title = self.tr("Check-ins by day")
        self.setAccessibleName(self._title)
        self.setAccessibleDescription(self._spoken())
        self.update()

    def show_days(self, first: date, last: date, arrivals: Mapping[date, int]) -> None:
        """Show the days from `first` to `last`, both included; a day not in `arrivals` had none."""
        self._first, self._last, self._arrivals = first, last, arrivals
        self.retranslate()

    @property
    def days(self) -> int:
        return (self._last - self._first).days + 1

    def day_at(self, x: float) -> date | None:
        """Return the day at a place of the widget, None outside the plot."""
        plot = self._plot()
        if not plot.left() <= x < plot.right():
            return None
        return self._first + timedelta(days=int((x - plot.left()) / plot.width() * self.days))

    def bar_of(self, day: date) -> QRectF:
        """Return where a day's bar is; its height is 0 on a day without check-ins."""
        plot = self._plot()
        slot = plot.width() / self.days
        width = min(WIDEST_BAR_PX, max(1.0, slot * 0.7))
        middle = plot.left() + slot * ((day - self._first).days + 0.5)
        height = plot.height() * self._arrivals.get(day, 0) / self._ticks()[-1]
        return QRectF(middle - width / 2, plot.bottom() - height, width, height)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            day = self.day_at(event.pos().x())
            told = "" if day is None else self._told(day)
            QToolTip.showText(event.globalPos(), plain_tip(told), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        painter.fillRect(self.rect(), QColor(theme.surface))
        painter.setPen(QColor(theme.ink))
        painter.setFont(self._title_font())
        head = QRectF(self.rect()).adjusted(PAD_PX, PAD_PX / 2, -PAD_PX, 0)
        painter.drawText(head, int(Qt.AlignLeft | Qt.AlignTop), self._title)
        painter.setFont(self.font())
        if not self._arrivals:
            self._paint_empty(painter)
            return
        plot = self._plot()
        for tick in self._ticks():
            y = plot.bottom() - plot.height() * tick / self._ticks()[-1]
            painter.setPen(QColor(theme.line))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(QColor(theme.quiet_ink))
            place = QRectF(0, y - 10, plot.left() - 6, 20)
            painter.drawText(place, int(Qt.AlignRight | Qt.AlignVCenter), str(tick))
        painter.setPen(Qt.NoPen)
        painter.setBrush(QColor(theme.focus))
        for day in self._arrivals:
            painter.drawRect(self.bar_of(day))
        painter.setPen(QColor(theme.quiet_ink))
        for day in self._labelled():
            middle = self.bar_of(day).center().x()
            place = QRectF(middle - 60, plot.bottom() + 4, 120, 20)
            painter.drawText(place, int(Qt.AlignHCenter | Qt.AlignTop), _short(day))

    def _title_font(self) -> QFont:
        font = QFont(self.font())
        font.setWeight(QFont.DemiBold)
        return font

    def _paint_empty(self, painter: QPainter) -> None:
        painter.setPen(QColor(colours().quiet_ink))
        room = QRectF(self.rect()).adjusted(PAD_PX, PAD_PX, -PAD_PX, -PAD_PX)
        flags = int(Qt.AlignCenter | Qt.TextWordWrap)
        painter.drawText(room, flags, self.tr("No check-ins in these days."))

    def _plot(self) -> QRectF:
        metrics = self.fontMetrics()
        left = metrics.horizontalAdvance(str(self._ticks()[-1])) + PAD_PX + 6
        half_label = metrics.horizontalAdvance(_short(self._last)) / 2
        head = QFontMetrics(self._title_font()).lineSpacing() + PAD_PX
        foot = PAD_PX + metrics.lineSpacing()
        rect = QRectF(self.rect()).adjusted(left, PAD_PX / 2 + head, -PAD_PX, -foot)
        return rect.adjusted(0, 0, -max(0.0, half_label - PAD_PX), 0)

    def _ticks(self) -> list[int]:
        """Return whole numbers from 0 to at least the highest bar.

        Their step is 1, 2 or 5 times a power of ten.
        """
        most = max(self._arrivals.values(), default=0)
        step = next(s * 10**n for n in range(9) for s in (1, 2, 5) if 4 * s * 10**n >= most)
        return list(range(0, max(most, 1) + step, step))

    def _labelled(self) -> list[date]:
        """Return the days that get a label: as many as there is room for."""
        room = self.fontMetrics().horizontalAdvance(_short(self._last)) + 2 * PAD_PX
        every = max(1, -int(-self.days * room // self._plot().width()))
        return [self._first + timedelta(days=n) for n in range(0, self.days, every)]

    def _told(self, day: date) -> str:
        return self.tr("{}: {} check-ins").format(shown_day(day), self._arrivals.get(day, 0))

    def _spoken(self) -> str:
        busy = [day for day, count in sorted(self._arrivals.items()) if count]
        return "; ".join(map(self._told, busy)) or self.tr("No check-ins in these days.")


def _short(day: date) -> str:
    """Return day and month, in the order that the language has."""
    form = QLocale().dateFormat(QLocale.ShortFormat)
    day_first = form.lower().find("d") < form.find("M")
    return QDate(day.year, day.month, day.day).toString("d/M" if day_first else "M/d")
