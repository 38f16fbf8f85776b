"""FaceNet's weights: where they are, and how they come there.

What imports torch here runs in PyTorch's own process (see models/torch_process).
"""

from __future__ import annotations

import importlib
import os
from contextlib import suppress
from pathlib import Path

import numpy as np

from common.errors import WeightsError
from common.extras import EXTRAS, needing
from common.sentence import Sentence
from models.conversion.facenet_layers import REMEDY
from models.conversion.state_dict import read_state_dict
from models.engines.engine import FloatArray

FACENET_FILES = {
    "vggface2": "20180402-114759-vggface2.pt",
    "casia-webface": "20180408-102900-casia-webface.pt",
}
"""The files of facenet-pytorch's release 2.2.9, by the data that they were trained on."""


def facenet_weights(trained_on: str, given: Path | None = None) -> Path:
    """Return the path of InceptionResnetV1's state dict.

    It is the given file, or the path where download_facenet() puts it.

    trained_on: a key of FACENET_FILES. Raises WeightsError where the given file is not there.
    """
    if given is None:
        return _torch_home() / "checkpoints" / FACENET_FILES[trained_on]
    if not given.is_file():
        raise WeightsError(
            "a file with FaceNet weights",
            Sentence("there is no file {}", given),
            Sentence("Set embedder_weights to the path of {}", FACENET_FILES[trained_on]),
        )
    return given


def download_facenet(trained_on: str) -> None:
    """Let facenet-pytorch download its weights.

    This imports torch, and so it is called as a task of models/torch_process/tasks.py.

    trained_on: a key of FACENET_FILES. Raises WeightsError where it fails, or PyTorch is missing.
    """
    _import_packages()
    from facenet_pytorch import InceptionResnetV1

    path = facenet_weights(trained_on)
    try:
        InceptionResnetV1(pretrained=trained_on)
    except OSError as error:
        with suppress(OSError):  # it has not begun, or its folder is no folder
            path.unlink()
        raise WeightsError(
            Sentence("the FaceNet weights {}", path.name),
            Sentence("they are not on this computer and downloading them failed ({})", error),
            Sentence(
                "Download {} from facenet-pytorch's releases on a computer with a network, "
                "bring it here, and set embedder_weights to its path",
                path.name,
            ),
        ) from error


def run_facenet(weights: Path, pictures: FloatArray) -> FloatArray:
    """Return what facenet-pytorch itself gives for pictures (n, 160, 160, 3), normalized.

    This imports torch, and so it is called as a task of models/torch_process/tasks.py.
    """
    _import_packages()
    import torch
    from facenet_pytorch import InceptionResnetV1

    model = InceptionResnetV1(pretrained=None).eval()
    state = read_state_dict(weights, REMEDY)
    wanted = model.state_dict().keys()
    model.load_state_dict({k: torch.from_numpy(v) for k, v in state.items() if k in wanted})
    with torch.no_grad():
        planes = torch.from_numpy(pictures).permute(0, 3, 1, 2)
        return np.asarray(model(planes).numpy(), np.float32)


def _import_packages() -> None:
    """Import what is needed. Raises WeightsError where a package cannot be imported."""
    with needing(
        "torch",
        Sentence("which downloads FaceNet's weights"),
        WeightsError,
        Sentence("set embedder_weights to the path of a file of them"),
    ):
        for package in EXTRAS["torch"].packages:
            importlib.import_module(package)


def _torch_home() -> Path:
    """Return where facenet-pytorch downloads to, without importing it: it imports torch."""
    cache = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    # Not Path.expanduser, which raises where the account has no home folder.
    return Path(os.path.expanduser(os.environ.get("TORCH_HOME", f"{cache}/torch")))  # noqa: PTH111
