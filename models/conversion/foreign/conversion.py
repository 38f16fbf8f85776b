"""Converts the networks that people bring, to ONNX, and compares both at once."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from common.errors import WeightsError
from common.extras import check_installed, is_installed
from common.picture import RgbImage
from common.sentence import Sentence
from models.conversion.facenet_layers import is_facenet, write_facenet
from models.conversion.foreign import iresnet
from models.conversion.foreign.comparison import Difference, difference, network_input
from models.conversion.foreign.tensorflow import frozen_network, write_frozen, write_reference
from models.conversion.state_dict import read_state_dict
from models.described.description import Layout
from models.described.presets import Preset
from models.engines.engine import FloatArray
from models.engines.openvino import OpenVinoEngine
from models.torch_process.process import TorchProcess

LIMIT_S = 600.0
"""How long Keras or PyTorch may take for one step; all of VGG-Face's, the largest network, took two
minutes on two busy cores."""

_FACENET_SIDE = 160

_NOT_A_STATE_DICT = Sentence(
    "Save its state dict where it was made: torch.save(model.state_dict(), 'name.pt'); or export "
    "the model there: torch.onnx.export"
)


@dataclass(frozen=True)
class Request:
    """What is to be converted.

    pictures: on which both are compared. reading: how a network reads them. preset: names the
    network, where the file holds numbers alone.
    """

    path: Path
    pictures: Sequence[RgbImage]
    reading: Preset
    preset: str | None


@dataclass(frozen=True)
class Converted:
    """What was written.

    width, height: of the picture that it reads, pixels. reference: what it was compared with.
    difference: None where there is nothing here that it could be compared with.
    """

    width: int
    height: int
    layout: Layout
    dimension: int
    reference: str
    difference: Difference | None


Processes = Callable[[], AbstractContextManager[TorchProcess]]
"""Starts PyTorch's own process for a `with` block."""


def convert_file(request: Request, target: Path, processes: Processes) -> Converted:
    """Write the network of a file as an ONNX file.

    Raises WeightsError for a file that is damaged or holds something else, for a network that is
    not converted here, where a package is missing, and where both give other vectors; OSError
    where the file cannot be read.
    """
    path = request.path
    convert = _FORMATS.get(path.suffix.lower())
    if path.is_dir():
        raise _folder(path)
    if convert is None:
        raise WeightsError(
            Sentence("a file that ends in {}", ", ".join(_FORMATS)),
            Sentence("it is {}", path),
            "A model that is ONNX or TFLite already is added as it is: facedesk models add",
        )
    return convert(request, target, processes)


def _keras(request: Request, target: Path, processes: Processes) -> Converted:
    check_installed("convert", Sentence("which reads the networks of Keras"))
    with processes() as process:
        size = process.call("load_keras", request.path, request.preset, limit_s=LIMIT_S)
        process.call("write_keras", target, limit_s=LIMIT_S)
        given = _given(request, size.width, size.height)
        expected = process.call("run_keras", given, limit_s=LIMIT_S)
    found = difference(request.path, expected, _run(target, given))
    return Converted(size.width, size.height, "NHWC", expected.shape[1], "Keras", found)


def _frozen_graph(request: Request, target: Path, processes: Processes) -> Converted:
    network = frozen_network(request.path)
    write_frozen(network, target)
    given = _given(request, network.width, network.height)
    with tempfile.TemporaryDirectory() as folder:
        reference = Path(folder) / "reference.xml"
        write_reference(network, reference)
        expected = _run(reference, given)
    found = difference(request.path, expected, _run(target, given))
    reader = "OpenVINO's own reader of frozen graphs"
    return Converted(network.width, network.height, "NHWC", expected.shape[1], reader, found)


def _state_dict(request: Request, target: Path, processes: Processes) -> Converted:
    state = read_state_dict(request.path, _NOT_A_STATE_DICT)
    if is_facenet(state):
        write_facenet(state, request.path, target)
        return _facenet(request, target, processes)
    if iresnet.is_iresnet(state):
        iresnet.write_iresnet(state, request.path, target)
        planes = _given(request, iresnet.SIDE, iresnet.SIDE).transpose(0, 3, 1, 2)
        vectors = _run(target, np.ascontiguousarray(planes))
        difference(request.path, vectors, vectors)
        return Converted(iresnet.SIDE, iresnet.SIDE, "NCHW", vectors.shape[1], "", None)
    raise WeightsError(
        "a state dict of facenet-pytorch's InceptionResnetV1 or of insightface's iresnet",
        Sentence("{} is of another network", request.path),
        "Export it where its code is: torch.onnx.export, and then facedesk models add",
    )


def _facenet(request: Request, target: Path, processes: Processes) -> Converted:
    given = _given(request, _FACENET_SIDE, _FACENET_SIDE)
    found, reference = _run(target, given), ""
    same = None
    if is_installed("torch"):
        with processes() as process:
            expected = process.call("run_facenet", request.path, given, limit_s=LIMIT_S)
        same, reference = difference(request.path, expected, found), "facenet-pytorch"
    else:
        difference(request.path, found, found)
    return Converted(_FACENET_SIDE, _FACENET_SIDE, "NHWC", found.shape[1], reference, same)


_FORMATS: dict[str, Callable[[Request, Path, Processes], Converted]] = {
    ".h5": _keras,
    ".keras": _keras,
    ".pb": _frozen_graph,
    ".pt": _state_dict,
    ".pth": _state_dict,
}


def _given(request: Request, width: int, height: int) -> FloatArray:
    return network_input(request.pictures, (width, height), request.reading)


def _run(model: Path, given: FloatArray) -> FloatArray:
    """Return what a model gives, on OpenVINO; what that compiles is not kept."""
    with tempfile.TemporaryDirectory() as folder:
        network = OpenVinoEngine(Path(folder)).load(model)
        return np.concatenate([network(picture[np.newaxis])[0].copy() for picture in given])


def _folder(path: Path) -> WeightsError:
    if (path / "saved_model.pb").is_file():
        return WeightsError(
            "one file of a network",
            Sentence("{} is a SavedModel of TensorFlow, a folder of several", path),
            "Save it as one where TensorFlow is: model.save('name.h5'), or convert it with tf2onnx",
        )
    return WeightsError(
        "one file of a network", Sentence("{} is a folder", path), "Name the file in it"
    )
