"""Asks for a movement: in words, by an arrow and by a moving head, and shows how long there is."""

from __future__ import annotations

from PyQt5.QtCore import QRectF, Qt, pyqtSignal
from PyQt5.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QPushButton, QVBoxLayout

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


PANEL_UNITS = 33
"""The panel's height at most, beside a picture in landscape: the figure and the margins."""

QWIDGETSIZE_MAX = (1 << 24) - 1
"""Qt's own, which PyQt5 does not name."""

ROOM_TO_GROW = 1.4
"""How many times larger a face may become that is asked to come closer."""


class ChallengePage(Page):
    """declined: the person has touched "I cannot do this" on this challenge."""

    declined = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__("live")
        self._challenge: Challenge | None = None
        self.figure = HeadFigure()
        self.arrow = GlyphView(palette.PANEL.ink)
        self.action = FittingLabel("headline", Qt.AlignLeft | Qt.AlignVCenter)
        self.step = FittingLabel("small", Qt.AlignLeft | Qt.AlignVCenter)
        self.ring = TimeRing()
        self.cannot = QPushButton()
        self.cannot.clicked.connect(lambda: self.declined.emit(self._challenge))
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
        self._beside = QBoxLayout(QBoxLayout.TopToBottom)
        self._beside.addStretch(1)
        self._beside.addWidget(self.ring, 0, Qt.AlignCenter)
        self._beside.addWidget(self.cannot, 0, Qt.AlignCenter)
        self._beside.addStretch(1)
        self._said = QBoxLayout(QBoxLayout.LeftToRight)
        self._said.addLayout(words, 1)
        self._said.addLayout(self._beside)
        self._halves = QBoxLayout(QBoxLayout.LeftToRight, self.panel)
        self._halves.addLayout(drawn)
        self._halves.addLayout(self._said, 1)
        self._place = QBoxLayout(QBoxLayout.TopToBottom, self)
        self._place.addStretch(1)
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

    def keep_clear_of(self, face: QRectF) -> None:
        """Move the panel to the other end of the page where it would cover the face.

        face: where it is on this page. A face that comes closer is given room.
        """
        if self._challenge is not None and self._challenge.action is Action.COME_CLOSER:
            grown = face.height() * (ROOM_TO_GROW - 1) / 2
            face = face.adjusted(-grown, -grown, grown, grown)
        high, margin = self.panel.sizeHint().height(), self._place.contentsMargins().top()
        below = face.bottom() - (self.height() - margin - high)
        above = margin + high - face.top()
        is_above = self._place.direction() == QBoxLayout.BottomToTop
        covered, otherwise = (above, below) if is_above else (below, above)
        if covered > 0 and otherwise < covered:
            self._place.setDirection(QBoxLayout.TopToBottom if is_above else QBoxLayout.BottomToTop)

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
        self._halves.setDirection(below if is_portrait else beside)
        self._said.setDirection(below if is_portrait else beside)
        self._beside.setDirection(beside if is_portrait else below)
        side = round((32 if is_portrait else 26) * unit)
        self.figure.setFixedSize(side, side)
        self.arrow.setFixedSize(round(9 * unit), round(9 * unit))
        # Longer words become smaller, so that the panel leaves the face free.
        self.panel.setMaximumHeight(QWIDGETSIZE_MAX if is_portrait else round(PANEL_UNITS * unit))
        ring = round((15 if is_portrait else 13) * unit)
        self.ring.setFixedSize(ring, ring)
