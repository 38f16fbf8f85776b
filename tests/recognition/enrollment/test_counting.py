from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from capture.stills import people_folders, picture_paths, read_picture
from models.detectors.protocol import Detector
from models.flaws import Flaw
from models.landmarks.head_pose import HeadAngles
from models.quality import Quality, measure
from recognition.enrollment.counting import (
    DONE_GUIDANCE,
    FLAWED,
    GUIDANCE,
    PATIENCE,
    POSE_GUIDANCE,
    EnrollmentCapture,
    EnrollmentLimits,
    FrameMeasure,
    FrameVerdict,
    RefusalReason,
)
from recognition.enrollment.poses import Pose

CLEAR = Quality(
    face_height_px=150,
    sharpness=100,
    brightness=120,
    contrast=45,
    yaw=0,
    roll_deg=0,
    cut_off=False,
)


def seen(**changes: Any) -> FrameMeasure:
    """A frame with one face that nothing is wrong with but these."""
    return FrameMeasure(1, replace(CLEAR, **changes), motion=0.02)


GOOD = seen()
LEFT = seen(yaw=0.2)
RIGHT = seen(yaw=-0.2)


def held(yaw: float = 0, pitch: float = 0) -> FrameMeasure:
    """A good frame of a head that is turned and nodded by these degrees."""
    return replace(GOOD, angles=HeadAngles(yaw, pitch, 0))


ANGLED = {
    Pose.FRONTAL: held(),
    Pose.LEFT: held(yaw=20),
    Pose.RIGHT: held(yaw=-20),
    Pose.UP: held(pitch=-14),
    Pose.DOWN: held(pitch=14),
}


def test_fifty_frames_in_three_poses_complete_it() -> None:
    capture = EnrollmentCapture(every=1)
    for frame, count in ((GOOD, 30), (LEFT, 10), (RIGHT, 10)):
        for _ in range(count):
            assert not capture.done
            verdict = capture.offer(frame)
            assert verdict.accepted
    assert capture.done
    assert verdict.guidance == DONE_GUIDANCE
    assert (verdict.accepted_count, verdict.goal) == (50, 50)
    assert not capture.offer(GOOD).looked_at
    assert capture.accepted_count == 50
    assert capture.refusals == {}


def test_following_the_guidance_is_never_refused() -> None:
    capture = EnrollmentCapture(every=1)
    measure = GOOD
    poses = {
        POSE_GUIDANCE[Pose.FRONTAL]: GOOD,
        POSE_GUIDANCE[Pose.LEFT]: LEFT,
        POSE_GUIDANCE[Pose.RIGHT]: RIGHT,
    }
    while not capture.done:
        verdict = capture.offer(measure)
        assert verdict.accepted
        measure = poses.get(verdict.guidance, GOOD)


def completed_by(capture: EnrollmentCapture, *poses: Pose) -> tuple[FrameVerdict, int]:
    """The last verdict of somebody who does as told where it is one of these poses, and otherwise
    looks straight; and how many frames that took."""
    verdict, frames, pose = capture.offer(ANGLED[Pose.FRONTAL]), 1, Pose.FRONTAL
    while not capture.done:
        pose = verdict.wanted if verdict.wanted in poses else Pose.FRONTAL
        verdict, frames = capture.offer(ANGLED[pose]), frames + 1
    return verdict, frames


def test_where_angles_are_known_five_directions_are_asked_for() -> None:
    capture = EnrollmentCapture(every=1, has_angles=True)
    verdict, frames = completed_by(capture, *Pose)
    assert frames == 50
    assert verdict.coverage == dict.fromkeys(Pose, 1.0)
    assert verdict.wanted is None
    assert verdict.guidance == DONE_GUIDANCE


def test_who_only_looks_straight_waits_no_longer_than_without_angles() -> None:
    verdict, frames = completed_by(EnrollmentCapture(every=1, has_angles=True))
    assert frames == 50 + PATIENCE
    assert [pose for pose, share in verdict.coverage.items() if share == 0] == [
        *(Pose.LEFT, Pose.RIGHT, Pose.UP, Pose.DOWN)
    ]


def test_who_turns_but_does_not_nod_completes_it_too() -> None:
    verdict, frames = completed_by(
        EnrollmentCapture(every=1, has_angles=True), Pose.LEFT, Pose.RIGHT
    )
    assert frames == 50 + PATIENCE
    assert verdict.coverage[Pose.RIGHT] == 1


def test_nobody_is_refused_for_a_nod() -> None:
    """While frontal faces are wanted, nodded ones serve as such."""
    capture = EnrollmentCapture(every=1, has_angles=True)
    for _ in range(15):
        assert capture.offer(held()).accepted
    poses = []
    for _ in range(10):
        verdict = capture.offer(held(pitch=-20))
        assert verdict.accepted
        poses.append(verdict.pose)
    assert poses == [Pose.UP] * 10
    assert verdict.coverage[Pose.UP] == 1


def test_coverage_grows_and_tells_what_is_wanted() -> None:
    capture = EnrollmentCapture(every=1)
    first = capture.offer(GOOD)
    assert first.coverage == {Pose.FRONTAL: 1 / 30, Pose.LEFT: 0, Pose.RIGHT: 0}
    assert (first.pose, first.wanted) == (Pose.FRONTAL, Pose.FRONTAL)
    for _ in range(4):
        verdict = capture.offer(LEFT)
    assert verdict.coverage[Pose.LEFT] == 0.4
    assert verdict.pose is Pose.LEFT
    refused = capture.offer(FrameMeasure(0))
    assert refused.pose is None
    assert refused.coverage == verdict.coverage


