"""Asks for a movement: in words, by an arrow and by a moving head, and shows how long there is."""

from __future__ import annotations

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout

from desktop.kiosk import palette
from desktop.kiosk.fitting_label import FittingLabel
from desktop.kiosk.glyphs import Glyph, GlyphView
from desktop.kiosk.head_figure import HeadFigure
from desktop.kiosk.pages.live_page import LivePage
from desktop.kiosk.time_ring import TimeRing
from desktop.kiosk.words import words_of
from recognition.liveness.challenge import Action
from station.screen import Challenge

# Left stays left, since the drawing is mirrored.
ARROWS = {
    Action.TURN_LEFT: Glyph.ARROW_LEFT,
    Action.TURN_RIGHT: Glyph.ARROW_RIGHT,
    Action.NOD: Glyph.ARROW_UP_DOWN,
    Action.COME_CLOSER: Glyph.ARROWS_OUT,
    Action.BLINK_TWICE: Glyph.BLINKS,
    Action.SLIGHTLY_LEFT: Glyph.ARROW_LEFT,
    Action.SLIGHTLY_RIGHT: Glyph.ARROW_RIGHT,
}


class ChallengePage(LivePage):
    """declined: the person has touched "I cannot do this" on this challenge."""

    declined = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__((0.54, 0.64))
        self._challenge: Challenge | None = None
        self.figure = HeadFigure()
        self.arrow = GlyphView(palette.PANEL.ink)
        self.action = FittingLabel("headline")
        self.step = FittingLabel("line")
        self.ring = TimeRing()
        self.cannot = QPushButton()
        self.cannot.clicked.connect(lambda: self.declined.emit(self._challenge))
        words = QVBoxLayout()
        words.addWidget(self.action, 5)
        words.addWidget(self.step, 4)
        drawn = QHBoxLayout()
        drawn.addStretch(1)
        drawn.addWidget(self.figure)
        drawn.addWidget(self.arrow, 0, Qt.AlignVCenter)
        drawn.addStretch(1)
        below = QHBoxLayout()
        below.addStretch(1)
        below.addWidget(self.ring, 0, Qt.AlignCenter)
        below.addWidget(self.cannot, 0, Qt.AlignCenter)
        below.addStretch(1)
        inside = QVBoxLayout(self.panel)
        inside.addLayout(drawn)
        inside.addLayout(words, 1)
        inside.addLayout(below)

    def show_screen(self, challenge: Challenge) -> None:
        last, self._challenge = self._challenge, challenge
        if last is None or (last.step, last.action) != (challenge.step, challenge.action):
            self.ring.begin(challenge.remaining_s)
        self.ring.show_remaining(challenge.remaining_s)
        self.figure.show_action(challenge.action)
        self.arrow.show_glyph(ARROWS[challenge.action])
        self.cannot.setVisible(challenge.may_decline)
        self.retranslate()

    def forget(self) -> None:
        """Treat the next challenge as a new one, even if it asks for the same movement."""
        self._challenge = None

    def retranslate(self) -> None:
        self.cannot.setText(self.tr("I cannot do this"))
        if self._challenge is None:
            return
        words = words_of(self._challenge)
        self.action.setText(words.headline)
        self.step.setText(words.line)
        seconds = self.tr("{} seconds left").format(self.ring.seconds)
        self.ring.setAccessibleName(seconds)

    def fit(self, unit: float, is_portrait: bool) -> None:
        super().fit(unit, is_portrait)
        side = round((32 if is_portrait else 22) * unit)
        self.figure.setFixedSize(side, side)
        self.arrow.setFixedSize(round(9 * unit), round(9 * unit))
        ring = round((15 if is_portrait else 13) * unit)
        self.ring.setFixedSize(ring, ring)
