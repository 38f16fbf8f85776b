"""What is on the screen: a card for its time, else what whoever stands there should do."""

from __future__ import annotations

from dataclasses import dataclass

from gallery.identity import Identity, Match
from recognition.recognizer import RecognizedFace
from station.ledger.entry import Entry
from station.screen import Challenge, Confirm, Fault, Guide, Help, Idle, Screen
from station.visits.help_line import HelpLine
from station.visits.visit import Visit

APPEARED_S = 0.15
"""Somebody in front for less does not light up the picture: the detector may have erred."""

GONE_S = 0.7
"""Guide and challenge stay so long after the last face: a head turns, a hand passes by."""


@dataclass(eq=False)
class Card:
    """until: monotonic seconds. visit, identity, entry: what "not me" speaks of; entry is
    None where nothing was written. then: the card that follows."""

    screen: Screen
    until: float
    visit: Visit | None = None
    identity: Identity | None = None
    entry: Entry | None = None
    then: Card | None = None

    def is_of(self, match: Match) -> bool:
        return self.identity is not None and self.identity.id == match.identity.id


class Display:
    """`now` is in monotonic seconds throughout."""

    def __init__(self) -> None:
        self.card: Card | None = None
        self.camera_message = ""
        self._challenge: Challenge | None = None
        self._guide: Guide | None = None
        self._help = HelpLine()
        self._appeared_at = 0.0
        self._guided_at = self._challenged_at = -GONE_S

    @property
    def confirming(self) -> Visit | None:
        """Whose touch is waited for."""
        if self.card is None or not isinstance(self.card.screen, Confirm):
            return None
        return self.card.visit

    def show(self, card: Card) -> None:
        """Instead of any card before it."""
        self.card = card
        self._challenge = None

    def challenge(self, challenge: Challenge, now: float) -> None:
        """Call it again in each frame."""
        self.card = None
        self._challenge = challenge
        self._challenged_at = now

    def help(self, help: Help, face: RecognizedFace | None, now: float) -> None:
        """Call it again in each frame; face: who counts."""
        if self._guide is None:
            self._appeared_at = now
        self._guided_at = now
        self._guide = Guide(self._help.want(help, now), face.face.box_xyxy if face else None)

    def nobody_to_help(self) -> None:
        """Whoever is there was served."""
        self._guide = None
        self._help.clear()

    def pass_time(self, now: float) -> None:
        if self.card is not None and now >= self.card.until:
            self.card = self.card.then
        if now - self._challenged_at > GONE_S:
            self._challenge = None
        if now - self._guided_at > GONE_S:
            self.nobody_to_help()

    def screen(self, now: float, *, is_open: bool) -> Screen:
        if self.card is not None:
            return self.card.screen
        if self.camera_message:
            return Fault(self.camera_message)
        if self._challenge is not None:
            return self._challenge
        if self._guide is not None and now - self._appeared_at >= APPEARED_S:
            return self._guide
        return Idle(is_open)
