"""Turns weights as they are published into ONNX files that every runtime reads.

Each function writes one file and is called once for each machine (see compiled.py), in PyTorch's
own process (see models/torch_process): it imports torch.
"""

from __future__ import annotations

import logging
import warnings
from pathlib import Path
from pickle import UnpicklingError
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from common.errors import WeightsError
from common.sentence import Sentence

if TYPE_CHECKING:
    import onnx
    import torch

FORMAT = 2
"""The version of the files; it is increased whenever a function here writes something else."""

_NOT_A_STATE_DICT = (EOFError, LookupError, RuntimeError, TypeError, ValueError, UnpicklingError)
"""What torch is known to raise at files that it did not write, or that are cut short."""


def export_pnet(target: Path) -> None:
    """Export MTCNN's P-Net, made to read a whole image pyramid from one canvas.

    Inputs: canvas (1, H, W, 3) float32, normalized; mask (1, 1, H-2, W-2) float32, added
    before the pooling. A level with an odd side ends in half a pooling window; on a canvas
    the other half would see the neighbour, so the mask is very negative there.
    Outputs: regression (1, 4, h, w), face probability (1, h, w).
    """
    import torch
    from facenet_pytorch.models.mtcnn import PNet

    class CanvasPNet(PNet):  # type: ignore[misc]
        def forward(self, canvas: Any, mask: Any) -> tuple[Any, Any]:
            x = self.prelu1(self.conv1(canvas.permute(0, 3, 1, 2))) + mask
            x = self.prelu2(self.conv2(self.pool1(x)))
            x = self.prelu3(self.conv3(x))
            return self.conv4_2(x), self.softmax4_1(self.conv4_1(x))[:, 1]

    height, width = torch.export.Dim("height", min=24), torch.export.Dim("width", min=24)
    _export(
        CanvasPNet(),
        (torch.zeros(1, 96, 128, 3), torch.zeros(1, 1, 94, 126)),
        target,
        outputs=["regression", "probability"],
        dynamic=({1: height, 2: width}, {2: height - 2, 3: width - 2}),
    )


def export_sketch_pnet(target: Path) -> None:
    """Export P-Net for a canvas of bytes, without the mask.

    models/conversion/quantize.py makes it quick.

    Input: canvas (1, H, W, 3) uint8.
    Outputs: regression (1, 4, h, w), probabilities (1, 2, h, w).
    """
    import torch
    from facenet_pytorch.models.mtcnn import PNet

    class SketchPNet(PNet):  # type: ignore[misc]
        def forward(self, canvas: Any) -> Any:
            # 128, not 127.5: then the bytes themselves are the first convolution's eight-bit input.
            return super().forward((canvas.permute(0, 3, 1, 2).to(torch.float32) - 128) / 128)

    height, width = torch.export.Dim("height", min=24), torch.export.Dim("width", min=24)
    _export(
        SketchPNet(),
        (torch.zeros(1, 96, 128, 3, dtype=torch.uint8),),
        target,
        outputs=["regression", "probabilities"],
        dynamic=({1: height, 2: width},),
    )


def export_patch_pnet(target: Path) -> None:
    """Export P-Net for single cells. Input: (n, 12, 12, 3) float32, normalized.

    Outputs: regression (n, 4, 1, 1), probabilities (n, 2, 1, 1).
    """
    from facenet_pytorch.models.mtcnn import PNet

    _export_crop_network(PNet(), 12, target, ["regression", "probabilities"])


def export_rnet(target: Path) -> None:
    """Export MTCNN's R-Net. Input: (n, 24, 24, 3) float32, normalized.

    Outputs: regression (n, 4), probabilities (n, 2).
    """
    from facenet_pytorch.models.mtcnn import RNet

    _export_crop_network(RNet(), 24, target, ["regression", "probabilities"])


def export_onet(target: Path) -> None:
    """Export MTCNN's O-Net. Input: (n, 48, 48, 3) float32, normalized.

    Outputs: regression (n, 4), landmarks (n, 10: five x, then five y), probabilities (n, 2).
    """
    from facenet_pytorch.models.mtcnn import ONet

    _export_crop_network(ONet(), 48, target, ["regression", "landmarks", "probabilities"])


