"""Shows who was recognized, when, and whether in or out; and a "Not me" button."""

from __future__ import annotations

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QBoxLayout, QHBoxLayout, QPushButton, QVBoxLayout

from desktop.kiosk.fitting_label import FittingLabel
from desktop.kiosk.pages.card import CardPage
from desktop.kiosk.portrait import Portrait
from desktop.kiosk.signs import sign_of
from desktop.kiosk.words import words_of
from desktop.shared.style import with_role
from station.screen import CheckedIn, Confirm


class PersonCard(CardPage):
    """The card for a person who was recognized.

    confirmed, not_me: the person has touched the button; with the screen on which they did.
    """

    confirmed = pyqtSignal(object)
    not_me = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__("state")
        self._screen: CheckedIn | Confirm | None = None
        self.enrolled, self.live = Portrait(), Portrait()
        self.greeting = FittingLabel("greeting")
        self.name = FittingLabel("name")
        self.yes_button = with_role(QPushButton(), "primary")
        self.not_me_button = QPushButton()
        self.yes_button.clicked.connect(lambda: self.confirmed.emit(self._screen))
        self.not_me_button.clicked.connect(lambda: self.not_me.emit(self._screen))
        pictures = QHBoxLayout()
        pictures.addStretch(1)
        for portrait in (self.enrolled, self.live):
            pictures.addWidget(portrait, 0, Qt.AlignVCenter)
        pictures.addStretch(1)
        beside = QVBoxLayout()
        beside.addWidget(self.greeting, 3)
        beside.addWidget(self.name, 7)
        for button in (self.yes_button, self.not_me_button):
            button.setProperty("large", True)
            beside.addWidget(button)
        self._halves = QBoxLayout(QBoxLayout.LeftToRight)
        self._halves.addLayout(pictures)
        self._halves.addLayout(beside, 1)
        self.body.addLayout(self._halves)
        self.retranslate()

    def show_screen(self, screen: CheckedIn | Confirm) -> None:
        self._screen = screen
        sign = sign_of(screen)
        assert sign is not None
        self.show_sign(sign)
        self.enrolled.show_picture(screen.enrolled)
        self.live.setVisible(screen.live is not None)
        if screen.live is not None:
            self.live.show_picture(screen.live)
        self.yes_button.setVisible(isinstance(screen, Confirm))
        self.retranslate()

    def take_focus(self) -> None:
        """Let Enter say yes to a question; on a card it does nothing: never "Not me"."""
        asks = isinstance(self._screen, Confirm)
        (self.yes_button if asks else self).setFocus(Qt.OtherFocusReason)

    def retranslate(self) -> None:
        self.enrolled.caption.setText(self.tr("Enrolled"))
        self.live.caption.setText(self.tr("Now"))
        self.yes_button.setText(self.tr("Yes"))
        self.not_me_button.setText(self.tr("Not me"))
        if self._screen is None:
            return
        words = words_of(self._screen)
        self.headline.setText(words.headline)
        self.greeting.setText(words.greeting)
        self.name.setText(words.line)
        person = self._screen.name
        self.enrolled.setAccessibleName(self.tr("Enrolled picture of {}").format(person))
        self.live.setAccessibleName(self.tr("Picture of now"))
        self.yes_button.setAccessibleName(self.tr("Yes, I am {}").format(person))
        self.not_me_button.setAccessibleName(self.tr("I am not {}").format(person))

    def fit(self, unit: float, is_portrait: bool) -> None:
        super().fit(unit, is_portrait)
        self._halves.setDirection(QBoxLayout.TopToBottom if is_portrait else QBoxLayout.LeftToRight)
        self._halves.setSpacing(round(5 * unit))
        side = round((38 if is_portrait else 31) * unit)
        for portrait in (self.enrolled, self.live):
            portrait.set_side(side)
