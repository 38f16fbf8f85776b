from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from bench.liveness.meshes import RenderedFace
from capture.frame import Frame
from capture.stills import read_picture
from common.errors import EnrollmentError, FaceCountError, GalleryError
from common.picture import RgbImage
from gallery.gallery import Gallery
from gallery.identity import Candidate
from gallery.store import Store
from models.detectors.protocol import Detector
from models.embedders.embedder import Embedder
from models.engines.engine import FloatArray
from models.face import Face
from models.landmarks.attributes import FaceAttributes, MeshedFace
from models.landmarks.head_pose import HeadAngles
from recognition.enrollment.counting import PATIENCE, POSE_GUIDANCE, RefusalReason
from recognition.enrollment.live import (
    SOON,
    TEMPLATES,
    LiveEnrollment,
    OutdatedReviewError,
    Progress,
    only_face,
    photo_template,
    reviewed,
    save,
)
from recognition.enrollment.poses import Pose
from recognition.liveness import life_watch
from recognition.liveness.life_watch import LifeSign
from recognition.liveness.small_movements import SmallTurns
from recognition.recognizer import Recognizer

if TYPE_CHECKING:
    from tests.recognition.conftest import PaintedEmbedder, World

HERE = (200, 100)

YAW = {
    POSE_GUIDANCE[Pose.FRONTAL]: 0.0,
    POSE_GUIDANCE[Pose.LEFT]: 0.2,
    POSE_GUIDANCE[Pose.RIGHT]: -0.2,
}


def offered(world: World, enrollment: LiveEnrollment, name: str = "an") -> Progress:
    """What becomes of the next frame, with that person in it."""
    frame = world.frame(**{name: HERE})
    return enrollment.offer(frame, world.recognizer.recognize(frame))


def completed(world: World, enrollment: LiveEnrollment, *, strangers: int = 0) -> None:
    """An does as told until it is done; in the first accepted frames it is Chi."""
    progress = offered(world, enrollment, "chi" if strangers else "an")
    while not progress.done:
        world.detector.yaw = YAW.get(progress.verdict.guidance, world.detector.yaw)
        name = "chi" if progress.verdict.accepted_count < strangers else "an"
        progress = offered(world, enrollment, name)
    world.detector.yaw = 0.0


def name_given_to(world: World, name: str) -> str | None:
    """After three looks at someone who comes into view."""
    world.recognizer.restart()
    for _ in range(3):
        recognition = world.recognizer.recognize(world.frame(**{name: HERE}))
    (face,) = recognition.faces
    return face.match.identity.name if face.match else None


def test_fifty_frames_become_a_handful_of_templates(
    world: World, painted_embedder: PaintedEmbedder, gallery: Gallery
) -> None:
    enrollment = LiveEnrollment(world.recognizer, "  An Nguyễn ")
    completed(world, enrollment)
    assert world.frames == 99, "every second frame is looked at, none was refused"
    review = enrollment.review()
    assert review.name == "An Nguyễn"
    assert len(review.templates) == TEMPLATES
    assert {template.model_id for template in review.templates} == {painted_embedder.model_id}
    best = max(review.templates, key=lambda template: template.quality)
    assert review.portrait is best.crop
    for template in review.templates:
        assert np.array_equal(painted_embedder.embed([template.crop])[0], template.embedding)
    assert (review.same, review.alike) == ((), ())
    assert len(gallery) == 0, "nothing is saved before it is asked for"

    identity = save(world.recognizer, review)
    assert gallery.template_count(identity.id) == TEMPLATES
    assert len(gallery.crops(identity.id)) == TEMPLATES
    assert name_given_to(world, "an") == "An Nguyễn"
    assert name_given_to(world, "chi") is None


def test_the_face_in_view_is_named_as_soon_as_it_is_saved(world: World) -> None:
    enrollment = LiveEnrollment(world.recognizer, "An")
    completed(world, enrollment)
    save(world.recognizer, enrollment.review())
    (face,) = world.recognizer.recognize(world.frame(an=HERE)).faces
    assert face.match is not None


