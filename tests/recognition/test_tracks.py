from __future__ import annotations

import numpy as np
import pytest

from models.face import Face
from recognition.evidence import Look
from recognition.tracks import FOLLOWED_MISSED, FORMER_S, MAX_MISSED, Track, Tracker


def face(x: float, y: float = 100, side: float = 80) -> Face:
    """With its centre there."""
    half = side / 2
    box = np.array([x - half, y - half, x + half, y + half], np.float32)
    return Face(box, 0.99, np.zeros((5, 2), np.float32))


def ids(tracker: Tracker, *faces: Face, may_be_new: bool = True) -> list[int]:
    return [track.id for track in tracker.update(faces, 0.0, may_be_new=may_be_new)]


def test_a_moving_face_keeps_its_track() -> None:
    tracker = Tracker()
    assert {ids(tracker, face(100 + 9 * i, 100 - 4 * i))[0] for i in range(40)} == {1}


def test_each_face_has_its_own_track_in_the_order_of_the_faces() -> None:
    tracker = Tracker()
    left, right = face(100), face(400)
    assert ids(tracker, left, right) == [1, 2]
    assert ids(tracker, right, left) == [2, 1]
    assert ids(tracker, face(250), left, right) == [3, 1, 2]


def test_a_quick_move_without_overlap_is_followed() -> None:
    """By the centre's shift alone, 0.55 of the width on a diagonal; further is somebody else."""
    tracker = Tracker()
    ids(tracker, face(100, 100))
    assert ids(tracker, face(144, 100)) == [1]
    other = Tracker()
    ids(other, face(100, 100))
    assert ids(other, face(190, 100)) == [2]


def test_a_face_of_quite_another_size_is_another() -> None:
    tracker = Tracker()
    ids(tracker, face(100, side=120))
    assert ids(tracker, face(110, side=40)) == [2]


def test_a_short_occlusion_is_bridged() -> None:
    tracker = Tracker()
    for i in range(10):
        ids(tracker, face(100 + 5 * i))
    for _ in range(8):
        assert ids(tracker) == []
    assert ids(tracker, face(100 + 5 * 18)) == [1]
    assert [track.missed for track in tracker.tracks] == [0]


def test_a_face_that_stays_away_is_forgotten() -> None:
    tracker = Tracker()
    ids(tracker, face(100))
    for _ in range(MAX_MISSED):
        ids(tracker)
    assert len(tracker.tracks) == 1
    ids(tracker)
    assert tracker.tracks == ()
    assert ids(tracker, face(100)) == [2]


def test_faces_that_cross_keep_their_tracks() -> None:
    """They pass each other at different heights, overlapping on the way."""
    tracker = Tracker()
    for i in range(41):
        right, left = face(100 + 8 * i, 100), face(420 - 8 * i, 130)
        assert ids(tracker, right, left) == [1, 2]


def test_faces_that_cross_behind_each_other_keep_their_tracks() -> None:
    """While they overlap only the front one is seen; velocity tells them apart afterwards."""
    tracker = Tracker()
    for i in range(41):
        right, left = face(100 + 8 * i), face(420 - 8 * i)
        if abs(100 + 8 * i - (420 - 8 * i)) < 30:
            assert ids(tracker, right) == [1]
        else:
            assert ids(tracker, right, left) == [1, 2]


def test_without_detection_nobody_is_new() -> None:
    tracker = Tracker()
    ids(tracker, face(100))
    assert ids(tracker, face(104), face(400), may_be_new=False) == [1]
    assert len(tracker.tracks) == 1


def test_one_face_is_one_track_even_where_two_would_fit() -> None:
    tracker = Tracker()
    ids(tracker, face(100), face(130))
    assert ids(tracker, face(128)) == [2]
    assert [track.missed for track in tracker.tracks] == [1, 0]


