from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from msgspec.structs import replace as changed

from common.errors import GalleryError, SettingsError
from common.sentence import Sentence
from recognition.liveness.evidence import Reason
from recognition.liveness.progress import Failed, Passed, Pending
from station.ledger.entry import Kind, Liveness, Means
from station.screen import (
    Action,
    Challenge,
    CheckedIn,
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
    Stranger,
    Undone,
    UnknownCode,
)
from station.settings import StationSettings
from tests.station.conftest import GOOD_LOOK, Door, Person

# -- greeted, or not -------------------------------------------------------------------------


def test_a_known_person_is_checked_in_within_a_second(door: Door) -> None:
    an = Person(1, "An")
    assert door.until(CheckedIn, an) < 1.0
    door.watch(30, an)
    assert door.story == ["idle", "LOOK_HERE", "checked IN An", "farewell IN"]
    assert door.ledger.rows == ["check-in An"]
    assert door.actions.told == door.ledger.entries


def test_the_card_shows_and_the_row_says_what_was_compared(door: Door) -> None:
    door.until(CheckedIn, Person(1, "An"))
    card = door.shown[-1]
    assert isinstance(card, CheckedIn)
    (entry,) = door.ledger.entries
    assert (card.number, card.name, card.at) == (entry.number, "An", entry.at)
    assert card.enrolled.shape == (112, 112, 3)
    assert card.live is not None
    assert card.live.shape == (224, 224, 3)
    event = entry.event
    assert (event.station, event.identity_id, event.means) == ("Entrance", "id-an", Means.FACE)
    assert (event.similarity, event.threshold) == (0.6, 0.35)
    assert (event.liveness, event.picture) == (Liveness.PASSED, None)


def test_the_picture_is_kept_where_it_may_be() -> None:
    door = Door(StationSettings(keep_pictures=True))
    door.until(CheckedIn, Person(1, "An"))
    picture = door.ledger.entries[0].event.picture
    assert picture is not None
    assert picture.startswith(b"\xff\xd8")  # JPEG


def test_a_card_stays_the_same_object_for_its_time(door: Door) -> None:
    an = Person(1, "An")
    door.until(CheckedIn, an)
    card = door.shown[-1]
    assert all(door.frame(an) is card for _ in range(110))
    door.watch(0.5, an)
    assert door.shown[-1] == Farewell(Direction.IN)


def test_who_walks_past_is_not_checked_in(door: Door) -> None:
    an = Person(1, "An", x=80)
    while an.x < 560:  # 1.5 m/s, three faces of 130 pixels a metre: seen for 0.8 s
        an.x += 1.5 * 3 * 130 / 30
        door.frame(an)
    door.watch(3)
    assert door.ledger.rows == []
    assert door.story[-1] == "idle"


def test_a_glance_of_a_third_of_a_second_is_not_enough(door: Door) -> None:
    for track in range(1, 20):
        door.watch(0.33, Person(track, "An"))
        door.watch(1)
    assert door.ledger.rows == []


@pytest.mark.parametrize(
    "person",
    [Person(1, "An", height=55), Person(1, "An", x=30), Person(1, "An", x=610)],
    ids=["far behind", "left edge", "right edge"],
)
def test_the_background_never_counts(door: Door, person: Person) -> None:
    door.watch(20, person)
    assert door.story == ["idle"]
    assert door.ledger.rows == []


def test_somebody_behind_the_one_in_front_is_not_checked_in(door: Door) -> None:
    door.watch(20, Person(1, "An", height=200), Person(2, "Binh", height=120, x=450))
    assert door.ledger.rows == ["check-in An"]


def test_two_alike_are_asked_to_come_one_at_a_time(door: Door) -> None:
    an, binh = Person(1, "An", x=220), Person(2, "Binh", x=420)
    door.watch(5, an, binh)
    assert door.story == ["idle", "ONE_AT_A_TIME"]
    assert door.ledger.rows == []
    door.watch(2, an)
    assert door.ledger.rows == ["check-in An"]


def test_who_was_served_makes_way_for_who_stands_beside(door: Door) -> None:
    an, binh = Person(1, "An", x=220), Person(2, "Binh", x=420)
    door.watch(2, an)
    door.watch(1, an, binh)
    assert door.ledger.rows == ["check-in An", "check-in Binh"]


def test_the_next_person_is_served_while_the_first_card_still_shows(door: Door) -> None:
    door.watch(1, Person(1, "An"))
    assert door.until(CheckedIn, Person(2, "Binh", x=300)) < 0.1  # An's card, still
    door.watch(0.7, Person(2, "Binh"))
    door.watch(5)
    assert door.story == ["idle", "LOOK_HERE", "checked IN An", "checked IN Binh", "idle"]


def test_the_same_person_under_a_new_track_gets_no_second_card(door: Door) -> None:
    door.watch(6, Person(1, "An"))
    door.watch(1)
    door.watch(10, Person(2, "An"))
    again = ["farewell IN", "idle", "LOOK_HERE", "farewell IN"]
    assert door.story == ["idle", "LOOK_HERE", "checked IN An", *again]