def test_an_angle_tells_a_profile_where_it_is_known() -> None:
    """A raised head moves the nose as a turn does."""
    capture = EnrollmentCapture(every=1, has_angles=True)
    raised = replace(seen(yaw=0.4), angles=HeadAngles(30, -25, 0))
    assert capture.offer(raised).reason is not RefusalReason.TURNED_TOO_FAR
    profile = replace(seen(yaw=0.3), angles=HeadAngles(40, 0, 0))
    assert capture.offer(profile).reason is RefusalReason.TURNED_TOO_FAR


def test_every_second_frame_is_looked_at() -> None:
    capture = EnrollmentCapture()
    looked_at = [capture.offer(GOOD).looked_at for _ in range(6)]
    assert looked_at == [True, False, True, False, True, False]
    assert capture.accepted_count == 3


def test_a_passed_over_frame_is_neither_accepted_nor_refused() -> None:
    capture = EnrollmentCapture()
    refused = capture.offer(FrameMeasure(0))
    passed_over = capture.offer(FrameMeasure(0))
    assert (refused.accepted, refused.reason) == (False, RefusalReason.NO_FACE)
    assert (passed_over.accepted, passed_over.reason) == (False, None)
    assert passed_over.guidance == refused.guidance
    assert capture.refusals == {RefusalReason.NO_FACE: 1}


@pytest.mark.parametrize(
    ("measure", "reason"),
    [
        (FrameMeasure(0), RefusalReason.NO_FACE),
        (replace(GOOD, face_count=2), RefusalReason.SEVERAL_FACES),
        (seen(cut_off=True), RefusalReason.CUT_OFF),
        (seen(face_height_px=79), RefusalReason.TOO_SMALL),
        (seen(brightness=30), RefusalReason.TOO_DARK),
        (seen(brightness=230), RefusalReason.TOO_BRIGHT),
        (seen(contrast=5), RefusalReason.FLAT),
        (seen(yaw=0.6), RefusalReason.TURNED_TOO_FAR),
        (seen(yaw=-0.6), RefusalReason.TURNED_TOO_FAR),
        (seen(roll_deg=-40), RefusalReason.TILTED),
        (replace(GOOD, motion=0.3), RefusalReason.MOVING),
        (seen(sharpness=9), RefusalReason.BLURRED),
        (seen(flaws=frozenset({Flaw.BLURRED})), RefusalReason.BLURRED),
        (seen(flaws=frozenset({Flaw.NOISY})), RefusalReason.NOISY),
        (seen(flaws=frozenset({Flaw.COMPRESSED})), RefusalReason.COMPRESSED),
        (seen(flaws=frozenset({Flaw.EYES_HIDDEN})), RefusalReason.EYES_HIDDEN),
        (seen(flaws=frozenset({Flaw.MOUTH_HIDDEN})), RefusalReason.MOUTH_HIDDEN),
    ],
)
def test_each_flaw_has_its_reason_and_guidance(
    measure: FrameMeasure, reason: RefusalReason
) -> None:
    capture = EnrollmentCapture(every=1)
    verdict = capture.offer(measure)
    assert not verdict.accepted
    assert verdict.reason is reason
    assert verdict.guidance == GUIDANCE[reason]
    assert capture.refusals == {reason: 1}


def test_someone_who_never_turns_completes_it_after_some_patience() -> None:
    capture = EnrollmentCapture(every=1)
    offered = 0
    while not capture.done:
        verdict = capture.offer(GOOD)
        offered += 1
        if verdict.reason is RefusalReason.ENOUGH_OF_POSE and offered < 30 + PATIENCE:
            assert verdict.guidance == POSE_GUIDANCE[Pose.LEFT]
    assert offered == 50 + PATIENCE
    assert capture.refusals == {RefusalReason.ENOUGH_OF_POSE: PATIENCE}


def test_a_small_goal_asks_for_no_side() -> None:
    capture = EnrollmentCapture(goal=1)
    assert capture.offer(GOOD).accepted
    assert capture.done


def test_every_reason_has_guidance() -> None:
    assert set(GUIDANCE) == set(RefusalReason) - {RefusalReason.ENOUGH_OF_POSE}
    assert set(FLAWED) == set(Flaw)


@pytest.mark.parametrize(("goal", "every"), [(0, 1), (1, 0)])
def test_impossible_counts_are_our_mistake(goal: int, every: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        EnrollmentCapture(goal=goal, every=every)


def test_blurred_crops_are_refused_and_sharp_ones_are_not(
    shared_data: Path, detector: Detector
) -> None:
    """On the half of the people that the limit was not chosen on."""
    limit = EnrollmentLimits().min_sharpness
    sharp, blurred = [], []
    for person in people_folders(shared_data / "faces" / "people")[1::2]:
        for path in picture_paths(person)[::2]:
            image = read_picture(path)
            face = max(detector.detect(image), key=lambda face: face.height)
            sharp.append(measure(image, face).sharpness < limit)
            soft = np.asarray(cv2.GaussianBlur(image, (0, 0), 3), np.uint8)
            blurred.append(measure(soft, face).sharpness < limit)
    assert np.mean(sharp) < 0.03
    assert np.mean(blurred) > 0.94


def test_an_ordinary_webcam_is_sharp_enough(shared_data: Path, detector: Detector) -> None:
    limits = EnrollmentLimits()
    film = cv2.VideoCapture(str(shared_data / "video" / "webcam" / "A-no.mkv"))
    qualities = []
    while film.grab():
        image = np.asarray(cv2.cvtColor(film.retrieve()[1], cv2.COLOR_BGR2RGB), np.uint8)
        qualities += [measure(image, face) for face in detector.detect(image)[:1]]
    film.release()
    large = [q for q in qualities if q.face_height_px >= limits.min_face_height_px]
    assert len(large) > 10
    assert np.mean([q.sharpness >= limits.min_sharpness for q in large]) > 0.9
