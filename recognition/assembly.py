"""Puts detector, embedder and gallery together."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from gallery.adopted_calibration import FollowedCalibration
from gallery.gallery import Gallery
from gallery.likeness.look_alike_list import LookAlikeList
from gallery.likeness.raised_bars import RaisedBars
from gallery.likeness.stranger_scores import StrangerScore, StrangerScores
from gallery.store import Store
from models.conversion.preparation import Preparation
from models.detectors.loading import detector_models, load_detector
from models.detectors.protocol import Detector
from models.embedders.adopted import adopted_measurement
from models.embedders.embedder import Embedder
from models.embedders.fusion import FusedEmbedder
from models.embedders.loading import embedder_models, load_embedder
from models.engines.devices import open_engine, runs_side_by_side
from models.engines.engine import Engine
from models.landmarks.loading import load_face_analyzer, load_realigner
from recognition.device_choice import Pick, pick_device
from recognition.learning.classifier_file import FOLDER, classifier_path, load_recipe
from recognition.learning.ordering import ClassifierOrder
from recognition.recognizer import FPIR, Recognizer

MOST_SIDE_BY_SIDE = 8
"""Pairs of models at a time, of 100 MB each. What is not inference, a fifth of the time, is
Python's and runs one at a time."""


@dataclass(frozen=True)
class RecognizerSpec:
    """Which models are used, on which device, and how sure a name must be. The settings say it.

    device: see models/engines/devices.py; "auto" is the quickest one, by a measurement.
    adopted: the folder of the figures that the user has adopted; None for the embedder's own.
    classifier: the name or file of a trained one; empty for the gallery's own order.
    calibrations: the folder of AdoptedCalibrations; None for the embedder's law alone.
    impostors: the file of those who were taken for somebody else, and of strangers' scores; None
    for none.
    asks_consent: whether nobody is enrolled who has not agreed to it.
    threads: of each network, on a processor; None for as many as the runtime likes.
    """

    detector: str = "mtcnn"
    smallest_face_px: float = 40.0
    embedder: str = "sface"
    embedder_weights: Path | None = None
    device: str = "auto"
    fpir: float = FPIR
    adopted: Path | None = None
    classifier: str = ""
    calibrations: Path | None = None
    threads: int | None = None
    impostors: Path | None = None
    asks_consent: bool = False


def choose_device(
    choice: RecognizerSpec, cache: Path, preparation: Preparation | None = None
) -> Pick:
    """Chooses the device. For "auto" it is measured the first time, which takes some seconds, and
    again when the computer or a runtime has changed. Raises what load_models raises."""
    if choice.device != "auto":
        return Pick(choice.device)
    # One measurement for each set of models: the smallest face hardly moves the ratios.
    trial = replace(choice, smallest_face_px=RecognizerSpec.smallest_face_px)
    return pick_device(
        cache / "devices" / f"{choice.detector} {choice.embedder}.json",
        lambda device: load_models(replace(trial, device=device), cache, preparation),
    )


def chosen_engine(
    choice: RecognizerSpec, cache: Path, preparation: Preparation | None = None
) -> Engine:
    """Makes the engine for the device that choose_device() chooses."""
    device = choose_device(choice, cache, preparation).device
    return open_engine(device, cache / "openvino", choice.threads)


def load_models(
    choice: RecognizerSpec, cache: Path, preparation: Preparation | None = None
) -> tuple[Detector, Embedder]:
    """Loads the detector and the embedder. The first time on a machine it converts the models,
    which takes some seconds. Raises WeightsError, EngineError, and SettingsError where adopted
    figures are damaged.

    preparation: is told how far that is, and may stop it.
    """
    preparation = preparation or Preparation()
    engine = chosen_engine(choice, cache, preparation)
    folder = cache / "models"
    # All at once, so that it can be said how many there are.
    for_embedder = embedder_models(choice.embedder, folder, choice.embedder_weights, preparation)
    preparation.convert(folder, [*detector_models(choice.detector, engine), *for_embedder])
    detector = load_detector(choice.detector, engine, folder, choice.smallest_face_px, preparation)
    embedder = load_embedder(
        choice.embedder,
        engine,
        folder,
        choice.embedder_weights,
        preparation,
        load_realigner=lambda: load_realigner(cache / "openvino", choice.threads),
    )
    adopt(embedder, choice.adopted)
    return detector, embedder


def load_side_by_side(
    choice: RecognizerSpec, cache: Path, preparation: Preparation | None = None
) -> list[tuple[Detector, Embedder]]:
    """Loads the same models several times, for as many threads that look at many pictures.

    On a processor there is one pair of models for each core, up to MOST_SIDE_BY_SIDE, with one
    thread each: small networks gain little from a second one. On another device there is one pair.
    Raises what load_models() raises.
    """
    device = choose_device(choice, cache, preparation).device
    count = min(_cores(), MOST_SIDE_BY_SIDE) if runs_side_by_side(device) else 1
    if count == 1:
        return [load_models(choice, cache, preparation)]
    alone = replace(choice, device=device, threads=1)
    return [load_models(alone, cache, preparation) for _ in range(count)]


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def adopt(embedder: Embedder, adopted: Path | None) -> None:
    """Lets an embedder take the figures that were measured for it on the user's people, if any.

    adopted: as in RecognizerSpec. Raises SettingsError where these figures are damaged.
    """
    found = adopted_measurement(embedder.model_id, adopted)
    if found is None:
        return
    embedder.figures = found.figures
    if isinstance(embedder, FusedEmbedder) and found.dimensions == embedder.dimensions:
        embedder.weights = found.weights


def load_recognizer(
    choice: RecognizerSpec, cache: Path, gallery: Path, preparation: Preparation | None = None
) -> Recognizer:
    """Loads the recognizer for the gallery in a file; makes the file where there is none.

    The caller closes `recognizer.gallery`. Raises what load_models() raises, GalleryError, and
    LearningError where the classifier is missing, damaged or another gallery's.
    preparation: see load_models().
    """
    detector, embedder = load_models(choice, cache, preparation)
    calibration = (
        FollowedCalibration(choice.calibrations, embedder.model_id)
        if choice.calibrations is not None
        else None
    )
    store = Store(gallery)
    try:
        known = Gallery(
            store,
            embedder.model_id,
            embedder.dimension,
            represented=embedder.figures.represented,
            scale=embedder.scale if isinstance(embedder, FusedEmbedder) else None,
        )
        order = _order(choice.classifier, known, gallery.with_name(FOLDER))
        bars, look_alikes, strangers = None, None, list[StrangerScore]()
        if choice.impostors is not None:
            bars = RaisedBars(choice.impostors, known, embedder.figures.raised_at_most)
            look_alikes = LookAlikeList(choice.impostors, known)
            strangers = StrangerScores(choice.impostors, embedder.model_id).all()
    except BaseException:
        store.close()
        raise
    return Recognizer(
        detector,
        embedder,
        known,
        choice.fpir,
        load_analyzer=lambda: load_face_analyzer(cache / "openvino"),
        order=order,
        calibration=calibration,
        bars=bars,
        strangers=strangers,
        look_alikes=look_alikes,
        asks_consent=choice.asks_consent,
    )


def _order(classifier: str, known: Gallery, folder: Path) -> ClassifierOrder | None:
    if not classifier:
        return None
    return ClassifierOrder(load_recipe(classifier_path(classifier, folder)), known)
