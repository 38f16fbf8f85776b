"""Tries a detector's file before it is added: are its outputs those of its family?"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from common.errors import EngineError, WeightsError
from common.picture import RgbImage
from common.sentence import Sentence
from models.conversion.centerface import free_sizes
from models.described.description import ModelDescription
from models.described.presets import PRESETS
from models.detectors.boxes import iou
from models.detectors.families import FAMILIES, form_of
from models.detectors.letterbox import Letterbox, Size
from models.detectors.one_shot import read
from models.engines.engine import Engine, Network

GRAY = 128
"""The picture that the network is tried with is of this gray."""

ANOTHER = 64
"""By so many pixels a canvas is made wider and higher, to see whether the network takes any size: a
multiple of every stride."""


@contextmanager
def tried(
    description: ModelDescription, file: Path, engine: Engine
) -> Iterator[tuple[Network, ModelDescription]]:
    """Run a detector's file as its description says; give the `with` block the network.

    The description comes with it, with what was found out by trying: whether it takes pictures of
    any size. Raises WeightsError, in one sentence, where the family is unknown, the network cannot
    be run, its outputs are not the family's, or are no numbers.
    """
    if description.family not in FAMILIES:
        raise WeightsError(
            Sentence("a detector's family, one of {}", ", ".join(FAMILIES)),
            Sentence("{} is none", repr(description.family)),
            "Give one with --as",
        )
    with tempfile.TemporaryDirectory(prefix="facedesk-detector-") as folder:
        if description.family == "centerface":
            freed = Path(folder) / "centerface.onnx"
            free_sizes(file, freed)
            size = PRESETS["centerface"].input_size
            file, description = freed, replace(description, batch=1, input_size=size)
        if description.batch != 1:
            raise WeightsError(
                "a detector that reads one picture at once",
                Sentence("it reads {}", description.batch),
                "Export it for a batch of 1",
            )
        try:
            network = engine.load(file)
            _try(network, description, description.input_size)
        except EngineError as error:
            raise WeightsError(error.expected, error.found, "Give another file") from error
        yield network, replace(description, any_size=_takes_any_size(network, description))


def overlap_on(
    network: Network,
    description: ModelDescription,
    picture: RgbImage,
    box: tuple[float, float, float, float],
) -> float:
    """Return the IoU of a face that is known to be in the picture with the best one found."""
    height, width = picture.shape[:2]
    form, family = form_of(description), FAMILIES[description.family]
    drawn = Letterbox.of(picture, form.canvas_size(width, height, box[2] - box[0]), form)
    found = read(family, network(drawn.blob), drawn.size)
    boxes = drawn.in_picture(found.boxes.reshape(-1, 2, 2)).reshape(-1, 4)
    return float(iou(boxes, np.array([box], np.float32)).max(initial=0))


def _takes_any_size(network: Network, description: ModelDescription) -> bool:
    width, height = description.input_size
    try:
        _try(network, description, (width + ANOTHER, height + ANOTHER))
    except (EngineError, WeightsError):
        return False
    return True


def _try(network: Network, description: ModelDescription, size: Size) -> None:
    """Run the network on a gray canvas of that size. Raises WeightsError and EngineError."""
    gray = np.full((size[1], size[0], 3), GRAY, np.uint8)
    form = replace(form_of(description), size=size)
    outputs = network(Letterbox.of(gray, size, form).blob)
    read(FAMILIES[description.family], outputs, size)
    if not all(np.isfinite(output).all() for output in outputs):
        raise WeightsError(
            Sentence("{} to give numbers for a gray picture", description.file),
            "it gives NaN or infinity",
            "Get the file again: its weights are damaged, or are of another kind",
        )
