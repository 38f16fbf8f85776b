"""Looks at a file of Keras before Keras does: whether it is one, and names nothing but layers.

A file of Keras is a program in parts: it names classes, and may hold Python code. What is let
through here names layers that are converted, and Keras's own initializers and the like.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common.errors import WeightsError
from common.sentence import Sentence
from models.conversion.foreign.keras_layers import LAYERS

MOST_BYTES = 4 << 30
"""The most that the numbers of a network may take in memory; VGG-Face's take 580 MB."""

_MOST_CONFIG_BYTES = 64 << 20
_MOST_DEPTH = 100
_MODELS = ("Functional", "Model", "Sequential")

_REMEDY = (
    "Save the network alone, without its training head, as .keras or .h5, or convert it with "
    "tf2onnx where it was made"
)


@dataclass(frozen=True)
class KerasFile:
    """What a file of Keras says of itself.

    is_archive: whether it is of the format .keras, and not .h5.
    has_network: whether it holds the network's layers; otherwise it holds numbers alone.
    version: of the Keras that wrote it; empty where it is not said.
    """

    is_archive: bool
    has_network: bool
    version: str


def look_at(path: Path) -> KerasFile:
    """Check a file of Keras. Raises WeightsError, and OSError where it cannot be read."""
    with path.open("rb") as file:
        beginning = file.read(8)
    if beginning.startswith(b"PK\x03\x04"):
        return _archive(path)
    if beginning == b"\x89HDF\r\n\x1a\n":
        return _hdf5(path)
    raise wrong(path, Sentence("it is neither of Keras's formats"))


def wrong(path: Path, found: Sentence) -> WeightsError:
    return WeightsError(Sentence("a network that Keras has saved, in {}", path), found, _REMEDY)


def _archive(path: Path) -> KerasFile:
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {info.filename: info.file_size for info in archive.infolist()}
            if sum(sizes.values()) > MOST_BYTES:
                raise wrong(path, Sentence("unpacked it would be {} bytes", sum(sizes.values())))
            if max(sizes.get(name, 0) for name in _TEXTS) > _MOST_CONFIG_BYTES:
                raise wrong(path, Sentence("its description is larger than a network's"))
            config, metadata = (json.loads(archive.read(name)) for name in _TEXTS)
            if "model.weights.h5" not in sizes:
                raise KeyError("model.weights.h5")
    except (zipfile.BadZipFile, KeyError, NotImplementedError, ValueError, RecursionError) as error:
        raise wrong(path, Sentence("it is damaged or holds something else ({})", error)) from error
    _check_config(path, config)
    return KerasFile(True, True, str(metadata.get("keras_version", "")))


_TEXTS = ("config.json", "metadata.json")


def _hdf5(path: Path) -> KerasFile:
    import h5py

    try:
        with h5py.File(path, "r") as file:
            _check_datasets(path, file)
            config, version = file.attrs.get("model_config"), file.attrs.get("keras_version", "")
    except (OSError, RuntimeError, KeyError, ValueError) as error:
        raise wrong(path, Sentence("it is damaged or holds something else ({})", error)) from error
    if isinstance(version, bytes):
        version = version.decode("utf-8", "replace")
    if config is None:
        return KerasFile(False, False, str(version))
    try:
        _check_config(path, json.loads(config))
    except (ValueError, RecursionError) as error:
        raise wrong(path, Sentence("its description is damaged ({})", error)) from error
    return KerasFile(False, True, str(version))


def _check_datasets(path: Path, file: Any) -> None:
    """Raise WeightsError where the file leads to others, or unpacks to more than fits."""
    import h5py

    total = 0
    groups, seen = [file], set()
    while groups:
        group = groups.pop()
        address = h5py.h5o.get_info(group.id).addr
        if address in seen:
            raise wrong(path, Sentence("its groups lie in each other"))
        seen.add(address)
        for name in group:
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                raise wrong(path, Sentence("it leads to something outside itself"))
            member = group[name]
            if isinstance(member, h5py.Group):
                groups.append(member)
                continue
            if member.external or member.is_virtual:
                raise wrong(path, Sentence("it leads to something outside itself"))
            total += member.nbytes
            if total > MOST_BYTES:
                raise wrong(path, Sentence("unpacked it would be more than {} bytes", MOST_BYTES))


def _check_config(path: Path, config: Any) -> None:
    if not isinstance(config, dict) or config.get("class_name") not in _MODELS:
        raise wrong(path, Sentence("it holds no Sequential or Functional network"))
    config.pop("compile_config", None)  # what it was trained with is not loaded
    for name in _named(config):
        if name == "Lambda":
            raise wrong(
                path, Sentence("its layer Lambda holds Python code, which is not run from a file")
            )
        if name not in LAYERS and name not in _MODELS and not _is_harmless(name):
            raise wrong(path, Sentence("it has {}, which is not converted here", name))


def _named(part: Any, depth: int = 0) -> Iterator[str]:
    """Yield the names of all classes in a description."""
    if depth > _MOST_DEPTH:
        raise ValueError("it is too deep")
    if isinstance(part, dict):
        if isinstance(part.get("class_name"), str):
            yield str(part["class_name"])
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from _named(inner, depth + 1)


def _is_harmless(name: str) -> bool:
    """Return whether it is the name of one of Keras's own classes that are no layers."""
    import keras

    modules = (keras.initializers, keras.regularizers, keras.constraints, keras.dtype_policies)
    return name in ("InputLayer", "Policy", "__keras_tensor__", "__numpy__", "__tuple__") or any(
        isinstance(getattr(module, name, None), type) for module in modules
    )
