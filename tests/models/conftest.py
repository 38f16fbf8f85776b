"""The engine and the networks of this machine's cache."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.errors import WeightsError
from models.detectors.loading import load_detector
from models.detectors.mtcnn.detector import LiveNetworks
from models.detectors.mtcnn.proposals import QuickPNet
from models.detectors.protocol import Detector
from models.engines.engine import Engine, Network
from models.engines.openvino import OpenVinoEngine

MtcnnNetworks = tuple[Network, Network, Network]


@pytest.fixture(scope="session")
def engine(models_cache: Path) -> Engine:
    return OpenVinoEngine(models_cache / "openvino")


@pytest.fixture(scope="session")
def centerface(engine: Engine, detector: Detector, models_cache: Path) -> Detector:
    """CenterFace as the program runs it, for faces of 40 pixels and more."""
    try:
        return load_detector("centerface", engine, models_cache / "models", 40)
    except WeightsError as error:
        pytest.skip(f"its weights cannot be had here: {error}")


@pytest.fixture(scope="session")
def mtcnn_networks(engine: Engine, detector: Detector, models_cache: Path) -> MtcnnNetworks:
    """P-Net, R-Net and O-Net as they were converted for `detector`."""
    pnet, rnet, onet = (
        engine.load(models_cache / "models" / f"mtcnn-{name}.onnx")
        for name in ("pnet", "rnet", "onet")
    )
    return pnet, rnet, onet


@pytest.fixture(scope="session")
def live_networks(engine: Engine, detector: Detector, models_cache: Path) -> LiveNetworks:
    """The quicker ones, as they were converted for `detector`."""
    folder = models_cache / "models"
    pnet = QuickPNet(
        engine.load(folder / "mtcnn-pnet-sketch.onnx", rounded=True),
        engine.load(folder / "mtcnn-pnet-patch.onnx"),
    )
    onet = engine.load(folder / "mtcnn-onet.onnx", rounded=True)
    rnet = engine.load(folder / "mtcnn-rnet.onnx")
    return LiveNetworks(pnet, onet, rnet, engine.load(folder / "mtcnn-onet-eight-bits.onnx"))
