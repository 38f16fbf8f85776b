"""A gallery is embedded again for another embedder, whatever happens meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from common.picture import RgbImage
from gallery.embedding_sets import StoredPicture
from gallery.gallery import Gallery
from gallery.identity import FaceView, Template
from gallery.store import Store
from models.crop import ALIGNED_LANDMARKS, aligned_crop, margin_crop
from models.embedders.embedder import Embedder
from models.embedders.fusion import FusedEmbedder, JoinedCrop
from models.embedders.realignment import ALIGNED_FACE
from models.embedders.sface import FIGURES, SfaceEmbedder
from models.engines.engine import FloatArray
from models.face import Face
from recognition.enrollment.live import photo_template
from recognition.reembedding import crop_for, reembed
from recognition.views import LONGEST_PX, face_of, face_view

ROOT = Path(__file__).parents[2]


class CornerEmbedder:
    """Embeds a crop by the colours of its quarters. Counts the crops it has seen."""

    dimension = 12
    figures = FIGURES

    def __init__(self, model_id: str = "corners", *, margin: bool = False, limit: int = -1) -> None:
        self.model_id = model_id
        self.seen = 0
        self._cut = margin_crop if margin else aligned_crop
        self._limit = limit

    def crop(self, image: RgbImage, face: Face) -> RgbImage:
        return self._cut(image, face)

    def embed(self, crops: Sequence[RgbImage]) -> FloatArray:
        self.seen += len(crops)
        if self.seen == self._limit:
            raise KeyboardInterrupt
        rows = np.stack([cv2.resize(crop, (2, 2), interpolation=cv2.INTER_AREA) for crop in crops])
        rows = rows.reshape(len(crops), 12).astype(np.float32) + 1
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)

    def embed_thoroughly(self, crops: Sequence[RgbImage]) -> FloatArray:
        return self.embed(crops)


def nobody(image: RgbImage) -> list[Face]:
    return []


def colourful(seed: int, side: int = 112) -> RgbImage:
    small = np.random.default_rng(seed).integers(0, 256, (6, 6, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(small, (side, side), interpolation=cv2.INTER_LINEAR), np.uint8)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "gallery.db")
    yield opened
    opened.close()


@pytest.fixture
def crowd(store: Store) -> Gallery:
    """Forty people of SFace with an aligned crop each, as older galleries have them."""
    gallery = Gallery(store, SfaceEmbedder.model_id, SfaceEmbedder.dimension)
    rows = np.random.default_rng(0).normal(size=(40, SfaceEmbedder.dimension))
    for i, row in enumerate((rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype("f4")):
        template = Template(row, colourful(i), 0.5, SfaceEmbedder.model_id)
        gallery.enroll(f"Person {i:02}", [template])
    return gallery


# -- the view ------------------------------------------------------------------------------


def a_face(x: float, y: float, height: float, turned_deg: float = 0.0) -> Face:
    """As MTCNN boxes a face of that height whose box begins there."""
    scale = height / 104
    rotation = cv2.getRotationMatrix2D((55, 62), turned_deg, 1.0)
    points = ALIGNED_LANDMARKS @ rotation[:, :2].T + rotation[:, 2]
    corner = np.float32([x, y])
    landmarks = ((points - (16, 10)) * scale + corner).astype(np.float32)
    return Face(np.float32([x, y, x + 78 * scale, y + height]), 0.99, landmarks)


@pytest.mark.parametrize("turned", [0.0, 40.0])
@pytest.mark.parametrize("height", [60.0, 150.0, 420.0])
def test_each_embedder_can_cut_its_crop_out_of_a_view(height: float, turned: float) -> None:
    image = colourful(3, 1200)
    face = a_face(500, 400, height, turned)
    view = face_view(image, face)
    assert face_of(view).height == pytest.approx(min(height, LONGEST_PX), rel=0.02)
    for cut in (aligned_crop, margin_crop):
        own, again = cut(image, face).astype(int), cut(view.picture, face_of(view)).astype(int)
        assert np.abs(own - again).mean() < 3


def test_a_view_ends_with_the_picture() -> None:
    image = colourful(1, 200)
    face = a_face(-20, 100, 150)
    view = face_view(image, face)
    assert view.box[0] < 0
    own, again = margin_crop(image, face), margin_crop(view.picture, face_of(view))
    assert np.abs(own.astype(int) - again).mean() < 3
    with pytest.raises(ValueError, match="outside a picture"):
        face_view(image, a_face(600, 600, 100))


def test_an_enrollment_keeps_a_view(world) -> None:
    template = photo_template(world.recognizer, world.picture(an=(200, 100)))
    assert template.view is not None
    (face,) = world.detector.detect(template.view.picture)
    np.testing.assert_allclose(face.box_xyxy, template.view.box, atol=1)
    assert template.crop_model_id == world.recognizer.embedder.model_id


# -- which crop ----------------------------------------------------------------------------


def stored(**of: object) -> StoredPicture:
    picture = StoredPicture(1, "a" * 32, "Ann", colourful(1), SfaceEmbedder.model_id, None)
    return replace(picture, **of)


def test_a_crop_of_the_embedders_own_is_taken_as_it_is() -> None:
    picture = stored(crop_model_id="corners")
    assert crop_for(CornerEmbedder(margin=True), picture, nobody) is picture.crop


def test_an_aligned_crop_serves_every_embedder() -> None:
    picture = stored()
    assert picture.crop is not None
    np.testing.assert_array_equal(crop_for(CornerEmbedder(), picture, nobody), picture.crop)
    wider = crop_for(CornerEmbedder(margin=True), picture, nobody)
    np.testing.assert_array_equal(wider, margin_crop(picture.crop, ALIGNED_FACE))


def test_a_view_is_better_than_a_crop_for_another_embedder() -> None:
    image = colourful(3, 600)
    view = face_view(image, a_face(200, 200, 100))
    crop = crop_for(CornerEmbedder(margin=True), stored(view=view), nobody)
    np.testing.assert_array_equal(crop, margin_crop(view.picture, face_of(view)))


def test_a_face_is_looked_for_on_a_crop_of_unknown_making() -> None:
    """Its box was stretched to a square, as FaceNet wants it; an aligned crop is not."""
    image = colourful(5, 800)
    face = a_face(300, 300, 160)
    picture = stored(crop_model_id="facenet-vggface2-12345678", crop=margin_crop(image, face))
    seen: list[tuple[int, ...]] = []

    def find(crop: RgbImage) -> list[Face]:
        seen.append(crop.shape)
        return [a_face(0, 0, 30), a_face(7.5, 10, 140)]  # a margin of 10 pixels all around

    crop = crop_for(CornerEmbedder(), picture, find)
    assert seen == [(160, 120, 3)]
    inner = slice(15, 105), slice(20, 92)  # outside it the crop of a box has nothing
    assert np.abs(crop.astype(int) - aligned_crop(image, face))[inner].mean() < 3


def test_a_fused_embedder_gets_a_crop_for_each_part() -> None:
    parts: list[Embedder] = [CornerEmbedder("one"), CornerEmbedder("two", margin=True)]
    picture = stored()
    crop = crop_for(FusedEmbedder(parts), picture, nobody)
    assert isinstance(crop, JoinedCrop)
    assert [each.shape for each in crop.each] == [(112, 112, 3), (160, 160, 3)]


TINY = FaceView(colourful(1), *(lambda f: (f.box_xyxy, f.landmarks))(a_face(20, 20, 15)))
ODD = FaceView(colourful(1), np.float32([10, 10, 60, 80]), np.zeros((5, 2), np.float32))


@pytest.mark.parametrize(
    ("of", "reason"),
    [
        ({"view": TINY}, "its face is 15 pixels high"),
        ({"crop_model_id": "facenet-x-1"}, "no face is found in it"),
        ({"crop": None}, "it cannot be read"),
        ({"view": ODD}, "its face cannot be cut out of it"),
    ],
)
def test_who_has_no_picture_that_serves_is_named_with_the_reason(
    store: Store, crowd: Gallery, monkeypatch: pytest.MonkeyPatch, of: dict, reason: str
) -> None:
    real = store.sets.pictures_without

    def pictures(*arguments: object) -> list[StoredPicture]:
        found = real(*arguments)
        return [replace(p, **of) if p.name == "Person 07" else p for p in found]

    monkeypatch.setattr(store.sets, "pictures_without", pictures)
    refused = reembed(store, CornerEmbedder(), nobody)
    assert not refused.is_done
    ((name, number, why, is_left_out),) = [
        (s.name, s.pictures, s.reason, s.is_left_out) for s in refused.shortfalls
    ]
    assert (name, number, why, is_left_out) == ("Person 07", 1, reason, True)
    assert refused.left_out == refused.shortfalls
    assert store.model() == (SfaceEmbedder.model_id, 128)
    again = CornerEmbedder()
    assert reembed(store, again, nobody, anyway=True).is_done
    assert again.seen == 0
    assert len(Gallery(store, "corners", 12)) == 40


def test_who_is_removed_is_not_listed(
    store: Store, crowd: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd.remove(crowd.find("Person 07")[0].id)
    store._db.execute("UPDATE crop SET png = x'00' WHERE template_id = 8")
    outcome = reembed(store, CornerEmbedder(), nobody)
    assert (outcome.is_done, outcome.shortfalls) == (True, ())


# -- whatever happens ----------------------------------------------------------------------


def test_an_empty_gallery_just_takes_on_the_model(store: Store) -> None:
    Gallery(store, "before", 7)
    assert reembed(store, CornerEmbedder(), nobody).is_done
    assert (store.model(), store.sets.former) == (("corners", 12), None)


def test_it_tells_how_far_it_is_and_goes_on_where_it_was_stopped(
    store: Store, crowd: Gallery
) -> None:
    told: list[tuple[int, int]] = []

    def stop_after_two() -> bool:
        return len(told) == 2

    first, second = CornerEmbedder(), CornerEmbedder()
    stopped = reembed(
        *(store, first, nobody),
        told=lambda done, total: told.append((done, total)),
        is_stopped=stop_after_two,
    )
    assert (stopped.is_done, stopped.templates) == (False, 16)
    assert told == [(0, 40), (16, 40)]
    assert store.model() == (SfaceEmbedder.model_id, 128)
    assert reembed(store, second, nobody).is_done
    assert first.seen + second.seen == 40


def test_what_the_embedder_raises_passes_and_changes_nothing(store: Store, crowd: Gallery) -> None:
    with pytest.raises(KeyboardInterrupt):
        reembed(store, CornerEmbedder(limit=30), nobody)
    assert store.model() == (SfaceEmbedder.model_id, 128)
    again = CornerEmbedder()
    assert reembed(store, again, nobody).is_done
    assert again.seen == 24


def test_others_may_enroll_meanwhile(store: Store, crowd: Gallery, tmp_path: Path) -> None:
    """By the model that is in use until the end."""
    late = CornerEmbedder()
    with closing(Store(tmp_path / "gallery.db")) as other_store:
        other = Gallery(other_store, SfaceEmbedder.model_id, 128)
        told: list[int] = []

        def enroll_one(done: int, total: int) -> None:
            told.append(done)
            if done in (32, 41):
                row = np.eye(128, dtype=np.float32)[done]
                template = Template(row, colourful(done), 0.5, SfaceEmbedder.model_id)
                other.enroll(f"Late {done}", [template])

        assert reembed(store, late, nobody, told=enroll_one).is_done
    assert late.seen == 42
    assert len(Gallery(store, "corners", 12)) == 42


KILLED = """
import os, sys, signal
from pathlib import Path
from gallery.store import Store
from recognition.reembedding import reembed
from tests.recognition.test_reembedding import CornerEmbedder, nobody

