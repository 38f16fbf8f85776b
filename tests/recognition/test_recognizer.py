from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from capture.frame import Frame
from common.picture import RgbImage
from gallery.gallery import Gallery
from gallery.likeness.raised_bars import RaisedBars
from models.embedders.sface import FIGURES
from models.engines.engine import FloatArray
from models.face import Face
from recognition.looks import CONFIRM_S, LATER_S, SOON_S
from recognition.recognizer import (
    FADE_S,
    Recognition,
    Recognizer,
    pair_threshold,
    stranger_score,
)
from recognition.sweep import GAP_S, GONE_S, IDLE_SWEEP_FRAMES, STILL_S, SWEEP_FRAMES

if TYPE_CHECKING:
    from tests.recognition.conftest import PaintedEmbedder, World

HERE = (200, 100)


def names(recognition: Recognition) -> list[str | None]:
    return [face.match.identity.name if face.match else None for face in recognition.faces]


def watch(world: World, frames: int, **corners: tuple[int, int]) -> Recognition:
    """The last of some frames of the same people."""
    for _ in range(frames):
        recognition = world.recognizer.recognize(world.frame(**corners))
    return recognition


def test_a_name_needs_two_looks(world: World) -> None:
    world.enroll("an")
    first = watch(world, 1, an=HERE)
    assert names(first) == [None]
    assert first.faces[0].reason.endswith("1 of 1 good looks agree, 2 are needed")
    second = watch(world, 1, an=HERE)
    assert names(second) == ["An"]
    assert second.faces[0].track_id == first.faces[0].track_id


def test_a_stranger_is_unknown(world: World) -> None:
    world.enroll("an")
    world.enroll("binh")
    for _ in range(60):
        recognition = watch(world, 1, chi=HERE)
        assert names(recognition) == [None]
    nearest = recognition.faces[0].nearest
    assert nearest is not None
    assert nearest.similarity < world.recognizer.threshold
    assert recognition.faces[0].reason.startswith("The nearest, ")


def test_with_an_empty_gallery_everyone_is_unknown(world: World) -> None:
    recognition = watch(world, 3, an=HERE)
    assert names(recognition) == [None]
    assert recognition.faces[0].reason == "The gallery is empty"
    assert recognition.faces[0].nearest is None


def test_a_face_carries_its_newest_embedding_and_whether_it_is_in_doubt(world: World) -> None:
    world.enroll("an")
    face = watch(world, 3, an=HERE).faces[0]
    assert face.embedding is not None
    assert world.recognizer.gallery.search(face.embedding[np.newaxis], k=1)[0][0].similarity > 0.9
    assert not face.doubtful
    world.detector.yaw = 0.6  # too far to tell whether it is still An
    assert watch(world, 1, binh=HERE).faces[0].doubtful


def test_one_embedding_a_frame_at_most(world: World, painted_embedder: PaintedEmbedder) -> None:
    for name in ("an", "binh", "chi"):
        world.enroll(name)
    for count in range(6):
        seen = painted_embedder.crops_seen
        recognition = watch(world, 1, an=(20, 50), binh=(220, 50), chi=(420, 50))
        assert painted_embedder.crops_seen == seen + 1
        if count == 0:
            reasons = [face.reason for face in recognition.faces]
            assert reasons.count("Not compared yet") == 2
    assert names(recognition) == ["An", "Binh", "Chi"]


def test_a_new_face_is_looked_at_twice_and_then_now_and_then(
    world: World, painted_embedder: PaintedEmbedder
) -> None:
    world.enroll("an")
    for name, pause in (("an", CONFIRM_S), ("chi", LATER_S)):
        world.recognizer.restart()
        before = painted_embedder.crops_seen
        watch(world, 2 + round(SOON_S * 30) - 1, **{name: HERE})
        assert painted_embedder.crops_seen == before + 2
        watch(world, 90, **{name: HERE})  # the pauses grow
        before = painted_embedder.crops_seen
        watch(world, 90, **{name: HERE})
        assert painted_embedder.crops_seen - before == pytest.approx(3 / pause, rel=0.2)


def test_an_unnamed_face_that_comes_closer_is_looked_at_at_once(
    world: World, painted_embedder: PaintedEmbedder
) -> None:
    world.enroll("an")
    for _ in range(90):
        world.recognizer.recognize(world.frame(side=80, chi=HERE))
    seen = painted_embedder.crops_seen
    world.recognizer.recognize(world.frame(side=82, chi=HERE))
    assert painted_embedder.crops_seen == seen
    world.recognizer.recognize(world.frame(side=112, chi=(190, 90)))
    assert painted_embedder.crops_seen == seen + 1