def test_a_poor_look_decides_nothing(door: Door) -> None:
    blurred = Person(1, "An")
    blurred.quality = replace(GOOD_LOOK, sharpness=2.0, face_height_px=60.0)
    door.watch(5, blurred)
    assert door.ledger.rows == []


def test_two_looks_of_one_moment_are_not_steady(door: Door) -> None:
    """A name may come from two frames in a row; a row in the ledger may not."""
    an = Person(1, "An")
    an.moment_s = 60.0
    door.watch(10, an)
    assert an.face(door.time.seconds).match is not None
    assert door.ledger.rows == []


def test_the_time_in_front_begins_again_with_each_coming(door: Door) -> None:
    an = Person(1, "An")
    for _ in range(5):
        an.height = 160.0
        door.watch(0.4, an)
        an.height = 60.0
        door.watch(2, an)
    assert door.ledger.rows == []


def test_who_looks_away_is_not_checked_in(door: Door) -> None:
    an = Person(1, "An")
    an.yaw = 0.45
    door.watch(5, an)
    assert door.ledger.rows == []
    an.yaw = 0.1
    door.frame(an)
    assert door.ledger.rows == ["check-in An"]


def test_a_doubtful_track_waits_for_the_next_look(door: Door) -> None:
    an = Person(1, "An")
    an.doubtful = True
    door.watch(3, an)
    assert door.ledger.rows == []
    an.doubtful = False
    door.frame(an)
    assert door.ledger.rows == ["check-in An"]


# -- strangers -------------------------------------------------------------------------------


def test_a_stranger_is_told_once_and_calmly(door: Door) -> None:
    stranger = Person(1, None)
    assert 2 < door.until(Stranger, stranger) < 4
    door.watch(60, stranger)
    assert door.story == ["idle", "LOOK_HERE", "stranger", "NOT_KNOWN"]
    assert door.ledger.rows == []


def test_a_stranger_cuts_nobodys_card_short(door: Door) -> None:
    door.until(CheckedIn, Person(1, "An"))
    stranger = Person(2, None)
    door.watch(3.9, stranger)
    assert isinstance(door.shown[-1], CheckedIn)
    door.watch(0.5, stranger)
    assert isinstance(door.shown[-1], Stranger)


def test_a_stranger_who_leaves_takes_the_card_along(door: Door) -> None:
    door.until(Stranger, Person(1, None))
    door.watch(4.1)
    assert door.shown[-1] == Idle()


@pytest.mark.parametrize("may_enroll", [False, True])
def test_enrolling_is_offered_where_the_settings_allow_it(may_enroll: bool) -> None:
    door = Door(StationSettings(enroll_strangers=may_enroll))
    door.until(Stranger, Person(1, None))
    assert door.shown[-1] == Stranger(may_enroll)


def test_a_stranger_who_becomes_known_is_known(door: Door) -> None:
    person = Person(1, None)
    door.until(Stranger, person)
    person.becomes("An")
    door.watch(1, person)
    assert door.story == ["idle", "LOOK_HERE", "stranger", "checked IN An"]


def test_who_can_never_be_looked_at_well_is_told_what_else_there_is(door: Door) -> None:
    veiled = Person(1, None)
    veiled.quality = replace(GOOD_LOOK, sharpness=1.0)
    assert 11 < door.until(Stranger, veiled) < 13


def test_no_picture_of_a_stranger_is_kept_by_default(door: Door) -> None:
    door.watch(10, Person(1, None))
    door.watch(10)
    assert door.inbox.pictures == []


def test_one_picture_of_each_stranger_goes_into_the_inbox() -> None:
    door = Door(StationSettings(unknown_inbox=True))
    door.watch(30, Person(1, None))
    door.watch(10, Person(2, None))
    door.watch(10)
    assert [picture.shape for picture in door.inbox.pictures] == [(224, 224, 3)] * 2


def test_no_picture_is_kept_of_those_who_become_known_or_just_pass() -> None:
    door = Door(StationSettings(unknown_inbox=True))
    person = Person(1, None)
    door.watch(5, person)
    person.becomes("An")
    door.watch(5, person)
    door.watch(1, Person(2, None))
    door.watch(10)
    assert door.inbox.pictures == []


def test_old_pictures_of_strangers_are_erased_every_ten_minutes() -> None:
    door = Door(StationSettings(unknown_inbox=True, unknown_hours=5))
    door.station.tick()
    for _ in range(12):
        door.time.pass_(100)
        door.station.tick()
    assert door.inbox.purged == [5, 5, 5]


def test_a_full_inbox_stops_nothing(door: Door) -> None:
    door = Door(StationSettings(unknown_inbox=True))
    door.inbox.full = True
    door.watch(5, Person(1, None))
    door.watch(10)
    door.watch(1, Person(2, "An"))
    assert door.ledger.rows == ["check-in An"]


# -- once, in and out ------------------------------------------------------------------------


