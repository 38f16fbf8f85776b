"""Keeps classifiers in files: a zip of plain arrays, in which no code can hide.

It is what numpy.load reads, and is read here without it: every array's size and type are known
before a byte of it is.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from common.errors import LearningError
from common.output_file import make_folder, output_file
from common.sentence import Sentence
from recognition.learning.classifier import DIGEST_BYTES, ClassifierRecipe, Method, Parameters
from recognition.learning.logistic import Logistic

FOLDER = "classifiers"
"""The folder beside the gallery in which classifiers are kept."""

MOST_BYTES = 1 << 30
"""A file of 4,000 people with five templates each has 320 MB."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")

_ARRAYS = {
    "about": "|u1",
    "templates": "|u1",
    "owners": "<i4",
    "coefficients": "<f4",
    "biases": "<f4",
}
"""The file's arrays and their types."""


class _About(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: Literal[1]
    method: Literal["svm-linear", "svm-rbf", "knn"]
    model_id: str
    people: tuple[str, ...]
    penalty: float
    width: float
    neighbours: int
    slope: float
    intercept: float
    spread: float
    usual: float


def classifier_path(name: str, folder: Path) -> Path:
    """Return the file of a classifier by that name in a folder, or the file with that path.

    Raises LearningError for neither a name nor the path of such a file.
    """
    if _NAME.fullmatch(name):
        return folder / f"{name}.npz"
    if name.endswith(".npz"):
        return Path(name)
    raise LearningError(
        "a classifier's name, of small letters, digits and hyphens, or the path of its .npz file",
        Sentence("it is {}", repr(name)),
        "facedesk train svm makes the one named svm",
    )


def save_recipe(recipe: ClassifierRecipe, path: Path) -> None:
    """Write a classifier over what is at `path`. Raises LearningError."""
    about = _About(
        version=1,
        method=recipe.method.value,
        model_id=recipe.model_id,
        people=recipe.people,
        penalty=recipe.parameters.penalty,
        width=recipe.parameters.width,
        neighbours=recipe.parameters.neighbours,
        slope=recipe.curve.slope,
        intercept=recipe.curve.intercept,
        spread=recipe.spread,
        usual=recipe.usual,
    )
    templates = np.frombuffer(b"".join(recipe.templates), np.uint8).reshape(-1, DIGEST_BYTES)
    make_folder(path.parent, LearningError, private=True)
    with output_file(path, LearningError, overwrite=True) as fresh, fresh.open("wb") as file:
        np.savez(
            file,
            about=np.frombuffer(msgspec.json.encode(about), np.uint8),
            templates=templates,
            owners=recipe.owners.astype("<i4"),
            coefficients=np.ascontiguousarray(recipe.coefficients, "<f4"),
            biases=recipe.biases.astype("<f4"),
        )


def load_recipe(path: Path) -> ClassifierRecipe:
    """Read a classifier. Raises LearningError where there is none, or it is damaged."""
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise _damaged(path, Sentence("it has {} MB", size // 1_000_000))
        with zipfile.ZipFile(path) as file:
            arrays = _arrays(file, path)
        about = msgspec.json.decode(arrays["about"].tobytes(), type=_About)
    except FileNotFoundError as error:
        raise LearningError(
            "a trained classifier",
            Sentence("there is nothing at {}", path),
            "Train it with facedesk train svm or facedesk train knn, or choose none",
        ) from error
    except (OSError, zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise _damaged(path, Sentence("{}", getattr(error, "strerror", None) or error)) from error
    except (msgspec.DecodeError, ValueError, struct.error) as error:
        raise _damaged(path, Sentence("{}", error)) from error
    recipe = ClassifierRecipe(
        Method(about.method),
        Parameters(about.penalty, about.width, about.neighbours),
        about.model_id,
        about.people,
        tuple(row.tobytes() for row in arrays["templates"]),
        arrays["owners"].astype(np.int32),
        arrays["coefficients"].astype(np.float32),
        arrays["biases"].astype(np.float32),
        Logistic(about.slope, about.intercept),
        about.spread,
        about.usual,
    )
    if not _fits_together(recipe, arrays["templates"]):
        raise _damaged(path, Sentence("its parts do not fit together"))
    return recipe


def saved_classifiers(folder: Path) -> list[Path]:
    """Return the files of the classifiers in a folder, by name; none where there is no folder."""
    return sorted(folder.glob("*.npz"))


def forget_person(folder: Path, identity_id: str) -> None:
    """Erase a person from every classifier in a folder; a file that is damaged is deleted.

    Raises LearningError where a file cannot be written; it is as it was then.
    """
    for path in saved_classifiers(folder):
        try:
            recipe = load_recipe(path)
        except LearningError:
            _delete(path)  # it may be of anybody
            continue
        if identity_id not in recipe.people:
            continue
        left = recipe.without(identity_id)
        if left.people:
            save_recipe(left, path)
        else:
            _delete(path)
    for unfinished in folder.glob(".facedesk-*.npz"):
        with suppress(OSError):
            unfinished.unlink()


def _delete(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise LearningError(
            Sentence("to be able to delete {}", path),
            Sentence("that failed ({})", error.strerror or error),
            "Mend the folder's permissions and try again",
        ) from error


def _arrays(file: zipfile.ZipFile, path: Path) -> dict[str, NDArray[np.generic]]:
    entries = {entry.filename.removesuffix(".npy"): entry for entry in file.infolist()}
    if set(entries) != set(_ARRAYS) or len(file.infolist()) != len(_ARRAYS):
        raise _damaged(path, Sentence("it is another kind of file"))
    found = {}
    for name, kind in _ARRAYS.items():
        entry = entries[name]
        # What is stored as it is cannot unpack to more than the file has.
        if entry.compress_type != zipfile.ZIP_STORED or entry.file_size != entry.compress_size:
            raise _damaged(path, Sentence("a part of it is compressed, as Facedesk never does"))
        found[name] = _array(file.read(entry), kind)
    return found


def _array(content: bytes, kind: str) -> NDArray[np.generic]:
    """Read what numpy.save writes. Raises ValueError for an array of another type or size."""
    stream = io.BytesIO(content)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ValueError("an array of another version")
    shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(stream)
    if dtype != np.dtype(kind) or is_fortran:
        raise ValueError(f"an array of {dtype}, not of {kind}")
    return np.frombuffer(content, dtype, offset=stream.tell()).reshape(shape).copy()


def _fits_together(recipe: ClassifierRecipe, templates: NDArray[np.generic]) -> bool:
    people, count = len(recipe.people), len(recipe.templates)
    is_knn = recipe.method is Method.KNN
    numbers = (
        *_numbers(recipe.parameters),
        recipe.curve.slope,
        recipe.curve.intercept,
        recipe.usual,
    )
    return (
        templates.shape == (count, DIGEST_BYTES)
        and len(set(recipe.people)) == people > 0
        and recipe.owners.shape == (count,)
        and recipe.coefficients.shape == (people, 0 if is_knn else count)
        and recipe.biases.shape == (people,)
        and bool(np.all((recipe.owners >= 0) & (recipe.owners < people)))
        and bool(np.isfinite(recipe.coefficients).all() and np.isfinite(recipe.biases).all())
        and bool(np.isfinite(numbers).all() and min(_numbers(recipe.parameters)) >= 0)
        and (recipe.parameters.neighbours > 0) == is_knn
        and np.isfinite(recipe.spread)
        and recipe.spread > 0
    )


def _numbers(parameters: Parameters) -> tuple[float, float, int]:
    return parameters.penalty, parameters.width, parameters.neighbours


def _damaged(path: Path, detail: Sentence) -> LearningError:
    return LearningError(
        "a classifier that Facedesk has written",
        Sentence("{} cannot be used: {}", path, detail),
        "Train it again with facedesk train, or choose none",
    )
