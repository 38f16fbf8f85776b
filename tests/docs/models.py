"""The files of docs/models.md."""

from __future__ import annotations

import json
import shutil
from importlib.util import find_spec
from pathlib import Path

MADE = Path(__file__).parents[1] / "models" / "conversion" / "foreign" / "made_by_tensorflow"


def make(folder: Path) -> None:
    make_networks_of_others(folder)


def make_networks_of_others(folder: Path) -> None:
    for name in ("facenet_like.pb", "keras_2.h5"):
        shutil.copy(MADE / name, folder)
    (folder / "module.pt").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    (folder / "text.pb").write_text("hello, a text\n" * 20)
    (folder / "saved").mkdir()
    (folder / "saved" / "saved_model.pb").write_bytes(b"\x08\x01")
    if find_spec("h5py"):
        _make_lambda(folder / "lambda.h5")
    if find_spec("torch"):
        _make_facenet(folder / "facenet.pt")


def _make_lambda(path: Path) -> None:
    import h5py

    shutil.copy(MADE / "keras_2.h5", path)
    with h5py.File(path, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        config["config"]["layers"][1] |= {"class_name": "Lambda"}
        file.attrs["model_config"] = json.dumps(config)


def _make_facenet(path: Path) -> None:
    """Random weights: the published ones cannot be had everywhere."""
    import torch
    from facenet_pytorch import InceptionResnetV1

    torch.manual_seed(0)
    network = InceptionResnetV1(pretrained=None)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.running_mean, -0.1, 0.1)
            torch.nn.init.uniform_(module.running_var, 0.05, 0.2)
    torch.save(network.state_dict(), path)