def test_who_comes_back_at_once_is_told_so(door: Door) -> None:
    door.watch(1, Person(1, "An"))
    door.watch(60)
    door.watch(1, Person(2, "An"))
    card = door.shown[-1]
    assert isinstance(card, CheckedIn)
    assert (card.already, card.number, card.at) == (True, 1, door.ledger.entries[0].at)
    assert door.ledger.rows == ["check-in An"]
    assert len(door.actions.told) == 1


def test_in_and_out_by_turns_through_the_days(door: Door) -> None:
    for track, hours in enumerate((4, 1, 4, 15, 9, 15, 24), start=1):
        door.watch(1, Person(track, "An"))
        door.time.pass_(hours * 3600)
    assert [entry.event.kind for entry in door.ledger.entries] == [
        Kind.CHECK_IN,  # 8:00
        Kind.CHECK_OUT,  # 12:00
        Kind.CHECK_IN,  # 13:00
        Kind.CHECK_OUT,  # 17:00
        Kind.CHECK_IN,  # 8:00
        Kind.CHECK_OUT,  # 17:00
        Kind.CHECK_IN,  # 8:00, and then 24 hours of nothing
    ]
    door.watch(1, Person(8, "An"))
    assert door.ledger.entries[-1].event.kind is Kind.CHECK_IN


def test_in_only() -> None:
    door = Door(StationSettings(direction="in", once_minutes=10))
    for track in range(1, 5):
        door.watch(1, Person(track, "An"))
        door.time.pass_(11 * 60)
    assert door.ledger.rows == ["check-in An"] * 4


def test_closed(door: Door) -> None:
    door = Door(StationSettings(opening_hours="Tue 07:00-19:00"))
    assert door.watch(1) == Idle(False, datetime(2026, 3, 3, 7))
    an = Person(1, "An")
    door.watch(20, an)
    door.watch(1)
    assert door.story == ["closed", "LOOK_HERE", "refused CLOSED", "closed"]
    assert door.ledger.rows == []
    door.time.pass_(24 * 3600)
    door.watch(1, Person(2, "An"))
    assert door.ledger.rows == ["check-in An"]


def test_who_waits_for_the_opening_is_checked_in_then() -> None:
    door = Door(StationSettings(opening_hours="Mon 08:01-19:00"))
    an = Person(1, "An")
    door.watch(55, an)
    assert door.story == ["closed", "LOOK_HERE", "refused CLOSED", "closed"]
    assert door.until(CheckedIn, an) < 7
    assert door.ledger.rows == ["check-in An"]


def test_hours_that_cannot_be_read_are_told_at_the_start() -> None:
    with pytest.raises(SettingsError):
        Door(StationSettings(opening_hours="always"))


# -- the time of day is set ------------------------------------------------------------------


@pytest.mark.parametrize("hours", [-30 * 24, -1, 1, 3])
def test_setting_the_clock_brings_no_second_check_in(door: Door, hours: int) -> None:
    door.watch(1, Person(1, "An"))
    door.time.wall += timedelta(hours=hours)
    assert isinstance(door.watch(1, Person(1, "An")), CheckedIn)
    door.watch(60)
    door.watch(1, Person(2, "An"))
    assert door.story[-1] == "already IN An"
    assert door.ledger.rows == ["check-in An"]


def test_setting_the_clock_ends_no_card_early(door: Door) -> None:
    an = Person(1, "An")
    door.watch(1, an)
    door.time.wall += timedelta(days=400)
    assert isinstance(door.watch(3, an), CheckedIn)


def test_once_holds_over_a_restart_too(door: Door) -> None:
    door.watch(1, Person(1, "An"))
    door.start(StationSettings())
    door.watch(1, Person(1, "An"))
    assert door.story[-1] == "already IN An"


def test_a_row_from_the_future_locks_nobody_out(door: Door) -> None:
    door.watch(1, Person(1, "An"))
    door.start(StationSettings())
    door.time.wall -= timedelta(hours=3)
    door.watch(1, Person(1, "An"))
    assert len(door.ledger.rows) == 2


# -- "not me" --------------------------------------------------------------------------------


def test_a_touch_that_comes_too_late_for_its_card_means_nothing(door: Door) -> None:
    door.until(CheckedIn, Person(1, "An"))
    told = door.shown[-1]
    door.watch(6)
    door.until(CheckedIn, Person(2, "Binh"))
    assert door.station.not_me(told) is door.shown[-1]
    assert door.ledger.rows == ["check-in An", "check-in Binh"]


def test_a_new_name_is_on_the_card_of_an_earlier_check_in(door: Door) -> None:
    door.until(CheckedIn, Person(1, "An"))
    door.watch(6)
    door.people.known["id-an"] = replace(door.people.identity("id-an"), name="Ân")
    card = door.station.enter_code("1234")
    assert isinstance(card, CheckedIn)
    assert (card.name, card.already) == ("Ân", True)


