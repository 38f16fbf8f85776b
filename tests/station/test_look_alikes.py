"""Of two who are so alike that one may be named for the other the station wants a code besides."""

from __future__ import annotations

import pytest

from station.ledger.entry import Means
from station.screen import CheckedIn, CodeWanted, Confirm, Idle, Refused, UnknownCode
from station.settings import StationSettings
from tests.station.conftest import Door, Person

AN, BINH, CHI = "id-an", "id-binh", "id-chi"


@pytest.fixture
def alike(door: Door) -> Door:
    """An and Binh are look-alikes; each has a code, and so has Chi."""
    an, binh = door.people.identity(AN), door.people.identity(BINH)
    door.look_alikes = {AN: (binh,), BINH: (an,)}
    door.codes.codes = {"1234": AN, "5678": BINH, "4321": CHI}
    return door


def test_nothing_is_written_before_the_code(alike: Door) -> None:
    alike.until(CodeWanted, Person(1, "An"))
    assert alike.ledger.rows == []
    screen = alike.station.enter_code("1234")
    assert isinstance(screen, CheckedIn)
    assert alike.ledger.rows == ["check-in An"]
    event = alike.ledger.entries[0].event
    assert (event.means, event.similarity, event.note) == (Means.FACE, 0.6, "with the code")


def test_the_code_says_which_of_the_two_it_is(alike: Door) -> None:
    person = Person(1, "An")
    alike.until(CodeWanted, person)
    alike.station.enter_code("5678")
    assert alike.ledger.rows == ["check-in Binh"]
    assert alike.ledger.entries[0].event.means is Means.CODE
    alike.watch(20, person)  # and the face is not taken for An's again
    assert alike.ledger.rows == ["check-in Binh"]
    assert alike.impostors.examples == []


@pytest.mark.parametrize("code", ["0000", "4321"])
def test_another_code_checks_in_nobody_and_the_question_comes_back(alike: Door, code: str) -> None:
    """Nor does the code of somebody who is not one of the two."""
    person = Person(1, "An")
    alike.until(CodeWanted, person)
    assert isinstance(alike.station.enter_code(code), UnknownCode)
    assert isinstance(alike.frame(person), UnknownCode)
    assert isinstance(alike.watch(5, person), CodeWanted)
    assert alike.ledger.rows == []
    alike.codes.wait_s = 0.0
    alike.station.enter_code("1234")
    assert alike.ledger.rows == ["check-in An"]


def test_who_has_no_look_alike_is_asked_for_nothing(alike: Door) -> None:
    alike.watch(2, Person(1, "Chi"))
    assert alike.ledger.rows == ["check-in Chi"]


def test_where_neither_has_a_code_the_desk_is_named(alike: Door) -> None:
    alike.codes.codes = {"4321": CHI}
    assert alike.until(Refused, Person(1, "An")) < 3
    assert "refused NO_CODE_GIVEN" in alike.story
    assert alike.ledger.rows == []


def test_the_other_ones_code_is_enough_to_be_asked(alike: Door) -> None:
    alike.codes.codes = {"5678": BINH}
    alike.until(CodeWanted, Person(1, "An"))
    alike.station.enter_code("5678")
    assert alike.ledger.rows == ["check-in Binh"]


def test_who_gives_up_is_told_and_asked_again_later(alike: Door) -> None:
    person = Person(1, "An")
    alike.until(CodeWanted, person)
    screen = alike.station.decline(alike.station.tick())
    assert isinstance(screen, Refused)
    alike.watch(5, person)
    assert not isinstance(alike.shown[-1], CodeWanted)
    alike.until(CodeWanted, person)
    assert alike.ledger.rows == []


def test_a_touch_on_back_that_comes_too_late_means_nothing(alike: Door) -> None:
    person = Person(1, "An")
    alike.until(CodeWanted, person)
    question = alike.station.tick()
    alike.station.enter_code("1234")
    assert isinstance(alike.station.decline(question), CheckedIn)


def test_who_leaves_is_not_waited_for(alike: Door) -> None:
    alike.until(CodeWanted, Person(1, "An"))
    assert isinstance(alike.watch(4), Idle)
    alike.station.enter_code("4321")  # nobody's question any more: Chi came by herself
    assert alike.ledger.rows == ["check-in Chi"]


def test_the_question_ends_with_the_face_that_it_was_about(alike: Door) -> None:
    person = Person(1, "An")
    alike.until(CodeWanted, person)
    person.becomes("Chi")
    alike.watch(4, person)
    assert alike.ledger.rows == ["check-in Chi"]


def test_the_code_comes_in_place_of_the_touch(alike: Door) -> None:
    alike.start(StationSettings(confirm=True))
    person = Person(1, "An")
    alike.until(CodeWanted, person)
    alike.station.enter_code("1234")
    assert alike.ledger.rows == ["check-in An"]
    assert not any(isinstance(screen, Confirm) for screen in alike.shown)


def test_an_error_in_the_file_of_codes_lets_nobody_in(alike: Door) -> None:
    alike.codes.fails = True
    alike.watch(5, Person(1, "An"))
    assert alike.ledger.rows == []
    assert any(text.startswith("fault") for text in alike.story)


def test_it_can_be_switched_off(alike: Door) -> None:
    alike.start(StationSettings(look_alikes_code=False))
    alike.watch(2, Person(1, "An"))
    assert alike.ledger.rows == ["check-in An"]
