"""Reads a state dict from a file that PyTorch wrote, without PyTorch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from common.sentence import Sentence
from models.conversion.stored_tensors import StoredTensor
from models.conversion.torch_file import read_torch_file
from models.engines.engine import Array

_WRAPPERS = ("state_dict", "model_state_dict", "net_state_dict", "model")
"""Under what names checkpoints keep the state dict beside epochs and optimizers."""


def read_state_dict(path: Path, remedy: str) -> dict[str, Array]:
    """Return a state dict's tensors by their names; those of fractions are float32.

    Of a checkpoint it is the state dict in it, and nothing else is read. remedy: what to do where
    the file is another one. Raises WeightsError where the file holds anything else or is damaged,
    OSError where it cannot be read.
    """
    expected = Sentence("a file of weights as PyTorch saves them, with tensors and nothing else")
    state: dict[str, Array] = read_torch_file(path, _tensors, expected, remedy)
    return state


def _tensors(saved: Any) -> dict[str, StoredTensor]:
    """Return the tensors of a state dict, or of a checkpoint that holds one."""
    if not isinstance(saved, Mapping):
        raise TypeError("it holds no state dict")
    inner = next((saved[key] for key in _WRAPPERS if key in saved), None)
    tensors = inner if isinstance(inner, Mapping) else saved
    if not all(isinstance(tensor, StoredTensor) for tensor in tensors.values()):
        raise TypeError("not everything in it is a tensor")
    # What several GPUs have trained has a word before each name.
    return {str(name).removeprefix("module."): tensor for name, tensor in tensors.items()}
