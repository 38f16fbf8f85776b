"""OpenVINO: the default runtime, the fastest one on a plain CPU for these networks."""

from __future__ import annotations

import sys
from collections import OrderedDict
from functools import cache
from math import prod
from pathlib import Path
from typing import Any

from common.errors import EngineError
from common.sentence import Sentence
from models.conversion.compiled import hash_of
from models.engines.engine import Array, FloatArray, Network
from models.engines.openvino_blobs import BlobFolder, BlobKey

LARGE_INPUT = 500_000
"""Count of numbers from which an input is large, such as a canvas of P-Net's. To compile for
smaller inputs would gain little, and take 60 MB of memory."""

MOST_SHAPES = 32
"""How many shapes of large inputs are remembered, to know which come a second time: more than a 4K
picture has parts with faces of 20 pixels."""

MOST_BYTES = 4_300_000
"""The most bytes of input, over all shapes that a network is compiled for: the network keeps 7 to
20 bytes of memory for each. Enough for P-Net's canvas of a 640x480 picture with faces of 20
pixels, and for all sketches of 1920x1080."""

_EXACT, _ROUNDED = "f32", "bf16"

_Shapes = tuple[tuple[int, ...], ...]


class OpenVinoEngine:
    """OpenVINO on `device`: "CPU", or another that it lists, such as "GPU" or "NPU".

    cache_dir: where compiled models are kept between starts, see openvino_blobs.py; this halves the
    time of a start. threads: of each network; None for as many as OpenVINO likes. processor:
    the file in which Linux tells what the processor has.
    """

    def __init__(
        self,
        cache_dir: Path,
        device: str = "CPU",
        threads: int | None = None,
        processor: Path = Path("/proc/cpuinfo"),
    ) -> None:
        self._core = core()
        offered = self.devices()
        if device not in offered and device.split(".")[0] not in offered:
            raise EngineError(
                Sentence("a device named {} for OpenVINO", device),
                Sentence("this computer offers {}", ", ".join(offered) or Sentence("none")),
                "Set device to one of these, or to auto",
            )
        try:
            cache_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EngineError(
                Sentence("to keep compiled models in {}", cache_dir),
                Sentence("the folder cannot be made ({})", error.strerror or error),
                "Free some space, or let FACEDESK_CACHE name a folder that can be written",
            ) from error
        self._device = device
        self._processor = processor
        self._blobs = BlobFolder(cache_dir)
        self._config: dict[str, Any] = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": _EXACT,
        }
        if threads is not None:
            # Pinned, the threads of several networks would all share the first cores.
            self._config |= {"INFERENCE_NUM_THREADS": threads, "ENABLE_CPU_PINNING": False}

    @staticmethod
    def devices() -> list[str]:
        """Return the devices that OpenVINO finds here, such as CPU, GPU.0, GPU.1, NPU."""
        return list(core().available_devices)

    @property
    def name(self) -> str:
        return f"openvino:{self._device}"

    @property
    def has_eight_bits(self) -> bool:
        return self._device == "CPU"

    def load(self, model: Path, *, rounded: bool = False) -> Network:
        config = self._config
        if rounded and self._has_bfloat16:
            config = {**config, "INFERENCE_PRECISION_HINT": _ROUNDED}
        try:
            return _OpenVinoNetwork(_Compiler(self._core, self._blobs, model, self._device, config))
        except RuntimeError as error:
            raise _refused(model, self._device, error) from error

    @property
    def _has_bfloat16(self) -> bool:
        """Return whether the CPU gains by bfloat16.

        Where OpenVINO would only imitate it, OpenVINO itself prefers another type. With the vector
        instructions of AVX-512 alone it prefers bfloat16, and takes one and a half to two times
        as long with it as with float32: SFace, O-Net and the sketch, interleaved.
        """
        if self._device != "CPU" or not _has_tiles(self._processor):
            return False
        preferred = self._core.get_property(self._device, "INFERENCE_PRECISION_HINT")
        return bool(preferred.get_type_name() == _ROUNDED)


def _has_tiles(processor: Path) -> bool:
    """Return whether the processor multiplies tiles of bfloat16 (AMX), as far as Linux tells."""
    try:
        return " amx_bf16" in processor.read_text("utf-8", "replace")
    except OSError:
        return False


