"""Keras's layers in ONNX: those of the face networks that are published in its formats.

This is called in PyTorch's own process, where Keras runs, too. Each function writes one layer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from models.conversion.foreign.channels_last import ChannelsLastGraph, Value
from models.engines.engine import Array

Writer = Callable[[ChannelsLastGraph, Any, Sequence[Value]], Value]


class UnsupportedLayerError(Exception):
    """A layer asks for something that is not written here. Its text says what."""


def write_layer(graph: ChannelsLastGraph, layer: Any, inputs: Sequence[Value]) -> Value:
    """Write a layer of Keras. Raises UnsupportedLayerError."""
    kind = type(layer).__name__
    if getattr(layer, "data_format", "channels_last") != "channels_last":
        raise UnsupportedLayerError(f"{kind} with channels first")
    try:
        write = LAYERS[kind]
    except KeyError:
        raise UnsupportedLayerError(kind) from None
    return write(graph, layer, inputs)


def _activated(graph: ChannelsLastGraph, layer: Any, x: Value) -> Value:
    activation = getattr(layer, "activation", None)
    name = "linear" if activation is None else activation.__name__
    try:
        return _ACTIVATIONS[name](graph, x)
    except KeyError:
        raise UnsupportedLayerError(f"the activation {name}") from None


def _padding(layer: Any) -> str:
    if layer.padding not in ("same", "valid"):
        raise UnsupportedLayerError(f"the padding {layer.padding}")
    return str(layer.padding)


def _geometry(layer: Any) -> dict[str, Any]:
    return {
        "strides": layer.strides,
        "padding": _padding(layer),
        "dilations": layer.dilation_rate,
    }


def _numbers(variable: Any) -> Array:
    from keras import ops

    return np.asarray(ops.convert_to_numpy(variable), np.float32)


def _bias(layer: Any) -> Array | None:
    return _numbers(layer.bias) if layer.use_bias else None


def _conv(graph: ChannelsLastGraph, layer: Any, inputs: Sequence[Value]) -> Value:
    options = _geometry(layer)
    x = graph.conv(inputs[0], _numbers(layer.kernel), _bias(layer), groups=layer.groups, **options)
    return _activated(graph, layer, x)


def _depthwise(graph: ChannelsLastGraph, layer: Any, inputs: Sequence[Value]) -> Value:
    x = graph.depthwise(inputs[0], _numbers(layer.kernel), _bias(layer), **_geometry(layer))
    return _activated(graph, layer, x)


def _separable(graph: ChannelsLastGraph, layer: Any, inputs: Sequence[Value]) -> Value:
    x = graph.depthwise(inputs[0], _numbers(layer.depthwise_kernel), **_geometry(layer))
    return _activated(graph, layer, graph.conv(x, _numbers(layer.pointwise_kernel), _bias(layer)))


def _dense(graph: ChannelsLastGraph, layer: Any, inputs: Sequence[Value]) -> Value:
    return _activated(graph, layer, graph.dense(inputs[0], _numbers(layer.kernel), _bias(layer)))


def _batch_norm(graph: ChannelsLastGraph, layer: Any, inputs: Sequence[Value]) -> Value:
    (x,) = inputs
    axis = layer.axis[0] if isinstance(layer.axis, (list, tuple)) else layer.axis
    if axis % x.rank != x.rank - 1:
        raise UnsupportedLayerError("BatchNormalization of another axis than the last")
    mean, variance = _numbers(layer.moving_mean), _numbers(layer.moving_variance)
    gamma = _numbers(layer.gamma) if layer.scale else np.ones_like(mean)
    beta = _numbers(layer.beta) if layer.center else np.zeros_like(mean)
    return graph.batch_norm(x, gamma, beta, mean, variance, float(layer.epsilon))


def _prelu(graph: ChannelsLastGraph, layer: Any, inputs: Sequence[Value]) -> Value:
    return graph.prelu(inputs[0], _numbers(layer.alpha))


def _relu(graph: ChannelsLastGraph, layer: Any, inputs: Sequence[Value]) -> Value:
    (x,) = inputs
    if layer.threshold:
        raise UnsupportedLayerError("ReLU with a threshold")
    if not layer.negative_slope:
        high = None if layer.max_value is None else float(layer.max_value)
        return graph.each("Relu", x) if high is None else graph.clip(x, 0, high)
    if layer.max_value is not None:
        raise UnsupportedLayerError("ReLU with a slope and a limit")
    return graph.each("LeakyRelu", x, alpha=float(layer.negative_slope))


def _leaky_relu(graph: ChannelsLastGraph, layer: Any, inputs: Sequence[Value]) -> Value:
    return graph.each("LeakyRelu", inputs[0], alpha=float(layer.negative_slope))


def _elu(graph: ChannelsLastGraph, layer: Any, inputs: Sequence[Value]) -> Value:
    return graph.each("Elu", inputs[0], alpha=float(layer.alpha))


def _softmax(graph: ChannelsLastGraph, layer: Any, inputs: Sequence[Value]) -> Value:
    (x,) = inputs
    if layer.axis not in (-1, x.rank - 1):
        raise UnsupportedLayerError("Softmax of another axis than the last")
    return graph.softmax(x)


def _activation(graph: ChannelsLastGraph, layer: Any, inputs: Sequence[Value]) -> Value:
    return _activated(graph, layer, inputs[0])


def _pool(kind: str) -> Writer:
    def write(graph: ChannelsLastGraph, layer: Any, inputs: Sequence[Value]) -> Value:
        return graph.pool(kind, inputs[0], layer.pool_size, layer.strides, _padding(layer))

    return write


def _global_pool(operator: str) -> Writer:
    def write(graph: ChannelsLastGraph, layer: Any, inputs: Sequence[Value]) -> Value:
        return graph.reduced(operator, inputs[0], [1, 2], bool(layer.keepdims))

    return write


def _merge(operator: str) -> Writer:
    def write(graph: ChannelsLastGraph, layer: Any, inputs: Sequence[Value]) -> Value:
        rank = max(x.rank for x in inputs)
        # Where ranks differ Keras inserts axes behind the samples'.
        wide = [
            x if x.rank == rank else graph.inserted(x, range(1, 1 + rank - x.rank)) for x in inputs
        ]
        return graph.combined(operator, *wide)

    return write


def _concatenate(graph: ChannelsLastGraph, layer: Any, inputs: Sequence[Value]) -> Value:
    return graph.concat(inputs, layer.axis)


def _flatten(graph: ChannelsLastGraph, layer: Any, inputs: Sequence[Value]) -> Value:
    return graph.reshape(inputs[0], [0, -1])


def _reshape(graph: ChannelsLastGraph, layer: Any, inputs: Sequence[Value]) -> Value:
    return graph.reshape(
        inputs[0], [-1 if -1 not in layer.target_shape else 0, *layer.target_shape]
    )


def _zero_padding(graph: ChannelsLastGraph, layer: Any, inputs: Sequence[Value]) -> Value:
    (top, bottom), (left, right) = layer.padding
    return graph.pad(inputs[0], (top, left), (bottom, right))


def _rescaling(graph: ChannelsLastGraph, layer: Any, inputs: Sequence[Value]) -> Value:
    scaled = graph.combined("Mul", inputs[0], np.asarray(layer.scale, np.float32))
    return graph.combined("Add", scaled, np.asarray(layer.offset, np.float32))


def _unit(graph: ChannelsLastGraph, layer: Any, inputs: Sequence[Value]) -> Value:
    (x,) = inputs
    if layer.axis not in (-1, x.rank - 1, [-1], [x.rank - 1]):
        raise UnsupportedLayerError("UnitNormalization of another axis than the last")
    squares = graph.reduced("ReduceSum", graph.combined("Mul", x, x), [-1], keepdims=True)
    norm = graph.each("Sqrt", graph.clip(squares, 1e-12, None))
    return graph.combined("Div", x, norm)


def _same(graph: ChannelsLastGraph, layer: Any, inputs: Sequence[Value]) -> Value:
    return inputs[0]


def _each(operator: str, **attributes: Any) -> Callable[[ChannelsLastGraph, Value], Value]:
    return lambda graph, x: graph.each(operator, x, **attributes)


def _silu(graph: ChannelsLastGraph, x: Value) -> Value:
    return graph.combined("Mul", x, graph.each("Sigmoid", x))


def _hard_silu(graph: ChannelsLastGraph, x: Value) -> Value:
    return graph.combined("Mul", x, graph.each("HardSigmoid", x, alpha=1 / 6, beta=0.5))


_ACTIVATIONS: dict[str, Callable[[ChannelsLastGraph, Value], Value]] = {
    "linear": lambda graph, x: x,
    "relu": _each("Relu"),
    "relu6": lambda graph, x: graph.clip(x, 0, 6),
    "leaky_relu": _each("LeakyRelu", alpha=0.2),
    "elu": _each("Elu"),
    "selu": _each("Selu"),
    "sigmoid": _each("Sigmoid"),
    "hard_sigmoid": _each("HardSigmoid", alpha=1 / 6, beta=0.5),
    "hard_sigmoid_of_keras_2": _each("HardSigmoid", alpha=0.2, beta=0.5),
    "hard_silu": _hard_silu,
    "silu": _silu,
    "softmax": lambda graph, x: graph.softmax(x),
    "softplus": _each("Softplus"),
    "tanh": _each("Tanh"),
}
"""By the names of Keras's functions."""

