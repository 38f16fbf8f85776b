"""Whatever happens in whatever order: no exception, and nobody twice within the minutes."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import timedelta
from itertools import pairwise
from typing import Literal

import pytest

from capture.frame import Frame
from common.sentence import Sentence
from recognition.liveness.challenge import Action
from recognition.liveness.evidence import Reason
from recognition.liveness.progress import Failed, Passed, Pending, Progress
from recognition.recognizer import Recognition, RecognizedFace
from station.ledger.entry import Kind, Means
from station.screen import Screen
from station.settings import StationSettings
from tests.station.conftest import Door, Person

STEPS = 10_000

VERDICTS: tuple[Progress, ...] = (
    Passed(),
    Pending(Action.NOD, 1, 1, 3.0),
    Failed(Reason.LOOKS_FLAT, Sentence("")),
)


class SeenCheck:
    """Passes, fails or waits as chance has it, and remembers what it saw."""

    def __init__(self, rng: random.Random, door: Door) -> None:
        self.needed = rng.choice([1, 5, 20, 60])
        self.end = rng.choice(VERDICTS)
        self.began_at = door.time.seconds
        self.named: list[str | None] = []
        self.tracks: set[int | None] = set()

    def see(
        self, frame: Frame, face: RecognizedFace, named: str | None, *, may_ask: bool
    ) -> Progress:
        self.named.append(named)
        self.tracks.add(face.track_id)
        return self.end if len(self.named) >= self.needed else Pending()

    @property
    def passed(self) -> bool:
        return isinstance(self.end, Passed) and len(self.named) >= self.needed


class Witness:
    """Sees who is recognized in each track, beside the station."""

    def __init__(self, seed: int, door: Door) -> None:
        self.rng = random.Random(seed)
        self.door = door
        self.checks: list[SeenCheck] = []
        self.named: dict[int | None, list[tuple[float, str | None]]] = defaultdict(list)
        see = door.station.see

        def seen(frame: Frame, recognition: Recognition) -> Screen:
            for face in recognition.faces:
                match = face.match
                name = None if match is None else match.identity.id
                self.named[face.track_id].append((frame.captured_at, name))
            return see(frame, recognition)

        door.station.see = seen  # type: ignore[method-assign]

    def __call__(self) -> SeenCheck:
        self.checks.append(SeenCheck(self.rng, self.door))
        return self.checks[-1]

    def vouches_for(self, who: str, at: float) -> bool:
        """Whether a check of one track passed that saw nobody but them, nor anybody since."""
        for check in self.checks:
            if not (check.passed and set(check.named) == {who} and len(check.tracks) == 1):
                continue
            (track,) = check.tracks
            since = [(t, name) for t, name in self.named[track] if check.began_at <= t <= at]
            known = [t for t, name in since if name == who]
            gaps = [b - a for a, b in pairwise([*known, at])]
            if {name for _, name in since} <= {who, None} and all(gap < 30 for gap in gaps):
                return True
        return False


class Chance:
    """Seeded; does one thing after the other to a station."""

    def __init__(self, seed: int, door: Door) -> None:
        self.rng = random.Random(seed)
        self.door = door
        self.people: list[Person] = []
        self.tracks = 0
        self.seconds_at: list[float] = []

    def step(self) -> None:
        self.rng.choices(
            [
                self._frames,
                self._come,
                self._leave,
                self._change,
                self._touch,
                self._world,
                self._wait,
            ],
            [60, 8, 8, 5, 6, 5, 8],
        )[0]()
        self.door.station.tick()
        while len(self.seconds_at) < len(self.door.ledger.entries):
            self.seconds_at.append(self.door.time.seconds)

    def _frames(self) -> None:
        for _ in range(self.rng.randint(1, 9)):
            self.door.frame(*self.people)

    def _come(self) -> None:
        self.tracks += 1
        name = self.rng.choice(["An", "Binh", "Chi", None])
        height, x = self.rng.choice([80.0, 150.0, 210.0, 300.0]), self.rng.gauss(320, 80)
        self.people.append(Person(self.tracks, name, height=height, x=x))

    def _leave(self) -> None:
        if self.rng.random() < 0.5:
            self.people.clear()
        elif self.people:
            self.people.pop(self.rng.randrange(len(self.people)))

    def _change(self) -> None:
        for person in self.people:
            person.x += self.rng.uniform(-20, 20)
            person.height *= self.rng.uniform(0.9, 1.1)
            person.yaw = self.rng.choice([0.0, 0.0, 0.2, 0.6])
            person.doubtful = self.rng.random() < 0.1
            if self.rng.random() < 0.1:
                person.becomes(self.rng.choice(["An", "Binh", "Chi", None]))

    def _touch(self) -> None:
        station = self.door.station
        match self.rng.randrange(4):
            case 0:
                station.confirm(station.tick())
            case 1 | 2 if self.rng.random() < 0.3:
                station.not_me(station.tick())
            case _:
                station.enter_code(self.rng.choice(["1234", "1234", "0000", "9999"]))

    def _world(self) -> None:
        door, rng = self.door, self.rng
        match rng.randrange(6):
            case 0:
                door.ledger.full = rng.random() < 0.1
                door.inbox.full = door.impostors.fails = rng.random() < 0.5
            case 1:
                door.actions.fails = rng.random() < 0.3
            case 2:
                door.station.camera_lost("Lost.")
            case 3:
                door.time.wall += timedelta(minutes=rng.uniform(-90, 90))
            case 4:
                door.liveness.verdict = rng.choice(VERDICTS)
            case 5:
                door.codes.wait_s = 0.0

    def _wait(self) -> None:
        self.door.time.pass_(self.rng.choice([1, 20, 200, 500]))


@pytest.mark.parametrize(
    "settings",
    [
        StationSettings(),
        StationSettings(direction="in", unknown_inbox=True, keep_pictures=True),
        StationSettings(confirm=True, liveness="always", opening_hours="Mon-Sun 06:00-05:00"),
    ],
    ids=["default", "in only", "all asked for"],
)
def test_nothing_breaks_and_nobody_is_checked_twice(settings: StationSettings) -> None:
    door = Door(settings)
    chance = Chance(4, door)
    for _ in range(STEPS):
        chance.step()
        door.shown.clear()
    entries = door.ledger.entries
    written = [entry for entry in entries if entry.event.kind is not Kind.UNDONE]
    undone = {entry.event.refers_to for entry in entries if entry.event.kind is Kind.UNDONE}
    assert len(written) > 40, "too little happened to say anything"
    last: dict[str, float] = {}
    for entry in written:
        if entry.number in undone:
            continue
        who, seconds = entry.event.identity_id, chance.seconds_at[entry.number - 1]
        assert seconds - last.get(who, -1e9) >= 60 * settings.once_minutes - 1, entry
        last[who] = seconds


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("setting", ["when unsure", "always"])
@pytest.mark.parametrize("confirm", [False, True])
def test_nobody_is_written_as_live_but_by_their_own_frames(
    seed: int, setting: Literal["when unsure", "always"], confirm: bool
) -> None:
    settings = StationSettings(liveness=setting, confirm=confirm, once_minutes=0.2)
    door = Door(settings)
    witness = Witness(seed, door)
    door.liveness = witness  # type: ignore[assignment]
    door.start(settings)
    chance = Chance(seed, door)
    written = 0
    for _ in range(STEPS // 3):
        chance.step()
        door.shown.clear()
        for entry in door.ledger.entries[written:]:
            if entry.event.means is Means.FACE and entry.event.kind is not Kind.UNDONE:
                who = entry.event.identity_id
                assert witness.vouches_for(who, door.time.seconds), entry
        written = len(door.ledger.entries)
    assert written > 20, "too little happened to say anything"
