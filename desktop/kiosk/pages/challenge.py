"""Asks for a movement: in words, by an arrow and by a moving head, and shows how long there is."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QVBoxLayout

from desktop.kiosk import palette
from desktop.kiosk.fitting_label import FittingLabel
from desktop.kiosk.glyphs import Glyph, GlyphView
from desktop.kiosk.head_figure import HeadFigure
from desktop.kiosk.pages.page import Page
from desktop.kiosk.time_ring import TimeRing
from desktop.kiosk.words import words_of
from desktop.shared.style import with_role
from recognition.liveness.challenge import Action
from station.screen import Challenge

# Left stays left, since the drawing is mirrored.
ARROWS = {
    Action.TURN_LEFT: Glyph.ARROW_LEFT,
    Action.TURN_RIGHT: Glyph.ARROW_RIGHT,
    Action.NOD: Glyph.ARROW_UP_DOWN,
    Action.COME_CLOSER: Glyph.ARROWS_OUT,
}


class ChallengePage(Page):
    def __init__(self) -> None:
        super().__init__("live")
        self._challenge: Challenge | None = None
        self.figure = HeadFigure()
        self.arrow = GlyphView(palette.PANEL.ink)
        self.action = FittingLabel("headline", Qt.AlignLeft | Qt.AlignVCenter)
        self.step = FittingLabel("small", Qt.AlignLeft | Qt.AlignVCenter)
        self.ring = TimeRing()
        self.panel = with_role(QFrame(), "panel")
        words = QVBoxLayout()
        words.addStretch(1)
        words.addWidget(self.action)
        words.addWidget(self.step)
        words.addStretch(1)
        drawn = QHBoxLayout()
        drawn.addStretch(1)
        drawn.addWidget(self.figure)
        drawn.addWidget(self.arrow, 0, Qt.AlignVCenter)
        drawn.addStretch(1)
        said = QHBoxLayout()
        said.addLayout(words, 1)
        said.addWidget(self.ring, 0, Qt.AlignVCenter)
        self._halves = QBoxLayout(QBoxLayout.LeftToRight, self.panel)
        self._halves.addLayout(drawn)
        self._halves.addLayout(said, 1)
        layout = QVBoxLayout(self)
        layout.addStretch(1)
        layout.addWidget(self.panel)

    def show_screen(self, challenge: Challenge) -> None:
        last, self._challenge = self._challenge, challenge
        if last is None or (last.step, last.action) != (challenge.step, challenge.action):
            self.ring.begin(challenge.remaining_s)
        self.ring.show_remaining(challenge.remaining_s)
        self.figure.show_action(challenge.action)
        self.arrow.show_glyph(ARROWS[challenge.action])
        self.retranslate()

    def forget(self) -> None:
        """Treat the next challenge as a new one, even if it asks for the same movement."""
        self._challenge = None

    def retranslate(self) -> None:
        if self._challenge is None:
            return
        words = words_of(self._challenge)
        self.action.setText(words.headline)
        self.step.setText(words.line)
        seconds = self.tr("{} seconds left").format(self.ring.seconds)
        self.ring.setAccessibleName(seconds)

    def fit(self, unit: float, is_portrait: bool) -> None:
        margin = round(3 * unit)
        self.layout().setContentsMargins(margin, margin, margin, margin)
        self._halves.setContentsMargins(margin, margin, margin, margin)
        self._halves.setDirection(QBoxLayout.TopToBottom if is_portrait else QBoxLayout.LeftToRight)
        side = round((32 if is_portrait else 26) * unit)
        self.figure.setFixedSize(side, side)
        self.arrow.setFixedSize(round(9 * unit), round(9 * unit))
        self.ring.setFixedSize(round(15 * unit), round(15 * unit))
