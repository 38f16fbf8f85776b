"""The converted networks against the ones that they were made from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from facenet_pytorch.models.mtcnn import ONet, PNet, RNet

from common.errors import WeightsError
from models.conversion import mtcnn, weights
from models.engines.engine import Engine


@pytest.mark.parametrize(
    ("network", "side", "write", "published"),
    [
        (PNet, 12, mtcnn.write_patch_pnet, weights.MTCNN_PNET),
        (RNet, 24, mtcnn.write_rnet, weights.MTCNN_RNET),
        (ONet, 48, mtcnn.write_onet, weights.MTCNN_ONET),
    ],
)
def test_crop_networks_agree_with_torch(
    engine: Engine,
    tmp_path: Path,
    network: type[torch.nn.Module],
    side: int,
    write: Callable[[Path, Path], None],
    published: weights.PackagedWeights,
) -> None:
    write(weights.locate(published), tmp_path / "net.onnx")
    loaded = engine.load(tmp_path / "net.onnx")
    for count in (1, 7):
        crops = np.random.default_rng(count).uniform(-1, 1, (count, side, side, 3))
        crops = crops.astype(np.float32)
        with torch.no_grad():
            expected = network()(torch.from_numpy(crops).permute(0, 3, 1, 2))
        for found, output in zip(loaded(crops), expected, strict=True):
            assert found == pytest.approx(output.numpy(), abs=1e-5)


def test_pnet_agrees_with_torch(engine: Engine, tmp_path: Path) -> None:
    """An open mask changes nothing; the size is free."""
    mtcnn.write_pnet(weights.locate(weights.MTCNN_PNET), tmp_path / "net.onnx")
    loaded = engine.load(tmp_path / "net.onnx")
    for height, width in ((40, 62), (24, 128)):
        picture = np.random.default_rng(height).uniform(-1, 1, (1, height, width, 3))
        picture = picture.astype(np.float32)
        mask = np.zeros((1, 1, height - 2, width - 2), np.float32)
        with torch.no_grad():
            regression, probabilities = PNet()(torch.from_numpy(picture).permute(0, 3, 1, 2))
        found = loaded(picture, mask)
        assert found[0] == pytest.approx(regression.numpy(), abs=1e-5)
        assert found[1] == pytest.approx(probabilities[:, 1].numpy(), abs=1e-5)


def test_pnet_for_sketches_agrees_with_torch(engine: Engine, tmp_path: Path) -> None:
    """But for half a grey level; the size is free."""
    mtcnn.write_sketch_pnet(weights.locate(weights.MTCNN_PNET), tmp_path / "net.onnx")
    loaded = engine.load(tmp_path / "net.onnx")
    for height, width in ((40, 62), (24, 128)):
        canvas = np.random.default_rng(height).integers(0, 256, (1, height, width, 3), np.uint8)
        with torch.no_grad():
            normalized = (torch.from_numpy(canvas).permute(0, 3, 1, 2).float() - 128) / 128
            expected = PNet()(normalized)
        for found, output in zip(loaded(canvas), expected, strict=True):
            assert found == pytest.approx(output.numpy(), abs=1e-4)


def test_a_state_dict_of_another_network_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        WeightsError, match=r"rnet\.pt holds something else: it has no conv4\.weight"
    ):
        mtcnn.write_onet(weights.locate(weights.MTCNN_RNET), tmp_path / "net.onnx")
    assert not list(tmp_path.iterdir())