at = int(sys.argv[2])
store = Store(Path(sys.argv[1]))
statements = 0

def count(statement):
    global statements
    statements += 1
    if statements == at:
        os.kill(os.getpid(), signal.SIGKILL)

store._db.set_trace_callback(count)
reembed(store, CornerEmbedder(), nobody)
print(statements)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_whenever_it_is_killed_the_old_one_works_or_the_new_one(
    store: Store, crowd: Gallery, tmp_path: Path
) -> None:
    """At the beginning, between batches, within a batch, at the step to the new one, after it."""
    crowd.close()
    path = tmp_path / "gallery.db"
    whole = path.read_bytes()
    before = {stored.identity.name: stored.embeddings for stored in _all_of(path)}

    def run(at: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", KILLED, str(path), str(at)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    statements = int(run(-1).stdout)
    moments = sorted({2, 4, 9, 30, 60, *range(statements - 14, statements + 1, 3)})
    models = []
    for at in moments:
        for companion in path.parent.glob("gallery.db*"):
            companion.unlink()
        path.write_bytes(whole)
        assert run(at).returncode == -signal.SIGKILL
        with closing(Store(path)) as after:
            model = after.model()
            assert model is not None
            models.append(model[0])
        if model[0] != "corners":
            rows = {stored.identity.name: stored.embeddings for stored in _all_of(path)}
            for name, embeddings in before.items():
                np.testing.assert_array_equal(rows[name], embeddings)
        with closing(Store(path)) as after:
            assert reembed(after, CornerEmbedder(), nobody).is_done
            assert len(Gallery(after, "corners", 12)) == 40
            former = after.sets.former
            assert former is not None
            assert former.model_id == SfaceEmbedder.model_id
            assert after.sets.activate(former).is_active
    assert set(models) == {SfaceEmbedder.model_id, "corners"}


def _all_of(path: Path) -> list:
    with closing(Store(path)) as store:
        return list(store.load_all())