def test_rare_looks_are_among_the_templates(
    world: World, painted_embedder: PaintedEmbedder
) -> None:
    """Five of fifty frames with glasses on."""
    bare = painted_embedder.vectors["an"]
    with_glasses = 0.8 * bare + 0.6 * np.eye(16)[10]
    enrollment = LiveEnrollment(world.recognizer, "An", goal=50)
    progress = offered(world, enrollment)
    while not progress.done:
        world.detector.yaw = YAW.get(progress.verdict.guidance, world.detector.yaw)
        on = 20 <= progress.verdict.accepted_count < 25
        painted_embedder.vectors["an"] = with_glasses if on else bare
        progress = offered(world, enrollment)
    embeddings = np.stack([t.embedding for t in enrollment.review().templates])
    glasses = embeddings @ np.float32(with_glasses) > 0.95
    assert 0 < glasses.sum() < TEMPLATES


def test_somebody_else_stepping_in_is_refused(world: World, gallery: Gallery) -> None:
    enrollment = LiveEnrollment(world.recognizer, "An")
    completed(world, enrollment, strangers=12)
    with pytest.raises(EnrollmentError) as caught:
        enrollment.review()
    message = str(caught.value)
    assert "12 of 50 frames show somebody else" in message
    assert "Start again with one person in front of the camera." in message
    assert len(gallery) == 0


def test_a_few_frames_of_a_passer_by_are_left_out(
    world: World, painted_embedder: PaintedEmbedder
) -> None:
    enrollment = LiveEnrollment(world.recognizer, "An")
    completed(world, enrollment, strangers=8)
    chi = np.float32(painted_embedder.vectors["chi"])
    for template in enrollment.review().templates:
        assert template.embedding @ chi < 0.5


def test_cancel_leaves_no_trace(world: World, gallery: Gallery, tmp_path: Path) -> None:
    enrollment = LiveEnrollment(world.recognizer, "An")
    for _ in range(40):
        offered(world, enrollment)
    del enrollment
    store = Store(tmp_path / "gallery.db")
    assert list(store.load_all()) == []
    assert store.pending_erasures() == []
    store.close()
    assert len(gallery) == 0
    assert name_given_to(world, "an") is None


def test_whoever_cannot_turn_is_enrolled_too(world: World) -> None:
    enrollment = LiveEnrollment(world.recognizer, "An")
    progress = offered(world, enrollment)
    while not progress.done:
        progress = offered(world, enrollment)
    assert world.frames == 2 * (50 + PATIENCE) - 1
    assert len(enrollment.review().templates) == TEMPLATES


class Head:
    """An's head, whose attributes are told as they are set."""

    def __init__(self) -> None:
        self.pose = Pose.FRONTAL
        self.eye_opening = 0.3
        self.is_seen = True
        self.moves = False
        self.rendered = RenderedFace(np.random.default_rng(0))
        self.placed = 0

    def place(self, image: RgbImage, face: Face) -> MeshedFace | None:
        if not self.is_seen:
            return None
        self.placed += 1
        yaw = 15 * np.sin(self.placed / 3) if self.moves else 0.0
        view = self.rendered.view(yaw=yaw)
        return MeshedFace(view.mesh, view.eyes)

    def analyze(self, image: RgbImage, face: Face) -> FaceAttributes | None:
        yaw = {Pose.LEFT: 20.0, Pose.RIGHT: -20.0}.get(self.pose, 0.0)
        pitch = {Pose.UP: -14.0, Pose.DOWN: 14.0}.get(self.pose, 0.0)
        told = FaceAttributes(HeadAngles(yaw, pitch, 0), self.eye_opening, 0.05, 1.0)
        return told if self.is_seen else None


@pytest.fixture
def head() -> Head:
    return Head()


@pytest.fixture
def seeing(world: World, head: Head, gallery: Gallery) -> World:
    """A world whose recognizer is told attributes."""
    recognizer = Recognizer(
        world.detector, world.recognizer.embedder, gallery, load_analyzer=lambda: head
    )
    return type(world)(recognizer, world.detector)


def test_templates_cover_every_direction_that_was_offered(
    seeing: World, head: Head, painted_embedder: PaintedEmbedder
) -> None:
    """Though all directions look alike to the embedder, and other pictures do not."""
    enrollment = LiveEnrollment(seeing.recognizer, "An")
    progress, poses = offered(seeing, enrollment), {}
    while not progress.done:
        head.pose = progress.verdict.wanted or Pose.FRONTAL
        odd = progress.verdict.accepted_count < 15
        painted_embedder.vectors["an"] = np.eye(16)[0] + odd * 0.6 * np.eye(16)[10]
        progress = offered(seeing, enrollment)
        if progress.verdict.pose is not None:
            poses[len(poses)] = progress.verdict.pose
    assert progress.verdict.coverage == dict.fromkeys(Pose, 1.0)
    crops = [captured.template.crop for captured in enrollment._captured]
    chosen = [
        enrollment._captured[next(i for i, crop in enumerate(crops) if crop is t.crop)].pose
        for t in enrollment.review().templates
    ]
    assert set(chosen) == set(Pose)
    assert chosen[0] is Pose.FRONTAL


