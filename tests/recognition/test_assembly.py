"""The real models put together."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from capture.demo import DemoSource
from common.errors import EngineError, GalleryError
from common.picture import RgbImage
from gallery.gallery import Gallery
from gallery.identity import Template
from gallery.store import Store
from models.detectors.protocol import Detector
from models.embedders.adopted import AdoptedMeasurements, Measurement
from models.embedders.embedder import Embedder
from models.embedders.sface import SfaceEmbedder
from recognition import assembly
from recognition.assembly import (
    RecognizerSpec,
    choose_device,
    chosen_engine,
    load_models,
    load_recognizer,
)
from recognition.device_choice import Load, Pick, measure
from recognition.enrollment.live import photo_template, reviewed, save

pytestmark = pytest.mark.usefixtures("loaded_models")


def test_the_models_are_the_chosen_ones(
    detector: Detector, embedder: Embedder, models_cache: Path
) -> None:
    assert (detector.name, embedder.model_id.partition("-")[0]) == ("mtcnn", "sface")
    other, _ = load_models(RecognizerSpec(detector="yunet"), models_cache)
    assert other.name == "yunet"


@pytest.mark.parametrize("represented", [0.7, 1.0])
def test_the_gallery_gets_the_embedders_figure(
    models_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, represented: float
) -> None:
    other = replace(SfaceEmbedder.figures, represented=represented)
    monkeypatch.setattr(SfaceEmbedder, "figures", other)
    seen: list[float] = []

    class SeenGallery(Gallery):
        def __init__(self, *given: Any, represented: float, scale: None) -> None:
            seen.append(represented)
            super().__init__(*given, represented=represented, scale=scale)

    monkeypatch.setattr(assembly, "Gallery", SeenGallery)
    load_recognizer(RecognizerSpec(), models_cache, tmp_path / "gallery.db").gallery.close()
    assert seen == [represented]


def test_figures_of_the_users_people_take_the_place_of_the_embedders(
    models_cache: Path, tmp_path: Path
) -> None:
    adopted = AdoptedMeasurements(tmp_path / "figures")
    choice = RecognizerSpec(adopted=adopted.folder)
    assert load_models(choice, models_cache)[1].figures == SfaceEmbedder.figures
    measured = Measurement(
        model_id=SfaceEmbedder.model_id,
        nonmated=(0.2, 0.1),
        nonmated_pairs=(0.1, 0.1),
        levels={},
        people=20,
        probes=300,
        measured_at=datetime(2026, 3, 1, tzinfo=UTC),
    )
    adopted.adopt(measured)
    assert load_models(choice, models_cache)[1].figures == measured.figures
    recognizer = load_recognizer(choice, models_cache, tmp_path / "gallery.db")
    recognizer.gallery.close()
    assert recognizer.threshold == pytest.approx(0.2 + 3.09 * 0.1, abs=1e-3)
    assert load_models(RecognizerSpec(), models_cache)[1].figures == SfaceEmbedder.figures


def test_the_smallest_face_is_the_chosen_one(models_cache: Path, astronaut: RgbImage) -> None:
    """About 35 pixels high, away from the border."""
    small = np.zeros((480, 640, 3), np.uint8)
    small[100:260, 200:360] = cv2.resize(astronaut, (160, 160), interpolation=cv2.INTER_AREA)
    for smallest, count in ((20, 1), (120, 0)):
        detector, _ = load_models(RecognizerSpec(smallest_face_px=smallest), models_cache)
        assert len(detector.detect(small)) == count


@pytest.mark.parametrize("detector_name", ["mtcnn", "yunet"])
def test_one_photo_and_two_frames_make_a_name(
    models_cache: Path, astronaut: RgbImage, tmp_path: Path, detector_name: str
) -> None:
    """Enrolled from a still picture, recognized in front of the virtual camera."""
    choice = RecognizerSpec(detector=detector_name)
    recognizer = load_recognizer(choice, models_cache, tmp_path / "gallery.db")
    source = DemoSource(frames=12)
    unknown = recognizer.identify(astronaut)
    assert [face.match for face in unknown.faces] == [None]
    template = photo_template(recognizer, astronaut)
    identity = save(recognizer, reviewed(recognizer, "Eileen Collins", [template]))
    names = []
    while (frame := source.read()) is not None:
        (face,) = recognizer.recognize(frame).faces
        names.append(face.match.identity if face.match else None)
    assert names == [None] + 11 * [identity]
    recognizer.gallery.close()


def test_a_gallery_is_still_there_at_the_next_start(
    models_cache: Path, astronaut: RgbImage, tmp_path: Path
) -> None:
    for start in range(2):
        recognizer = load_recognizer(RecognizerSpec(), models_cache, tmp_path / "gallery.db")
        (face,) = recognizer.identify(astronaut).faces
        assert (face.match is not None) == (start == 1)
        template = photo_template(recognizer, astronaut)
        save(recognizer, reviewed(recognizer, "Eileen", [template]))
        recognizer.gallery.close()


def test_a_gallery_of_another_model_is_refused_and_closed(
    models_cache: Path, tmp_path: Path
) -> None:
    path = tmp_path / "gallery.db"
    store = Store(path)
    embedding = np.eye(1, 4, dtype=np.float32)[0]
    template = Template(embedding, np.zeros((8, 8, 3), np.uint8), 0.5, "another-4")
    Gallery(store, "another-4", 4).enroll("An", [template])
    store.close()
    with pytest.raises(GalleryError, match="another-4"):
        load_recognizer(RecognizerSpec(), models_cache, path)
    assert not path.with_name("gallery.db-wal").exists(), "it was left open"


def test_the_device_is_picked_once_for_each_set_of_models(
    models_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = []

    def pick(record: Path, load: object) -> Pick:
        records.append(record.relative_to(models_cache).as_posix())
        return Pick("openvino:CPU")

    monkeypatch.setattr(assembly, "pick_device", pick)
    for choice in (
        RecognizerSpec(),
        RecognizerSpec(smallest_face_px=20),
        RecognizerSpec(detector="yunet"),
    ):
        assert chosen_engine(choice, models_cache).name == "openvino:CPU"
    assert records == 2 * ["devices/mtcnn sface.json"] + ["devices/yunet sface.json"]
    assert chosen_engine(RecognizerSpec(device="torch:cpu"), models_cache).name == "torch:cpu"
    assert len(records) == 3


def test_the_device_is_measured_with_the_chosen_models(
    models_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = []

    def pick(record: Path, load: Load) -> Pick:
        detector, embedder = load("onnxruntime:CPU")
        loaded.append((detector.name, embedder.model_id))
        return measure(["openvino:CPU", "onnxruntime:CPU"], load)

    monkeypatch.setattr(assembly, "pick_device", pick)
    trials = choose_device(RecognizerSpec(smallest_face_px=900), models_cache).trials
    assert loaded == [("mtcnn", "sface-2021dec-fb143eea")]
    assert [trial.refused for trial in trials] == ["", ""]
    assert all(trial.ms is not None and trial.ms > 0 for trial in trials)


def test_an_unknown_device_is_refused(models_cache: Path) -> None:
    with pytest.raises(EngineError, match="a device named TPU"):
        load_models(RecognizerSpec(device="TPU"), models_cache)
