"""Pickles of embeddings: deepface's representations, and dicts of encodings and names.

deepface.find() writes a list of dicts (identity, hash, embedding, target_x, ...), where identity is
a picture's path. Other tutorials write {"encodings": [...], "names": [...]}.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from common.sentence import Sentence
from recognition.formats.arrays import MOST_BYTES, told
from recognition.formats.contents import PeopleInEmbeddings, ReadingOptions
from recognition.formats.embeddings import people_of
from recognition.formats.labels import names_of, read_labels
from recognition.formats.plain_pickle import read_plain

_SUFFIXES = (".pkl", ".pickle")
_EMBEDDINGS = ("embeddings", "encodings", "known_encodings", "features", "representations")
_NAMES = ("names", "labels", "known_names", "ids")
_MODEL = re.compile(r"ds_(?:model_)?(?P<model>[a-z0-9]+)_")
"""How deepface's files are called: ds_model_facenet512_detector_opencv_aligned_....pkl."""


class DeepfaceFormat:
    name = "deepface"

    def recognizes(self, path: Path) -> bool:
        return path.suffix.lower() in _SUFFIXES

    def read(self, path: Path, options: ReadingOptions) -> PeopleInEmbeddings:
        with told(
            path,
            Sentence(
                "a pickle of lists, dicts, texts and numbers, which nothing else is read from"
            ),
            Sentence("Import the folder of pictures that it was made from instead"),
        ):
            if path.stat().st_size > MOST_BYTES:
                raise ValueError("it is too large")
            with path.open("rb") as file:
                names, rows = _parts(read_plain(file))
            array = np.array(rows, np.float32)
        if options.names is not None:
            labels = read_labels(options.names)
            names = names_of(options.names, labels, range(len(array)))
        return people_of(path, names, array, model=_model(path))


def _parts(content: Any) -> tuple[Sequence[object], list[Any]]:
    if isinstance(content, dict):
        rows, names = _first(content, _EMBEDDINGS), _first(content, _NAMES)
        return list(names), [np.ravel(row) for row in rows]
    if not isinstance(content, list) or not all(isinstance(one, dict) for one in content):
        raise TypeError("it holds no list of representations")
    seen = [one for one in content if one["embedding"] is not None]  # None: no face was found
    return _people([str(one["identity"]) for one in seen]), [one["embedding"] for one in seen]


def _first(content: dict[object, Any], keys: Sequence[str]) -> Any:
    for key in keys:
        if key in content:
            return content[key]
    raise KeyError(f"it has none of {', '.join(keys)}")


def _people(pictures: Sequence[str]) -> list[str]:
    """Returns whom each picture shows: its folder, or its own name where all are in one folder."""
    paths = [PurePosixPath(picture.replace("\\", "/")) for picture in pictures]
    if len({path.parent for path in paths}) > 1:
        return [path.parent.name for path in paths]
    return [path.stem for path in paths]


def _model(path: Path) -> str:
    found = _MODEL.match(path.name.lower())
    return found["model"] if found else ""