def test_not_me_undoes_and_keeps_the_comparison(door: Door) -> None:
    an = Person(1, "An")
    door.watch(2, an)
    assert door.not_me() == Undone("An")
    undone = door.ledger.entries[-1].event
    assert (undone.kind, undone.refers_to, undone.identity_id) == (Kind.UNDONE, 1, "id-an")
    (match,) = door.impostors.examples
    assert (match.identity.name, match.similarity) == ("An", 0.6)
    assert door.actions.told == door.ledger.entries
    door.watch(30, an)
    assert door.ledger.rows == ["check-in An", "undone An"]
    assert door.story[-3:] == ["undone", "stranger", "NOT_KNOWN"]


def test_after_not_me_the_true_one_is_served_at_once(door: Door) -> None:
    door.watch(1, Person(1, "An"))
    door.not_me()
    door.watch(1, Person(2, "An"))
    assert door.ledger.rows == ["check-in An", "undone An", "check-in An"]


def test_after_not_me_the_right_name_may_come(door: Door) -> None:
    person = Person(1, "An")
    door.watch(1, person)
    door.not_me()
    person.becomes("Binh")
    door.watch(2, person)
    assert door.ledger.rows == ["check-in An", "undone An", "check-in Binh"]


def test_not_me_on_an_earlier_check_in_leaves_it_alone(door: Door) -> None:
    door.watch(1, Person(1, "An"))
    door.watch(20)
    door.watch(1, Person(2, "An"))  # somebody who looks like An, perhaps
    assert door.not_me() == Undone("An")
    assert door.ledger.rows == ["check-in An"]
    assert len(door.impostors.examples) == 1


def test_not_me_without_a_card_does_nothing(door: Door) -> None:
    assert door.not_me() == Idle()
    door.watch(5, Person(1, "An"))
    assert door.not_me() == Farewell(Direction.IN)
    assert door.ledger.rows == ["check-in An"]


def test_an_undo_that_cannot_be_written_may_be_tried_again(door: Door) -> None:
    an = Person(1, "An")
    door.watch(1, an)
    door.ledger.full = True
    assert isinstance(door.not_me(), Fault)
    assert door.impostors.examples == []
    door.watch(4.1, an)
    assert isinstance(door.shown[-1], CheckedIn)
    door.ledger.full = False
    assert door.not_me() == Undone("An")
    assert door.ledger.rows == ["check-in An", "undone An"]


def test_an_example_that_cannot_be_kept_does_not_stop_the_undoing(door: Door) -> None:
    door.watch(1, Person(1, "An"))
    door.impostors.fails = True
    assert door.not_me() == Undone("An")


# -- confirming ------------------------------------------------------------------------------


@pytest.fixture
def confirming() -> Door:
    return Door(StationSettings(confirm=True))


def test_nothing_is_written_without_a_touch(confirming: Door) -> None:
    an = Person(1, "An")
    door = confirming
    assert door.until(Confirm, an) < 1
    door.watch(3, an)
    assert door.ledger.rows == []
    assert isinstance(door.confirm(), CheckedIn)
    assert door.ledger.rows == ["check-in An"]
    door.watch(30, an)
    assert door.story == ["idle", "LOOK_HERE", "confirm IN An", "checked IN An", "farewell IN"]


def test_who_does_not_want_to_is_not_asked_again(confirming: Door) -> None:
    confirming.watch(60, Person(1, "An"))
    assert confirming.story == ["idle", "LOOK_HERE", "confirm IN An", "farewell"]
    assert confirming.confirm() == Farewell(None)
    assert confirming.ledger.rows == []


def test_who_leaves_cannot_be_confirmed_by_the_next(confirming: Door) -> None:
    door = confirming
    door.until(Confirm, Person(1, "An"))
    binh = Person(2, "Binh")
    door.watch(1, binh)
    assert door.story[-1] == "confirm IN An"  # An may be about to touch
    door.watch(2, binh)
    assert door.story[-1] == "confirm IN Binh"
    door.confirm()
    assert door.ledger.rows == ["check-in Binh"]


def test_not_me_instead_of_yes(confirming: Door) -> None:
    confirming.until(Confirm, Person(1, "An"))
    assert confirming.not_me() == Undone("An")
    assert confirming.ledger.rows == []
    assert len(confirming.impostors.examples) == 1


def test_another_face_under_the_same_track_ends_the_question(confirming: Door) -> None:
    person = Person(1, "An")
    confirming.until(Confirm, person)
    person.becomes("Binh")
    confirming.watch(0.2, person)
    assert not isinstance(confirming.confirm(), CheckedIn)
    assert confirming.ledger.rows == []


def test_a_full_disk_at_the_touch(confirming: Door) -> None:
    an = Person(1, "An")
    confirming.until(Confirm, an)
    confirming.ledger.full = True
    screen = confirming.confirm()
    assert isinstance(screen, Fault)
    assert screen.name == "An"
    confirming.ledger.full = False
    confirming.until(Confirm, an)
    assert isinstance(confirming.confirm(), CheckedIn)


# -- codes -----------------------------------------------------------------------------------


