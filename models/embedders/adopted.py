"""What was measured for an embedder on the user's own people, kept in their data folder.

It holds for that user alone, and for that model alone: a file for each, named after the model's id.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from common.errors import FacedeskError, SettingsError
from common.model_records import ModelRecords
from common.sentence import Sentence
from models.embedders.figures import EmbedderFigures, Normal
from models.embedders.fusion import SEPARATOR, row_scale
from models.embedders.sface import FIGURES, SfaceEmbedder
from models.engines.engine import FloatArray

VERSION = 1
"""Of the file's form."""

_LEVELS = frozenset(figure.name for figure in fields(EmbedderFigures)) - {
    "nonmated",
    "nonmated_pairs",
    "is_measured",
}
"""The figures that are one number each."""

_WEIGHTS_SUM = 1e-3


class Measurement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was measured for one embedder, on which pictures.

    The figures that follow from it are made when they are asked for: a later release may know a
    better way from the same measurement.

    nonmated, nonmated_pairs: see EmbedderFigures. levels: other figures of EmbedderFigures that
    were measured, too, by their names. people, probes: on how many it was. measured_at: aware.
    weights, dimensions: of a fused embedder, one for each of its parts. The weights sum to 1; see
    FusedEmbedder.
    """

    model_id: str
    nonmated: Normal
    nonmated_pairs: Normal
    levels: dict[str, float]
    people: int
    probes: int
    measured_at: datetime
    weights: tuple[float, ...] = ()
    dimensions: tuple[int, ...] = ()
    version: int = VERSION

    def __post_init__(self) -> None:
        """Raise ValueError for what no measurement gives; msgspec makes a ValidationError of it."""
        numbers = (*self.nonmated, *self.nonmated_pairs, *self.levels.values(), *self.weights)
        if not all(map(math.isfinite, numbers)):
            raise ValueError("a number is not finite")
        if not self.levels.keys() <= _LEVELS:
            raise ValueError(f"no figures: {sorted(self.levels.keys() - _LEVELS)}")
        for mean, std in (self.nonmated, self.nonmated_pairs):
            if not (-1 <= mean <= 1 and 0 < std <= 1):
                raise ValueError("similarities lie between -1 and 1")
        if self.weights and (min(self.weights) <= 0 or abs(sum(self.weights) - 1) > _WEIGHTS_SUM):
            raise ValueError("weights are positive and sum to 1")
        if len(self.weights) != len(self.dimensions) or min(self.dimensions, default=1) < 1:
            raise ValueError("each weight has a dimension")

    @property
    def figures(self) -> EmbedderFigures:
        """The embedder's figures: those that were measured, and the others estimated from them.

        SFace's others were measured, too, elsewhere.
        """
        others = FIGURES.estimated_for(self.nonmated, self.nonmated_pairs)
        if self.model_id == SfaceEmbedder.model_id:
            others = replace(FIGURES, nonmated=self.nonmated, nonmated_pairs=self.nonmated_pairs)
        measured: dict[str, Any] = {**self.levels, "is_measured": True}
        return replace(others, **measured)


@dataclass(frozen=True)
class AdoptedMeasurements:
    """The measurements that a user has adopted, by model.

    Its methods raise SettingsError where a file is damaged or the disk at fault. Careful figures
    do not take a damaged file's place: a threshold would move without anybody's will.

    folder: need not exist.
    """

    folder: Path

    def of(self, model_id: str) -> Measurement | None:
        """Return what was adopted for the model; None where nothing was."""
        return self._records.of(model_id)

    def adopt(self, measurement: Measurement) -> None:
        """Keep a measurement, in the place of an earlier one of its model."""
        self._records.keep(measurement)

    def forget(self, model_id: str) -> bool:
        """Delete what was adopted for the model; return whether there was anything."""
        return self._records.delete(model_id)

    @property
    def _records(self) -> ModelRecords[Measurement]:
        return ModelRecords(self.folder, Measurement, VERSION, _unreadable)


def adopted_figures(model_id: str, folder: Path | None) -> EmbedderFigures | None:
    """Return the figures that were measured for a model on the user's people and adopted.

    folder: of AdoptedMeasurements; None where there is no user to ask, as in a measurement. None
    is returned where nothing was adopted. Raises SettingsError as AdoptedMeasurements does.
    """
    found = adopted_measurement(model_id, folder)
    return found.figures if found is not None else None


def adopted_measurement(model_id: str, folder: Path | None) -> Measurement | None:
    """Return what adopted_figures() has the figures from; arguments and errors are the same."""
    return AdoptedMeasurements(folder).of(model_id) if folder is not None else None


def adopted_scale(model_id: str, folder: Path) -> FloatArray | None:
    """Return by what a gallery of that model multiplies what it keeps: see row_scale().

    None is returned for embedders that are not fused, and where nothing was adopted. Arguments and
    errors are those of adopted_figures().
    """
    if SEPARATOR not in model_id:
        return None
    found = adopted_measurement(model_id, folder)
    return row_scale(found.dimensions, found.weights) if found and found.weights else None


def _unreadable(path: Path, detail: str) -> FacedeskError:
    return SettingsError(
        Sentence("the adopted figures in {}", path),
        Sentence("they cannot be read ({})", detail),
        "Put a backup copy in its place, or delete the file and measure again: "
        "facedesk evaluate FOLDER --adopt",
    )
