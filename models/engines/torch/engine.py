"""Runs the same ONNX files as the other runtimes with torch on an NVIDIA GPU.

Installed with the extra `torch`. The files are run operator by operator: they contain 28 different
ones (see operators.py).

It runs in a process of its own, as does all that imports torch: see remote.py.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common.errors import EngineError
from common.extras import needing
from common.sentence import Sentence
from models.engines.engine import Array, FloatArray, Network, check_onnx

if TYPE_CHECKING:
    import onnx
    from torch import Tensor


class TorchEngine:
    """torch on `device`: "cuda", "cuda:1" for a second GPU, or "cpu", which is slow.

    Raises EngineError where torch sees no such device.
    """

    def __init__(self, device: str = "cuda") -> None:
        with needing(
            "torch", Sentence("which device asks for"), EngineError, Sentence("set device to auto")
        ):
            import torch

        kind, _, number = device.partition(":")
        gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
        offered = {"cpu": 1, "cuda": gpus}
        if not (number or "0").isdecimal() or int(number or 0) >= offered.get(kind, 0):
            raise EngineError(
                Sentence("a device named {} for torch", device),
                Sentence("torch {} finds {} that it can use", torch.__version__, _counted(gpus)),
                "Install a torch that is built for this GPU's driver, or set device to auto",
            )
        # TF32 has 10 bits and moves boxes; and the same crop must give the same embedding.
        torch.backends.cudnn.allow_tf32 = False
        torch.backends.cudnn.deterministic = True
        self._device = device

    @property
    def name(self) -> str:
        return f"torch:{self._device}"

    @property
    def has_eight_bits(self) -> bool:
        return False

    def load(self, model: Path, *, rounded: bool = False) -> Network:
        import onnx
        from google.protobuf.message import DecodeError

        check_onnx(model, "torch")
        try:
            return _TorchNetwork(onnx.load(str(model)).graph, model, self._device)
        except (DecodeError, RuntimeError) as error:
            raise _refused(model, self._device, error) from error


@dataclass(frozen=True)
class _Step:
    """One operator of a model. spent: names of the values that no later step reads."""

    operator: Callable[..., Tensor]
    inputs: tuple[str, ...]
    attributes: dict[str, Any]
    output: str
    spent: tuple[str, ...]


class _TorchNetwork:
    """A network whose weights stay on the device; a call moves only inputs and outputs."""

    def __init__(self, graph: onnx.GraphProto, model: Path, device: str) -> None:
        self._model, self._device = model, device
        scales = {
            name for node in graph.node if node.op_type == "Resize" for name in node.input[1:]
        }
        self._constants = {
            value.name: _placed(value, "cpu" if value.name in scales else device)
            for value in graph.initializer
        }
        self._inputs = [i.name for i in graph.input if i.name not in self._constants]
        self._outputs = [value.name for value in graph.output]
        steps = []
        needed = {*self._outputs, *self._constants}
        for node in reversed(graph.node):
            spent = {name for name in node.input if name} - needed
            needed |= spent
            steps.append(_step(node, tuple(spent), device))
        self._steps = steps[::-1]

    def __call__(self, *inputs: Array) -> tuple[FloatArray, ...]:
        import torch

        try:
            with torch.inference_mode():
                return self._run(inputs)
        except RuntimeError as error:
            raise _refused(self._model, self._device, error) from error

    def _run(self, inputs: tuple[Array, ...]) -> tuple[FloatArray, ...]:
        import torch

        values: dict[str, Tensor | None] = {"": None, **self._constants}
        for name, array in zip(self._inputs, inputs, strict=True):
            values[name] = torch.tensor(array, device=self._device)
        for step in self._steps:
            operands = [values[name] for name in step.inputs]
            values[step.output] = step.operator(*operands, **step.attributes)
            for name in step.spent:
                del values[name]
        outputs = [values[name] for name in self._outputs]
        return tuple(value.cpu().numpy() for value in outputs if value is not None)


def _step(node: onnx.NodeProto, spent: tuple[str, ...], device: str) -> _Step:
    """Make the step of a node.

    Raises NotImplementedError for an operator, or an attribute of one, that is not known.
    """
    import onnx

    from models.engines.torch.operators import OPERATORS

    operator = OPERATORS.get(node.op_type)
    if operator is None or node.domain or len(node.output) != 1:
        raise NotImplementedError(
            f"the operator {node.domain} {node.op_type} with {len(node.output)} outputs is unknown"
        )
    attributes = {}
    for attribute in node.attribute:
        value = onnx.helper.get_attribute_value(attribute)
        if isinstance(value, bytes):
            value = value.decode()
        elif isinstance(value, onnx.TensorProto):
            value = _placed(value, device)
        attributes[attribute.name] = value
    try:
        inspect.signature(operator).bind(*node.input, **attributes)
    except TypeError as error:
        raise NotImplementedError(f"{node.op_type} is known otherwise: {error}") from error
    return _Step(operator, tuple(node.input), attributes, node.output[0], spent)


def _placed(value: onnx.TensorProto, device: str) -> Tensor:
    """Return the tensor on the device; integers stay on the CPU, see operators.py."""
    import torch
    from onnx import numpy_helper

    tensor = torch.tensor(numpy_helper.to_array(value))
    return tensor.to(device) if tensor.is_floating_point() else tensor


def _refused(model: Path, device: str, error: Exception) -> EngineError:
    return EngineError(
        Sentence("torch to run {} on {}", model.name, device),
        Sentence("it refused: {}", str(error).strip().splitlines()[0]),
        "Set device to auto",
    )


def _counted(gpus: int) -> Sentence:
    if gpus == 1:
        return Sentence("one GPU")
    return Sentence("{} GPUs", gpus) if gpus else Sentence("no GPU")