def test_a_code_checks_in_by_the_same_rules(door: Door) -> None:
    screen = door.station.enter_code("1234")
    assert isinstance(screen, CheckedIn)
    assert (screen.name, screen.live) == ("An", None)
    event = door.ledger.entries[0].event
    assert (event.means, event.similarity, event.liveness) == (
        Means.CODE,
        None,
        Liveness.NOT_ASKED,
    )
    again = door.station.enter_code("1234")
    assert isinstance(again, CheckedIn)
    assert again.already
    door.time.pass_(3600)
    out = door.station.enter_code("1234")
    assert isinstance(out, CheckedIn)
    assert door.ledger.rows == ["check-in An", "check-out An"]


def test_wrong_codes_have_to_wait(door: Door) -> None:
    assert door.station.enter_code("0000") == UnknownCode(2.0)
    assert door.station.enter_code("1234") == UnknownCode(2.0)
    door.codes.wait_s = 0.0
    assert isinstance(door.station.enter_code("1234"), CheckedIn)


def test_the_code_of_somebody_removed_is_nobodys(door: Door) -> None:
    assert door.station.enter_code("9999") == UnknownCode(0.0)


def test_a_code_is_refused_outside_the_hours() -> None:
    door = Door(StationSettings(opening_hours="Sun 10:00-12:00"))
    assert door.station.enter_code("1234") == Refused(Refusal.CLOSED)
    assert door.ledger.rows == []


def test_who_types_their_code_is_not_greeted_as_a_stranger_too(door: Door) -> None:
    unknown = Person(1, None)
    door.watch(1, unknown)
    door.station.enter_code("1234")
    door.watch(5, unknown)
    assert door.story[-2:] == ["checked IN An", "farewell IN"]


def test_somebody_elses_code_can_be_taken_back(door: Door) -> None:
    binh = Person(1, "Binh")
    door.watch(0.3, binh)
    door.station.enter_code("1234")
    assert door.not_me() == Undone("An")
    assert door.impostors.examples == []
    door.watch(0.5, binh)
    assert door.ledger.rows == ["check-in An", "undone An", "check-in Binh"]


def test_codes_work_while_the_camera_is_lost(door: Door) -> None:
    door.station.camera_lost("The camera stopped giving pictures.")
    assert isinstance(door.station.enter_code("1234"), CheckedIn)
    door.time.pass_(5)
    assert door.station.tick() == Fault("The camera stopped giving pictures.")


def test_a_full_disk_at_a_code(door: Door) -> None:
    door.ledger.full = True
    screen = door.station.enter_code("1234")
    assert isinstance(screen, Fault)
    assert screen.name == "An"


# -- faults ----------------------------------------------------------------------------------


def test_a_lost_camera_is_told_and_comes_back(door: Door) -> None:
    an = Person(1, "An")
    door.watch(0.3, an)
    assert isinstance(door.station.camera_lost("Lost."), Fault)
    assert door.station.tick() == Fault("Lost.")
    assert door.frame() != Fault("Lost.")
    door.watch(1, Person(2, "An"))
    assert door.ledger.rows == ["check-in An"]


def test_without_frames_nobody_is_there(door: Door) -> None:
    assert isinstance(door.watch(0.4, Person(1, "An")), Guide)
    door.time.pass_(1)
    assert door.station.tick() == Idle()


def test_a_full_disk_is_told_and_the_next_is_served(door: Door) -> None:
    door.ledger.full = True
    an = Person(1, "An")
    door.until(Fault, an)
    assert door.story[-1] == "fault An"
    assert door.actions.told == []
    door.watch(1, an)
    door.ledger.full = False
    door.watch(1, Person(2, "Binh"))
    assert door.ledger.rows == ["check-in Binh"]
    door.watch(12, an)
    assert door.ledger.rows == ["check-in Binh", "check-in An"]


def test_an_action_that_cannot_be_kept_is_told_after_the_card(door: Door) -> None:
    door.actions.fails = True
    an = Person(1, "An")
    door.watch(10, an)
    assert door.ledger.rows == ["check-in An"]
    assert [text.split()[0] for text in door.story[-3:]] == ["checked", "fault", "farewell"]


# -- liveness --------------------------------------------------------------------------------


def live(setting: str) -> Door:
    return Door(changed(StationSettings(), liveness=setting))


@pytest.mark.parametrize("setting", ["when unsure", "always"])
@pytest.mark.parametrize("confirm", [False, True])
def test_the_row_says_what_liveness_found(setting: str, confirm: bool) -> None:
    door = Door(changed(StationSettings(), liveness=setting, confirm=confirm))
    door.liveness.verdict = Passed(Sentence("Both eyes blinked."))
    an = Person(1, "An")
    if confirm:
        door.until(Confirm, an)
        door.watch(1, an)
        door.confirm()
    else:
        assert door.until(CheckedIn, an) < 1
    event = door.ledger.entries[0].event
    assert (event.liveness, event.note) == (Liveness.PASSED, "Both eyes blinked.")
    assert door.liveness.named[0] is None
    assert door.liveness.named[-1] == "id-an"


def test_evidence_gathers_before_anything_may_be_asked() -> None:
    door = live("when unsure")
    door.liveness.verdict = Pending(Action.BLINK_TWICE, 1, 1, 4.0)
    an = Person(1, "An")
    door.until(Challenge, an)
    asked = door.liveness.might_ask.index(True)
    named = [name for name in door.liveness.named[:asked] if name == "id-an"]
    assert len(named) > 5
    assert all(door.liveness.might_ask[asked:])


