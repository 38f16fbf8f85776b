"""The texts of each screen of the station: those that are shown, and those that are spoken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import ceil

from PyQt5.QtCore import QCoreApplication, QDateTime, QLocale

from desktop.shared.names import isolated
from recognition.liveness.challenge import Action
from station.screen import (
    Challenge,
    CheckedIn,
    CodeWanted,
    Confirm,
    Direction,
    Farewell,
    Fault,
    Guide,
    Help,
    Idle,
    Pause,
    Refusal,
    Refused,
    Screen,
    Stranger,
    Undone,
    UnknownCode,
)

NIGHT_ENDS, NOON, EVENING = 4, 12, 18
"""The hours at which another greeting begins."""

UNNAMED = "Entrance"
"""The station's name where nobody has chosen one."""

NO_BREAK_SPACE = "\u00a0"


@dataclass(frozen=True)
class ScreenWords:
    """The texts of one screen.

    headline: what happened, in a few words; it may be empty. line: what to do, a sentence; on a
    person's card, the name. greeting: what stands before the name.
    """

    headline: str
    line: str
    greeting: str = ""

    @property
    def spoken(self) -> str:
        line = f"{self.greeting} {self.line}".strip()
        return ". ".join(part.rstrip(".") for part in (self.headline, line) if part) + "."


def words_of(screen: Screen) -> ScreenWords:
    match screen:
        case Idle():
            return _idle(screen)
        case Guide():
            return ScreenWords("", _help(screen.help))
        case Challenge():
            return ScreenWords(_action(screen.action), _step(screen))
        case Confirm():
            return _confirm(screen)
        case CodeWanted():
            return _code_wanted()
        case CheckedIn():
            return _checked_in(screen)
        case Farewell():
            return _farewell(screen)
        case Pause():
            return _pause(screen)
        case Undone():
            return _undone(screen)
        case Stranger():
            return _stranger(screen)
        case UnknownCode():
            return _unknown_code(screen)
        case Refused():
            return _refused(screen.why)
        case Fault():
            return _fault(screen)


def clock_time(at: datetime) -> str:
    """Return the local time as the language writes it, such as 15:52 or 3:52 PM.

    It is never broken in two at the end of a line.
    """
    local = at.astimezone() if at.tzinfo else at
    text = QLocale().toString(QDateTime(local).time(), QLocale.ShortFormat)
    return text.replace(" ", NO_BREAK_SPACE)


def day_name(at: datetime) -> str:
    """Return the day of the week in the language, such as Monday or Thứ Hai."""
    name = QLocale().standaloneDayName(at.isoweekday(), QLocale.LongFormat)
    return name[:1].upper() + name[1:]


def station_name(name: str) -> str:
    """Return the station's name; the one that nobody has chosen yet is in the language."""
    if name == UNNAMED:
        return QCoreApplication.translate("StationWords", "Entrance")
    return name


def _idle(screen: Idle) -> ScreenWords:
    translate = QCoreApplication.translate
    if not screen.is_open:
        return ScreenWords(translate("StationWords", "Closed now"), _opening(screen.opens_at))
    return ScreenWords("", translate("StationWords", "Look into the camera to check in"))


def _opening(at: datetime | None) -> str:
    translate = QCoreApplication.translate
    if at is None:
        return translate("StationWords", "Please ask at the desk.")
    if at.date() == datetime.now().date():
        return translate("StationWords", "Opens at {}").format(clock_time(at))
    return translate("StationWords", "Opens {} at {}").format(day_name(at), clock_time(at))


def _help(help: Help) -> str:
    translate = QCoreApplication.translate
    return {
        Help.LOOK_HERE: translate("StationWords", "Look here, into the camera"),
        Help.COME_CLOSER: translate("StationWords", "Come closer"),
        Help.STEP_BACK: translate("StationWords", "Step back a little"),
        Help.ONE_AT_A_TIME: translate("StationWords", "One at a time, please"),
        Help.HOLD_STILL: translate("StationWords", "Hold still for a moment"),
        Help.MORE_LIGHT: translate("StationWords", "It is too dark here: turn towards the light"),
        Help.UNCOVER_FACE: translate("StationWords", "Take off the mask or what covers your face"),
        Help.NOT_KNOWN: translate("StationWords", "Not known yet: use a code, or ask at the desk"),
    }[help]


def _action(action: Action) -> str:
    translate = QCoreApplication.translate
    return {
        Action.TURN_LEFT: translate("StationWords", "Turn your head to your left"),
        Action.TURN_RIGHT: translate("StationWords", "Turn your head to your right"),
        Action.NOD: translate("StationWords", "Nod: chin down and up again"),
        Action.COME_CLOSER: translate("StationWords", "Come closer with your face"),
        Action.BLINK_TWICE: translate("StationWords", "Blink twice"),
        Action.SLIGHTLY_LEFT: translate("StationWords", "Turn a little to your left"),
        Action.SLIGHTLY_RIGHT: translate("StationWords", "Turn a little to your right"),
    }[action]


def _step(challenge: Challenge) -> str:
    translate = QCoreApplication.translate
    if challenge.again:
        return translate("StationWords", "That was not seen. Please do this instead")
    if challenge.steps == 1:
        return ""
    return translate("StationWords", "Movement {} of {}").format(challenge.step, challenge.steps)


def _confirm(screen: Confirm) -> ScreenWords:
    translate = QCoreApplication.translate
    headline = (
        translate("StationWords", "Check in?")
        if screen.direction is Direction.IN
        else translate("StationWords", "Check out?")
    )
    asked = translate("StationWords", "Is this you?")
    return ScreenWords(headline, isolated(screen.name), asked)


