"""A page with the live picture and, beside or below it, words that never cover a face."""

from __future__ import annotations

from PyQt5.QtCore import QRect
from PyQt5.QtWidgets import QBoxLayout, QFrame, QSizePolicy, QWidget

from desktop.kiosk.pages.page import Page
from desktop.shared.style import with_role


class LivePage(Page):
    """A page whose panel stands beside the picture, or below it on a portrait screen.

    panel: the frame of the words. shares: the panel's share of the page in landscape and in
    portrait; the rest shows the picture.
    """

    def __init__(self, shares: tuple[float, float]) -> None:
        super().__init__("live")
        self._shares = shares
        self.panel = with_role(QFrame(), "panel")
        self._face = QWidget()
        for part in (self._face, self.panel):
            part.setSizePolicy(QSizePolicy.Ignored, QSizePolicy.Ignored)
        self._place = QBoxLayout(QBoxLayout.TopToBottom, self)
        self._place.addWidget(self._face)
        self._place.addWidget(self.panel)

    @property
    def free(self) -> QRect:
        return self._face.geometry()

    def fit(self, unit: float, is_portrait: bool) -> None:
        margin = round(3 * unit)
        self._place.setContentsMargins(margin, margin, margin, margin)
        self.panel.layout().setContentsMargins(margin, margin, margin, margin)
        below, beside = QBoxLayout.TopToBottom, QBoxLayout.LeftToRight
        self._place.setDirection(below if is_portrait else beside)
        share = self._shares[is_portrait]
        self._place.setStretchFactor(self._face, round(100 * (1 - share)))
        self._place.setStretchFactor(self.panel, round(100 * share))
