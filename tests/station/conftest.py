"""What the station's tests share: clocks that are set by hand, disks that take nothing, and people
who stand in front of it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from capture.frame import Frame
from common.clock import Clock
from common.errors import FacedeskError, UnknownIdentityError
from common.picture import RgbImage
from common.sentence import Sentence
from common.timed_condition import TimedCondition
from gallery.identity import Candidate, Identity, Match
from models.crop import ALIGNED_LANDMARKS, ALIGNED_SIDE
from models.face import Face
from models.quality import Quality
from recognition.decision import Decision
from recognition.evidence import MOMENT_S
from recognition.judge import LIVE_LOOKS
from recognition.liveness.progress import Passed, Progress
from recognition.looks import CONFIRM_S, FIRST_LOOKS, LATER_S, SOON_S
from recognition.recognizer import Recognition, RecognizedFace, StageTimes
from station.ledger.entry import Entry, Event, Kind, Liveness
from station.people.refusals import RefusedBefore
from station.screen import (
    CheckedIn,
    Confirm,
    Farewell,
    Fault,
    Guide,
    Idle,
    Pause,
    Refused,
    Screen,
)
from station.secrets import scrypt as secrecy
from station.settings import StationSettings
from station.station import Station

WAIT_S = 30  # for what comes at once; only a failing test waits so long


@dataclass
class WallClock:
    """Seconds since 1970, as they are set."""

    now: float = 1_750_000_000.0

    def __call__(self) -> float:
        return self.now


class HandClock(TimedCondition):
    """Time stands still until advance(). deadline: what is waited for now, or was last."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0
        self.deadline: float | None = None

    def now(self) -> float:
        return self.seconds

    def wait(self, timeout: float | None = None) -> bool:
        return super().wait(WAIT_S)

    def wait_until(self, happened: Callable[[], bool], deadline: float | None) -> bool:
        self.deadline = deadline
        self.notify_all()
        return super().wait_until(happened, deadline)

    def advance(self, seconds: float) -> None:
        with self:
            self.seconds += seconds
            self.notify_all()


@pytest.fixture
def hand() -> HandClock:
    return HandClock()


@pytest.fixture
def entry() -> Callable[..., Entry]:
    """entry(number, kind): an entry of the ledger; Ann's, unless told otherwise."""

    def entry(
        number: int = 1, kind: Kind = Kind.CHECK_IN, at: datetime | None = None, **event: object
    ) -> Entry:
        fields: dict[str, Any] = {
            "station": "Cửa chính",
            "identity_id": "a" * 32,
            "name": "Nguyễn Ánh",
            "similarity": 0.75,
            "threshold": 0.5,
            "liveness": Liveness.PASSED,
        }
        at = at or datetime(2026, 3, 1, 7, 59, number % 60, tzinfo=UTC)
        return Entry(number, at, Event(kind, **fields | event), "", "0" * 64, f"{number:064x}")

    return entry


@pytest.fixture
def clock() -> WallClock:
    return WallClock()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "nhà của tôi – 家"


@pytest.fixture
def cheap_scrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same function at a hundredth of its cost."""
    monkeypatch.setattr(secrecy, "COST", 2**7)


@pytest.fixture
def read_only_folder(as_nobody: Callable[[], AbstractContextManager[None]]) -> Iterator[Path]:
    """A folder that this process may not write, even where the tests run as root."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o555)
        with as_nobody():
            yield folder
        folder.chmod(0o755)


FPS = 30.0
PICTURE = np.zeros((480, 640, 3), np.uint8)
ZONE = timezone(timedelta(hours=7))
THRESHOLD = 0.35

GOOD_LOOK = Quality(
    face_height_px=160.0,
    sharpness=200.0,
    brightness=120.0,
    contrast=40.0,
    yaw=0.0,
    roll_deg=0.0,
    cut_off=False,
)


def disk_is_full() -> FacedeskError:
    return FacedeskError("room for the ledger", "the disk is full", "Free some space")


def identity(name: str) -> Identity:
    return Identity(f"id-{name.lower()}", name, datetime(2026, 1, 1, tzinfo=UTC))