def test_a_face_that_was_lost_on_its_way_is_watched_anew_and_not_refused() -> None:
    door = live("when unsure")
    an = Person(1, "An")
    an.yaw = 0.45  # so that it is not decided who it is
    door.liveness.verdict = Failed(Reason.ANOTHER_FACE, Sentence("The face jumped."))
    door.watch(2, an)
    checks = door.liveness.checks
    assert checks > 10
    door.liveness.verdict = Passed()
    an.yaw = 0.0
    door.until(CheckedIn, an)
    assert not any(isinstance(screen, Refused) for screen in door.shown)


def test_what_looked_flat_on_its_way_stays_refused() -> None:
    door = live("when unsure")
    an = Person(1, "An")
    an.yaw = 0.45
    door.liveness.verdict = Failed(Reason.LOOKS_FLAT, Sentence("Flat."))
    door.watch(2, an)
    an.yaw = 0.0
    door.until(Refused, an)
    assert door.ledger.rows == []


def test_who_cannot_do_it_says_so_by_a_touch() -> None:
    door = live("when unsure")
    an = Person(1, "An")
    door.liveness.verdict = Pending(Action.BLINK_TWICE, 1, 1, 4.0, may_decline=True)
    door.until(Challenge, an)
    shown = door.shown[-1]
    assert isinstance(shown, Challenge)
    assert shown.may_decline
    door.station.decline(shown)
    assert door.liveness.declined == 1
    door.liveness.verdict = Pending(Action.NOD, 1, 1, 4.0, again=True, may_decline=True)
    door.frame(an)
    door.station.decline(shown)  # too late: another movement is asked for by now
    assert door.liveness.declined == 1
    door.liveness.verdict = Failed(Reason.DECLINED, Sentence("They cannot."))
    door.until(Refused, an)
    door.station.decline(shown)
    assert door.liveness.declined == 1
    assert door.story[-1] == "refused DECLINED"


def test_a_movement_is_asked_for_and_done() -> None:
    door = live("always")
    an = Person(1, "An")
    door.liveness.verdict = Pending(Action.TURN_LEFT, 1, 2, 4.0)
    door.until(Challenge, an)
    an.yaw = 0.4  # a face that turns is not told to look here
    door.watch(2, an)
    door.liveness.verdict = Pending(Action.NOD, 2, 2, 4.0)
    door.watch(1, an)
    an.yaw = 0.0
    door.liveness.verdict = Passed()
    door.watch(1, an)
    assert door.story == ["idle", "LOOK_HERE", "challenge", "checked IN An"]


def test_what_looks_flat_is_refused_and_has_to_wait() -> None:
    door = live("when unsure")
    photo = Person(1, "An")
    door.liveness.verdict = Failed(Reason.LOOKS_FLAT, Sentence("Flat."))
    door.until(Refused, photo)
    door.watch(3, photo)
    door.liveness.verdict = Passed()
    door.watch(3, Person(2, "An"))  # no other track helps
    assert door.ledger.rows == []
    door.watch(5, Person(2, "An"))
    assert door.ledger.rows == ["check-in An"]


def test_each_refusal_makes_the_next_try_wait_longer_until_a_code_is_typed() -> None:
    door = live("when unsure")
    door.liveness.verdict = Failed(Reason.NO_MOVEMENT, Sentence("Nothing was seen."))
    refused_at, photo = [], Person(1, "An")
    for _ in range(7):
        door.until(Refused, photo, at_most=300)
        refused_at.append(door.time.seconds)
        door.until(Pause, photo)
    waits = [round(later - sooner, 1) for sooner, later in itertools.pairwise(refused_at)]
    assert waits == pytest.approx([10, 20, 40, 80, 160, 160], abs=0.5)
    door.station.enter_code("1234")
    assert door.ledger.rows == ["check-in An"]


def test_whoever_waits_after_a_refusal_is_told_how_long_and_not_invited() -> None:
    door = live("always")
    door.liveness.verdict = Failed(Reason.LOOKS_FLAT, Sentence(""))
    photo = Person(1, "An")
    door.until(Pause, photo)
    assert door.shown[-1] == Pause(6)  # of ten, four have the card
    door.watch(2, photo)
    assert door.shown[-1] == Pause(4)
    door.watch(3.9, photo)
    assert "idle" not in door.story[1:]


def test_refusals_count_on_after_a_restart() -> None:
    door = live("always")
    door.liveness.verdict = Failed(Reason.LOOKS_FLAT, Sentence(""))
    photo = Person(1, "An")
    for _ in range(3):
        door.until(Refused, photo, at_most=60)
        door.until(Pause, photo)
    door.start(StationSettings(liveness="always"))
    assert 33 < door.until(Refused, Person(2, "An"), at_most=60) < 37  # of forty
    door.until(Pause, Person(2, "An"))
    assert 70 < door.until(Refused, Person(2, "An"), at_most=100) < 81
    door.time.pass_(901)
    door.start(StationSettings(liveness="always"))
    assert door.until(Refused, Person(3, "An")) < 1.5


