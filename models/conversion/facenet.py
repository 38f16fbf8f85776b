"""FaceNet's weights: where they are, and how they become an ONNX file.

What imports torch here runs in PyTorch's own process (see models/torch_process).
"""

from __future__ import annotations

import importlib
import logging
import os
import warnings
from pathlib import Path
from pickle import UnpicklingError
from typing import TYPE_CHECKING, Any

from common.errors import WeightsError
from common.extras import EXTRAS, needing
from common.sentence import Sentence

if TYPE_CHECKING:
    import torch

FACENET_FILES = {
    "vggface2": "20180402-114759-vggface2.pt",
    "casia-webface": "20180408-102900-casia-webface.pt",
}
"""The files of facenet-pytorch's release 2.2.9, by the data that they were trained on."""

_SIDE = 160

_NOT_A_STATE_DICT = (EOFError, LookupError, RuntimeError, TypeError, ValueError, UnpicklingError)
"""What torch is known to raise at files that it did not write, or that are cut short."""


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
        path.unlink(missing_ok=True)
        raise WeightsError(
            Sentence("the FaceNet weights {}", path.name),
            Sentence("they are not on this computer and downloading them failed ({})", error),
            Sentence(
                "Download {} from facenet-pytorch's releases on a computer with a network, "
                "bring it here, and set embedder_weights to its path",
                path.name,
            ),
        ) from error


def export_facenet(weights: Path, target: Path) -> None:
    """Export InceptionResnetV1.

    Input: (n, 160, 160, 3) float32, normalized; output: (n, 512) unit rows.

    weights: the state dict that facenet-pytorch publishes; its classifier is left out.
    Raises WeightsError where the file holds something else, or PyTorch is missing.
    """
    _import_packages()
    import torch
    from facenet_pytorch import InceptionResnetV1

    model = InceptionResnetV1(pretrained=None, classify=False)
    try:
        state = dict(torch.load(weights, map_location="cpu", weights_only=True))
        model.load_state_dict({k: v for k, v in state.items() if not k.startswith("logits.")})
    except _NOT_A_STATE_DICT as error:
        raise WeightsError(
            "a file with FaceNet's weights, as facenet-pytorch publishes them",
            Sentence("{} is damaged or holds something else", weights),
            "Download it again, or set embedder_weights to another file",
        ) from error
    _export(model, target)


def _import_packages() -> None:
    """Import what is needed. Raises WeightsError where a package cannot be imported."""
    with needing(
        "torch", Sentence("which prepares FaceNet"), WeightsError, Sentence("set embedder to sface")
    ):
        for package in EXTRAS["torch"].packages:
            importlib.import_module(package)


def _torch_home() -> Path:
    """Return where facenet-pytorch downloads to, without importing it: it imports torch."""
    cache = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    # Not Path.expanduser, which raises where the account has no home folder.
    return Path(os.path.expanduser(os.environ.get("TORCH_HOME", f"{cache}/torch")))  # noqa: PTH111


def _export(network: torch.nn.Module, target: Path) -> None:
    """Export InceptionResnetV1; its input becomes (n, 160, 160, 3)."""
    import torch

    class ChannelsLast(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, crops: Any) -> Any:
            return self.network(crops.permute(0, 3, 1, 2))

    exporter_log = logging.getLogger("torch.onnx")
    level = exporter_log.level
    with warnings.catch_warnings(), torch.no_grad():
        # The exporter warns about its own internals; nothing in them is ours to mend.
        warnings.simplefilter("ignore")
        exporter_log.setLevel(logging.ERROR)
        torch.onnx.export(
            ChannelsLast().eval(),
            (torch.zeros(2, _SIDE, _SIDE, 3),),
            str(target),
            output_names=["embedding"],
            dynamic_shapes=({0: torch.export.Dim("n", min=1)},),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        exporter_log.setLevel(level)