class FakeTime:
    """Both clocks; the wall's can be set, as somebody may do."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.wall = datetime(2026, 3, 2, 8, 0, tzinfo=ZONE)  # a Monday

    def pass_(self, seconds: float) -> None:
        self.seconds += seconds
        self.wall += timedelta(seconds=seconds)

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.seconds, lambda: self.wall.astimezone(UTC), ZONE)


class FakePeople:
    def __init__(self, *names: str) -> None:
        self.known = {i.id: i for i in map(identity, names)}

    def identity(self, identity_id: str) -> Identity:
        if identity_id not in self.known:
            raise UnknownIdentityError(f"a person {identity_id}", "there is none", "Look again")
        return self.known[identity_id]

    def portrait(self, identity_id: str) -> RgbImage:
        self.identity(identity_id)
        return np.full((112, 112, 3), 7, np.uint8)


class FakeLedger:
    def __init__(self, time: FakeTime) -> None:
        self.entries: list[Entry] = []
        self.full = False
        self._time = time

    def append(self, event: Event) -> Entry:
        if self.full:
            raise disk_is_full()
        at = self._time.clock.now()
        entry = Entry(len(self.entries) + 1, at, event, "", "", "")
        self.entries.append(entry)
        return entry

    def newest_of(self, identity_id: str) -> Entry | None:
        undone = {e.event.refers_to for e in self.entries if e.event.kind is Kind.UNDONE}
        counting = [
            e
            for e in self.entries
            if e.event.identity_id == identity_id
            and e.counts_as in (Kind.CHECK_IN, Kind.CHECK_OUT)
            and e.number not in undone
        ]
        return counting[-1] if counting else None

    @property
    def rows(self) -> list[str]:
        return [f"{e.event.kind} {e.event.name}" for e in self.entries]


class FakeCodes:
    def __init__(self) -> None:
        self.codes = {"1234": "id-an", "9999": "id-removed"}
        self.wait_s = 0.0
        self.fails = False

    def has(self, identity_id: str) -> bool:
        if self.fails:
            raise disk_is_full()
        return identity_id in self.codes.values()

    def find(self, code: str) -> str | None:
        found = self.codes.get(code)
        self.wait_s = 0.0 if found else self.wait_s + 2.0
        return found


class FakeActions:
    def __init__(self) -> None:
        self.told: list[Entry] = []
        self.fails = False

    def tell(self, entry: Entry) -> None:
        if self.fails:
            raise disk_is_full()
        self.told.append(entry)


class FakeImpostors:
    def __init__(self) -> None:
        self.examples: list[Match] = []
        self.fails = False

    def add(self, match: Match) -> None:
        if self.fails:
            raise disk_is_full()
        self.examples.append(match)


class FakeInbox:
    def __init__(self) -> None:
        self.pictures: list[RgbImage] = []
        self.purged: list[float] = []
        self.full = False

    def put(self, picture: RgbImage) -> None:
        if self.full:
            raise disk_is_full()
        self.pictures.append(picture)

    def purge(self, hours: float) -> None:
        if self.full:
            raise disk_is_full()
        self.purged.append(hours)


class FakeRefusals:
    """Remembers them over a restart."""

    def __init__(self, time: FakeTime) -> None:
        self.noted: dict[str, tuple[int, float]] = {}
        self.full = False
        self._time = time

    def since(self, seconds: float) -> dict[str, RefusedBefore]:
        if self.full:
            raise disk_is_full()
        now = self._time.seconds
        return {
            who: RefusedBefore(times, now - at)
            for who, (times, at) in self.noted.items()
            if now - at < seconds
        }

    def note(self, identity_id: str, times: int) -> None:
        if self.full:
            raise disk_is_full()
        self.noted[identity_id] = times, self._time.seconds
        if times == 0:
            del self.noted[identity_id]


@dataclass
class FakeLiveness:
    """Gives the verdict that the test sets; remembers for whom it was asked."""

    verdict: Progress = field(default_factory=Passed)
    checks: int = 0
    named: list[str | None] = field(default_factory=list)
    might_ask: list[bool] = field(default_factory=list)
    declined: int = 0

    def __call__(self) -> FakeLiveness:
        self.checks += 1
        return self

    def see(
        self, frame: Frame, face: RecognizedFace, named: str | None, *, may_ask: bool
    ) -> Progress:
        self.named.append(named)
        self.might_ask.append(may_ask)
        return self.verdict

    def decline(self) -> None:
        self.declined += 1


class Person:
    """One track, looked at as often as the recognizer does it. name: None is unknown."""

    def __init__(
        self, track_id: int, name: str | None, *, height: float = 160.0, x: float = 320.0
    ) -> None:
        self.track_id = track_id
        self.name = name
        self.height = height
        self.x = x
        self.y = 240.0
        self.yaw = 0.0
        self.quality = GOOD_LOOK
        self.similarity = 0.6
        self.doubtful = False
        self.moment_s = MOMENT_S
        self._looks = 0
        self._moments = 0
        self._moment_at = -np.inf
        self._looked_at = -np.inf
        self._seen = self.quality
        self._decision: Decision | None = None

    def becomes(self, name: str | None) -> None:
        """Somebody else stands there now, and the recognizer has noticed it."""
        self.name = name
        self._looks = self._moments = 0
        self._moment_at = -np.inf
        self._decision = None

    def face(self, now: float) -> RecognizedFace:
        self._look(now)
        half = np.array([0.4, 0.5]) * self.height
        centre = np.array([self.x, self.y])
        box = np.concatenate([centre - half, centre + half]).astype(np.float32)
        landmarks = ALIGNED_LANDMARKS.copy()
        middle, across = landmarks[:2].mean(axis=0), landmarks[1] - landmarks[0]
        landmarks[2] = middle + self.yaw * across + (0, 20)
        landmarks = landmarks * np.float32(self.height / ALIGNED_SIDE) + box[:2]
        return RecognizedFace(
            Face(box, 0.99, landmarks.astype(np.float32)),
            self._seen,
            self.track_id,
            self._decision,
            np.eye(4, dtype=np.float32)[self._looks % 4],
            self.doubtful,
        )

    def _look(self, now: float) -> None:
        unnamed = min(SOON_S * 2.0 ** min(self._moments - 1, 60), LATER_S)
        pause = 0.0 if self._looks < FIRST_LOOKS else CONFIRM_S if self.name else unnamed
        if now - self._looked_at < pause:
            return
        self._looked_at = now
        self._looks = min(self._looks + 1, 9)
        if now - self._moment_at >= self.moment_s:
            self._moments, self._moment_at = self._moments + 1, now
        self._seen = replace(self.quality)  # a new look, though it shows the same
        match = None
        if self.name and self._looks >= LIVE_LOOKS:
            match = Match(identity(self.name), self.similarity, THRESHOLD, None)
        nearest = Candidate(identity(self.name or "An"), self.similarity)
        agreeing, moments = (self._looks, self._moments) if self.name else (0, 0)
        self._decision = Decision(
            match, nearest, None, THRESHOLD, agreeing, self._looks, moments, Sentence("")
        )


class Door:
    """A station with its fakes, and the time that passes in front of it."""

    def __init__(self, settings: StationSettings) -> None:
        self.time = FakeTime()
        self.people = FakePeople("An", "Binh", "Chi")
        self.ledger = FakeLedger(self.time)
        self.codes = FakeCodes()
        self.actions = FakeActions()
        self.impostors = FakeImpostors()
        self.inbox = FakeInbox()
        self.scores: list[Decision] = []
        self.refusals = FakeRefusals(self.time)
        self.look_alikes: dict[str, Sequence[Identity]] = {}
        self.liveness = FakeLiveness()
        self.picture = PICTURE
        self.shown: list[Screen] = []
        self._frames = 0
        self.start(settings)

    def start(self, settings: StationSettings) -> None:
        """Or start again, with all that was written."""
        self.station = Station(
            settings,
            people=self.people,
            ledger=self.ledger,
            codes=self.codes,
            actions=self.actions,
            keep_impostor=self.impostors.add,
            look_alikes_of=lambda who: self.look_alikes.get(who, ()),
            keep_scores=self.scores.extend,
            inbox=self.inbox,
            refusals=self.refusals,
            liveness=self.liveness,
            clock=self.time.clock,
        )

    def watch(self, seconds: float, *people: Person) -> Screen:
        """The last screen after so many seconds of these people."""
        for _ in range(round(seconds * FPS)):
            screen = self.frame(*people)
        return screen

    def frame(self, *people: Person) -> Screen:
        self.time.pass_(1 / FPS)
        index, self._frames = self._frames, self._frames + 1
        faces = tuple(person.face(self.time.seconds) for person in people)
        recognition = Recognition(index, self.time.seconds, faces, StageTimes(0, 0, 0))
        screen = self.station.see(Frame(self.picture, index, self.time.seconds), recognition)
        self.shown.append(screen)
        return screen

    def not_me(self) -> Screen:
        """Touched on what is shown now."""
        return self.station.not_me(self.station.tick())

    def confirm(self) -> Screen:
        return self.station.confirm(self.station.tick())

    def until(self, kind: type[Screen], *people: Person, at_most: float = 30.0) -> float:
        """Seconds until such a screen is shown."""
        for count in range(1, round(at_most * FPS)):
            if isinstance(self.frame(*people), kind):
                return count / FPS
        raise AssertionError(f"no {kind.__name__} in {at_most} s, but {self.story}")

    @property
    def story(self) -> list[str]:
        """What was shown, each screen once as long as it stayed."""
        told = [describe(screen) for screen in self.shown]
        return [text for i, text in enumerate(told) if i == 0 or text != told[i - 1]]


def describe(screen: Screen) -> str:
    match screen:
        case CheckedIn(name=name, direction=direction, already=already):
            return f"{'already' if already else 'checked'} {direction.name} {name}"
        case Guide(help=help):
            return help.name
        case Refused(why=why):
            return f"refused {why.name}"
        case Fault(message=message, name=name):
            return f"fault {name}" if name else f"fault {message}"
        case Confirm(name=name, direction=direction):
            return f"confirm {direction.name} {name}"
        case Farewell(direction=direction):
            return f"farewell {direction.name}" if direction is not None else "farewell"
        case Pause():
            return "pause"
        case Idle(is_open=is_open):
            return "idle" if is_open else "closed"
        case _:
            return type(screen).__name__.lower()


def checked(screens: Sequence[Screen]) -> Iterator[CheckedIn]:
    return (screen for screen in screens if isinstance(screen, CheckedIn))


@pytest.fixture
def door() -> Door:
    return Door(StationSettings())
