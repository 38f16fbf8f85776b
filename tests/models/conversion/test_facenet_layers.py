"""FaceNet's ONNX file beside facenet-pytorch's own network, with random weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch

from common.errors import WeightsError
from models.conversion.facenet_layers import export_facenet, write_facenet
from models.engines.engine import Engine

State = dict[str, Any]


@pytest.fixture(scope="module")
def network() -> torch.nn.Module:
    """Its activations are spread as a trained network's are, and its norms are no identities."""
    from facenet_pytorch import InceptionResnetV1

    torch.manual_seed(1)
    made = InceptionResnetV1(pretrained=None).eval()
    for module in made.modules():
        if isinstance(module, (torch.nn.BatchNorm2d, torch.nn.BatchNorm1d)):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.uniform_(module.bias, -0.1, 0.1)
            torch.nn.init.uniform_(module.running_mean, -0.1, 0.1)
            torch.nn.init.uniform_(module.running_var, 0.05, 0.2)
    return made


@pytest.mark.parametrize(("has_classifier", "is_new"), [(True, False), (False, True)])
def test_it_gives_facenet_pytorchs_vectors(
    network: torch.nn.Module, engine: Engine, tmp_path: Path, has_classifier: bool, is_new: bool
) -> None:
    state = dict(network.state_dict())
    if has_classifier:
        state |= {"logits.weight": torch.zeros(7, 512), "logits.bias": torch.zeros(7)}
    torch.save(state, tmp_path / "net.pt", _use_new_zipfile_serialization=is_new)
    export_facenet(tmp_path / "net.pt", tmp_path / "net.onnx")
    crops = np.random.default_rng(0).uniform(-1, 1, (10, 160, 160, 3)).astype(np.float32)
    crops *= np.linspace(0.1, 1, 10, dtype=np.float32).reshape(-1, 1, 1, 1)
    with torch.no_grad():
        expected = network(torch.from_numpy(crops).permute(0, 3, 1, 2)).numpy()
    assert (expected @ expected.T).min() < 0.99, "all pictures look alike to it"
    (rows,) = engine.load(tmp_path / "net.onnx")(crops)
    assert np.abs(rows - expected).max() < 2e-6
    assert (rows * expected).sum(axis=1).min() > 1 - 1e-6


def test_its_batch_norms_are_folded(network: torch.nn.Module, tmp_path: Path) -> None:
    write_facenet(arrays(network), Path("net.pt"), tmp_path / "net.onnx")
    model = onnx.load(str(tmp_path / "net.onnx"))
    onnx.checker.check_model(model, full_check=True)
    assert {node.op_type for node in model.graph.node} == {
        *("Add", "Clip", "Concat", "Conv", "Div", "Gemm", "MaxPool", "ReduceL2", "ReduceMean"),
        *("Relu", "Transpose"),
    }


def arrays(network: torch.nn.Module) -> State:
    return {name: tensor.numpy() for name, tensor in network.state_dict().items()}


def renamed(state: State) -> None:
    state["conv2d_1a.conv.kernel"] = state.pop("conv2d_1a.conv.weight")


def shortened(state: State) -> None:
    state["last_linear.weight"] = state["last_linear.weight"][:128]


def with_another_layer(state: State) -> None:
    state["head.weight"] = np.zeros(3, np.float32)


def with_nan(state: State) -> None:
    state["repeat_2.3.conv2d.bias"] = np.full(896, np.nan, np.float32)


def with_negative_variance(state: State) -> None:
    state["mixed_6a.branch0.bn.running_var"] = np.full(384, -1, np.float32)


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (renamed, "it has no conv2d_1a.conv.weight"),
        (shortened, r"its last_linear.weight has the shape \(128, 1792\), not \(512, 1792\)"),
        (with_another_layer, "it also has head.weight, which that network has not"),
        (with_nan, "not everything in its repeat_2.3.conv2d.bias is a number"),
        (with_negative_variance, "a variance in its mixed_6a.branch0.bn.running_var is below zero"),
    ],
)
def test_a_wrong_tensor_is_named(
    network: torch.nn.Module, tmp_path: Path, spoil: Callable[[State], None], found: str
) -> None:
    state = arrays(network)
    spoil(state)
    with pytest.raises(WeightsError, match=found):
        write_facenet(state, Path("net.pt"), tmp_path / "net.onnx")
    assert not list(tmp_path.iterdir())
