"""What is known of the models that people bring, by the names that these have in the field.

The numbers are those of the authors' own code: GhostFaceNets (Alansari et al. 2023), insightface
(Deng et al. 2019; its ONNX files read RGB), AdaFace (Kim et al. 2022, which reads BGR),
facenet-pytorch and davidsandberg's facenet, VGG-Face (Parkhi et al. 2015) as deepface runs it,
OpenFace (Amos et al. 2016), yolov5-face (Qi et al. 2021), SCRFD (Guo et al. 2021),
Pytorch_Retinaface (Deng et al. 2020) and CenterFace (Xu et al. 2019).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from models.described.description import Colour, Crop, Layout, Metric, Use

OTHER = "other"
"""The family of a model that no preset describes."""


@dataclass(frozen=True)
class Preset:
    """What a model of one kind needs. The fields are as in ModelDescription.

    layout: where the file does not say it. dimensions: those that are known of an embedder; empty
    where it may have any. input_size: where the file leaves it open.
    """

    use: Use
    input_size: tuple[int, int]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    colour: Colour = "RGB"
    layout: Layout = "NCHW"
    licence: str = "unknown"
    crop: Crop = "five-point"
    margin: float = 0.0
    dimensions: tuple[int, ...] = ()
    metric: Metric = "cosine"
    standardized: bool = False


def _aligned(scale: float, colour: Colour = "RGB", layout: Layout = "NCHW") -> Preset:
    return Preset("compares faces", (112, 112), (127.5,), (scale,), colour, layout)


_FACENET_2017 = Preset(
    *("compares faces", (160, 160), (0.0,), (1.0,)),
    layout="NHWC",
    licence="MIT",
    crop="margin",
    margin=0.2,
    dimensions=(128, 512),
    metric="normalized-euclidean",
    standardized=True,
)
_FACENET = Preset(
    *("compares faces", (160, 160), (127.5,), (128.0,)),
    licence="MIT",
    crop="margin",
    margin=0.125,
    dimensions=(512, 128),
    metric="normalized-euclidean",
)

PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "ghostfacenet": _aligned(128.0, layout="NHWC"),
        "arcface": _aligned(127.5),
        "mobilefacenet": _aligned(127.5),
        "adaface": _aligned(127.5, "BGR"),
        "w600k": _aligned(127.5),
        "facenet-vggface2": _FACENET,
        "facenet-casia-webface": _FACENET,
        "facenet-2017": _FACENET_2017,
        "vgg-face": Preset(
            *("compares faces", (224, 224), (0.0,), (255.0,), "BGR", "NHWC"),
            crop="margin",
            dimensions=(4096, 2622),
        ),
        "openface": Preset(
            *("compares faces", (96, 96), (0.0,), (255.0,)),
            licence="Apache-2.0",
            crop="margin",
            dimensions=(128,),
            metric="normalized-euclidean",
        ),
        "yolov5-face": Preset("finds faces", (640, 640), (0.0,), (255.0,), licence="GPL-3.0-only"),
        "scrfd": Preset("finds faces", (640, 640), (127.5,), (128.0,)),
        "retinaface": Preset(
            "finds faces", (640, 640), (104.0, 117.0, 123.0), (1.0,), "BGR", licence="MIT"
        ),
        "centerface": Preset("finds faces", (640, 480), (0.0,), (1.0,), licence="MIT"),
    }
)
"""By their names, which `facedesk models add FILE --as NAME` takes."""


def presets_for(use: Use) -> list[str]:
    """Return the names of the presets of one use, in their order."""
    return [name for name, preset in PRESETS.items() if preset.use == use]
