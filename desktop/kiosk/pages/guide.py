"""Shows one short line while somebody is in front of the camera: help, or that nothing is to be
done now."""

from __future__ import annotations

from PyQt5.QtCore import QRect
from PyQt5.QtWidgets import QFrame, QVBoxLayout

from desktop.kiosk.fitting_label import FittingLabel
from desktop.kiosk.pages.page import Page
from desktop.kiosk.words import words_of
from desktop.shared.style import with_role
from station.screen import Farewell, Guide, Pause

Told = Guide | Farewell | Pause


class GuidePage(Page):
    def __init__(self) -> None:
        super().__init__("live")
        self._guide: Told | None = None
        self.help = FittingLabel("headline")
        self.panel = with_role(QFrame(), "panel")
        inside = QVBoxLayout(self.panel)
        inside.addWidget(self.help)
        layout = QVBoxLayout(self)
        layout.addStretch(1)
        layout.addWidget(self.panel)

    def show_screen(self, guide: Told) -> None:
        self._guide = guide
        self.help.setText(words_of(guide).line)

    def retranslate(self) -> None:
        if self._guide is not None:
            self.help.setText(words_of(self._guide).line)

    def fit(self, unit: float, is_portrait: bool) -> None:
        margin = round(3 * unit)
        self.layout().setContentsMargins(margin, margin, margin, margin)
        self.panel.layout().setContentsMargins(margin, margin, margin, margin)
        self.panel.setFixedHeight(round((30 if is_portrait else 20) * unit))

    @property
    def free(self) -> QRect:
        high = self.panel.height() + self.layout().contentsMargins().bottom()
        return self.rect().adjusted(0, 0, 0, -high)
