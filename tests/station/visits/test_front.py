from __future__ import annotations

from station.screen import Help
from station.visits.front import Front
from tests.station.conftest import Person


def look(front: Front, *people: Person, now: float = 1.0, served: int = 0, asked: int = 0) -> str:
    """Who counts, by the track's number, or the help."""
    stands = front.see(
        [person.face(now) for person in people],
        640,
        now,
        served=lambda face: face.track_id == served,
        asked=lambda face: face.track_id == asked,
    )
    if stands.face is not None:
        return str(stands.face.track_id)
    return stands.help.name if stands.help else "nobody"


def test_the_smallest_height_has_some_play() -> None:
    front = Front(100)
    assert look(front, Person(1, None, height=95)) == "nobody"
    assert look(front, Person(1, None, height=101)) == "1"
    assert look(front, Person(1, None, height=90)) == "1"
    assert look(front, Person(1, None, height=80)) == "nobody"
    assert look(front, Person(1, None, height=90)) == "nobody"


def test_several_are_several_until_one_is_clearly_the_larger() -> None:
    front = Front(100)
    large = Person(1, None, height=200)
    assert look(front, large, Person(2, None, height=155)) == "1"
    assert look(front, large, Person(2, None, height=165)) == "ONE_AT_A_TIME"
    assert look(front, large, Person(2, None, height=155)) == "ONE_AT_A_TIME"
    assert look(front, large, Person(2, None, height=135)) == "1"


def test_of_two_alike_the_one_who_was_asked_counts() -> None:
    two = Person(1, None), Person(2, None)
    assert look(Front(100), *two, asked=2) == "2"
    assert look(Front(100), *two, served=2) == "1"


def test_who_was_served_and_stands_alone_in_front_still_counts() -> None:
    assert look(Front(100), Person(1, None), Person(2, None, height=110), served=1) == "1"


def test_come_closer_is_for_those_who_stay_and_look() -> None:
    front, far = Front(100), Person(1, None, height=70)
    assert look(front, far, now=1.0) == "nobody"
    assert look(front, far, now=1.9) == "nobody"
    assert look(front, far, now=2.1) == Help.COME_CLOSER.name
    far.yaw = 0.6
    assert look(front, far, now=2.2) == "nobody"
    far.yaw = 0.0
    assert look(front, far, now=2.3) == "nobody"


def test_a_still_pictures_faces_do_not_count() -> None:
    nobody = Person(0, None)
    nobody.track_id = None  # type: ignore[assignment]
    assert look(Front(100), nobody) == "nobody"
