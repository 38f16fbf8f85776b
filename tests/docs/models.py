"""The files of docs/models.md: small networks with the inputs of those that they stand for."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from capture.portrait import PORTRAIT
from models.conversion.weights import CENTERFACE, is_here
from models.detectors.families import FAMILIES
from tests.models.detectors.encoding import ENCODE, Fitted
from tests.models.detectors.graphs import write_finder, write_heads
from tests.networks import write_network, write_tflite


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
