"""What may be chosen for the settings whose choices depend on this computer, and what for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from common.errors import FacedeskError, WeightsError
from common.extras import install_line, is_installed
from common.sentence import Sentence

Path = tuple[str, ...]
"""The names of the tables that a setting is in, from the outermost, then its own name."""

AUTO = "auto"


@dataclass(frozen=True)
class Choice:
    """One choice. says: what it is good for. lacks: what to do to have it; empty where it is here.

    Both are Sentences, or empty.
    """

    value: str
    says: str = ""
    lacks: str = ""


DEVICES: Mapping[str, Sentence] = MappingProxyType(
    {
        AUTO: Sentence("Measures once which device is the quickest here, and uses it"),
        "openvino:CPU": Sentence("Every computer has it; the quickest on a plain processor"),
        "openvino:GPU": Sentence("Intel's graphics: leaves the processor free"),
        "openvino:NPU": Sentence("The neural unit of newer Intel processors: saves power"),
        "onnxruntime:CPU": Sentence("Another runtime on the processor, to compare with"),
        "onnxruntime:CUDA": Sentence("NVIDIA graphics, by ONNX Runtime"),
        "torch:cuda": Sentence("NVIDIA graphics, by PyTorch, in a process of its own"),
    }
)

_NO_DRIVER = {
    "openvino:GPU": Sentence("Needs Intel graphics with their driver for computing"),
    "openvino:NPU": Sentence("Needs an Intel processor with a neural unit, and its driver"),
    "onnxruntime:CUDA": Sentence("Needs NVIDIA graphics, and ONNX Runtime's package for them"),
    "torch:cuda": Sentence("Needs NVIDIA graphics with their driver"),
}

DETECTORS: Mapping[str, Sentence] = MappingProxyType(
    {
        "mtcnn": Sentence("Places eyes, nose and mouth best; for a webcam"),
        "yunet": Sentence("Quicker, for slow computers and large pictures"),
        "centerface": Sentence("For crowds of small faces; fetched when it is first used"),
    }
)

EMBEDDERS: Mapping[str, Sentence] = MappingProxyType(
    {
        "sface": Sentence("The most accurate and quickest of those that come with Facedesk"),
        "facenet-vggface2": Sentence("FaceNet, 512 numbers a face; fetched when it is first used"),
        "facenet-casia-webface": Sentence(
            "FaceNet from fewer people; for comparisons, fetched when it is first used"
        ),
    }
)

_ADDED = Sentence("A model that was added here")
_FUSED = Sentence("Several models together: more accurate, and as slow as all of them")


@cache
def _devices_here() -> frozenset[str]:
    """Return the devices that the runtimes find; they stay the same while the program runs."""
    from models.engines.devices import available_devices

    try:
        return frozenset(available_devices())
    except FacedeskError:  # whoever opens the device is told
        return frozenset()


def device_choices() -> Sequence[Choice]:
    here = _devices_here()
    known = [Choice(name, says, _lacking(name, here)) for name, says in DEVICES.items()]
    more = sorted(name for name in here if name not in DEVICES)  # such as a second GPU
    return [*known, *(Choice(name, DEVICES.get(name.partition(".")[0], "")) for name in more)]


def detector_choices() -> Sequence[Choice]:
    from models.detectors.loading import detector_names, own_detectors

    try:
        names: Iterable[str] = detector_names()
    except WeightsError:  # whoever runs one that was added is told
        names = own_detectors()
    return [Choice(name, DETECTORS.get(name, _ADDED)) for name in names]


def embedder_choices() -> Sequence[Choice]:
    from models.embedders.fusion import SEPARATOR
    from models.embedders.loading import embedder_names

    try:
        names: Iterable[str] = embedder_names()
    except WeightsError:  # whoever runs an embedder is told
        names = EMBEDDERS
    return [
        Choice(name, EMBEDDERS.get(name, _FUSED if SEPARATOR in name else _ADDED)) for name in names
    ]


OFFERS: Mapping[Path, Callable[[], Sequence[Choice]]] = MappingProxyType(
    {
        ("device",): device_choices,
        ("detector",): detector_choices,
        ("embedder",): embedder_choices,
    }
)
"""For the settings that take a text, of which this computer knows the choices."""


def _lacking(device: str, here: frozenset[str]) -> str:
    """Return what to do to have the device; empty where it is here."""
    if device == AUTO or any(name.partition(".")[0] == device for name in here):
        return ""
    runtime = device.partition(":")[0]
    if runtime != "openvino" and not is_installed(runtime):
        return Sentence("Install its package: {}", install_line(runtime))
    return _NO_DRIVER.get(device, Sentence("The runtime does not find it"))