def test_who_was_let_in_at_last_begins_anew_after_a_restart() -> None:
    door = live("always")
    door.liveness.verdict = Failed(Reason.LOOKS_FLAT, Sentence(""))
    door.until(Refused, Person(1, "An"))
    door.station.enter_code("1234")
    assert door.refusals.noted == {}


def test_refusals_that_cannot_be_kept_stop_nothing() -> None:
    door = live("always")
    door.refusals.full = True
    door.start(StationSettings(liveness="always"))
    door.liveness.verdict = Failed(Reason.LOOKS_FLAT, Sentence(""))
    door.until(Pause, Person(1, "An"))
    assert door.story[-2:] == ["refused LOOKS_FLAT", "pause"]


def test_who_was_named_must_do_the_movement() -> None:
    door = live("always")
    door.liveness.verdict = Pending(Action.NOD, 1, 1, 4.0)
    person = Person(1, "An")
    door.until(Challenge, person)
    person.becomes("Binh")
    door.until(Refused, person)
    door.liveness.verdict = Passed()
    door.watch(5, person)
    assert door.story[-2] == "refused ANOTHER_FACE"
    assert door.ledger.rows == []


def test_a_movement_begun_is_forgotten_when_the_person_leaves() -> None:
    door = live("always")
    door.liveness.verdict = Pending(Action.NOD, 1, 1, 4.0)
    door.until(Challenge, Person(1, "An"))
    door.watch(1)
    assert door.shown[-1] == Idle()


def asked(door: Door, track_id: int = 1) -> Person:
    door.liveness.verdict = Pending(Action.NOD, 1, 1, 4.0)
    person = Person(track_id, "An")
    door.until(Challenge, person)
    return person


@pytest.mark.parametrize("setting", ["when unsure", "always"])
def test_who_leaves_instead_of_answering_draws_no_other_request_by_coming_back(
    setting: str,
) -> None:
    door = live(setting)
    asked(door)
    door.watch(1)
    door.liveness.verdict = Passed()
    door.until(Refused, Person(2, "An"))
    assert door.story[-1] == "refused NO_MOVEMENT"
    door.watch(9, Person(2, "An"))
    assert door.ledger.rows == []
    door.watch(2, Person(2, "An"))
    assert door.ledger.rows == ["check-in An"]


def test_each_request_that_was_run_away_from_makes_the_next_try_wait_longer() -> None:
    door = live("when unsure")
    asked(door)
    door.watch(6)  # 5 s later the visit is over
    door.watch(8, Person(2, "An"))
    assert not isinstance(door.shown[-1], Challenge)
    asked(door, 3)
    door.watch(6)
    door.liveness.verdict = Passed()
    door.watch(17, Person(4, "An"))
    assert door.ledger.rows == []
    door.watch(3, Person(4, "An"))
    assert door.ledger.rows == ["check-in An"]


def test_who_is_nobody_for_a_while_draws_no_other_request() -> None:
    door = live("when unsure")
    person = asked(door)
    person.becomes(None)
    door.watch(3, person)
    person.becomes("An")
    door.liveness.verdict = Passed()
    door.until(Refused, person)
    assert door.ledger.rows == []


def test_who_has_answered_may_leave_and_come_back() -> None:
    door = live("when unsure")
    person = asked(door)
    door.liveness.verdict = Passed()
    door.frame(person)
    assert door.ledger.rows == ["check-in An"]
    door.watch(6)
    door.watch(2, Person(2, "An"))
    assert not any(isinstance(screen, Refused) for screen in door.shown)


def test_whoever_stands_beside_is_not_refused_for_what_another_did_not_do() -> None:
    door = live("when unsure")
    asked(door)
    door.watch(1)
    door.liveness.verdict = Passed()
    door.until(CheckedIn, Person(2, "Binh"))
    assert door.ledger.rows == ["check-in Binh"]


def test_where_liveness_is_off_nobody_asks_it() -> None:
    door = live("off")
    door.watch(1, Person(1, "An"))
    assert door.liveness.checks == 0
    event = door.ledger.entries[0].event
    assert (event.liveness, event.note) == (Liveness.NOT_ASKED, "")


# -- the same place, somebody else -----------------------------------------------------------


def test_another_person_under_the_same_track_is_served_with_more_evidence(door: Door) -> None:
    person = Person(1, "An")
    door.watch(6, person)
    person.becomes("Binh")
    door.watch(0.9, person)
    assert door.ledger.rows == ["check-in An"]
    door.watch(2, person)
    assert door.ledger.rows == ["check-in An", "check-in Binh"]


def test_a_stranger_under_a_served_track_is_told_so(door: Door) -> None:
    person = Person(1, "An")
    door.watch(6, person)
    person.becomes(None)
    door.until(Stranger, person)
    assert door.ledger.rows == ["check-in An"]


