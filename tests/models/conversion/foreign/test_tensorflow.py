"""Frozen graphs: two that TensorFlow itself has made, and others that are written here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from common.errors import WeightsError
from models.conversion.foreign.frozen_graph import message_class, read_frozen_graph
from models.conversion.foreign.tensorflow import frozen_network, write_frozen, write_reference
from models.engines.engine import Engine, FloatArray

MADE = Path(__file__).with_name("made_by_tensorflow")
PICTURES = (np.arange(4 * 48 * 48 * 3) * 7919 % 251 / 125 - 1).reshape(4, 48, 48, 3)
PICTURES = PICTURES.astype(np.float32)

FLOAT, INT, BOOL = 1, 3, 10


class Graph:
    """Writes a GraphDef."""

    def __init__(self) -> None:
        self.message = message_class("Graph")()

    def node(self, operator: str, name: str, inputs: list[str], **attributes: Any) -> str:
        node = self.message.node.add(name=name, op=operator, input=inputs)
        for key, value in attributes.items():
            attribute = node.attr.add(key=key.encode()).value
            match value:
                case bool():
                    attribute.b = value
                case int():
                    attribute.type = value
                case float():
                    attribute.f = value
                case str():
                    attribute.s = value.encode()
                case list():
                    attribute.list.i.extend(value)
                case tuple():
                    for side in value:
                        attribute.shape.dim.add(size=side)
        return name

    def constant(self, name: str, value: Any) -> str:
        numbers = np.asarray(value)
        is_whole = numbers.dtype.kind in "iu"
        numbers = numbers.astype("<i4" if is_whole else "<f4")
        self.node("Const", name, [], dtype=INT if is_whole else FLOAT)
        tensor = self.message.node[-1].attr.add(key=b"value").value.tensor
        tensor.dtype = INT if is_whole else FLOAT
        tensor.tensor_content = numbers.tobytes()
        tensor.tensor_shape.SetInParent()
        for side in numbers.shape:
            tensor.tensor_shape.dim.add(size=side)
        return name

    def picture(self, side: int = 8, name: str = "input") -> str:
        return self.node("Placeholder", name, [], dtype=FLOAT, shape=(-1, side, side, 3))

    def save(self, path: Path) -> Path:
        path.write_bytes(self.message.SerializeToString())
        return path


def both(engine: Engine, path: Path, pictures: FloatArray) -> tuple[FloatArray, FloatArray]:
    """What our ONNX file gives, and what OpenVINO's own reader of the graph does."""
    network = frozen_network(path)
    target, reference = path.with_suffix(".onnx"), path.with_suffix(".xml")
    write_frozen(network, target)
    write_reference(network, reference)
    onnx.checker.check_model(onnx.load(str(target)), full_check=True)
    ours, theirs = engine.load(target)(pictures)[0].copy(), engine.load(reference)(pictures)[0]
    return ours, theirs


@pytest.mark.parametrize("name", ["facenet_like", "facenet_like_plain"])
def test_it_gives_tensorflows_vectors(engine: Engine, tmp_path: Path, name: str) -> None:
    """With conditions on phase_train, a queue before the input, fused and plain batch norms."""
    path = tmp_path / f"{name}.pb"
    path.write_bytes((MADE / path.name).read_bytes())
    network = frozen_network(path)
    assert (network.source, network.result) == ("input", "embeddings")
    assert (network.width, network.height) == (48, 48)
    assert network.conditions == ("phase_train",)
    ours, theirs = both(engine, path, PICTURES)
    vectors = np.load(MADE / f"{name}.npy")
    assert (vectors @ vectors.T).min() < 0.999, "all pictures look alike to it"
    assert np.abs(ours - vectors).max() < 1e-6
    assert np.abs(theirs - vectors).max() < 1e-6


