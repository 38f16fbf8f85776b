"""Loads detectors by their names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from common.errors import WeightsError
from common.sentence import Sentence
from models.conversion import quantize, weights
from models.conversion.preparation import Conversion, Preparation
from models.described.installed import (
    InstalledModel,
    installed_model,
    installed_models,
    installed_names,
)
from models.detectors.close_up import FACE_SIDE, CloseUpDetector
from models.detectors.families import FAMILIES, form_of
from models.detectors.letterbox import InputForm
from models.detectors.mtcnn.detector import LiveNetworks, MtcnnDetector
from models.detectors.mtcnn.proposals import QuickPNet
from models.detectors.one_shot import DetectorFamily, OneShotDetector
from models.detectors.protocol import Detector
from models.engines.engine import DeferredNetwork, Engine

MTCNN = "mtcnn"

PUBLISHED = {"yunet": weights.YUNET, "centerface": weights.CENTERFACE}
"""The weights of Facedesk's own detectors that are one network."""


def own_detectors() -> list[str]:
    """Return the names of the detectors that come with Facedesk."""
    return [MTCNN, *PUBLISHED]


def detector_names() -> list[str]:
    """Return the names that load_detector() takes: Facedesk's own, then those that were added.

    Raises WeightsError where the folder of added models cannot be read.
    """
    added = (model.description for model in installed_models())
    return [*own_detectors(), *(each.name for each in added if each.use == "finds faces")]


def check_detector(name: str) -> None:
    """Raise WeightsError, which names those that there are, where there is no such detector."""
    if name not in own_detectors():
        _added_detector(name)


def load_detector(
    name: str,
    engine: Engine,
    cache: Path,
    min_face_px: float,
    preparation: Preparation | None = None,
) -> Detector:
    """Load the detector of that name; convert its models if need be.

    name: see detector_names(). min_face_px: the smallest face to find, in pixels of the picture.
    Faces that fill the picture or reach its border are looked at twice. Whatever has found a face,
    MTCNN's R-Net and O-Net follow it.
    Raises WeightsError where there is no such detector, its weights are missing or damaged, and
    what convert() raises.
    """
    models = detector_models(name, engine)
    files = (preparation or Preparation()).convert(cache, models)
    live = _live_networks(engine, *files[1:6]) if engine.has_eight_bits else None
    if name == MTCNN:
        pnet, rnet, onet = (engine.load(file) for file in files[:3])
        return CloseUpDetector(
            MtcnnDetector(pnet, rnet, onet, min_face_px, live=live),
            MtcnnDetector(pnet, rnet, onet, FACE_SIDE / 2),
        )
    unused, rnet, onet = (_deferred(engine, file) for file in files[:3])
    follower = MtcnnDetector(unused, rnet, onet, min_face_px, live=live)
    file, family, form = _network_of(name, files)
    network = engine.load(file)

    def detector(smallest: float) -> OneShotDetector:
        return OneShotDetector(name, network, family, form, smallest, follower)

    return CloseUpDetector(detector(min_face_px), detector(FACE_SIDE / 2), live=False)


def detector_models(name: str, engine: Engine) -> tuple[Conversion, ...]:
    """Return the models that load_detector() converts for that engine, MTCNN's first.

    Raises WeightsError where there is no such detector.
    """
    if name == MTCNN:
        return _mtcnn_models(engine)
    if name in PUBLISHED:
        return (*_mtcnn_models(engine), _conversion(name, PUBLISHED[name]))
    return (*_mtcnn_models(engine), *_added_conversion(_added_detector(name)))


def _network_of(name: str, files: Sequence[Path]) -> tuple[Path, DetectorFamily, InputForm]:
    """Return the network's file, its family, and what it reads.

    files: those of detector_models().
    """
    if name in PUBLISHED:
        family = FAMILIES[name]
        return files[-1], family, family.form
    model = _added_detector(name)
    file = files[-1] if _added_conversion(model) else model.verified()
    return file, FAMILIES[model.description.family], form_of(model.description)


def _added_detector(name: str) -> InstalledModel:
    """Return the detector of that name that the user has added.

    Raises WeightsError where there is none.
    """
    model = installed_model(name) if name in installed_names() else None
    if model is not None and model.description.family in FAMILIES:
        return model
    found = Sentence("{} is none of {}", repr(name), ", ".join(detector_names()))
    if model is not None:
        found = Sentence("the model {} is of the family {}", name, model.description.family)
    raise WeightsError(
        "the name of a detector",
        found,
        "facedesk models use NAME sets another one, and facedesk models add FILE adds one",
    )


def _added_conversion(model: InstalledModel) -> tuple[Conversion, ...]:
    """Return what has to be converted of an added detector: CenterFace's sizes are freed."""
    description = model.description
    if description.family != "centerface":
        return ()
    name = f"centerface-{description.sha256[:8]}"
    return (Conversion(name, description.sha256, model.verified()),)


def _mtcnn_models(engine: Engine) -> tuple[Conversion, ...]:
    exact = (
        _conversion("mtcnn-pnet", weights.MTCNN_PNET),
        _conversion("mtcnn-rnet", weights.MTCNN_RNET),
        _conversion("mtcnn-onet", weights.MTCNN_ONET),
    )
    live = (
        _conversion("mtcnn-pnet-sketch", weights.MTCNN_PNET, quantize.SKETCH_PNET_RANGES),
        _conversion("mtcnn-pnet-patch", weights.MTCNN_PNET),
        _conversion("mtcnn-onet-eight-bits", weights.MTCNN_ONET, quantize.ONET_RANGES),
    )
    return exact + live if engine.has_eight_bits else exact


def _conversion(name: str, published: weights.PackagedWeights, ranges: object = None) -> Conversion:
    source = published.sha256 if ranges is None else f"{published.sha256} {ranges}"
    return Conversion(name, source, published)


def _live_networks(
    engine: Engine, rnet: Path, onet: Path, sketch: Path, patch: Path, following: Path
) -> LiveNetworks:
    return LiveNetworks(
        QuickPNet(_deferred(engine, sketch, rounded=True), _deferred(engine, patch)),
        _deferred(engine, onet, rounded=True),
        _deferred(engine, rnet),
        _deferred(engine, following),
    )


def _deferred(engine: Engine, file: Path, *, rounded: bool = False) -> DeferredNetwork:
    """Load when it is first used: whoever looks at still pictures alone does not wait for it."""
    return DeferredNetwork(lambda: engine.load(file, rounded=rounded))
