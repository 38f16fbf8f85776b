from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from common.errors import EngineError
from models.engines.torch.remote import RemoteTorchEngine

ROOT = Path(__file__).parents[4]


def test_it_says_its_name(remote_torch: RemoteTorchEngine) -> None:
    assert remote_torch.name == "torch:cpu"


def test_an_unknown_device_is_refused() -> None:
    with pytest.raises(EngineError, match=r"a device named cuda:99 for torch, but torch .* finds"):
        RemoteTorchEngine("cuda:99")


def test_several_networks_are_told_apart(remote_torch: RemoteTorchEngine, model: Path) -> None:
    first, second = remote_torch.load(model), remote_torch.load(model)
    a, b = np.ones((2, 3), np.float32), np.full(3, 2, np.float32)
    kept = first(a, b)
    second(a * 9, b)
    assert np.array_equal(kept[1], a * 2)
    kept[1][:] = 0  # whoever asked may write into it


def test_a_network_whose_process_is_gone_says_so(model: Path) -> None:
    engine = RemoteTorchEngine("cpu")
    network = engine.load(model)
    engine.close()
    with pytest.raises(EngineError, match="PyTorch and Keras, but it ended"):
        network(np.ones((2, 3), np.float32), np.ones(3, np.float32))


A_START = """
import sys
from pathlib import Path
from recognition.assembly import RecognizerSpec, load_models
load_models(RecognizerSpec(device="torch:cpu"), Path(sys.argv[1]))
assert not {"torch", "onnx", "facenet_pytorch"} & sys.modules.keys()
"""


def test_who_uses_it_imports_no_torch(models_cache: Path, loaded_models: object) -> None:
    command = [sys.executable, "-c", A_START, str(models_cache)]
    subprocess.run(command, check=True, timeout=120, cwd=ROOT)