def test_the_portrait_has_open_eyes(seeing: World, head: Head) -> None:
    """Of fifty frames one."""
    enrollment = LiveEnrollment(seeing.recognizer, "An", goal=50)
    head.eye_opening = 0.1
    progress = offered(seeing, enrollment)
    while not progress.done:
        head.eye_opening = 0.3 if progress.verdict.accepted_count == 7 else 0.1
        progress = offered(seeing, enrollment)
    review = enrollment.review()
    assert review.portrait is enrollment._captured[7].template.crop
    assert review.templates[review.best].crop is review.portrait


def test_a_face_that_the_analyzer_does_not_see_is_enrolled_as_without_it(
    seeing: World, head: Head
) -> None:
    head.is_seen = False
    enrollment = LiveEnrollment(seeing.recognizer, "An")
    completed(seeing, enrollment)
    assert len(enrollment.review().templates) == TEMPLATES


def test_another_portrait_can_be_chosen(seeing: World, gallery: Gallery) -> None:
    enrollment = LiveEnrollment(seeing.recognizer, "An")
    completed(seeing, enrollment)
    review = enrollment.review()
    chosen = review.with_portrait(5)
    assert chosen.portrait is review.templates[5].crop
    assert chosen.best == 5
    again = chosen.with_portrait(2)
    assert again.best == 2
    identity = save(seeing.recognizer, again)
    assert np.array_equal(gallery.portrait(identity.id), review.templates[2].crop)
    assert gallery.template_count(identity.id) == TEMPLATES


@pytest.mark.parametrize("goal", [1, 3])
def test_few_frames_give_as_many_templates(world: World, goal: int) -> None:
    enrollment = LiveEnrollment(world.recognizer, "An", goal=goal)
    while not offered(world, enrollment).done:
        pass
    assert len(enrollment.review().templates) == goal


def test_refusals_tell_why(world: World, painted_embedder: PaintedEmbedder) -> None:
    def reason(frame: Frame) -> RefusalReason | None:
        enrollment = LiveEnrollment(world.recognizer, "An")
        world.recognizer.restart()
        return enrollment.offer(frame, world.recognizer.recognize(frame)).verdict.reason

    assert reason(world.frame()) is RefusalReason.NO_FACE
    assert reason(world.frame(an=(20, 50), binh=(300, 50))) is RefusalReason.SEVERAL_FACES
    assert reason(world.frame(an=HERE, side=60)) is RefusalReason.TOO_SMALL
    world.detector.yaw = 0.4
    assert reason(world.frame(an=HERE)) is RefusalReason.TURNED_TOO_FAR
    world.detector.yaw = 0.0
    assert reason(world.frame(an=HERE)) is None


def test_a_face_that_moves_fast_is_refused(world: World) -> None:
    enrollment = LiveEnrollment(world.recognizer, "An")
    reasons = []
    for x in (100, 110, 120, 120, 120):
        frame = world.frame(an=(x, 100))
        verdict = enrollment.offer(frame, world.recognizer.recognize(frame)).verdict
        reasons.append(verdict.reason if verdict.looked_at else "passed over")
    assert reasons == [None, "passed over", RefusalReason.MOVING, "passed over", None]


@pytest.mark.parametrize("name", ["", "  ", "An\nBình"])
def test_a_name_that_cannot_stand_is_refused_at_once(world: World, name: str) -> None:
    with pytest.raises(GalleryError):
        LiveEnrollment(world.recognizer, name)


def test_a_face_under_another_name_is_reported(world: World) -> None:
    enrolled = world.enroll("an", as_name="Bảo")
    world.enroll("binh")
    review = reviewed(world.recognizer, "An", world.templates("an", 2))
    assert [candidate.identity for candidate in review.same] == [enrolled]
    assert review.same[0].similarity > 0.9
    assert review.alike == ()


