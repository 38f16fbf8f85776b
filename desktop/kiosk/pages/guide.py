"""Shows one short line while somebody is in front of the camera: help, or that nothing is to be
done now."""

from __future__ import annotations

from PyQt5.QtWidgets import QVBoxLayout

from desktop.kiosk.fitting_label import FittingLabel
from desktop.kiosk.pages.live_page import LivePage
from desktop.kiosk.words import words_of
from station.screen import Farewell, Guide, Pause

Told = Guide | Farewell | Pause


class GuidePage(LivePage):
    def __init__(self) -> None:
        super().__init__((0.46, 0.3))
        self._guide: Told | None = None
        self.help = FittingLabel("guide")
        QVBoxLayout(self.panel).addWidget(self.help)

    def show_screen(self, guide: Told) -> None:
        self._guide = guide
        self.help.setText(words_of(guide).line)

    def retranslate(self) -> None:
        if self._guide is not None:
            self.help.setText(words_of(self._guide).line)
