"""What liveness found out counts for one face under one name, and for nobody else."""

from __future__ import annotations

import pytest
from msgspec.structs import replace as changed

from capture.frame import Frame
from recognition.liveness.progress import Passed, Pending, Progress
from recognition.recognizer import RecognizedFace
from station.ledger.entry import Entry, Liveness
from station.screen import CheckedIn, Confirm, Stranger
from station.settings import StationSettings
from tests.station.conftest import Door, Person


class PatientLiveness:
    """Liveness that lets pass whoever was seen for `needed` frames by one and the same check."""

    def __init__(self, needed: int = 15) -> None:
        self.needed = needed
        self.checks: list[PatientCheck] = []

    def __call__(self) -> PatientCheck:
        self.checks.append(PatientCheck(self))
        return self.checks[-1]


class PatientCheck:
    def __init__(self, liveness: PatientLiveness) -> None:
        self.liveness = liveness
        self.named: list[str | None] = []
        self.passed = False

    def see(
        self, frame: Frame, face: RecognizedFace, named: str | None, *, may_ask: bool
    ) -> Progress:
        self.named.append(named)
        self.passed = self.passed or len(self.named) >= self.liveness.needed
        return Passed() if self.passed else Pending()


def patient_door(
    setting: str, needed: int = 15, **settings: object
) -> tuple[Door, PatientLiveness]:
    door, liveness = Door(StationSettings()), PatientLiveness(needed)
    door.liveness = liveness  # type: ignore[assignment]
    door.start(changed(StationSettings(), liveness=setting, **settings))
    return door, liveness


@pytest.mark.parametrize("setting", ["when unsure", "always"])
def test_who_passed_passes_for_nobody_else_in_the_same_place(setting: str) -> None:
    door, liveness = patient_door(setting)
    person = Person(1, "An")
    door.until(CheckedIn, person)
    liveness.needed = 10**9  # what is held up now passes nothing
    person.becomes("Binh")
    door.watch(20, person)
    assert door.ledger.rows == ["check-in An"]
    assert all(len(set(check.named)) == 1 for check in liveness.checks)


def test_what_passed_but_was_not_written_yet_passes_for_nobody_else() -> None:
    door, liveness = patient_door("always")
    person = Person(1, "An")
    person.doubtful = True  # so that nothing is written
    door.watch(3, person)
    liveness.needed = 10**9
    person.becomes("Binh")
    person.doubtful = False
    door.watch(20, person)
    assert door.ledger.rows == []


def test_nobody_passes_before_they_are_named() -> None:
    door, liveness = patient_door("when unsure")
    person = Person(1, None)
    door.watch(1.5, person)
    liveness.needed = 10**9
    person.becomes("An")
    door.watch(20, person)
    assert door.ledger.rows == []


def test_who_was_nobody_meanwhile_is_tested_again() -> None:
    door, liveness = patient_door("always", once_minutes=0.01)
    person = Person(1, "An")
    door.until(CheckedIn, person)
    person.becomes(None)
    door.until(Stranger, person)
    liveness.needed = 10**9  # An's photograph
    person.becomes("An")
    door.watch(20, person)
    assert door.ledger.rows == ["check-in An"]


def test_one_look_that_knows_nobody_does_not_begin_the_test_again() -> None:
    door, liveness = patient_door("always", needed=60)
    person = Person(1, "An")
    door.watch(1.5, person)
    person.becomes(None)
    door.watch(0.2, person)
    person.becomes("An")
    door.watch(1.5, person)
    assert door.ledger.rows == ["check-in An"]
    assert [check.named[0] for check in liveness.checks].count("id-an") == 1


@pytest.mark.parametrize("beside", [False, True], ids=["in front", "beside the front"])
def test_a_touch_confirms_nobody_who_came_after(beside: bool) -> None:
    door, _ = patient_door("always", confirm=True)
    person = Person(1, "An")
    door.until(Confirm, person)
    question = door.station.tick()
    person.becomes("Binh")
    person.x = 630.0 if beside else person.x
    door.watch(0.5, person)
    door.station.confirm(question)
    door.confirm()
    assert door.ledger.rows == []


def test_a_test_that_was_passed_is_over_when_the_face_was_away() -> None:
    door, liveness = patient_door("always")
    person = Person(1, "An")
    person.doubtful = True
    door.watch(3, person)
    liveness.needed = 10**9
    away = Person(1, "An", x=630.0)
    door.watch(1, away)
    person.doubtful = False
    door.watch(5, person)
    assert door.ledger.rows == []


def test_a_code_typed_beside_lets_nobody_s_face_pass() -> None:
    door, _ = patient_door("always", needed=10**9)
    person = Person(1, "Binh")
    door.watch(1, person)
    door.station.enter_code("1234")
    door.watch(20, person)
    assert door.ledger.rows == ["check-in An"]
    assert door.ledger.entries[0].event.liveness is Liveness.NOT_ASKED


def test_what_was_planned_when_liveness_was_asked_is_what_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The minute in which nothing is due may end between plan and row."""
    door, liveness = patient_door("always")
    door.until(CheckedIn, Person(1, "An"))
    liveness.needed = 10**9
    door.watch(5)
    newest, asked = door.ledger.newest_of, []

    def once_more(identity_id: str) -> Entry | None:
        asked.append(identity_id)
        if len(asked) == 2:
            door.time.pass_(3600)
        return newest(identity_id)

    monkeypatch.setattr(door.ledger, "newest_of", once_more)
    door.watch(1, Person(2, "An"))
    assert door.ledger.rows == ["check-in An"]


def test_not_me_keeps_no_example_of_who_came_after() -> None:
    door, liveness = patient_door("always")
    person = Person(1, "An")
    door.until(CheckedIn, person)
    card = door.shown[-1]
    liveness.needed = 10**9
    person.becomes("Binh")
    door.watch(2, person)
    assert door.station.tick() is card
    door.station.not_me(card)
    assert door.ledger.rows == ["check-in An", "undone An"]
    assert door.impostors.examples == []