def test_a_look_alike_is_reported(world: World, painted_embedder: PaintedEmbedder) -> None:
    """A little below the threshold; a stranger, far below, is not."""
    enrolled = world.enroll("an")
    threshold = world.recognizer.threshold
    templates = world.templates("binh", 1)
    own = world.recognizer.gallery.search(templates[0].embedding[np.newaxis])[0][0]
    assert own.similarity < threshold - painted_embedder.figures.look_alike

    template = world.templates("an", 1)[0]
    mean = template.embedding
    away = np.float32(painted_embedder.vectors["dung"])
    for row in np.linalg.qr(np.stack([t.embedding for t in world.templates("an")]).T)[0].T:
        away -= away @ row * row
    away /= np.linalg.norm(away)
    wanted = threshold - painted_embedder.figures.look_alike / 2
    alike = np.float32(wanted * mean + np.sqrt(1 - wanted**2) * away)
    review = reviewed(world.recognizer, "Dũng", [replace(template, embedding=alike), *templates])
    assert review.same == ()
    assert [candidate.identity for candidate in review.alike] == [enrolled]
    assert review.alike[0].similarity == pytest.approx(wanted, abs=0.05)


def test_templates_can_join_a_person_who_is_enrolled(world: World, gallery: Gallery) -> None:
    identity = world.enroll("an")
    review = reviewed(world.recognizer, "Somebody", world.templates("an", 2))
    assert save(world.recognizer, review, into=identity.id) == identity
    assert len(gallery) == 1
    assert gallery.template_count(identity.id) == 5


def test_two_people_may_share_a_name(world: World, gallery: Gallery) -> None:
    first = world.enroll("an", as_name="An")
    second = save(world.recognizer, reviewed(world.recognizer, "An", world.templates("binh")))
    assert first.id != second.id
    assert [identity.name for identity in gallery.identities] == ["An", "An"]


def test_a_photo_of_one_person_gives_a_template(
    world: World, painted_embedder: PaintedEmbedder
) -> None:
    template = photo_template(world.recognizer, world.picture(an=HERE))
    assert template.embedding @ np.float32(painted_embedder.vectors["an"]) > 0.9
    assert template.model_id == painted_embedder.model_id
    assert 0 < template.quality <= 1


def test_a_photo_must_show_one_person(world: World) -> None:
    with pytest.raises(FaceCountError, match="a face in the picture, but none was found"):
        photo_template(world.recognizer, world.picture())
    with pytest.raises(FaceCountError, match=r"one face in the picture, but there are 2\. Cut"):
        only_face(world.detector, world.picture(an=(20, 50), binh=(300, 50)))


