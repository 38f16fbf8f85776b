"""FaceNet's weights: where they are, and how they come there.

The download imports torch, and so it runs in PyTorch's own process (see models/torch_process).
"""

from __future__ import annotations

import importlib
import os
from contextlib import suppress
from pathlib import Path

from common.errors import WeightsError
from common.extras import EXTRAS, needing
from common.sentence import Sentence

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
