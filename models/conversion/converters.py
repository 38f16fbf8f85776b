"""Makes each model from the weights that are published. Runs in PyTorch's own process."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from common.errors import WeightsError
from common.sentence import Sentence
from models.conversion import export, quantize
from models.conversion.compiled import compiled
from models.conversion.weights import FACENET_FILES


def convert(cache: Path, name: str, source: str, published: Path | None) -> None:
    """Convert the model of that name, unless another program has done so meanwhile.

    See models/conversion/preparation.py:Conversion. Raises WeightsError where the cache cannot be
    written, the weights are damaged, or PyTorch is missing.
    """

    def build(target: Path) -> None:
        _import_converters()
        if published is None:
            _FROM_PACKAGE[name](target)
        else:
            _FROM_FILE[name](published, target)

    compiled(cache, name, source, build)


def _import_converters() -> None:
    """Import the packages for conversions. Raises WeightsError where one cannot be imported.

    Where one of PyTorch's own libraries is missing, its import ends in an OSError.
    """
    for package in _CONVERTERS:
        try:
            importlib.import_module(package)
        except (ImportError, OSError) as error:
            raise WeightsError(
                Sentence(
                    "the Python package {}, with which the models are converted once", package
                ),
                Sentence("it cannot be imported ({})", error),
                "Install the Python packages torch, torchvision, facenet-pytorch==2.5.3, onnx and "
                "onnxscript",
            ) from error


def _in_eight_bits(
    export_full: Callable[[Path], None], ranges: Mapping[int, tuple[float, float]], target: Path
) -> None:
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        full = Path(folder) / target.name
        export_full(full)
        quantize.quantize(full, target, ranges)


_CONVERTERS = ("torch", "facenet_pytorch", "onnx", "onnxscript")

_FROM_PACKAGE: dict[str, Callable[[Path], None]] = {
    "mtcnn-pnet": export.export_pnet,
    "mtcnn-rnet": export.export_rnet,
    "mtcnn-onet": export.export_onet,
    "mtcnn-pnet-sketch": partial(
        _in_eight_bits, export.export_sketch_pnet, quantize.SKETCH_PNET_RANGES
    ),
    "mtcnn-pnet-patch": export.export_patch_pnet,
    "mtcnn-onet-eight-bits": partial(_in_eight_bits, export.export_onet, quantize.ONET_RANGES),
}
_FROM_FILE: dict[str, Callable[[Path, Path], None]] = {
    "yunet": export.fold_quantized,
    "sface": export.fold_quantized,
    **{f"facenet-{trained_on}": export.export_facenet for trained_on in FACENET_FILES},
}
