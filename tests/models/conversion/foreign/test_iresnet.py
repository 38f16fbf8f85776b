"""ArcFace's backbone beside insightface's own code in PyTorch, with random weights.

The network below is insightface's (recognition/arcface_torch/backbones/iresnet.py), shortened.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from common.errors import WeightsError
from models.conversion.foreign.iresnet import is_iresnet, write_iresnet
from models.engines.engine import Engine

State = dict[str, Any]


class IBasicBlock(nn.Module):
    def __init__(self, read: int, given: int, stride: int) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(read, eps=1e-05)
        self.conv1 = nn.Conv2d(read, given, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(given, eps=1e-05)
        self.prelu = nn.PReLU(given)
        self.conv2 = nn.Conv2d(given, given, 3, stride, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(given, eps=1e-05)
        self.downsample = None
        if stride != 1 or read != given:
            conv = nn.Conv2d(read, given, 1, stride, bias=False)
            self.downsample = nn.Sequential(conv, nn.BatchNorm2d(given, eps=1e-05))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out = self.prelu(self.bn2(self.conv1(self.bn1(x))))
        out = self.bn3(self.conv2(out))
        return out + (x if self.downsample is None else self.downsample(x))


class IResNet(nn.Module):
    def __init__(self, blocks: list[int], channels: list[int], dimension: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, channels[0], 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels[0], eps=1e-05)
        self.prelu = nn.PReLU(channels[0])
        read = channels[0]
        for number, (count, given) in enumerate(zip(blocks, channels, strict=True), 1):
            layers = [IBasicBlock(read, given, 2)]
            layers += [IBasicBlock(given, given, 1) for _ in range(1, count)]
            setattr(self, f"layer{number}", nn.Sequential(*layers))
            read = given
        self.bn2 = nn.BatchNorm2d(read, eps=1e-05)
        self.dropout = nn.Dropout(0.4)
        self.fc = nn.Linear(read * 7 * 7, dimension)
        self.features = nn.BatchNorm1d(dimension, eps=1e-05)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.prelu(self.bn1(self.conv1(x)))
        for number in range(1, 5):
            x = getattr(self, f"layer{number}")(x)
        x = self.fc(torch.flatten(self.dropout(self.bn2(x)), 1))
        return self.features(x)


def made(blocks: list[int], channels: list[int], dimension: int) -> nn.Module:
    torch.manual_seed(2)
    network = IResNet(blocks, channels, dimension).eval()
    for module in network.modules():
        if isinstance(module, (nn.BatchNorm2d, nn.BatchNorm1d)):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.2, 0.2)
            nn.init.uniform_(module.running_mean, -0.2, 0.2)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
    return network


def arrays(network: nn.Module) -> State:
    return {name: tensor.numpy() for name, tensor in network.state_dict().items()}


@pytest.mark.parametrize("blocks", [[2, 2, 2, 2], [3, 4, 14, 3], [1, 1, 12, 1]])
def test_it_gives_pytorchs_vectors(engine: Engine, tmp_path: Path, blocks: list[int]) -> None:
    network = made(blocks, [8, 12, 16, 24], 32)
    assert is_iresnet(arrays(network))
    write_iresnet(arrays(network), Path("net.pt"), tmp_path / "net.onnx")
    crops = np.random.default_rng(0).uniform(-1, 1, (5, 3, 112, 112)).astype(np.float32)
    with torch.no_grad():
        expected = network(torch.from_numpy(crops)).numpy()
    assert np.ptp(expected, axis=0).max() > 0.1, "all pictures look alike to it"
    (found,) = engine.load(tmp_path / "net.onnx")(crops)
    assert found == pytest.approx(expected, rel=1e-3, abs=1e-4)


def test_norms_behind_convolutions_are_folded(tmp_path: Path) -> None:
    write_iresnet(arrays(made([1, 1, 1, 1], [4] * 4, 8)), Path("net.pt"), tmp_path / "net.onnx")
    nodes = onnx.load(str(tmp_path / "net.onnx")).graph.node
    convolved = {node.output[0] for node in nodes if node.op_type == "Conv"}
    norms = [node for node in nodes if node.op_type == "BatchNormalization"]
    assert norms, "the zeros around a picture are not normalized"
    assert not [norm for norm in norms if norm.input[0] in convolved]


def without_a_block(state: State) -> None:
    for name in [name for name in state if name.startswith("layer3.0.downsample")]:
        del state[name]


def with_se(state: State) -> None:
    state["layer1.0.se.fc1.weight"] = np.zeros((1, 4, 1, 1), np.float32)


def for_another_picture(state: State) -> None:
    state["fc.weight"] = state["fc.weight"][:, :36]


def with_wide_kernels(state: State) -> None:
    state["layer2.0.conv1.weight"] = np.zeros((4, 4, 5, 5), np.float32)


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (without_a_block, "it has no layer3.0.downsample.0.weight"),
        (with_se, "it also has layer1.0.se.fc1.weight, which that network has not"),
        (for_another_picture, r"its fc.weight has the shape \(8, 36\), not \(8, 196\)"),
        (with_wide_kernels, r"its layer2.0.conv1.weight has the shape \(4, 4, 5, 5\)"),
    ],
)
def test_a_wrong_tensor_is_named(
    tmp_path: Path, spoil: Callable[[State], None], found: str
) -> None:
    state = arrays(made([1, 1, 1, 1], [4] * 4, 8))
    spoil(state)
    with pytest.raises(WeightsError, match=found):
        write_iresnet(state, Path("net.pt"), tmp_path / "net.onnx")
    assert not list(tmp_path.iterdir())