def test_the_other_name_of_facenets_input(engine: Engine, tmp_path: Path) -> None:
    graph = message_class("Graph")()
    graph.ParseFromString((MADE / "facenet_like.pb").read_bytes())
    for node in [node for node in graph.node if node.name == "input"]:
        graph.node.remove(node)
    for node in graph.node:
        node.input[:] = ["image_batch" if name == "input" else name for name in node.input]
    path = tmp_path / "net.pb"
    path.write_bytes(graph.SerializeToString())
    network = frozen_network(path)
    assert (network.source, network.width) == ("image_batch", 48)
    write_frozen(network, tmp_path / "net.onnx")
    (found,) = engine.load(tmp_path / "net.onnx")(PICTURES)
    assert np.abs(found - np.load(MADE / "facenet_like.npy")).max() < 1e-6


def test_its_convolutions_batch_norms_are_folded(tmp_path: Path) -> None:
    write_frozen(frozen_network(MADE / "facenet_like.pb"), tmp_path / "net.onnx")
    model = onnx.load(str(tmp_path / "net.onnx"))
    normed = {node.output[0] for node in model.graph.node if node.op_type == "Conv"}
    norms = [node for node in model.graph.node if node.op_type == "BatchNormalization"]
    assert not [norm for norm in norms if norm.input[0] in normed]
    (output,) = model.graph.output
    assert [side.dim_value for side in output.type.tensor_type.shape.dim][1] == 16


