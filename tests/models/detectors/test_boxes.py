from __future__ import annotations

import numpy as np
import pytest
import torch
from facenet_pytorch.models.utils.detect_face import bbreg
from torchvision.ops import box_iou
from torchvision.ops import nms as torchvision_nms

from models.detectors.boxes import iou, nms, regressed
from models.engines.engine import FloatArray


def random_boxes(rng: np.random.Generator, count: int) -> FloatArray:
    corner = rng.uniform(0, 100, (count, 2))
    return np.hstack([corner, corner + rng.uniform(5, 60, (count, 2))]).astype(np.float32)


def test_iou_of_known_boxes() -> None:
    box = np.array([[0, 0, 2, 2]], np.float32)
    others = np.array([[0, 0, 2, 2], [1, 0, 3, 2], [1, 1, 3, 3], [2, 2, 4, 4]], np.float32)
    assert iou(box, others)[0] == pytest.approx([1, 1 / 3, 1 / 7, 0])


def test_iou_agrees_with_torchvision() -> None:
    boxes = random_boxes(np.random.default_rng(1), 60)
    expected = box_iou(torch.from_numpy(boxes[:7]), torch.from_numpy(boxes)).numpy()
    assert iou(boxes[:7], boxes) == pytest.approx(expected, abs=1e-6)
    assert iou(boxes[:0], boxes).shape == (0, 60)


def test_regression_agrees_with_facenet_pytorch() -> None:
    rng = np.random.default_rng(2)
    boxes, shares = random_boxes(rng, 40), rng.uniform(-0.3, 0.3, (40, 4)).astype(np.float32)
    expected = bbreg(torch.from_numpy(boxes.copy()), torch.from_numpy(shares)).numpy()
    found = regressed(boxes, shares, inclusive=True)
    assert found.dtype == np.float32
    assert np.array_equal(found, expected)
    one = regressed(
        np.float32([[10, 20, 30, 60]]), np.float32([[0.5, 0.25, -0.5, 0]]), inclusive=False
    )
    assert one.tolist() == [[20, 30, 20, 60]]


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.7])
@pytest.mark.parametrize("seed", range(5))
def test_nms_agrees_with_torchvision(seed: int, threshold: float) -> None:
    rng = np.random.default_rng(seed)
    boxes = random_boxes(rng, 150)
    # Few different scores, so that ties are met too.
    scores = (rng.integers(1, 21, 150) / 20).astype(np.float32)
    expected = torchvision_nms(torch.from_numpy(boxes), torch.from_numpy(scores), threshold)
    assert nms(boxes, scores, threshold).tolist() == expected.tolist()


def test_nms_of_nothing_is_nothing() -> None:
    assert not len(nms(np.empty((0, 4), np.float32), np.empty(0, np.float32), 0.5))