def _code_wanted() -> ScreenWords:
    translate = QCoreApplication.translate
    return ScreenWords(
        translate("StationWords", "Your code, please"),
        translate("StationWords", "Somebody else here looks like you."),
    )


def _checked_in(screen: CheckedIn) -> ScreenWords:
    translate = QCoreApplication.translate
    is_in = screen.direction is Direction.IN
    if screen.already:
        headline = (
            translate("StationWords", "Already checked in at {}")
            if is_in
            else translate("StationWords", "Already checked out at {}")
        )
    else:
        headline = (
            translate("StationWords", "Checked in at {}")
            if is_in
            else translate("StationWords", "Checked out at {}")
        )
    greeting = _greeting(screen.direction, datetime.now() if screen.already else screen.at)
    return ScreenWords(headline.format(clock_time(screen.at)), isolated(screen.name), greeting)


def _greeting(direction: Direction, at: datetime) -> str:
    translate = QCoreApplication.translate
    hour = (at.astimezone() if at.tzinfo else at).hour
    if direction is Direction.OUT:
        return translate("StationWords", "Goodbye,")
    if hour < NIGHT_ENDS:
        return translate("StationWords", "Hello,")
    if hour < NOON:
        return translate("StationWords", "Good morning,")
    if hour < EVENING:
        return translate("StationWords", "Good afternoon,")
    return translate("StationWords", "Good evening,")


def _farewell(screen: Farewell) -> ScreenWords:
    translate = QCoreApplication.translate
    return ScreenWords(
        "",
        {
            Direction.IN: translate("StationWords", "You are checked in, goodbye"),
            Direction.OUT: translate("StationWords", "You are checked out, goodbye"),
            None: translate("StationWords", "Nothing was written. Step away, and come again"),
        }[screen.direction],
    )


def _pause(screen: Pause) -> ScreenWords:
    told = QCoreApplication.translate("StationWords", "Please wait: next try in {} s")
    seconds = str(screen.seconds)
    return ScreenWords("", told.format(seconds).replace(f"{seconds} ", seconds + NO_BREAK_SPACE))


def _undone(screen: Undone) -> ScreenWords:
    translate = QCoreApplication.translate
    return ScreenWords(
        translate("StationWords", "Undone"),
        translate(
            "StationWords",
            "Sorry. This does not count for {}. Look into the camera again, or use a code.",
        ).format(isolated(screen.name)),
    )


def _stranger(screen: Stranger) -> ScreenWords:
    translate = QCoreApplication.translate
    headline = translate("StationWords", "We do not know you yet")
    if screen.may_enroll:
        return ScreenWords(
            headline,
            translate("StationWords", "Ask at the desk, use a code, or be enrolled here."),
        )
    return ScreenWords(
        headline, translate("StationWords", "Please ask at the desk, or use a code.")
    )


def _unknown_code(screen: UnknownCode) -> ScreenWords:
    translate = QCoreApplication.translate
    headline = translate("StationWords", "This code is not known")
    if screen.wait_s > 0:
        return ScreenWords(
            headline,
            translate("StationWords", "Another one may be typed in {} s.").format(
                ceil(screen.wait_s)
            ),
        )
    return ScreenWords(headline, translate("StationWords", "Try again, or ask at the desk."))


def _refused(why: Refusal) -> ScreenWords:
    translate = QCoreApplication.translate
    return {
        Refusal.LOOKS_FLAT: ScreenWords(
            translate("StationWords", "This looks like a picture"),
            translate("StationWords", "Look into the camera yourself, or use a code."),
        ),
        Refusal.FROZEN_CAMERA: ScreenWords(
            translate("StationWords", "The camera's picture stands still"),
            translate("StationWords", "Use a code, and please tell the desk."),
        ),
        Refusal.ANOTHER_FACE: ScreenWords(
            translate("StationWords", "Somebody else came into the picture"),
            translate("StationWords", "One at a time: look into the camera again."),
        ),
        Refusal.NO_MOVEMENT: ScreenWords(
            translate("StationWords", "The movement was not seen"),
            translate("StationWords", "Try again and do as the drawing does, or use a code."),
        ),
        Refusal.DECLINED: ScreenWords(
            translate("StationWords", "Then a code is simpler"),
            translate("StationWords", "Use a code, or ask at the desk."),
        ),
        Refusal.NO_CODE_TYPED: ScreenWords(
            translate("StationWords", "Not without a code"),
            translate(
                "StationWords",
                "Somebody else here looks like you. Use your code, or ask at the desk.",
            ),
        ),
        Refusal.NO_CODE_GIVEN: ScreenWords(
            translate("StationWords", "Please ask at the desk"),
            translate(
                "StationWords",
                "Somebody else here looks like you, and only a code tells who you are. "
                "Ask for one at the desk.",
            ),
        ),
        Refusal.CLOSED: ScreenWords(
            translate("StationWords", "Closed now"),
            translate("StationWords", "Nobody is checked in at this hour. Please ask at the desk."),
        ),
    }[why]


def _fault(screen: Fault) -> ScreenWords:
    translate = QCoreApplication.translate
    if screen.name:
        return ScreenWords(
            translate("StationWords", "This could not be written down"),
            translate("StationWords", "{} is not checked in. Please tell the desk.").format(
                isolated(screen.name)
            ),
        )
    return ScreenWords(
        translate("StationWords", "One moment, please"),
        translate(
            "StationWords",
            "The station cannot check anybody in now and goes on by itself. "
            "Meanwhile, ask at the desk.",
        ),
    )
