"""The families of detectors that are one network, by the names of their presets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from models.described.description import ModelDescription
from models.detectors.centerface import CENTERFACE
from models.detectors.letterbox import InputForm
from models.detectors.one_shot import DetectorFamily
from models.detectors.retinaface import RETINAFACE
from models.detectors.scrfd import SCRFD
from models.detectors.yolov5_face import YOLOV5_FACE
from models.detectors.yunet import YUNET

FAMILIES: Mapping[str, DetectorFamily] = MappingProxyType(
    {family.name: family for family in (YUNET, CENTERFACE, YOLOV5_FACE, SCRFD, RETINAFACE)}
)


def form_of(description: ModelDescription) -> InputForm:
    """Return what a described detector, of a family that is known, reads.

    How its picture is fitted is the family's.
    """
    return replace(
        FAMILIES[description.family].form,
        size=None if description.any_size else description.input_size,
        colour=description.colour,
        layout=description.layout,
        numbers=description.numbers,
        mean=_channels(description.mean),
        scale=_channels(description.scale),
    )


def _channels(numbers: tuple[float, ...]) -> tuple[float, float, float]:
    """Return one number for each of three channels."""
    first, second, third = numbers if len(numbers) == 3 else numbers * 3
    return first, second, third