def test_operators_of_mobile_networks(engine: Engine, tmp_path: Path) -> None:
    """Depthwise convolutions, PReLU as TensorFlow writes it, Relu6, paddings, means."""
    random = np.random.default_rng(0)
    graph = Graph()
    x = graph.picture()
    sides = graph.constant("sides", [[0, 0], [1, 0], [0, 1], [0, 0]])
    x = graph.node("Pad", "pad", [x, sides], T=FLOAT, Tpaddings=INT)
    kernel = graph.constant("kernel", random.normal(0, 0.3, (3, 3, 3, 2)))
    x = graph.node(
        *("DepthwiseConv2dNative", "depthwise", [x, kernel]),
        **{"T": FLOAT, "strides": [1, 2, 2, 1], "padding": "SAME", "data_format": "NHWC"},
        dilations=[1, 1, 1, 1],
    )
    x = graph.node("BiasAdd", "biased", [x, graph.constant("b", random.normal(0, 1, 6))], T=FLOAT)
    negative = graph.node("Sub", "negative", [x, graph.node("Abs", "abs", [x], T=FLOAT)], T=FLOAT)
    slopes = graph.constant("slopes", random.uniform(0, 0.5, 6))
    scaled = graph.node("Mul", "scaled", [slopes, negative], T=FLOAT)
    x = graph.node("Add", "prelu", [graph.node("Relu", "relu", [x], T=FLOAT), scaled], T=FLOAT)
    x = graph.node("Relu6", "six", [x], T=FLOAT)
    pool = {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": "SAME", "T": FLOAT}
    x = graph.node("AvgPool", "pooled", [x], **pool, data_format="NHWC")
    x = graph.node(
        *("Mean", "mean", [x, graph.constant("axes", [1, 2])]),
        **{"T": FLOAT, "Tidx": INT, "keep_dims": False},
    )
    graph.node(
        *("MatMul", "vector", [x, graph.constant("last", random.normal(0, 1, (6, 5)))]),
        **{"T": FLOAT, "transpose_a": False, "transpose_b": False},
    )
    pictures = random.uniform(-1, 1, (3, 8, 8, 3)).astype(np.float32)
    ours, theirs = both(engine, graph.save(tmp_path / "net.pb"), pictures)
    assert ours.shape == (3, 5)
    assert np.ptp(ours, axis=0).min() > 0.01, "all pictures look alike to it"
    assert ours == pytest.approx(theirs, abs=1e-5)


def flattened_by_pack(graph: Graph, x: str) -> str:
    shape = graph.node("Shape", "shape", [x], T=FLOAT, out_type=INT)
    bounds = [graph.constant(f"at{n}", [n]) for n in (0, 1)]
    graph.constant("step", [1])
    count = graph.node(
        *("StridedSlice", "count", [shape, *bounds, "step"]), T=INT, Index=INT, shrink_axis_mask=1
    )
    attribute = graph.message.node[-1].attr[-1]
    attribute.value.Clear()
    attribute.value.i = 1
    packed = graph.node("Pack", "packed", [count, graph.constant("rest", -1)], T=INT)
    graph.message.node[-1].attr.add(key=b"N").value.i = 2
    return graph.node("Reshape", "flat", [x, packed], T=FLOAT, Tshape=INT)


def flattened_by_product(graph: Graph, x: str) -> str:
    """As slim's flatten was written in TensorFlow 1.1."""
    shape = graph.node("Shape", "shape", [x], T=FLOAT, out_type=INT)
    numbers = {n: graph.constant(f"n{n}", [n]) for n in (0, 1, 3)}
    first = graph.node("Slice", "first", [shape, numbers[0], numbers[1]], T=INT, Index=INT)
    others = graph.node("Slice", "others", [shape, numbers[1], numbers[3]], T=INT, Index=INT)
    product = graph.node("Prod", "product", [others, numbers[0]], T=INT, Tidx=INT, keep_dims=False)
    wide = graph.node("ExpandDims", "wide", [product, graph.constant("zero", 0)], T=INT, Tdim=INT)
    both = graph.node("ConcatV2", "both", [first, wide, "zero"], T=INT, Tidx=INT)
    graph.message.node[-1].attr.add(key=b"N").value.i = 2
    return graph.node("Reshape", "flat", [x, both], T=FLOAT, Tshape=INT)


@pytest.mark.parametrize("flatten", [flattened_by_pack, flattened_by_product])
def test_flattening_by_the_shape(
    engine: Engine, tmp_path: Path, flatten: Callable[[Graph, str], str]
) -> None:
    random = np.random.default_rng(1)
    graph = Graph()
    x = graph.picture(6)
    kernel = graph.constant("kernel", random.normal(0, 0.3, (3, 3, 3, 4)))
    x = graph.node(
        *("Conv2D", "conv", [x, kernel]),
        **{"T": FLOAT, "strides": [1, 1, 1, 1], "padding": "VALID", "data_format": "NHWC"},
        dilations=[1, 1, 1, 1],
    )
    last = graph.constant("last", random.normal(0, 1, (64, 5)))
    graph.node(
        "MatMul", "v", [flatten(graph, x), last], T=FLOAT, transpose_a=False, transpose_b=False
    )
    pictures = random.uniform(-1, 1, (3, 6, 6, 3)).astype(np.float32)
    ours, theirs = both(engine, graph.save(tmp_path / "net.pb"), pictures)
    assert ours.shape == (3, 5)
    assert ours == pytest.approx(theirs, abs=1e-5)


def unknown(graph: Graph) -> None:
    graph.node("LRN", "embeddings", [graph.picture()])


def still_trained(graph: Graph) -> None:
    numbers = [graph.constant(name, [1.0, 1, 1]) for name in "abcd"]
    graph.node("FusedBatchNorm", "embeddings", [graph.picture(), *numbers], is_training=True)


def with_a_hole(graph: Graph) -> None:
    graph.node("Relu", "embeddings", ["nowhere"])
    graph.picture()


def in_a_circle(graph: Graph) -> None:
    graph.picture()
    graph.node("Relu", "a", ["embeddings"])
    graph.node("Relu", "embeddings", ["a"])


def with_two_ends(graph: Graph) -> None:
    x = graph.picture(name="pictures")
    graph.node("Relu", "a", [x])
    graph.node("Relu", "b", [x])


def with_two_inputs(graph: Graph) -> None:
    graph.node("Add", "sum", [graph.picture(name="a"), graph.picture(name="b")])


def with_a_condition_on_the_picture(graph: Graph) -> None:
    x = graph.picture()
    graph.node("Switch", "switch", [x, graph.node("Any", "any", [x])])
    graph.node("Merge", "embeddings", ["switch", "switch:1"])


def with_nan(graph: Graph) -> None:
    graph.node("Mul", "embeddings", [graph.picture(), graph.constant("scale", [np.nan])])


def of_one_number(graph: Graph) -> None:
    """The file is small, the network would fill the memory."""
    graph.node("Mul", "embeddings", [graph.picture(), graph.constant("scale", [1.0])])
    tensor = graph.message.node[1].attr[-1].value.tensor
    tensor.tensor_content = b""
    tensor.float_val.append(1)
    tensor.tensor_shape.dim[0].size = 1 << 40


def of_another_size(graph: Graph) -> None:
    graph.node("Mul", "embeddings", [graph.picture(), graph.constant("scale", [1.0])])
    graph.message.node[1].attr[-1].value.tensor.tensor_shape.dim[0].size = 7


def without_an_attribute(graph: Graph) -> None:
    kernel = graph.constant("kernel", np.zeros((3, 3, 3, 4)))
    graph.node("Conv2D", "embeddings", [graph.picture(), kernel])


def not_of_the_picture(graph: Graph) -> None:
    graph.picture()
    graph.node("Identity", "embeddings", [graph.constant("numbers", [1.0])])


def of_one_channel(graph: Graph) -> None:
    x = graph.node("Placeholder", "input", [], dtype=FLOAT, shape=(-1, 8, 8, 1))
    graph.node("Relu", "embeddings", [x])


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (unknown, "its node embeddings needs LRN, which is not converted here"),
        (still_trained, "FusedBatchNorm that is still trained"),
        (with_a_hole, "its node nowhere is missing"),
        (in_a_circle, "its nodes do not fit together"),
        (with_two_ends, "it ends in a, b, not in one vector"),
        (with_two_inputs, "its inputs are a, b, where one picture should be"),
        (with_a_condition_on_the_picture, "its condition any depends on the picture"),
        (with_nan, "not everything in its scale is a number"),
        (of_one_number, "scale has another size than its shape"),
        (of_another_size, "its node scale is not as it must be"),
        (without_an_attribute, "embeddings needs Conv2D with the padding"),
        (not_of_the_picture, "what it gives does not depend on the picture"),
        (of_one_channel, "it reads 1 channels, not 3"),
    ],
)
def test_what_is_no_network_for_faces_is_refused(
    tmp_path: Path, spoil: Callable[[Graph], None], found: str
) -> None:
    graph = Graph()
    spoil(graph)
    path = graph.save(tmp_path / "net.pb")
    with pytest.raises(WeightsError, match=found):
        write_frozen(frozen_network(path), tmp_path / "net.onnx")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "there is no network in it"),
        (b"hello, a text\n" * 20, "it is damaged or holds something else"),
        (b"\x08\x01\x12\x02ab", "there is no network in it"),
        ((MADE / "facenet_like.pb").read_bytes()[:5000], "it is damaged or holds something else"),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes, found: str) -> None:
    (tmp_path / "net.pb").write_bytes(content)
    with pytest.raises(WeightsError, match=found):
        read_frozen_graph(tmp_path / "net.pb")


def test_a_saved_model_is_named(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").write_bytes(b"\x08\x01\x12\x02ab")
    with pytest.raises(WeightsError, match=r"it is a SavedModel\. Take the file that freeze_graph"):
        read_frozen_graph(tmp_path / "saved_model.pb")


@pytest.mark.parametrize("seed", range(40))
def test_whatever_a_byte_becomes_nothing_but_a_refusal_comes_of_it(
    tmp_path: Path, seed: int
) -> None:
    content = bytearray((MADE / "facenet_like_plain.pb").read_bytes())
    random = np.random.default_rng(seed)
    for place in random.integers(0, len(content), 30):
        content[place] = random.integers(0, 256)
    (tmp_path / "net.pb").write_bytes(content)
    try:
        write_frozen(frozen_network(tmp_path / "net.pb"), tmp_path / "net.onnx")
    except WeightsError:
        assert not (tmp_path / "net.onnx").exists()