LAYERS: dict[str, Writer] = {
    "Activation": _activation,
    "ActivityRegularization": _same,
    "Add": _merge("Add"),
    "AlphaDropout": _same,
    "AveragePooling2D": _pool("AveragePool"),
    "BatchNormalization": _batch_norm,
    "Concatenate": _concatenate,
    "Conv2D": _conv,
    "Dense": _dense,
    "DepthwiseConv2D": _depthwise,
    "Dropout": _same,
    "ELU": _elu,
    "Flatten": _flatten,
    "GaussianDropout": _same,
    "GaussianNoise": _same,
    "GlobalAveragePooling2D": _global_pool("ReduceMean"),
    "GlobalMaxPooling2D": _global_pool("ReduceMax"),
    "LeakyReLU": _leaky_relu,
    "MaxPooling2D": _pool("MaxPool"),
    "Maximum": _merge("Max"),
    "Minimum": _merge("Min"),
    "Multiply": _merge("Mul"),
    "PReLU": _prelu,
    "ReLU": _relu,
    "Rescaling": _rescaling,
    "Reshape": _reshape,
    "SeparableConv2D": _separable,
    "Softmax": _softmax,
    "SpatialDropout2D": _same,
    "Subtract": _merge("Sub"),
    "UnitNormalization": _unit,
    "ZeroPadding2D": _zero_padding,
}
"""By the names of Keras's classes. Input layers and models in a model are not among them."""
