"""Makes each model from the weights that are published."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from common.errors import WeightsError
from common.sentence import Sentence
from models.conversion import centerface, mtcnn, opencv_zoo, quantize
from models.conversion.compiled import compiled
from models.conversion.facenet import FACENET_FILES
from models.conversion.facenet_layers import export_facenet


def convert(
    cache: Path, name: str, source: str, published: Path, stopped: threading.Event | None = None
) -> None:
    """Convert the model of that name, unless another program has done so meanwhile.

    See models/conversion/preparation.py:Conversion. stopped: see compiled(). Raises WeightsError
    where the cache cannot be written, the weights are damaged, or onnx cannot be imported.
    """

    def build(target: Path) -> None:
        _import_onnx()
        _writer(name)(published, target)

    compiled(cache, name, source, build, stopped)


def _import_onnx() -> None:
    try:
        import onnx  # noqa: F401
    except (ImportError, OSError) as error:
        raise WeightsError(
            "the Python package onnx, with which the models are converted once",
            Sentence("it cannot be imported ({})", error),
            "Install Facedesk again with its dependencies",
        ) from error


def _write_sketch_pnet(published: Path, target: Path) -> None:
    _in_eight_bits(mtcnn.write_sketch_pnet, quantize.SKETCH_PNET_RANGES, published, target)


def _write_eight_bit_onet(published: Path, target: Path) -> None:
    _in_eight_bits(mtcnn.write_onet, quantize.ONET_RANGES, published, target)


def _in_eight_bits(
    write: Callable[[Path, Path], None],
    ranges: Mapping[int, tuple[float, float]],
    published: Path,
    target: Path,
) -> None:
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        full = Path(folder) / target.name
        write(published, full)
        quantize.quantize(full, target, ranges)


def _writer(name: str) -> Callable[[Path, Path], None]:
    """Return what writes the model of that name; an added CenterFace has its own after a hyphen."""
    return centerface.free_sizes if name.startswith("centerface-") else _WRITERS[name]


_WRITERS: dict[str, Callable[[Path, Path], None]] = {
    "mtcnn-pnet": mtcnn.write_pnet,
    "mtcnn-rnet": mtcnn.write_rnet,
    "mtcnn-onet": mtcnn.write_onet,
    "mtcnn-pnet-sketch": _write_sketch_pnet,
    "mtcnn-pnet-patch": mtcnn.write_patch_pnet,
    "mtcnn-onet-eight-bits": _write_eight_bit_onet,
    "yunet": opencv_zoo.fold_quantized,
    "sface": opencv_zoo.fold_quantized,
    "centerface": centerface.free_sizes,
    **{f"facenet-{data}": export_facenet for data in FACENET_FILES},
}