def test_an_unnamed_face_that_turns_to_the_camera_is_looked_at_at_once(
    world: World, painted_embedder: PaintedEmbedder
) -> None:
    world.enroll("an")
    world.detector.yaw = 0.25
    watch(world, 90, chi=HERE)
    seen = painted_embedder.crops_seen
    world.detector.yaw = 0.0
    watch(world, 1, chi=HERE)
    assert painted_embedder.crops_seen == seen + 1


def test_a_face_turned_away_is_not_compared(
    world: World, painted_embedder: PaintedEmbedder
) -> None:
    world.enroll("an")
    seen = painted_embedder.crops_seen
    world.detector.yaw = 0.6
    recognition = watch(world, 10, an=HERE)
    assert painted_embedder.crops_seen == seen
    assert recognition.faces[0].decision is None
    assert recognition.faces[0].reason == "Too small, blurred or turned away to compare"
    world.detector.yaw = 0.0
    assert names(watch(world, 2, an=HERE)) == ["An"]


def test_a_name_fades_while_its_face_is_turned_away(world: World) -> None:
    world.enroll("an")
    before = watch(world, 2, an=HERE)
    world.detector.yaw = 0.6
    assert names(watch(world, round(FADE_S * 30) - 1, an=HERE)) == ["An"]
    turned = watch(world, 3, an=HERE)
    assert names(turned) == [None]
    assert turned.faces[0].unclear
    assert turned.faces[0].reason.startswith("Not seen clearly")
    world.detector.yaw = 0.0
    after = watch(world, 5, an=HERE)
    assert names(after) == ["An"]
    assert not after.faces[0].unclear
    assert after.faces[0].track_id == before.faces[0].track_id


def test_enrolling_renaming_and_removing_show_at_once(
    world: World, painted_embedder: PaintedEmbedder
) -> None:
    recognizer = world.recognizer
    world.enroll("binh")
    newest = watch(world, 4, an=HERE)
    assert names(newest) == [None]

    identity = world.enroll("an")
    seen = painted_embedder.crops_seen
    recognizer.gallery_changed()
    assert names(recognizer.reconsidered(newest)) == ["An"]

    recognizer.gallery.rename(identity.id, "An Nguyễn")
    recognizer.gallery_changed()
    assert names(recognizer.reconsidered(newest)) == ["An Nguyễn"]

    recognizer.gallery.remove(identity.id)
    recognizer.gallery_changed()
    assert names(recognizer.reconsidered(newest)) == [None]

    recognizer.gallery.restore(identity.id)
    recognizer.gallery_changed()
    assert names(recognizer.reconsidered(newest)) == ["An Nguyễn"]
    assert painted_embedder.crops_seen == seen, "the kept embeddings were searched again"
    assert names(watch(world, 1, an=HERE)) == ["An Nguyễn"]


def test_a_gallery_change_reaches_the_briefly_hidden_too(world: World) -> None:
    identity = world.enroll("an")
    assert names(watch(world, 2, an=HERE)) == ["An"]
    watch(world, 3)
    world.recognizer.gallery.remove(identity.id)
    world.recognizer.gallery_changed()
    assert names(watch(world, SWEEP_FRAMES, an=HERE)) == [None]


def test_a_name_outlasts_a_short_occlusion(world: World) -> None:
    world.enroll("an")
    before = watch(world, 2, an=HERE)
    assert watch(world, 8).faces == ()
    after = watch(world, SWEEP_FRAMES, an=HERE)
    assert names(after) == ["An"]
    assert after.faces[0].track_id == before.faces[0].track_id


def test_somebody_else_in_the_same_place_never_has_the_name(world: World) -> None:
    world.enroll("an")
    before = watch(world, 10, an=HERE)
    after = watch(world, 1, chi=HERE)
    assert names(after) == [None]
    assert after.faces[0].track_id != before.faces[0].track_id
    assert names(watch(world, 60, chi=HERE)) == [None]


@pytest.mark.parametrize(("first", "then", "most"), [("an", "binh", 1), ("chi", "an", 5)])
@pytest.mark.parametrize("frames", range(10, 16))
def test_somebody_known_in_the_same_place_is_named_soon(
    world: World, first: str, then: str, most: int, frames: int
) -> None:
    world.enroll("an")
    world.enroll("binh")
    watch(world, frames, **{first: HERE})
    seen = [names(watch(world, 1, **{then: HERE})) for _ in range(most + 1)]
    assert seen[0] == [None]
    assert seen[-1] == [then.title()]