def test_expected_boxes_are_where_the_seen_faces_are_going() -> None:
    tracker = Tracker()
    assert tracker.expected_boxes().shape == (0, 4)
    for i in range(30):
        ids(tracker, face(100 + 6 * i), face(500, 300))
    boxes = tracker.expected_boxes()
    assert boxes.dtype == np.float32
    assert boxes[0] == pytest.approx(face(100 + 6 * 30).box_xyxy, abs=0.5)
    assert boxes[1] == pytest.approx(face(500, 300).box_xyxy)
    for _ in range(FOLLOWED_MISSED):
        ids(tracker, face(500, 300))
        assert len(tracker.expected_boxes()) == 2
    ids(tracker, face(500, 300))
    assert len(tracker.expected_boxes()) == 1, "unseen for too long to be looked for"


def test_a_face_that_was_hidden_is_doubtful() -> None:
    tracker = Tracker()
    apart = tracker.update([face(100), face(500)], 0.0, may_be_new=True)
    assert not any(track.doubtful for track in apart)
    tracker.update([face(100)], 0.0, may_be_new=True)
    hidden = tracker.update([face(100), face(500)], 0.0, may_be_new=True)
    assert [track.doubtful for track in hidden] == [False, True]


def test_faces_are_doubtful_when_they_begin_and_cease_to_touch() -> None:
    tracker = Tracker()
    for x, doubtful in ((195, False), (165, True), (165, False), (160, False), (195, True)):
        pair = tracker.update([face(100), face(x)], 0.0, may_be_new=True)
        assert [track.doubtful for track in pair] == [doubtful, doubtful]
        for track in pair:
            track.doubtful = False  # a look has confirmed it


def test_a_box_that_jumps_or_grows_at_once_is_doubtful() -> None:
    for there in (face(150), face(100, side=115)):
        tracker = Tracker()
        ids(tracker, face(100))
        (track,) = tracker.update([there], 0.0, may_be_new=True)
        assert track.id == 1
        assert track.doubtful
    tracker = Tracker()
    for i in range(6):
        (track,) = tracker.update([face(100 + 45 * i * (i > 1))], 0.0, may_be_new=True)
        track.doubtful = i < 4 and track.doubtful
    assert not track.doubtful, "a quick walk is no jump"


def looked_at(track: Track) -> Track:
    track.evidence = track.evidence.with_look(Look(np.eye(1, 4, dtype=np.float32)[0]))
    return track


def test_a_face_that_is_parted_goes_on_under_a_new_track_and_can_rejoin() -> None:
    tracker = Tracker()
    (first,) = tracker.update([face(100)], 0.0, may_be_new=True)
    looked_at(first)
    second = tracker.part(first)
    assert (second.id, list(tracker.tracks), list(tracker.former())) == (2, [second], [first])
    (second,) = tracker.update([face(110)], 0.1, may_be_new=True)
    assert second.id == 2
    tracker.rejoin(first, second)
    assert (list(tracker.tracks), list(tracker.former())) == ([first], [])
    assert ids(tracker, face(112)) == [1]


def test_a_track_without_looks_or_of_long_ago_is_no_former_one() -> None:
    tracker = Tracker()
    (first,) = tracker.update([face(100)], 0.0, may_be_new=True)
    second = tracker.part(first)
    assert tracker.former() == ()
    looked_at(second)
    tracker.part(second)
    tracker.update([face(100)], FORMER_S - 0.1, may_be_new=True)
    assert list(tracker.former()) == [second]
    tracker.update([face(100)], FORMER_S + 0.1, may_be_new=True)
    assert tracker.former() == ()


def test_a_face_that_is_briefly_unseen_can_be_found_elsewhere() -> None:
    tracker = Tracker()
    (first,) = tracker.update([face(100)], 0.0, may_be_new=True)
    looked_at(first)
    (second,) = tracker.update([face(500)], 0.03, may_be_new=True)
    assert list(tracker.former()) == [first]
    tracker.rejoin(first, second)
    assert list(tracker.tracks) == [first]
    assert first.face.box_xyxy[0] == 460


def test_clear_forgets_everyone_and_reuses_no_id() -> None:
    tracker = Tracker()
    ids(tracker, face(100))
    tracker.clear()
    assert tracker.tracks == ()
    assert ids(tracker, face(100)) == [2]