class Recording:
    """An embedder that keeps what passes through it."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.model_id, self.dimension = embedder.model_id, embedder.dimension
        self.figures = embedder.figures
        self.crops: list[RgbImage] = []
        self.quick: list[FloatArray] = []
        self.thorough: list[FloatArray] = []

    def crop(self, image: RgbImage, face: Face) -> RgbImage:
        return self._embedder.crop(image, face)

    def embed_thoroughly(self, crops: Sequence[RgbImage]) -> FloatArray:
        rows = self._embedder.embed_thoroughly(crops)
        self.crops += crops
        self.thorough += list(rows)
        return rows

    def embed(self, crops: Sequence[RgbImage]) -> FloatArray:
        rows = self._embedder.embed(crops)
        self.crops += crops
        self.quick += list(rows)
        return rows


def test_import_and_capture_embed_alike_and_live_looks_compare(
    detector: Detector, embedder: Embedder, astronaut: RgbImage, tmp_path: Path
) -> None:
    """With the real models, bit by bit, and through the store as well."""
    photo = tmp_path / "ảnh.png"
    cv2.imencode(".png", cv2.cvtColor(astronaut, cv2.COLOR_RGB2BGR))[1].tofile(photo)
    recording = Recording(embedder)
    gallery = Gallery(Store(tmp_path / "gallery.db"), embedder.model_id, embedder.dimension)
    recognizer = Recognizer(detector, recording, gallery)

    imported = photo_template(recognizer, read_picture(photo))
    frame = Frame(astronaut.copy(), 0, 0.0)
    recognition = recognizer.recognize(frame)
    enrollment = LiveEnrollment(recognizer, "Eileen", goal=1)
    assert enrollment.offer(frame, recognition).done
    (captured,) = enrollment.review().templates
    recognizer.identify(astronaut)

    assert (len(recording.quick), len(recording.thorough)) == (2, 3)
    assert all(np.array_equal(crop, imported.crop) for crop in recording.crops)
    assert all(np.array_equal(row, imported.embedding) for row in recording.thorough)
    assert np.array_equal(*recording.quick)
    assert recording.quick[0] @ imported.embedding > 0.9
    assert np.array_equal(captured.embedding, imported.embedding)

    identity = save(recognizer, enrollment.review())
    (stored,) = gallery.crops(identity.id)
    assert np.array_equal(embedder.embed_thoroughly([stored])[0], imported.embedding)
    gallery.close()


def test_who_was_enrolled_meanwhile_is_not_enrolled_again(
    world: World, tmp_path: Path, painted_embedder: PaintedEmbedder
) -> None:
    review = reviewed(world.recognizer, "An", world.templates("an"))
    other = Gallery(Store(tmp_path / "gallery.db"), "painted-16", painted_embedder.dimension)
    with closing(other):
        an = other.enroll("An", world.templates("an", 4))
        with pytest.raises(OutdatedReviewError) as outdated:
            save(world.recognizer, review)
        assert [same.identity for same in outdated.value.review.same] == [an]
        assert len(world.recognizer.gallery) == 1
        save(world.recognizer, outdated.value.review, an.id)
        other.remove(an.id)
        with pytest.raises(OutdatedReviewError) as outdated:
            save(world.recognizer, review, an.id)
        assert outdated.value.review.same == ()
        assert save(world.recognizer, outdated.value.review).id != an.id


def test_a_head_that_moves_is_seen_to_be_alive(
    seeing: World, head: Head, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The painted people are rectangles, which surround their faces.
    monkeypatch.setattr(life_watch, "cues_of_a_face", lambda: (SmallTurns(),))
    head.moves = True
    enrollment = LiveEnrollment(seeing.recognizer, "An")
    completed(seeing, enrollment)
    review = enrollment.review()
    assert review.life is not None
    assert review.life.sign is LifeSign.LIVE
    assert not review.is_doubtful


def test_what_one_face_showed_says_nothing_of_the_next(
    seeing: World, head: Head, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(life_watch, "cues_of_a_face", lambda: (SmallTurns(),))
    head.moves = True
    enrollment = LiveEnrollment(seeing.recognizer, "An")
    for _ in range(18):
        frame = seeing.frame(an=(420, 100))
        progress = enrollment.offer(frame, seeing.recognizer.recognize(frame))
    assert 0 < progress.verdict.accepted_count <= 10
    for _ in range(90):
        frame = seeing.frame()
        enrollment.offer(frame, seeing.recognizer.recognize(frame))
    head.moves = False
    completed(seeing, enrollment)
    assert enrollment.review().is_doubtful


def test_a_face_that_shows_no_life_is_doubtful(seeing: World, head: Head) -> None:
    enrollment = LiveEnrollment(seeing.recognizer, "An")
    completed(seeing, enrollment)
    assert head.placed > 5
    assert enrollment.review().is_doubtful


def test_where_facemesh_is_missing_nobody_is_doubtful_for_that(world: World) -> None:
    enrollment = LiveEnrollment(world.recognizer, "An")
    completed(world, enrollment)
    assert not enrollment.review().is_doubtful


def test_a_known_face_is_told_after_the_first_faces(world: World) -> None:
    completed(world, first := LiveEnrollment(world.recognizer, "An", goal=20))
    anna = save(world.recognizer, first.review())
    again = LiveEnrollment(world.recognizer, "Annie", goal=50)
    told: list[tuple[int, Candidate | None]] = []
    while (progress := offered(world, again)).verdict.accepted_count < SOON:
        told.append((progress.verdict.accepted_count, progress.known))
    assert all(known is None for _, known in told)
    assert progress.known is not None
    assert progress.known.identity == anna
    world.recognizer.gallery.remove(anna.id)
    assert offered(world, again).known is None  # there is nobody left to be it


def test_somebody_new_is_told_to_be_nobody(world: World) -> None:
    completed(world, first := LiveEnrollment(world.recognizer, "An", goal=20))
    save(world.recognizer, first.review())
    other = LiveEnrollment(world.recognizer, "Chi", goal=50)
    for _ in range(12):
        assert offered(world, other, "chi").known is None
