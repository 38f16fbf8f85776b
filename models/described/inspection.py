"""Reads from a model file what can be read, and says what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, get_args

from common.errors import EngineError, WeightsError
from common.sentence import Sentence
from models.described.description import Layout, Numbers
from models.described.onnx_files import read_onnx, scales_itself
from models.engines.model_ports import ModelPorts, Port, read_ports

MOST_BYTES = 2_000_000_000
"""The largest file that is read: an ONNX file in one piece is not larger."""

Format = Literal["onnx", "tflite"]

_HEAD = 4096
_TO_CONVERT = {
    b"\x89HDF": "Keras",
    b"PK\x03\x04": "PyTorch or Keras",
    b"\x80\x02": "PyTorch",
    b"\x80\x04": "PyTorch",
}
_CONVERTED_SUFFIXES = {".pb": "TensorFlow", ".pt": "PyTorch", ".pth": "PyTorch", ".h5": "Keras"}

_GREY, _COLOUR = 1, 3


@dataclass(frozen=True)
class ModelFile:
    """What a file says of itself.

    path: the file, or where its weights lay in others a copy that has them within itself.
    ports: what goes in and comes out. layout, size: of the picture, (width, height); None where the
    file leaves it open. numbers, batch: as in ModelDescription. scales_itself: see onnx_files.py.
    """

    path: Path
    format: Format
    ports: ModelPorts
    layout: Layout | None
    size: tuple[int, int] | None
    numbers: Numbers
    batch: int
    scales_itself: bool


@contextmanager
def inspected(path: Path) -> Iterator[ModelFile]:
    """Give the `with` block what the file says of itself.

    A copy of the file is gone at its end. Raises WeightsError, in one sentence, where it is no
    model of a known format, is damaged, has weights that are no numbers, or does not read one
    picture.
    """
    kind = _kind(path)
    with TemporaryDirectory(prefix="facedesk-model-", ignore_cleanup_errors=True) as folder:
        file, own_scaling = path, False
        if kind == "onnx":
            file, own_scaling = _whole_onnx(path, Path(folder))
        # Its ending tells OpenVINO what it is.
        if file.suffix != f".{kind}":
            linked = Path(folder) / f"model.{kind}"
            linked.symlink_to(file.resolve())
            file = linked
        try:
            ports = read_ports(file)
        except EngineError as error:
            raise _not_a_model(
                Sentence("{} is damaged, or OpenVINO cannot run it: {}", path, error.found)
            ) from error
        if ports.not_finite:
            raise _not_a_model(
                Sentence(
                    "in {} the weights {} hold what is no number", path, repr(ports.not_finite)
                )
            )
        port = _picture_port(path, ports)
        layout, size = _picture(path, port)
        batch = port.shape[0] or 1
        yield ModelFile(file, kind, ports, layout, size, _numbers(path, port), batch, own_scaling)


def _kind(path: Path) -> Format:
    """Return the file's format, by its content. Raises WeightsError where it has no known one."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise _not_a_model(
            Sentence("{} cannot be read ({})", path, error.strerror or error)
        ) from error
    if size > MOST_BYTES:
        raise _not_a_model(Sentence("{} has {} MB", path, size // 1_000_000))
    if not head:
        raise _not_a_model(Sentence("{} is empty", path))
    if head[4:8] == b"TFL3":
        return "tflite"
    if head.startswith(b"version https://git-lfs"):
        raise _not_a_model(
            Sentence("{} is a pointer of Git LFS, which stands for the file itself", path)
        )
    framework = _CONVERTED_SUFFIXES.get(path.suffix.lower()) or next(
        (name for start, name in _TO_CONVERT.items() if head.startswith(start)), None
    )
    if framework is not None:
        raise WeightsError(
            "a model in the format ONNX or TFLite",
            Sentence("{} is a file of {}", path, framework),
            Sentence("Convert it first: facedesk models convert {}", path),
        )
    if _is_text(head):
        is_page = head.lstrip()[:1] == b"<"
        raise _not_a_model(
            Sentence("{} is a web page", path) if is_page else Sentence("{} is a text", path)
        )
    return "onnx"


def _is_text(head: bytes) -> bool:
    try:
        text = head[:-4].decode("utf-8") if len(head) == _HEAD else head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.end < len(head) - 4:
            return False
        text = head[: error.start].decode("utf-8")
    return all(character.isprintable() or character.isspace() for character in text)


def _whole_onnx(path: Path, folder: Path) -> tuple[Path, bool]:
    """Return the file, in one piece, and whether its network scales the picture itself."""
    import onnx

    model, is_in_pieces = read_onnx(path)
    if not is_in_pieces:
        return path, scales_itself(model)
    whole = folder / "whole.onnx"
    try:
        onnx.save(model, str(whole))
    except ValueError as error:
        raise _not_a_model(
            Sentence("{} has more than {} MB of weights", path, MOST_BYTES // 1_000_000)
        ) from error
    return whole, scales_itself(model)


def _picture_port(path: Path, ports: ModelPorts) -> Port:
    if len(ports.inputs) != 1:
        raise _no_picture(path, Sentence("it reads {} inputs", len(ports.inputs)))
    (port,) = ports.inputs
    if len(port.shape) != 4:
        sides = ", ".join("?" if side is None else str(side) for side in port.shape)
        raise _no_picture(path, Sentence("its input has the sides {}", f"({sides})"))
    return port


def _numbers(path: Path, port: Port) -> Numbers:
    for known in get_args(Numbers):
        if port.numbers == known:
            return known  # type: ignore[no-any-return]
    raise _no_picture(path, Sentence("its input is of the type {}", port.numbers))


def _picture(path: Path, port: Port) -> tuple[Layout | None, tuple[int, int] | None]:
    """Return layout and size of the picture that a port takes, as far as its shape says them."""
    _, first, second, third = port.shape
    layout: Layout | None = None
    if first == _COLOUR and third != _COLOUR:
        layout = "NCHW"
    elif third == _COLOUR and first != _COLOUR:
        layout = "NHWC"
    elif first == _GREY or third == _GREY:
        raise _no_picture(path, Sentence("it reads pictures without colours"))
    elif first is not None and third is not None:
        raise _no_picture(path, Sentence("none of its input's sides are three colours"))
    height, width = (second, third) if layout == "NCHW" else (first, second)
    if layout is None or height is None or width is None:
        return layout, None
    return layout, (width, height)


def _no_picture(path: Path, found: Sentence) -> WeightsError:
    return WeightsError(
        Sentence("{} to read one picture, of three colours", path), found, "Give another file"
    )


def _not_a_model(found: Sentence) -> WeightsError:
    return WeightsError(
        "a model in the format ONNX or TFLite", found, "Give another file, or get it again"
    )
