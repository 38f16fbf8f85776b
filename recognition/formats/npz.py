"""Files of numpy.savez(): embeddings and names, under whatever keys the tutorials give them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from common.errors import FormatError
from common.output_file import output_file
from common.sentence import Sentence
from recognition.formats.arrays import read_npz
from recognition.formats.contents import EnrolledPerson, PeopleInEmbeddings, ReadingOptions
from recognition.formats.embeddings import people_of
from recognition.formats.labels import names_of, read_labels

_EMBEDDINGS = (
    *("embeddings", "embedding", "embs", "emb", "encodings", "encoding", "features", "vectors"),
    *("known_face_encodings", "known_encodings", "known_embeddings", "face_embeddings", "faces"),
    *("representations", "x", "trainx", "x_train", "train_x", "arr_0"),
)
_NAMES = (
    *("names", "name", "id_names", "known_face_names", "known_names", "usernames", "users"),
    *("labels", "label", "identities", "identity", "people", "persons", "classes", "y", "trainy"),
    *("y_train", "train_y", "filenames", "arr_1"),
)
_NUMBERS = ("imm_classes", "img_classes", "class_ids", "label_ids")
"""The keys of the tutorials, in the order in which they are looked for, in lower case. The last
ones are numbers of people, as in GhostFaceNets' files and vn2db.npz."""

_GROUPS, _MODEL = "ids", "model_id"


class NpzFormat:
    name = "npz"
    holds_pictures = False
    lacks = Sentence("pictures, notes and times of enrollment")

    def recognizes(self, path: Path) -> bool:
        return path.suffix.lower() == ".npz"

    def read(self, path: Path, options: ReadingOptions) -> PeopleInEmbeddings:
        arrays = read_npz(path)
        keys = {key.lower(): key for key in arrays}
        rows = _first(arrays, keys, _EMBEDDINGS)
        if rows is None:
            raise FormatError(
                Sentence("embeddings in {}, under a usual key such as embeddings", path),
                Sentence("its keys are {}", ", ".join(arrays) or "none"),
                "Save it again with numpy.savez(path, embeddings=..., names=...)",
            )
        groups = _first(arrays, keys, (_GROUPS,))
        model = _first(arrays, keys, (_MODEL,))
        names = _names(path, arrays, keys, options)
        return people_of(
            path,
            names,
            arrays[rows],
            arrays[groups].ravel().tolist() if groups else None,
            str(arrays[model].ravel()[0]) if model and arrays[model].size == 1 else "",
        )

    def write(
        self, people: Iterable[EnrolledPerson], model_id: str, out: Path, *, overwrite: bool
    ) -> None:
        templates = [(p.identity, t) for p in people for t in p.templates]
        with output_file(out, FormatError, overwrite=overwrite) as fresh, fresh.open("wb") as file:
            np.savez(
                file,
                embeddings=np.stack([template.embedding for _, template in templates]),
                names=np.array([identity.name for identity, _ in templates]),
                ids=np.array([identity.id for identity, _ in templates]),
                model_id=np.array(model_id),
            )


def _first(
    arrays: Mapping[str, NDArray[Any]], keys: Mapping[str, str], wanted: Sequence[str]
) -> str | None:
    return next((keys[key] for key in wanted if key in keys and arrays[keys[key]].size), None)


def _names(
    path: Path,
    arrays: Mapping[str, NDArray[Any]],
    keys: Mapping[str, str],
    options: ReadingOptions,
) -> Sequence[object]:
    """Returns a name for each vector: what stands there, or what the vectors' numbers stand for."""
    names, numbers = _first(arrays, keys, _NAMES), _first(arrays, keys, _NUMBERS)
    given = arrays[names].ravel().tolist() if names else []
    if names is not None and names.lower() == "filenames":
        given = [_person_of(str(one)) for one in given]
    classes = arrays[numbers].ravel().astype(int).tolist() if numbers else None
    if names is not None and arrays[names].dtype.kind in "iuf" and classes is None:
        classes, given = [int(number) for number in given], []
    if options.names is not None:
        labels = read_labels(options.names)
        if classes is None:
            return list(labels) if not isinstance(labels, Mapping) else list(labels.values())
        return names_of(options.names, labels, classes)
    if classes is not None and given and len(given) < len(classes):
        return names_of(path, given, classes)
    if not given:
        raise FormatError(
            Sentence("the names of the people in {}, under a usual key such as names", path),
            Sentence("it has only numbers for them") if classes else Sentence("it has none"),
            "Give a list of the names with --names FILE, in the order of the numbers",
        )
    return given


def _person_of(filename: str) -> str:
    """Returns the folder that a picture is in, else its name without ending."""
    path = PurePosixPath(filename.replace("\\", "/"))
    return path.parent.name or path.stem
