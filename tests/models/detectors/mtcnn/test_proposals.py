"""What P-Net proposes live against what it proposes exactly."""

from __future__ import annotations

import numpy as np
import pytest

from common.picture import RgbImage
from models.detectors.boxes import NO_BOXES, iou
from models.detectors.mtcnn.area import integral
from models.detectors.mtcnn.detector import THRESHOLDS, LiveNetworks, MtcnnDetector
from models.detectors.mtcnn.proposals import Proposals
from models.detectors.mtcnn.pyramid import plan_canvas
from models.engines.engine import FloatArray, Network


@pytest.fixture(params=["quick", "exact"])
def proposals(
    request: pytest.FixtureRequest,
    mtcnn_networks: tuple[Network, Network, Network],
    live_networks: LiveNetworks,
) -> Proposals:
    """With quick networks, and on an engine that has none."""
    quick = live_networks.pnet if request.param == "quick" else None
    return Proposals(mtcnn_networks[0], quick, THRESHOLDS[0])


def everywhere(proposals: Proposals, image: RgbImage) -> FloatArray:
    canvas = plan_canvas(*image.shape[:2], 20)
    assert canvas is not None
    return proposals.everywhere([canvas], integral(image))


def beside(proposals: Proposals, image: RgbImage, known: FloatArray) -> FloatArray:
    canvas = plan_canvas(*image.shape[:2], 20)
    assert canvas is not None
    return proposals.beside_known(canvas, integral(image), image, known)


def on_face(squares: FloatArray, box: FloatArray) -> FloatArray:
    return squares[iou(squares, box[np.newaxis])[:, 0] > 0.5]


@pytest.mark.parametrize("size", [(512, 512), (339, 431), (301, 333)])
def test_near_a_known_face_it_is_exact(
    proposals: Proposals,
    mtcnn_networks: tuple[Network, Network, Network],
    astronaut: RgbImage,
    size: tuple[int, int],
) -> None:
    image = np.ascontiguousarray(astronaut[: size[0], : size[1]])
    (face,) = MtcnnDetector(*mtcnn_networks).detect(image)
    expected = on_face(everywhere(proposals, image), face.box_xyxy)
    found = on_face(beside(proposals, image, face.box_xyxy[np.newaxis]), face.box_xyxy)
    assert len(expected) >= 3
    twin = np.abs(expected[:, np.newaxis] - found).max(axis=2).min(axis=1)
    assert np.mean(twin < 0.01) > 0.8  # P-Net in eight bits passes over some


FACE = np.array([180, 65, 270, 190], np.float32)


def test_with_nobody_known_it_proposes_about_the_same(
    proposals: Proposals, astronaut: RgbImage
) -> None:
    exact, found = everywhere(proposals, astronaut), beside(proposals, astronaut, NO_BOXES)
    assert len(on_face(found, FACE)) >= 3
    assert len(found) == pytest.approx(len(exact), rel=0.2)


def test_beside_others_a_newcomer_must_be_surer(proposals: Proposals, astronaut: RgbImage) -> None:
    elsewhere = np.array([[400, 400, 460, 470]], np.float32)
    exact, sure = everywhere(proposals, astronaut), beside(proposals, astronaut, elsewhere)
    assert len(on_face(sure, FACE)) >= 1
    assert len(sure) < len(exact) / 2


def test_nothing_is_proposed_where_nothing_is(proposals: Proposals) -> None:
    grey = np.full((120, 160, 3), 128, np.uint8)
    known = np.array([[40, 30, 90, 95]], np.float32)
    assert everywhere(proposals, grey).shape == (0, 4)
    for boxes in (NO_BOXES, known, known + 5000):
        assert beside(proposals, grey, boxes).shape == (0, 4)
