"""Asks for a movement: in words, by an arrow and by a moving head, and shows how long there is."""

from __future__ import annotations

from PyQt5.QtCore import QRect, Qt, pyqtSignal
from PyQt5.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

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
    Action.BLINK_TWICE: Glyph.BLINKS,
    Action.SLIGHTLY_LEFT: Glyph.ARROW_LEFT,
    Action.SLIGHTLY_RIGHT: Glyph.ARROW_RIGHT,
}


PANEL_SHARE, PORTRAIT_SHARE = 0.54, 0.64
"""The panel's share of the page; the rest shows the face, which the panel never covers."""


class ChallengePage(Page):
    """declined: the person has touched "I cannot do this" on this challenge."""

    declined = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__("live")
        self._challenge: Challenge | None = None
        self.figure = HeadFigure()
        self.arrow = GlyphView(palette.PANEL.ink)
        self.action = FittingLabel("headline")
        self.step = FittingLabel("line")
        self.ring = TimeRing()
        self.cannot = QPushButton()
        self.cannot.clicked.connect(lambda: self.declined.emit(self._challenge))
        self.panel = with_role(QFrame(), "panel")
        words = QVBoxLayout()
        words.addWidget(self.action, 3)
        words.addWidget(self.step, 1)
        drawn = QHBoxLayout()
        drawn.addStretch(1)
        drawn.addWidget(self.figure)
        drawn.addWidget(self.arrow, 0, Qt.AlignVCenter)
        drawn.addStretch(1)
        self._beside = QHBoxLayout()
        self._beside.addStretch(1)
        self._beside.addWidget(self.ring, 0, Qt.AlignCenter)
        self._beside.addWidget(self.cannot, 0, Qt.AlignCenter)
        self._beside.addStretch(1)
        self._halves = QVBoxLayout(self.panel)
        self._halves.addLayout(drawn)
        self._halves.addLayout(words, 1)
        self._halves.addLayout(self._beside)
        self._face = QWidget()
        for part in (self._face, self.panel):
            part.setSizePolicy(QSizePolicy.Ignored, QSizePolicy.Ignored)
        self._place = QBoxLayout(QBoxLayout.TopToBottom, self)
        self._place.addWidget(self._face)
        self._place.addWidget(self.panel)

    def show_screen(self, challenge: Challenge) -> None:
        last, self._challenge = self._challenge, challenge
        if last is None or (last.step, last.action) != (challenge.step, challenge.action):
            self.ring.begin(challenge.remaining_s)
        self.ring.show_remaining(challenge.remaining_s)
        self.figure.show_action(challenge.action)
        self.arrow.show_glyph(ARROWS[challenge.action])
        self.cannot.setVisible(challenge.may_decline)
        self.retranslate()

    @property
    def free(self) -> QRect:
        return self._face.geometry()

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
        margin = round(3 * unit)
        self._place.setContentsMargins(margin, margin, margin, margin)
        self._halves.setContentsMargins(margin, margin, margin, margin)
        below, beside = QBoxLayout.TopToBottom, QBoxLayout.LeftToRight
        self._place.setDirection(below if is_portrait else beside)
        share = PORTRAIT_SHARE if is_portrait else PANEL_SHARE
        self._place.setStretchFactor(self._face, round(100 * (1 - share)))
        self._place.setStretchFactor(self.panel, round(100 * share))
        side = round((34 if is_portrait else 30) * unit)
        self.figure.setFixedSize(side, side)
        self.arrow.setFixedSize(round(9 * unit), round(9 * unit))
        ring = round((15 if is_portrait else 13) * unit)
        self.ring.setFixedSize(ring, ring)