# -- help ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("help", "trouble"),
    [
        (Help.COME_CLOSER, {"height": 80.0}),
        (Help.STEP_BACK, {"height": 420.0}),
        (Help.LOOK_HERE, {"yaw": 0.6}),
        (Help.MORE_LIGHT, {"quality": replace(GOOD_LOOK, brightness=30.0)}),
        (Help.HOLD_STILL, {"quality": replace(GOOD_LOOK, sharpness=3.0)}),
    ],
)
def test_one_line_of_help(door: Door, help: Help, trouble: dict[str, object]) -> None:
    person = Person(1, None)
    for name, value in trouble.items():
        setattr(person, name, value)
    door.watch(2, person)
    guide = door.shown[-1]
    assert isinstance(guide, Guide)
    assert guide.help is help
    assert guide.box is not None


def test_only_who_stays_unknown_is_asked_to_uncover_their_face(door: Door) -> None:
    picture = np.full((480, 640, 3), (200, 150, 125), np.uint8)
    picture[255:] = (150, 190, 220)  # from the nose down
    door.picture = picture
    door.watch(1, Person(1, "An"))
    assert door.story == ["idle", "LOOK_HERE", "checked IN An"]
    door.watch(5)
    assert 5 < door.until(Stranger, Person(2, None)) < 8
    assert door.story[-4:] == ["idle", "LOOK_HERE", "UNCOVER_FACE", "stranger"]


def test_who_moves_is_asked_to_hold_still(door: Door) -> None:
    person = Person(1, None)
    for count in range(60):
        person.x = 320 + 60 * (count // 6 % 2)
        door.frame(person)
    assert "HOLD_STILL" in door.story


def test_help_does_not_flicker(door: Door) -> None:
    person = Person(1, None)
    for count in range(300):
        person.yaw = 0.6 if count % 4 < 2 else 0.0
        person.height = 99.0 if count % 6 < 3 else 101.0
        person.quality = replace(GOOD_LOOK, sharpness=16.0 if count % 2 else 20.0)
        door.frame(person)
    lines = [screen.help for screen in door.shown if isinstance(screen, Guide)]
    changes = sum(a is not b for a, b in itertools.pairwise(lines))
    assert changes <= 10 / 0.8
    assert door.story.count("idle") == 1


def test_two_people_who_come_and_go_do_not_flicker(door: Door) -> None:
    an, binh = Person(1, "An", x=250), Person(2, "Binh", x=400)
    for count in range(90):
        an.height = 160.0 if count % 2 else 128.5
        door.frame(an, binh)
    assert door.ledger.rows == []
    assert door.story == ["idle", "ONE_AT_A_TIME"]


# -- strangers' scores -----------------------------------------------------------------------


def stranger() -> Person:
    person = Person(1, None)
    person.similarity = 0.2
    return person


@pytest.fixture
def counting(door: Door) -> Door:
    door.start(StationSettings(stranger_scores=True))
    return door


def test_a_strangers_nearest_similarity_is_kept_once_they_have_not_come_back(
    counting: Door,
) -> None:
    counting.watch(8, stranger())
    counting.watch(30)
    assert counting.scores == []
    counting.watch(60)
    (decision,) = counting.scores
    assert decision.match is None
    assert decision.nearest is not None
    assert decision.nearest.similarity == 0.2
    counting.watch(60)
    assert len(counting.scores) == 1


def test_without_the_setting_no_score_is_kept(door: Door) -> None:
    door.watch(8, stranger())
    door.watch(90)
    assert door.scores == []


@pytest.mark.parametrize("ended", ["name", "code", "not me", "second try"])
def test_who_had_a_name_or_a_code_is_no_stranger(counting: Door, ended: str) -> None:
    person = Person(1, "An") if ended == "not me" else stranger()
    counting.watch(8, person)
    if ended == "name":
        person.becomes("An")
        person.similarity = 0.6
        counting.watch(2, person)
        person.becomes(None)
        person.similarity = 0.2
        counting.watch(8, person)
    elif ended == "code":
        counting.station.enter_code("1234")
        counting.watch(8, person)
    elif ended == "not me":
        counting.not_me()
        counting.watch(20, person)
    else:
        counting.watch(20)
        counting.watch(2, Person(2, "An"))
    counting.watch(90)
    assert counting.scores == []


def test_who_is_as_like_somebody_as_a_name_needs_is_no_stranger(counting: Door) -> None:
    """One of two look-alikes, say, of whom the face is as like the other."""
    person = stranger()
    person.similarity = 0.5
    counting.watch(8, person)
    counting.watch(90)
    assert counting.scores == []


def test_who_only_walks_past_is_not_counted(counting: Door) -> None:
    counting.watch(1, stranger())
    counting.watch(90)
    assert counting.scores == []


def test_scores_that_cannot_be_kept_stop_nobody(counting: Door) -> None:
    def fail(_: object) -> None:
        raise GalleryError("room", "the disk is full", "Free some")

    counting.station._strangers._keep_scores = fail
    counting.watch(8, stranger())
    counting.watch(90)
    counting.watch(2, Person(2, "An"))
    assert counting.ledger.rows == ["check-in An"]
