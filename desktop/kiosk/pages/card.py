"""A page that fills the screen: a head with sign and headline, and the card's content below."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from desktop.kiosk.fitting_label import FittingLabel
from desktop.kiosk.glyphs import GlyphView
from desktop.kiosk.pages.page import Page
from desktop.kiosk.signs import Sign


class CardPage(Page):
    """Shows a card.

    role: the headline's, in the style sheet. body: the layout for the rest of the card.
    """

    def __init__(self, role: str = "headline") -> None:
        super().__init__("sheet")
        self.sign = GlyphView("")
        self.headline = FittingLabel(role, Qt.AlignLeft | Qt.AlignVCenter)
        self._head = QFrame()
        row = QHBoxLayout(self._head)
        row.addWidget(self.sign)
        row.addWidget(self.headline, 1)
        self.body = QVBoxLayout()
        layout = QVBoxLayout(self)
        layout.addWidget(self._head)
        layout.addLayout(self.body, 1)

    def show_sign(self, sign: Sign) -> None:
        self.sign.show_glyph(sign.glyph, sign.band.value.ink)
        if self._head.property("band") != sign.band.name:
            self._head.setProperty("band", sign.band.name)
            for widget in (self._head, self.headline):
                widget.style().unpolish(widget)
                widget.style().polish(widget)

    def fit(self, unit: float, is_portrait: bool) -> None:
        margin = round(4 * unit)
        self.layout().setContentsMargins(0, 0, 0, 0)
        self._head.layout().setContentsMargins(margin, margin // 2, margin, margin // 2)
        self._head.setFixedHeight(round((26 if is_portrait else 19) * unit))
        self.sign.setFixedSize(round(13 * unit), round(13 * unit))
        self.body.setContentsMargins(margin, margin // 2, margin, margin)
