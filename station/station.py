"""Turns recognitions, touches and codes into screens and entries of the ledger."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from capture.frame import Frame
from common.clock import Clock
from common.errors import FacedeskError, UnknownIdentityError
from common.picture import RgbImage
from common.sentence import Sentence
from gallery.identity import Identity, Match
from recognition.decision import Decision
from recognition.liveness.progress import Failed, Passed
from recognition.recognizer import Recognition, RecognizedFace
from station.display import Card, Display
from station.hours import OpeningHours
from station.outcomes import Outcomes
from station.register import Booking, Register, live_picture
from station.rules import Plan, Rules
from station.screen import (
    Challenge,
    CodeWanted,
    Confirm,
    Direction,
    Fault,
    Help,
    Idle,
    Refusal,
    Screen,
    Stranger,
)
from station.settings import StationSettings
from station.visits.front import Front
from station.visits.strangers import Strangers
from station.visits.visit import CodeQuestion, Visit
from station.visits.visits import AT_HAND_S, Visits

if TYPE_CHECKING:
    from gallery.gallery import Gallery
    from station.actions.actions import Actions
    from station.ledger.ledger import Ledger
    from station.people.inbox import Inbox
    from station.people.refusals import Refusals
    from station.secrets.codes import Codes
    from station.visits.liveness import FaceLiveness


log = logging.getLogger(__name__)

CODE_S = 30.0
"""Seconds for which a code is waited for: to find a badge takes longer than to touch."""

CONFIRM_S = 20.0
"""Seconds for which a touch is waited for."""

STRANGER_S = 20.0
"""The card of a stranger stays while the person stays, but at most for so long: it says what to do
now."""


class Station:
    """The check-in station. One thread, the recognizer's, owns it. It waits for nothing and starts
    no thread.

    Every method returns the screen to show now; a card is the same object for as long as it is
    shown.

    settings: what the administrator has chosen. Each part is handed the values that it uses.
    keep_impostor: keeps that somebody was taken for a match who is somebody else, so that this
    person's name needs more from then on; may raise FacedeskError.
    look_alikes_of: who may be named for the person with an id, or that person for them.
    keep_scores: see Strangers.
    liveness: makes the check of one face; None only where the settings have it off.
    Raises SettingsError for opening hours that cannot be read.
    """

    def __init__(
        self,
        settings: StationSettings,
        *,
        people: Gallery,
        ledger: Ledger,
        codes: Codes,
        actions: Actions,
        keep_impostor: Callable[[Match], object],
        look_alikes_of: Callable[[str], Sequence[Identity]],
        keep_scores: Callable[[Sequence[Decision]], object],
        inbox: Inbox,
        refusals: Refusals,
        liveness: Callable[[], FaceLiveness] | None = None,
        clock: Clock | None = None,
    ) -> None:
        if settings.liveness != "off" and liveness is None:
            raise ValueError(f"liveness is {settings.liveness}, and there is no check")
        self._confirms = settings.confirm
        self._look_alikes_of = look_alikes_of if settings.look_alikes_code else lambda _: ()
        self._enrolls_strangers = settings.enroll_strangers
        self._watches_early = settings.liveness == "when unsure"
        self._people = people
        self._codes = codes
        self._liveness = liveness if settings.liveness != "off" else None
        self._clock = clock or Clock()
        self._rules = Rules(
            ledger,
            self._clock,
            by_turns=settings.direction == "in/out",
            once=timedelta(minutes=settings.once_minutes),
            hours=OpeningHours.parse(settings.opening_hours),
        )
        self._register = Register(
            self._rules,
            people,
            ledger,
            station_name=settings.name,
            keep_pictures=settings.keep_pictures,
        )
        self._strangers = Strangers(
            inbox,
            keep=settings.unknown_inbox,
            hours=settings.unknown_hours,
            keep_scores=keep_scores if settings.stranger_scores else None,
        )
        self._front = Front(settings.smallest_face)
        self._display = Display()
        self._visits = Visits()
        self._outcomes = Outcomes(
            self._display,
            actions,
            keep_impostor,
            refusals,
            settings.card_seconds,
            self._clock.seconds(),
        )

    # -- what happens ----------------------------------------------------------------------

    def see(self, frame: Frame, recognition: Recognition) -> Screen:
        """Takes in the next frame and who was recognized in it."""
        now = self._pass_time()
        self._display.camera_message = None
        self._visits.seen(recognition.faces, now)
        self._mind_question(recognition.faces)
        stands = self._front.see(
            recognition.faces,
            frame.image.shape[1],
            now,
            served=self._visits.is_done,
            asked=self._visits.is_asked,
        )
        if stands.face is not None:
            self._attend(frame, stands.face, now)
        elif stands.help is not None:
            self._display.help(stands.help, stands.helped, now)
        return self._screen(now)

    def tick(self) -> Screen:
        """Lets time pass when there is no frame."""
        return self._screen(self._pass_time())

    def camera_lost(self, message: Sentence) -> Screen:
        """Tells that no frames come for now, and why; the next frame ends this state. Codes still
        work."""
        self._display.camera_message = message
        return self.tick()

    def confirm(self, question: Screen) -> Screen:
        """Takes in a touch on "yes" on this screen; it means nothing once the screen is gone."""
        now = self._pass_time()
        card = self._display.card
        if card is None or card.screen is not question or not isinstance(card.screen, Confirm):
            return self._screen(now)
        visit = card.visit
        if visit is not None and visit.decided is not None and card.is_of(visit.decided):
            try:
                plan = self._rules.plan(visit.decided.identity.id)
                self._check_in(visit, visit.decided, plan, card.screen.live, card.passed, now)
            except FacedeskError as error:
                self._outcomes.failed(error, visit, visit.decided.identity, now)
        return self._screen(now)

    def not_me(self, told: Screen) -> Screen:
        """Takes in a touch on "not me" on this card: what the card wrote is undone.

        Where the card only told of an earlier check-in, that one stays, since it may well be the
        named person's own. A touch that came too late for its card means nothing: the next card is
        about somebody else.
        """
        now = self._pass_time()
        card = self._display.card
        if card is None or card.screen is not told or card.identity is None:
            return self._screen(now)
        try:
            undone = self._register.undo(card.entry) if card.entry is not None else None
        except FacedeskError as error:
            self._outcomes.not_undone(error, card, now)
            return self._screen(now)
        self._strangers.named()
        for visit in self._visits.at_hand(now):
            visit.is_not(card.identity.id)
        self._outcomes.undone(undone, card.identity, card.visit, now)
        return self._screen(now)

    def decline(self, told: Screen) -> Screen:
        """Takes in a touch on "I cannot do this", on a challenge: another one follows, or none; or
        on the question for a code. A touch that came too late means nothing."""
        now = self._pass_time()
        card = self._display.card
        if isinstance(told, CodeWanted):
            if card is not None and card.screen is told and card.visit and card.identity:
                self._outcomes.refused(Refusal.NO_CODE_TYPED, card.visit, card.identity, now)
            return self._screen(now)
        visit = self._display.challenged
        if visit is not None and isinstance(told, Challenge) and self._display.asks(told):
            visit.decline()
        return self._screen(now)

    def enter_code(self, code: str) -> Screen:
        """Takes in a typed PIN or badge code. Typing it also confirms it: no touch is asked for."""
        now = self._pass_time()
        name = ""
        try:
            identity = self._whose(code)
            question = self._question(now)
            if identity is None or (question is not None and not question.is_about(identity.id)):
                self._outcomes.code_unknown(self._codes.wait_s, now)
                return self._screen(now)
            name = identity.name
            booking = self._checked_by_code(identity, question)
        except FacedeskError as error:
            self._outcomes.show(Fault(error.sentence, name), now)
            return self._screen(now)
        self._strangers.named()
        for visit in self._visits.at_hand(now):  # whoever types stands there
            if visit.question is not None and visit.question.match.identity.id != identity.id:
                visit.reject(visit.question.match.identity.id)
            visit.serve_as(identity.id)
        self._outcomes.booked(booking, identity, None, now)
        return self._screen(now)

    # -- somebody in front -----------------------------------------------------------------

    def _attend(self, frame: Frame, face: RecognizedFace, now: float) -> None:
        visit = self._visits.of(face, now)
        asked = visit.decided if visit.asked else None
        looked = visit.see(face, self._accepted(visit, face), now)
        if looked and visit.match is None and not visit.is_done:
            self._strangers.look(frame, face, visit)
        if asked is not None and visit.decided is not asked:
            self._stop_asking(visit, asked, now)
        elif visit.is_done:
            self._let_stay(visit, now)
        elif visit.decided is not None:
            try:
                self._serve(frame, visit, visit.decided, now)
            except FacedeskError as error:
                self._outcomes.failed(error, visit, visit.decided.identity, now)
        elif visit.told_at is not None:
            self._keep_stranger_card(visit, visit.told_at, now)
            self._display.help(Help.NOT_KNOWN, face, now)
        elif visit.is_stranger and self._display.card is None:
            visit.told_at = now
            self._outcomes.show(Stranger(self._enrolls_strangers), now, visit)
        else:
            # Evidence gathers from the first name on; only a decided person is asked for something.
            named = visit.named if self._watches_early else None
            self._watch(frame, visit, named, may_ask=False)
            self._display.help(visit.help(frame.image.shape[0]), face, now)

    def _let_stay(self, visit: Visit, now: float) -> None:
        """Tells a person who was served so, for as long as they stay; whoever was sent away before
        the opening hours is served once those have begun."""
        farewell = self._outcomes.stays(visit.served, now)
        if farewell is None and self._rules.is_open:
            self._outcomes.begin_anew(visit.served)
            visit.is_not(visit.served)
        self._display.let_wait(farewell, now)

    def _serve(self, frame: Frame, visit: Visit, match: Match, now: float) -> None:
        """Checks in a person who is known steadily, once all that is asked for is done."""
        who = match.identity.id
        if self._outcomes.is_staying(who):  # under another track, a moment ago
            visit.serve_as(who)
            return
        pause = self._outcomes.pause_of(who, now)
        if pause is not None or self._display.confirming not in (None, visit):
            self._watch(frame, visit, None, may_ask=False)
            self._display.let_wait(pause, now)
            return
        if self._display.confirming is visit:
            return
        plan = self._rules.plan(who)
        if isinstance(plan, Direction):
            evaded = self._visits.evaded(who, visit)
            if evaded is not None:  # or whoever left would draw another request
                evaded.start_again()
                self._outcomes.refused(Refusal.NO_MOVEMENT, visit, match.identity, now)
                return
            self._watch(frame, visit, who, may_ask=True)
            if not self._is_alive(visit, match, now):
                return
        if not visit.is_sure:
            self._display.help(Help.LOOK_HERE, visit.face, now)
            return
        live = live_picture(frame.image, visit.face.face)
        verdict = visit.verdict_of(who)
        passed = verdict if isinstance(verdict, Passed) else None
        others = tuple(self._look_alikes_of(who)) if isinstance(plan, Direction) else ()
        if isinstance(plan, Direction) and others:
            self._ask_for_code(visit, CodeQuestion(match, others, plan, live, passed), now)
        elif isinstance(plan, Direction) and self._confirms:
            self._ask_to_confirm(visit, match, plan, live, passed, now)
        else:
            self._check_in(visit, match, plan, live, passed, now)

    def _is_alive(self, visit: Visit, match: Match, now: float) -> bool:
        """Returns whether liveness asks for nothing more and has nothing against the face; else
        shows why not."""
        verdict = visit.verdict_of(match.identity.id)
        if self._liveness is None or isinstance(verdict, Passed):
            visit.unanswered = None
            return True
        if isinstance(verdict, Failed):
            log.warning("%s was refused: %s", match.identity.name, verdict.detail)
            self._outcomes.refused(Refusal[verdict.reason.name], visit, match.identity, now)
        elif verdict.action is None:
            self._display.help(Help.LOOK_HERE, visit.face, now)
        else:
            visit.asked = True
            visit.unanswered = match.identity
            box = visit.face.face.box_xyxy
            challenge = Challenge(
                verdict.action,
                verdict.step,
                verdict.steps,
                verdict.remaining_s,
                box,
                verdict.again,
                verdict.may_decline,
            )
            self._display.challenge(challenge, now, visit)
        return False

    def _ask_to_confirm(
        self,
        visit: Visit,
        match: Match,
        direction: Direction,
        live: RgbImage,
        passed: Passed | None,
        now: float,
    ) -> None:
        enrolled = self._people.portrait(match.identity.id)
        visit.asked = True
        screen = Confirm(match.identity.name, direction, enrolled, live)
        self._display.show(Card(screen, now + CONFIRM_S, visit, match.identity, passed=passed))

    def _ask_for_code(self, visit: Visit, question: CodeQuestion, now: float) -> None:
        """Asks for the code of one of the look-alikes, or refuses where none of them has one."""
        identity = question.match.identity
        if not any(self._codes.has(one.id) for one in (identity, *question.others)):
            names = ", ".join(one.name for one in question.others)
            log.warning("%s looks like %s, and none has a code", identity.name, names)
            self._outcomes.refused(Refusal.NO_CODE_GIVEN, visit, identity, now)
            return
        visit.asked = True
        visit.question = question
        self._display.show(Card(CodeWanted(), now + CODE_S, visit, identity))

    def _question(self, now: float) -> CodeQuestion | None:
        """Returns what a code is waited for; None where it says by itself who it is."""
        at_hand = self._visits.at_hand(now)
        return next((visit.question for visit in at_hand if visit.question), None)

    def _checked_by_code(
        self, identity: Identity, question: CodeQuestion | None
    ) -> Booking | Refusal:
        """Checks in whose code was typed: it says which of the look-alikes it is."""
        if question is None or identity.id != question.match.identity.id:
            return self._register.check_code(identity)
        return self._register.check_face(
            question.match, question.plan, question.live, question.passed, with_code=True
        )

    def _mind_question(self, faces: Sequence[RecognizedFace]) -> None:
        """Takes the question away if its face has become another person's; this can happen away
        from the front, too."""
        card, visit = self._display.waiting, self._display.confirming
        if card is None or visit is None:
            return
        seen = (self._accepted(visit, face) for face in faces if face.track_id == visit.track_id)
        if any(match is not None and not card.is_of(match) for match in seen):
            visit.asked = False
            self._display.card = None

    def _stop_asking(self, visit: Visit, asked: Match, now: float) -> None:
        """Stops asking, because the face no longer belongs to the person who was asked for
        something."""
        visit.asked = False
        if self._display.confirming is visit:
            self._display.card = None
        elif visit.match is not None:
            self._outcomes.pause(visit.match.identity.id, now)
            self._outcomes.refused(Refusal.ANOTHER_FACE, visit, asked.identity, now)

    def _keep_stranger_card(self, visit: Visit, told_at: float, now: float) -> None:
        card = self._display.card
        if card is not None and card.visit is visit and isinstance(card.screen, Stranger):
            card.until = max(card.until, min(now + 1.0, told_at + STRANGER_S))

    def _accepted(self, visit: Visit, face: RecognizedFace) -> Match | None:
        """Returns whom the face may be checked in as; None for nobody. The decision has already
        weighed the margin, the evidence and the person's bar."""
        match = face.match
        return None if match is None or match.identity.id in visit.rejected else match

    def _watch(self, frame: Frame, visit: Visit, named: str | None, *, may_ask: bool) -> None:
        if self._liveness is not None:
            visit.watch(frame, named, self._liveness, may_ask=may_ask)

    # -- what comes of it ------------------------------------------------------------------

    def _check_in(
        self,
        visit: Visit,
        match: Match,
        plan: Plan,
        live: RgbImage,
        passed: Passed | None,
        now: float,
    ) -> None:
        booking = self._register.check_face(match, plan, live, passed)
        self._strangers.named()
        visit.serve_as(match.identity.id)
        self._outcomes.booked(booking, match.identity, visit, now)

    def _whose(self, code: str) -> Identity | None:
        if self._codes.wait_s > 0:
            return None
        identity_id = self._codes.find(code)
        if identity_id is None:
            return None
        try:
            return self._people.identity(identity_id)
        except UnknownIdentityError:  # removed from the gallery
            return None

    def _pass_time(self) -> float:
        now = self._clock.seconds()
        self._stop_waiting(now)
        self._display.pass_time(now)
        self._outcomes.pass_time(now)
        self._strangers.pass_time(now)
        for visit in self._visits.ended(now):
            self._strangers.leave(visit)
            if visit.unanswered is not None:
                self._outcomes.left_unanswered(visit.unanswered, now)
        return now

    def _stop_waiting(self, now: float) -> None:
        """Stops waiting for a touch if the person has left, or has not touched the screen in
        time."""
        card, visit = self._display.waiting, self._display.confirming
        if card is None or visit is None or card.identity is None:
            return
        if now - visit.seen_at > AT_HAND_S:
            visit.asked = False
            self._display.card = None
        elif now >= card.until:
            visit.serve_as(card.identity.id)
            self._outcomes.unanswered(card.identity.id, now)

    def _screen(self, now: float) -> Screen:
        is_open = self._rules.is_open
        return self._display.screen(now, Idle(is_open, None if is_open else self._rules.opens_at))
