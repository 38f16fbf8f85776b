"""The files of docs/models.md: small networks with the inputs of those that they stand for."""

from __future__ import annotations

import json
import shutil
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from capture.portrait import PORTRAIT
from models.conversion.weights import CENTERFACE, is_here
from models.detectors.families import FAMILIES
from tests.models.detectors.encoding import ENCODE, Fitted
from tests.models.detectors.graphs import write_finder, write_heads
from tests.networks import write_network, write_tflite

MADE = Path(__file__).parents[1] / "models" / "conversion" / "foreign" / "made_by_tensorflow"


def make(folder: Path) -> None:
    shutil.copy(PORTRAIT, folder / "eileen.webp")
    write_network(
        folder / "GhostFaceNet_W1.3_S1_ArcFace.onnx", layout="NHWC", batch=1, dimension=512
    )
    write_network(folder / "w600k_r50.onnx", dimension=512)
    write_network(folder / "arcface-r100.onnx", scales_itself=True, dimension=512)
    two_outputs = ("embedding", "norm")
    write_network(folder / "adaface_ir50.onnx", batch=1, dimension=512, outputs=two_outputs)
    vgg_face = folder / "vgg_face.onnx"
    write_network(vgg_face, size=(224, 224), layout="NHWC", dimension=4096, centre=0.5)
    write_network(folder / "nn4.small2.onnx", size=(96, 96), dimension=128, centre=0.5)
    write_network(folder / "facenet.onnx", size=(160, 160), layout="NHWC", dimension=512)
    keras = folder / "facenet_keras.onnx"
    write_network(keras, size=(160, 160), layout="NHWC", dimension=128)
    write_network(folder / "mine.onnx", dimension=256)
    write_tflite(folder / "MobileFaceNet.tflite", batch=2)
    write_network(folder / "nan.onnx", channels=(1.0, np.nan, 1.0))
    (folder / "downloaded.onnx").write_text("<!DOCTYPE html>\n<html>Not found</html>\n")
    whole = (folder / "w600k_r50.onnx").read_bytes()
    (folder / "broken.onnx").write_bytes(whole[: len(whole) // 2])
    _write_detectors(folder)
    _make_networks_of_others(folder)


def _write_detectors(folder: Path) -> None:
    """Networks with detectors' outputs: they find green spots, or nobody."""
    if not is_here(CENTERFACE):
        pytest.skip("CenterFace was not fetched: facedesk models fetch centerface")
    write_finder(folder / "yolov5n-face.onnx", FAMILIES["yolov5-face"])
    write_finder(folder / "mobile0.25.onnx", FAMILIES["retinaface"])
    heads = ENCODE["scrfd"]([], Fitted(640, 640, 1, 0, 0))
    write_heads(folder / "scrfd_500m_kps.onnx", heads, 640, 640)
    heads[0][0] = np.nan
    write_heads(folder / "nan-heads.onnx", heads, 640, 640)


def _make_networks_of_others(folder: Path) -> None:
    for name in ("facenet_like.pb", "keras_2.h5"):
        shutil.copy(MADE / name, folder)
    (folder / "module.pt").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    (folder / "text.pb").write_text("hello, a text\n" * 20)
    (folder / "saved").mkdir()
    (folder / "saved" / "saved_model.pb").write_bytes(b"\x08\x01")
    if find_spec("h5py"):
        _make_lambda(folder / "lambda.h5")
    if find_spec("torch"):
        _make_facenet(folder / "vggface2.pt")


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
