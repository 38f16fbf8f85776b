"""Tries a detector's file before it is added: are its outputs those of its family?"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from common.errors import EngineError, WeightsError
from common.sentence import Sentence
from models.conversion.centerface import free_sizes
from models.described.description import ModelDescription
from models.described.presets import PRESETS
from models.detectors.families import FAMILIES, form_of
from models.detectors.letterbox import InputForm, Letterbox, Size
from models.detectors.one_shot import read
from models.engines.engine import Engine, FloatArray, Network

GRAY = 128
"""The picture that the network is tried with is of this gray."""

ANOTHER = 64
"""By so many pixels a canvas is made wider and higher, to see whether the network takes any size: a
multiple of every stride."""


def tried_detector(description: ModelDescription, file: Path, engine: Engine) -> ModelDescription:
    """Run a detector's file as its description says; return the description with its sizes.

    It is found out by trying whether the network takes pictures of any size. Raises WeightsError,
    in one sentence, where the family is unknown, where the outputs are not the family's, and where
    they are no numbers; EngineError where the network cannot be run.
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
            description = replace(description, input_size=PRESETS["centerface"].input_size)
            file = freed
        network = engine.load(file)
        form = form_of(replace(description, any_size=False))
        width, height = description.input_size
        _try(network, description, form, (width, height))
        larger = (width + ANOTHER, height + ANOTHER)
        try:
            _try(network, description, form, larger)
        except (EngineError, WeightsError):
            return replace(description, any_size=False)
    return replace(description, any_size=True)


def _try(network: Network, description: ModelDescription, form: InputForm, size: Size) -> None:
    """Run the network on a gray canvas of that size. Raises what tried_detector() raises."""
    gray = np.full((size[1], size[0], 3), GRAY, np.uint8)
    outputs = network(Letterbox.of(gray, size, replace(form, size=size)).blob)
    read(FAMILIES[description.family], outputs, size)
    if not all(_has_numbers(output) for output in outputs):
        raise WeightsError(
            Sentence("{} to give numbers for a gray picture", description.file),
            "it gives NaN or infinity",
            "Get the file again: its weights are damaged, or are of another kind",
        )


def _has_numbers(output: FloatArray) -> bool:
    return bool(np.isfinite(output).all())
