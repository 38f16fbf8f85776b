"""Shows the clock and how to check in while nobody is there."""

from __future__ import annotations

from PyQt5.QtCore import QDateTime, QLocale, Qt, QTimer
from PyQt5.QtGui import QHideEvent, QShowEvent
from PyQt5.QtWidgets import QVBoxLayout

from desktop.kiosk.fitting_label import FittingLabel
from desktop.kiosk.pages.page import Page
from desktop.kiosk.words import words_of
from desktop.shared.first_start import progress_told
from models.conversion.preparation import PreparationProgress
from station.screen import Idle

MINUTE_MS = 60_000


class IdlePage(Page):
    """The page while nobody is there; until the station is ready, it says that."""

    def __init__(self) -> None:
        super().__init__("dimmed")
        self._idle: Idle | None = None
        self._preparation: PreparationProgress | None = None
        self.clock = FittingLabel("clock")
        self.date = FittingLabel("line")
        self.state = FittingLabel("headline")
        self.invitation = FittingLabel("advice")
        layout = QVBoxLayout(self)
        layout.addStretch(3)
        for label in (self.clock, self.date):
            layout.addWidget(label)
        layout.addStretch(1)
        for label in (self.state, self.invitation):
            layout.addWidget(label)
        layout.addStretch(3)
        self._minute = QTimer(self)
        self._minute.setSingleShot(True)
        self._minute.setTimerType(Qt.PreciseTimer)
        self._minute.timeout.connect(self._tell_time)
        self.retranslate()

    def show_screen(self, idle: Idle) -> None:
        self._idle = idle
        self.retranslate()

    def show_preparation(self, progress: PreparationProgress) -> None:
        """Show how far the models are prepared, before the station's first start."""
        self._preparation = progress
        self.retranslate()

    def retranslate(self) -> None:
        if self._idle is None:
            self.state.setText("")
            self.invitation.setText(self._why_not_ready())
        else:
            words = words_of(self._idle)
            self.state.setText(words.headline)
            self.invitation.setText(words.line)
        self._tell_time()

    def _why_not_ready(self) -> str:
        progress = self._preparation
        if progress is None:
            return self.tr("The station is starting")
        return progress_told(progress)

    def fit(self, unit: float, is_portrait: bool) -> None:
        margin = round(5 * unit)
        self.layout().setContentsMargins(margin, margin, margin, margin)

    def _tell_time(self) -> None:
        now = QDateTime.currentDateTime()
        self.clock.setText(QLocale().toString(now.time(), QLocale.ShortFormat))
        self.date.setText(QLocale().toString(now.date(), QLocale.LongFormat))
        time = now.time()
        self._minute.start(MINUTE_MS - time.second() * 1000 - time.msec() + 1)

    def showEvent(self, event: QShowEvent) -> None:
        self._tell_time()

    def hideEvent(self, event: QHideEvent) -> None:
        self._minute.stop()
