"""A network that tells a face from a picture of one, out of a file that the user names.

It is meant for `fr_liveness.onnx` of the npm package faceplugin-face-recognition-js 0.0.1 (MIT),
of which neither the author nor the training data are known; so it is no part of Facedesk, and never
vouches for anybody.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from common.errors import WeightsError
from common.picture import RgbImage
from common.sentence import Sentence
from models.conversion.weights import sha256
from models.engines.engine import Network
from models.engines.openvino import OpenVinoEngine
from models.face import Face

INPUT_SIDE = 128
"""The side in pixels of the square that the network reads, BGR, 0..255."""

ROOM = 2.7
"""The side of that square in longer sides of the face's box."""

CLASSES = 3
"""Of what the network tells apart, the first is a live face."""

MEASURED_SHA256 = "afa783b7e902fdfcf323a7240cac2a1c580c25314ea4161129dc1b0d100dc32d"
"""Of the file with which docs/liveness.md has its figures."""


class LivenessNetwork:
    """Tells how likely a face is live. One thread at a time may call it.

    sha256: of the file.
    """

    def __init__(self, network: Network, sha256: str) -> None:
        self._network = network
        self.sha256 = sha256

    @property
    def is_measured(self) -> bool:
        return self.sha256 == MEASURED_SHA256

    def live(self, image: RgbImage, face: Face) -> float:
        """Return what the network says of a detected face in an (H, W, 3) uint8 RGB picture: 0 for
        a picture of one, to 1 for a live one. Raises EngineError."""
        middle = (face.box_xyxy[:2] + face.box_xyxy[2:]) / 2
        side = min(ROOM * max(face.width, face.height, 1.0), *image.shape[:2])
        # The square keeps its size at the picture's border, and gives way.
        most = np.array(image.shape[1::-1]) - side
        left, top = np.clip(middle - side / 2, 0, most)
        scale = INPUT_SIDE / side
        matrix = np.array([[scale, 0, -scale * left], [0, scale, -scale * top]])
        square = cv2.warpAffine(image, matrix, (INPUT_SIDE, INPUT_SIDE), flags=cv2.INTER_LINEAR)
        bgr = np.ascontiguousarray(square[..., ::-1].transpose(2, 0, 1)[np.newaxis], np.float32)
        logits = np.asarray(self._network(bgr)[0][0], np.float64)
        shares = np.exp(logits - logits.max())
        return float(shares[0] / shares.sum())


def load_liveness_network(path: Path, openvino_cache: Path) -> LivenessNetwork:
    """Load the network from an ONNX file.

    Raises WeightsError where there is no such file, or it is another kind of network; EngineError
    where OpenVINO refuses it.
    """
    shapes = _shapes(path)
    wanted = [[1, 3, INPUT_SIDE, INPUT_SIDE]], [[1, CLASSES]]
    if shapes != wanted:
        raise WeightsError(
            Sentence("a network from {} to {} in {}", *wanted, path),
            Sentence("it has {} to {}", *shapes),
            "Name fr_liveness.onnx of faceplugin-face-recognition-js 0.0.1 as liveness_network, "
            "or leave the setting empty",
        )
    return LivenessNetwork(OpenVinoEngine(openvino_cache).load(path), sha256(path))


def _shapes(path: Path) -> tuple[list[list[int]], list[list[int]]]:
    """Return the shapes of an ONNX file's inputs and outputs; a size that is not fixed is 0."""
    import onnx
    from google.protobuf.message import DecodeError

    try:
        graph = onnx.load(path).graph
    except (OSError, DecodeError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else None
        raise WeightsError(
            Sentence("an ONNX file at {}, which liveness_network names", path),
            Sentence("it cannot be read ({})", why or error),
            "Name another file, or leave the setting empty",
        ) from error
    inputs, outputs = (
        [[size.dim_value for size in value.type.tensor_type.shape.dim] for value in values]
        for values in (graph.input, graph.output)
    )
    return inputs, outputs
