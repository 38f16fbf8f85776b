"""A network that is written from a state dict, every tensor of which it looks at."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from common.errors import WeightsError
from common.sentence import Sentence
from models.conversion.onnx_graph import OnnxGraph
from models.engines.engine import Array


class StateDictGraph(OnnxGraph):
    """Collects a network's layers, with the numbers of a state dict.

    state: its tensors. path: of its file. expected, remedy: what a WeightsError says beside what
    was found, where a tensor is missing, has another shape, or holds something that is no number.
    """

    def __init__(self, state: Mapping[str, Array], path: Path, expected: str, remedy: str) -> None:
        super().__init__()
        self._state, self._path = state, path
        self._expected, self._remedy = expected, remedy
        self._used: set[str] = set()

    def weight(self, name: str, shape: tuple[int, ...] | None = None) -> Array:
        """Return a tensor. Raises WeightsError."""
        self._used.add(name)
        if name not in self._state:
            raise self.wrong(Sentence("it has no {}", name))
        weight = self._state[name]
        if shape is not None and weight.shape != shape:
            found = Sentence("its {} has the shape {}, not {}", name, weight.shape, shape)
            raise self.wrong(found)
        if not np.isfinite(weight).all():
            raise self.wrong(Sentence("not everything in its {} is a number", name))
        if name.endswith(".running_var") and weight.min(initial=0) < 0:
            raise self.wrong(Sentence("a variance in its {} is below zero", name))
        return weight

    def norm_numbers(self, at: str, size: int) -> tuple[Array, Array, Array, Array]:
        """Return a batch norm's gamma, beta, mean and variance. Raises WeightsError."""
        gamma, beta, mean, variance = (
            self.weight(f"{at}.{name}", (size,))
            for name in ("weight", "bias", "running_mean", "running_var")
        )
        return gamma, beta, mean, variance

    def with_norm(
        self, weight: Array, bias: Array | None, at: str, epsilon: float
    ) -> tuple[Array, Array]:
        """Return weight and bias of a layer with the batch norm `at` behind it folded into it."""
        numbers = self.norm_numbers(at, len(weight))
        gamma, beta, mean, variance = (part.astype(np.float64) for part in numbers)
        factor = gamma / np.sqrt(variance + epsilon)
        folded = weight * factor.reshape(-1, *[1] * (weight.ndim - 1))
        offset = ((0 if bias is None else bias) - mean) * factor + beta
        return folded.astype(np.float32), offset.astype(np.float32)

    def check_all_used(self, *ignored: str) -> None:
        """Raise WeightsError where the state dict has a tensor that this network has not.

        ignored: names of others that it may have.
        """
        counters = {name for name in self._state if name.endswith(".num_batches_tracked")}
        if extra := sorted(self._state.keys() - self._used - counters - set(ignored)):
            raise self.wrong(Sentence("it also has {}, which that network has not", extra[0]))

    def wrong(self, found: Sentence) -> WeightsError:
        return WeightsError(
            self._expected,
            Sentence("{} holds something else: {}", self._path, found),
            self._remedy,
        )
