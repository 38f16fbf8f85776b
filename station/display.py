"""Decides what is on the screen: a card for its time, otherwise what the person in front should
do."""

from __future__ import annotations

from dataclasses import dataclass

from common.sentence import Sentence
from gallery.identity import Identity, Match
from recognition.liveness.progress import Passed
from recognition.recognizer import RecognizedFace
from station.ledger.entry import Entry
from station.screen import (
    Challenge,
    CodeWanted,
    Confirm,
    Farewell,
    Fault,
    Guide,
    Help,
    Idle,
    Pause,
    Screen,
)
from station.visits.help_line import HelpLine
from station.visits.visit import Visit

APPEARED_S = 0.15
"""A person who is in front for a shorter time does not light up the screen: the detector may have
erred."""

GONE_S = 0.7
"""Guide and challenge stay for so long after the last face: a head may turn, a hand may pass by."""


@dataclass(eq=False)
class Card:
    """A screen that is shown for some time, and what it is about.

    until: monotonic seconds. visit, identity, entry: what a touch on "not me" would refer to; entry
    is None where nothing was written. passed: what liveness found of the person who is asked to
    confirm; None where it was not asked. then: the card that follows.
    """

    screen: Screen
    until: float
    visit: Visit | None = None
    identity: Identity | None = None
    entry: Entry | None = None
    passed: Passed | None = None
    then: Card | None = None

    def is_of(self, match: Match) -> bool:
        return self.identity is not None and self.identity.id == match.identity.id


class Display:
    """Keeps the card, the challenge and the guide, and chooses the one to show. `now` is in
    monotonic seconds in all methods."""

    def __init__(self) -> None:
        self.card: Card | None = None
        self.camera_message: Sentence | None = None
        self._challenge: Challenge | None = None
        self._challenged: Visit | None = None
        self._guide: Guide | None = None
        self._waits: Farewell | Pause | None = None
        self._help = HelpLine()
        self._appeared_at = 0.0
        self._guided_at = self._challenged_at = self._waits_at = -GONE_S

    @property
    def waiting(self) -> Card | None:
        """The card that waits for a touch or a code, also where another one lies over it for a
        moment; None without such a card."""
        for card in (self.card, self.card.then if self.card is not None else None):
            if card is not None and isinstance(card.screen, Confirm | CodeWanted):
                return card
        return None

    @property
    def confirming(self) -> Visit | None:
        """The visit of the person whose touch or code is waited for; None without one."""
        return self.waiting.visit if self.waiting is not None else None

    @property
    def challenged(self) -> Visit | None:
        """The visit of the person of whom a movement is asked; None where none is."""
        return self._challenged if self._challenge is not None else None

    def asks(self, challenge: Challenge) -> bool:
        """Returns whether this is still asked for: time may have passed since."""
        now = self._challenge
        return now is not None and (now.action, now.step) == (challenge.action, challenge.step)

    def show(self, card: Card) -> None:
        """Shows a card in place of the card before it."""
        self.card = card
        self._challenge = None

    def challenge(self, challenge: Challenge, now: float, visit: Visit) -> None:
        """Shows a challenge. Call it again in each frame. visit: of the person who is asked."""
        self.card = None
        self._challenge, self._challenged = challenge, visit
        self._challenged_at = now

    def help(self, help: Help, face: RecognizedFace | None, now: float) -> None:
        """Shows a line of help. Call it again in each frame. face: the face that counts."""
        if self._guide is None:
            self._appeared_at = now
        self._guided_at = now
        self._guide = Guide(self._help.want(help, now), face.face.box_xyxy if face else None)

    def let_wait(self, screen: Farewell | Pause | None, now: float) -> None:
        """Tells whoever stands there that nothing is to be done now, instead of helping them. Call
        it again in each frame. screen: None where there is nothing to tell."""
        self.nobody_to_help()
        self._waits, self._waits_at = screen, now

    def nobody_to_help(self) -> None:
        """Stops helping: nobody is there, or whoever is there waits for nothing."""
        self._guide = None
        self._help.clear()

    def pass_time(self, now: float) -> None:
        if self.card is not None and now >= self.card.until:
            self.card = self.card.then
        if now - self._challenged_at > GONE_S:
            self._challenge = None
        if now - self._guided_at > GONE_S:
            self.nobody_to_help()
        if now - self._waits_at > GONE_S:
            self._waits = None

    def screen(self, now: float, idle: Idle) -> Screen:
        """Returns what to show. idle: what is shown while nobody is there."""
        if self.card is not None:
            return self.card.screen
        if self.camera_message is not None:
            return Fault(self.camera_message)
        if self._challenge is not None:
            return self._challenge
        if self._guide is not None and now - self._appeared_at >= APPEARED_S:
            return self._guide
        return self._waits or idle