class _Compiler:
    """Compiles one model for a device, or takes what was compiled at an earlier start."""

    def __init__(
        self, core: Any, blobs: BlobFolder, model: Path, device: str, config: dict[str, Any]
    ) -> None:
        self._core, self._blobs, self._config = core, blobs, config
        self.model, self.device = model, device
        self._network = model.stem.replace(".", "-")
        self._world = f"{hash_of(model)} {_core_version()}"
        capabilities = core.get_property(device, "OPTIMIZATION_CAPABILITIES")
        self._has_blobs = "EXPORT_IMPORT" in capabilities
        self._hardware = f"{core.get_property(device, 'FULL_DEVICE_NAME')} {sorted(capabilities)}"
        self._mapped: list[Any] = []  # the blobs' memory, in which the compiled models read

    def compiled(self, shapes: _Shapes | None = None) -> Any:
        """Return the request of the model, compiled for inputs of those shapes or for any.

        Raises RuntimeError where OpenVINO refuses.
        """
        variant = f"{self.device} {self._hardware} {sorted(self._config.items())} {shapes}"
        key = BlobKey(self._network, self._world, variant)
        compiled = self._imported(key) if self._has_blobs else None
        if compiled is None:
            compiled = self._core.compile_model(self._read(shapes), self.device, self._config)
            if self._has_blobs:
                self._blobs.save(key, compiled.export_model().getbuffer())
        return compiled.create_infer_request()

    def _imported(self, key: BlobKey) -> Any | None:
        from openvino import Shape, Tensor, Type

        blob = self._blobs.load(key)
        if blob is None:
            return None
        self._mapped.append(blob)
        tensor = Tensor(blob, Shape([blob.size]), Type.u8)
        try:
            return self._core.import_model(tensor, self.device, self._config)
        except RuntimeError:  # a driver of another version, for example: it is compiled anew
            return None

    def _read(self, shapes: _Shapes | None) -> Any:
        model = self._core.read_model(str(self.model))
        if shapes is not None:
            model.reshape(dict(zip(model.inputs, shapes, strict=True)))
        return model


class _OpenVinoNetwork:
    """A model for arrays of any shapes; it is compiled again for shapes that come often."""

    def __init__(self, compiler: _Compiler) -> None:
        self._any_shapes = compiler.compiled()
        inputs = self._any_shapes.model_inputs
        self._is_dynamic = any(i.partial_shape.is_dynamic for i in inputs)
        self._for_shapes: OrderedDict[_Shapes, Any] = OrderedDict()
        self._compiler = compiler  # last, for it goes last: it has the memory that the others read

    def __call__(self, *inputs: Array) -> tuple[FloatArray, ...]:
        try:
            request = self._request(inputs)
            results = request.infer(inputs, share_inputs=True, share_outputs=True)
        except RuntimeError as error:
            raise _refused(self._compiler.model, self._compiler.device, error) from error
        return tuple(results.to_tuple())

    def _request(self, inputs: tuple[Array, ...]) -> Any:
        """Return the quickest compiled model for these inputs.

        When large shapes come a second time, the model is compiled for them while there is room.
        That takes 10 ms from the cache; P-Net is then a quarter quicker.
        """
        if not self._is_dynamic or sum(array.size for array in inputs) < LARGE_INPUT:
            return self._any_shapes
        shapes = tuple(array.shape for array in inputs)
        request = self._any_shapes
        if shapes in self._for_shapes:
            request = self._for_shapes.pop(shapes)
            if request is self._any_shapes and self._has_room_for(inputs):
                request = self._compiler.compiled(shapes)
        self._for_shapes[shapes] = request
        if len(self._for_shapes) > MOST_SHAPES:
            self._for_shapes.popitem(last=False)
        return request

    def _has_room_for(self, inputs: tuple[Array, ...]) -> bool:
        """Return whether there is memory for a model compiled for these shapes.

        Shapes that are forgotten free memory; shapes in use are never dropped for others, since
        compiling them in turn would take longer than it gains.
        """
        taken = sum(array.nbytes for array in inputs)
        for shapes, request in self._for_shapes.items():
            if request is not self._any_shapes:
                taken += sum(prod(s) * a.itemsize for s, a in zip(shapes, inputs, strict=True))
        return taken <= MOST_BYTES


def openvino_package() -> Any:
    """Return the package openvino, imported without what would report its use."""
    # OpenVINO's model converter, which is not used here, imports a package that reports
    # usage to its maker. Nothing may be sent from here: the name is blocked, and the
    # converter with it. It also takes a third of OpenVINO's import time.
    sys.modules.setdefault("openvino.tools.ovc", None)  # type: ignore[arg-type]
    import openvino

    return openvino


@cache
def core() -> Any:
    return openvino_package().Core()


def _core_version() -> str:
    from openvino import get_version

    return str(get_version())


def _refused(model: Path, device: str, error: Exception) -> EngineError:
    return EngineError(
        Sentence("OpenVINO to run {} on {}", model.name, device),
        Sentence("it refused: {}", str(error).strip().splitlines()[-1]),
        "Set device to CPU, or update OpenVINO",
    )
