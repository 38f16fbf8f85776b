"""Shows one short line of help while somebody is in front of the camera."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QFrame, QVBoxLayout

from desktop.kiosk.fitting_label import FittingLabel
from desktop.kiosk.pages.page import Page
from desktop.kiosk.words import words_of
from desktop.shared.style import with_role
from station.screen import Guide


class GuidePage(Page):
    def __init__(self) -> None:
        super().__init__("live")
        self._guide: Guide | None = None
        self.help = FittingLabel("headline")
        self.panel = with_role(QFrame(), "panel")
        inside = QVBoxLayout(self.panel)
        inside.addWidget(self.help)
        layout = QVBoxLayout(self)
        layout.addStretch(1)
        layout.addWidget(self.panel, 0, Qt.AlignBottom)

    def show_screen(self, guide: Guide) -> None:
        self._guide = guide
        self.help.setText(words_of(guide).line)

    def retranslate(self) -> None:
        if self._guide is not None:
            self.help.setText(words_of(self._guide).line)

    def fit(self, unit: float, is_portrait: bool) -> None:
        margin = round(3 * unit)
        self.layout().setContentsMargins(margin, margin, margin, margin)
        self.panel.layout().setContentsMargins(margin, margin, margin, margin)
        self.panel.setMinimumHeight(round(17 * unit))