def export_facenet(weights: Path, target: Path) -> None:
    """Export InceptionResnetV1.

    Input: (n, 160, 160, 3) float32, normalized; output: (n, 512) unit rows.

    weights: the state dict that facenet-pytorch publishes; its classifier is left out.
    Raises WeightsError where the file holds something else.
    """
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
    _export_crop_network(model, 160, target, ["embedding"])


def fold_quantized(source: Path, target: Path) -> None:
    """Turn an ONNX file with block-quantized weights into the same network in plain fp32.

    The sources are OpenCV Zoo's `*_int8bq.onnx`: int8 weights behind DequantizeLinear with a
    block size (opset 21), which few runtimes read, some of them listed as graph inputs too.
    """
    import onnx
    from onnx import numpy_helper

    model = onnx.load(str(source))
    graph = model.graph
    constants = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    kept = []
    for node in graph.node:
        operands = [constants[name] for name in node.input if name in constants]
        if len(operands) < len(node.input):
            kept.append(node)
        elif node.op_type == "DequantizeLinear":
            constants[node.output[0]] = _dequantized(node, *operands[:3])
        elif node.op_type == "Reshape":
            constants[node.output[0]] = operands[0].reshape(operands[1])
        else:
            kept.append(node)

    used = {name for node in kept for name in node.input}
    del graph.node[:], graph.initializer[:]
    graph.node.extend(kept)
    graph.initializer.extend(
        numpy_helper.from_array(np.ascontiguousarray(constants[name]), name)
        for name in sorted(used & constants.keys())
    )
    inputs = [value for value in graph.input if value.name not in constants]
    del graph.input[:], graph.value_info[:]
    graph.input.extend(value for value in inputs if value.name in used)
    onnx.save(model, str(target))


def _dequantized(
    node: onnx.NodeProto, quantized: NDArray[Any], scale: NDArray[Any], zero: NDArray[Any]
) -> NDArray[np.float32]:
    """Compute DequantizeLinear of the ONNX specification, opset 21, with its block size."""
    attributes = {a.name: a.i for a in node.attribute}
    axis, block = attributes.get("axis", 1), attributes.get("block_size", 0)

    def spread(parameter: NDArray[Any]) -> NDArray[Any]:
        if not block:
            shape = [-1 if i == axis else 1 for i in range(quantized.ndim)]
            return parameter.reshape(shape) if parameter.ndim == 1 else parameter
        wide = np.repeat(parameter, block, axis=axis)
        return wide.take(range(quantized.shape[axis]), axis=axis)

    values = quantized.astype(np.float32) - spread(zero).astype(np.float32)
    return np.asarray(values * spread(scale), np.float32)


def _export_crop_network(
    network: torch.nn.Module, side: int, target: Path, outputs: list[str]
) -> None:
    """Export a network of square crops; its input becomes (n, side, side, 3)."""
    import torch

    class ChannelsLast(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, crops: Any) -> Any:
            return self.network(crops.permute(0, 3, 1, 2))

    batch = torch.export.Dim("n", min=1)
    example = torch.zeros(2, side, side, 3)
    _export(ChannelsLast(), (example,), target, outputs=outputs, dynamic=({0: batch},))


def _export(
    network: torch.nn.Module,
    example: tuple[Any, ...],
    target: Path,
    *,
    outputs: list[str],
    dynamic: tuple[Any, ...],
) -> None:
    import torch

    network.eval()
    exporter_log = logging.getLogger("torch.onnx")
    level = exporter_log.level
    with warnings.catch_warnings(), torch.no_grad():
        # The exporter warns about its own internals; nothing in them is ours to mend.
        warnings.simplefilter("ignore")
        exporter_log.setLevel(logging.ERROR)
        torch.onnx.export(
            network,
            example,
            str(target),
            output_names=outputs,
            dynamic_shapes=dynamic,
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        exporter_log.setLevel(level)