def test_somebody_else_who_looks_alike_is_noticed_with_the_next_look(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the picture gives no reason to doubt, the embedding does."""
    monkeypatch.setattr("recognition.appearance.Appearance.resembles", lambda self, other: True)
    world.enroll("an")
    before = watch(world, 10, an=HERE)
    after = watch(world, round(CONFIRM_S * 30) + 1, chi=HERE)
    assert names(after) == [None]
    assert after.faces[0].track_id != before.faces[0].track_id


def test_who_comes_back_soon_is_known_at_once(world: World) -> None:
    world.enroll("an")
    before = watch(world, 10, an=HERE)
    watch(world, 30, chi=HERE)
    after = watch(world, round(SOON_S * 30) + 1, an=HERE)
    assert names(after) == ["An"]
    assert after.faces[0].track_id == before.faces[0].track_id


def test_who_was_removed_meanwhile_is_nobody(world: World) -> None:
    """Also before gallery_changed() is called, and where the face is in doubt."""
    world.enroll("binh")
    identity = world.enroll("an")
    later = watch(world, 10, an=HERE).captured_at + GAP_S
    world.recognizer.gallery.remove(identity.id)
    after = world.recognizer.recognize(Frame(world.picture(an=HERE), 99, later))
    assert names(after) == [None]


def test_a_cut_leaves_no_name_behind(world: World) -> None:
    """Two faces change at once, of which one can be looked at in that frame."""
    world.enroll("an")
    world.enroll("binh")
    assert names(watch(world, 10, an=(20, 50), binh=(420, 50))) == ["An", "Binh"]
    for _ in range(30):
        assert names(watch(world, 1, chi=(20, 50), dung=(420, 50))) == [None, None]


def test_names_stay_with_faces_that_cross(world: World) -> None:
    world.enroll("an")
    world.enroll("binh")
    for i in range(60):
        corners = {"an": (10 + 6 * i, 20), "binh": (10 + 6 * (59 - i), 150)}
        recognition = world.recognizer.recognize(world.frame(**corners))
        if i >= 4:
            assert names(recognition) == ["An", "Binh"]


def test_restart_forgets_the_faces(world: World) -> None:
    world.enroll("an")
    before = watch(world, 2, an=HERE)
    world.recognizer.restart()
    after = watch(world, 1, an=HERE)
    assert names(after) == [None]
    assert after.faces[0].track_id != before.faces[0].track_id


def test_faces_are_followed_between_detections(world: World) -> None:
    watch(world, 90, an=HERE)
    assert world.detector.detections == pytest.approx(90 / SWEEP_FRAMES, abs=2)
    assert world.detector.detections + world.detector.followings == 90


@pytest.mark.parametrize("empty_frames", range(1, 8))
def test_who_walks_in_is_named_within_150_ms(world: World, empty_frames: int) -> None:
    world.enroll("an")
    watch(world, empty_frames)
    frames = 1
    while names(watch(world, 1, an=HERE)) != ["An"]:
        frames += 1
    assert (frames - 1) / 30 <= 0.150


def test_an_empty_room_is_searched_where_something_moves(world: World) -> None:
    for _ in range(90):
        frame = world.frame()
        moving = frame.image.copy()
        moving[100:200, 5 * frame.index : 5 * frame.index + 100] = 90
        world.recognizer.recognize(Frame(moving, frame.index, frame.captured_at))
    assert world.detector.detections == pytest.approx(90 / IDLE_SWEEP_FRAMES, abs=1)


def test_a_still_empty_room_is_searched_once_a_second(world: World) -> None:
    watch(world, 91)
    assert world.detector.detections == pytest.approx(1 + 3 / STILL_S, abs=1)
    assert world.detector.followings == pytest.approx(0, abs=3 * IDLE_SWEEP_FRAMES)


def test_a_lost_face_is_found_with_the_next_detection(world: World) -> None:
    watch(world, 3, an=HERE)
    found = [len(watch(world, 1, an=(450, 150)).faces) for _ in range(SWEEP_FRAMES)]
    assert found[-1] == 1


def test_a_slow_source_is_detected_in_every_frame(world: World) -> None:
    for i in range(10):
        world.recognizer.recognize(Frame(world.picture(seed=i, an=HERE), i, i / 10))
    assert world.detector.detections == 10


def test_the_parts_of_a_detection_are_spread_over_the_frames(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(world.detector, "parts", lambda image: 2)

    def detect_part(image: RgbImage, part: int, boxes: FloatArray) -> list[Face]:
        asked.append(part)
        return world.detector.follow(image, boxes)

    monkeypatch.setattr(world.detector, "detect_part", detect_part)
    watch(world, 2 * (SWEEP_FRAMES + 1), an=HERE)
    assert asked == [1, 0, 1]  # the first frame is searched as a whole
    asked.clear()
    at = 100.0
    for i in range(24):
        at += (0.08, 0.04)[i % 2]
        world.recognizer.recognize(Frame(world.picture(seed=i, an=HERE), i, at))
    assert abs(asked.count(0) - asked.count(1)) <= 1  # also where the gaps vary


def test_after_a_whole_detection_comes_a_pause(world: World) -> None:
    watch(world, SWEEP_FRAMES, an=HERE)
    assert (world.detector.detections, world.detector.followings) == (1, SWEEP_FRAMES - 1)


def test_nobody_is_taken_for_the_one_who_stood_there_before_a_gap(world: World) -> None:
    world.enroll("an")
    before = watch(world, 2, an=HERE)
    later = before.captured_at + GAP_S
    after = world.recognizer.recognize(Frame(world.picture(chi=HERE), 99, later))
    assert names(after) == [None]
    assert after.faces[0].track_id != before.faces[0].track_id


def test_after_a_long_gap_everything_begins_anew(world: World) -> None:
    world.enroll("an")
    before = watch(world, 2, an=HERE)
    later = before.captured_at + GONE_S
    after = world.recognizer.recognize(Frame(world.picture(an=HERE), 99, later))
    assert names(after) == [None]
    assert after.faces[0].track_id != before.faces[0].track_id


@pytest.mark.parametrize("fps", [2.0, 1.0, 0.5])
def test_a_slow_source_names_at_the_second_look(world: World, fps: float) -> None:
    world.enroll("an")
    world.enroll("binh")
    corners = {"an": (20, 50), "binh": (420, 50)}
    seen = [
        names(world.recognizer.recognize(Frame(world.picture(seed=i, **corners), i, (i + 1) / fps)))
        for i in range(4)
    ]
    # In the very first frame there is time for one look.
    assert seen == [[None, None], ["An", None], ["An", "Binh"], ["An", "Binh"]]


def test_a_clock_that_goes_back_detects_anew(world: World) -> None:
    """A file that is played again."""
    watch(world, 40, an=HERE)
    detections = world.detector.detections
    world.recognizer.recognize(Frame(world.picture(an=HERE), 0, 0.0))
    assert world.detector.detections == detections + 1


def test_a_recognition_tells_frame_and_times(world: World) -> None:
    frame = world.frame(an=HERE)
    recognition = world.recognizer.recognize(frame)
    assert (recognition.frame_index, recognition.captured_at) == (frame.index, frame.captured_at)
    times = recognition.times
    assert min(times.detect_ms, times.embed_ms, times.search_ms) > 0
    assert times.total_ms == times.detect_ms + times.embed_ms + times.search_ms


def test_a_still_picture_needs_one_look(world: World) -> None:
    world.enroll("an")
    recognition = world.recognizer.identify(world.picture(an=(20, 50), chi=(300, 50)))
    assert names(recognition) == ["An", None]
    assert [face.track_id for face in recognition.faces] == [None, None]
    quality = recognition.faces[0].quality
    assert quality is not None
    assert quality.score > 0.3


def test_a_still_frame_is_identified_by_itself(world: World) -> None:
    world.enroll("an")
    for i, name in enumerate(("an", "chi")):
        frame = Frame(world.picture(**{name: HERE}), i, float(i), still=True)
        recognition = world.recognizer.recognize(frame)
        assert recognition.frame_index == i
        assert names(recognition) == [("An", None)[i]]


def test_a_still_picture_leaves_the_live_tracks_alone(world: World) -> None:
    world.enroll("an")
    watch(world, 2, an=HERE)
    world.recognizer.identify(world.picture(chi=HERE))
    assert names(watch(world, 1, an=HERE)) == ["An"]


def test_a_still_picture_without_faces(world: World) -> None:
    assert world.recognizer.identify(world.picture()).faces == ()


def test_a_still_face_is_looked_at_thoroughly_unless_it_is_named_with_ease(
    world: World, painted_embedder: PaintedEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    thorough: list[int] = []

    def embed_thoroughly(crops: Sequence[RgbImage]) -> FloatArray:
        """Sees An where a quick look is not sure."""
        thorough.append(len(crops))
        rows = np.tile(painted_embedder.vectors["an"], (len(crops), 1))
        return np.asarray(rows, np.float32)

    monkeypatch.setattr(painted_embedder, "embed_thoroughly", embed_thoroughly)
    an = world.enroll("an")
    world.recognizer.gallery_changed()
    (face,) = world.recognizer.identify(world.picture(an=HERE)).faces
    assert face.match is not None
    assert thorough == []
    doubtful = world.recognizer.threshold + 0.02
    vector = doubtful * np.eye(16)[0] + np.sqrt(1 - doubtful**2) * np.eye(16)[10]
    quick = np.asarray(vector[np.newaxis], np.float32)
    monkeypatch.setattr(painted_embedder, "embed", lambda crops: quick)
    (face,) = world.recognizer.identify(world.picture(an=HERE)).faces
    assert thorough == [1]
    assert face.match is not None
    assert face.match.identity == an
    assert face.match.similarity > 0.9


def test_the_threshold_grows_with_the_gallery(world: World) -> None:
    thresholds = [world.recognizer.threshold]
    for name in ("an", "binh", "chi", "dung"):
        world.enroll(name)
        thresholds.append(world.recognizer.threshold)
    assert thresholds[0] == thresholds[1] > FIGURES.threshold_floor
    assert thresholds[1:] == sorted(set(thresholds))


def test_an_accepted_rate_of_false_names_sets_the_threshold(
    world: World, painted_embedder: PaintedEmbedder, gallery: Gallery
) -> None:
    """Strangers drawn from the embedder's non-mated law pass about as often as asked."""
    loose = Recognizer(world.detector, painted_embedder, gallery, fpir=0.005)
    drawn = np.random.default_rng(0).normal(*painted_embedder.figures.nonmated, 100_000)
    assert (drawn > loose.threshold).mean() == pytest.approx(0.005, rel=0.1)
    assert loose.threshold < world.recognizer.threshold


def test_two_pictures_are_compared_at_a_threshold_of_their_own(
    painted_embedder: PaintedEmbedder,
) -> None:
    assert pair_threshold(painted_embedder) == pytest.approx(0.1 + 0.08 * 3.0902, abs=1e-3)
    painted_embedder.figures = replace(FIGURES, nonmated_pairs=(0.0, 0.01))
    assert pair_threshold(painted_embedder) == FIGURES.threshold_floor


def test_a_gallery_of_another_model_is_refused(
    world: World, painted_embedder: PaintedEmbedder, gallery: Gallery
) -> None:
    painted_embedder.model_id = "painted-17"
    with pytest.raises(ValueError, match="painted-17 cannot search painted-16"):
        Recognizer(world.detector, painted_embedder, gallery)


def test_a_strangers_score_is_what_one_picture_would_need(world: World) -> None:
    """A live face needs more than the threshold for one picture: as much is taken off."""
    for name in ("an", "binh", "dung"):
        world.enroll(name)
    decision = watch(world, 30, chi=HERE).faces[0].decision
    assert decision is not None
    assert decision.nearest is not None
    beyond = decision.threshold - world.recognizer.threshold
    assert beyond > 0
    score = stranger_score(decision, world.recognizer)
    assert score.similarity == pytest.approx(decision.nearest.similarity - beyond)
    assert score.people == 3


def test_a_name_is_not_given_again_to_the_face_that_was_said_not_to_have_it(
    gallery: Gallery, painted_embedder: PaintedEmbedder, world: World, tmp_path: Path
) -> None:
    """Chi looks like An; after that An herself is named still, and Chi is not."""
    vectors = painted_embedder.vectors
    vectors["chi"] = 0.37 * vectors["an"] + 0.93 * vectors["chi"]
    bars = RaisedBars(tmp_path / "impostors.db", gallery, FIGURES.raised_at_most)
    world.recognizer = Recognizer(world.detector, painted_embedder, gallery, bars=bars)
    world.enroll("an")
    seen = watch(world, 40, chi=HERE)
    assert names(seen) == ["An"]
    match = seen.faces[0].match
    assert match is not None
    kept = world.recognizer.is_not(match, seen.faces[0])
    assert not kept.bar.capped
    world.recognizer.gallery_changed()
    assert names(watch(world, 1, chi=HERE)) == [None]
    world.recognizer.restart()  # another day: no track remembers it
    assert names(watch(world, 60, chi=HERE)) == [None]
    assert "somebody else was taken for this person" in watch(world, 1, chi=HERE).faces[0].reason
    world.recognizer.restart()
    assert names(watch(world, 10, an=HERE)) == ["An"]
    assert world.recognizer.is_them_after_all(kept)
    world.recognizer.restart()
    assert names(watch(world, 40, chi=HERE)) == ["An"]
