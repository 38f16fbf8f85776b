"""The models that the user has added: one folder for each, with its file and its description."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from common.digests import file_sha256
from common.errors import WeightsError
from common.output_file import make_folder
from common.sentence import Sentence
from models.conversion import weights
from models.described.description import (
    FILE,
    ModelDescription,
    checked,
    is_name,
    read_description,
    written_description,
)

_UNFINISHED = ".adding-"
"""How the name of a folder begins in which a model is being put together, or deleted."""

_ABANDONED_S = 3600.0
"""After this time, an hour, such a folder is one that a killed program has left."""


@dataclass(frozen=True)
class InstalledModel:
    """A model in a folder of its own.

    description: what its TOML file says, which the user may have edited.
    """

    description: ModelDescription
    folder: Path

    @property
    def path(self) -> Path:
        """The model file, which may have been replaced meanwhile; see verified()."""
        return self.folder / self.description.file

    def verified(self) -> Path:
        """Return the model file. Raises WeightsError where it is not the one that was added."""
        name = self.description.name
        try:
            if file_sha256(self.path) == self.description.sha256:
                return self.path
            found = Sentence("{} was damaged or replaced after it was added", self.path)
        except OSError as error:
            found = Sentence("{} cannot be read ({})", self.path, error.strerror or error)
        raise WeightsError(
            Sentence("the file of the model {} as it was added", name),
            found,
            Sentence("Run facedesk models remove {} and add the file again", name),
        )


def models_folder() -> Path:
    """Return where added models are kept. Raises what weights_folder() raises."""
    return weights.weights_folder() / "added"


def installed_names(folder: Path | None = None) -> list[str]:
    """Return the names of the added models, also of damaged ones, in alphabetical order.

    folder: other than models_folder(). Raises WeightsError where it cannot be read.
    """
    if folder is None:
        try:
            folder = models_folder()
        except WeightsError:  # there is no such folder, and so nothing in it
            return []
    try:
        return sorted(path.name for path in folder.iterdir() if _is_model(path))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise WeightsError(
            Sentence("the models that were added, in {}", folder),
            Sentence("the folder cannot be read ({})", error.strerror or error),
            "Mend the folder's permissions",
        ) from error


def installed_models(folder: Path | None = None) -> list[InstalledModel]:
    """Return the added models in alphabetical order, without those whose description is damaged.

    folder: other than models_folder(). Raises what installed_names() raises.
    """
    return list(_readable(folder))


def written_descriptions() -> dict[str, bytes]:
    """Return the files of the descriptions by where they are in models_folder(), with /; without
    those that cannot be read."""
    found = {}
    with suppress(WeightsError):
        for name in installed_names():
            with suppress(OSError):
                found[f"{name}/{FILE}"] = (models_folder() / name / FILE).read_bytes()
    return found


def installed_model(name: str, folder: Path | None = None) -> InstalledModel:
    """Return the added model of that name.

    folder: other than models_folder(). Raises WeightsError where there is none, or its description
    cannot be read.
    """
    names = installed_names(folder)
    if name not in names:
        raise _unknown(name, names)
    path = (folder or models_folder()) / name
    description = read_description(path / FILE)
    if description.name != name:
        raise WeightsError(
            Sentence("the description of {} in {}", name, path / FILE),
            Sentence("it is of {}", description.name),
            "Correct the line, or add the model again",
        )
    return InstalledModel(description, path)


def install(
    file: Path, description: ModelDescription, folder: Path | None = None
) -> InstalledModel:
    """Copy a model file to a folder of its own, with its description; whole or not at all.

    description: its sha256 is set to the copy's. folder: other than models_folder().
    Raises WeightsError where the name is taken, the description cannot be right, the file cannot
    be read or the folder cannot be written.
    """
    folder = folder or models_folder()
    with _explained(description.name, folder):
        check_free(description.name, folder)
    checked(description)
    make_folder(folder, WeightsError)
    _tidy(folder)
    with _explained(description.name, folder):
        fresh = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=folder))
        try:
            copy = fresh / description.file
            shutil.copyfile(file, copy)
            kept = replace(description, sha256=file_sha256(copy))
            (fresh / FILE).write_text(written_description(kept), "utf-8")
            fresh.chmod(0o755)
            fresh.rename(folder / description.name)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return InstalledModel(kept, folder / description.name)


def check_free(name: str, folder: Path | None = None) -> None:
    """Raise WeightsError where an added model cannot have that name.

    folder: other than models_folder().
    """
    folder = folder or models_folder()
    if not is_name(name):
        raise WeightsError(
            "a model's name of small letters, digits, dots, hyphens and underscores",
            Sentence("this was given: {}", repr(name)),
            "Give another one with --name",
        )
    if name in {published.network for published in weights.TABLE}:
        raise WeightsError(
            "a name that no model has yet",
            Sentence("{} is one of Facedesk's own", name),
            "Give another one with --name",
        )
    if (folder / name).exists():
        raise WeightsError(
            "a name that no model has yet",
            Sentence("{} was added before", name),
            Sentence("Give another one with --name, or run facedesk models remove {}", name),
        )


def uninstall(name: str, folder: Path | None = None) -> None:
    """Delete an added model's folder, also where its description is damaged or gone.

    folder: other than models_folder(). Raises WeightsError where there is none, or that fails.
    """
    folder = folder or models_folder()
    if not is_name(name) or not (folder / name).is_dir():
        raise _unknown(name, installed_names(folder))
    try:
        gone = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=folder))
        (folder / name).rename(gone / name)
        shutil.rmtree(gone)
    except OSError as error:
        raise WeightsError(
            Sentence("to remove the model {}", name),
            Sentence("that failed ({})", error.strerror or error),
            "Mend the folder's permissions",
        ) from error


def _tidy(folder: Path) -> None:
    """Delete what a killed program has left of a model."""
    for left in folder.glob(f"{_UNFINISHED}*"):
        with suppress(OSError):  # another program deletes it, too
            if time.time() - left.stat().st_mtime > _ABANDONED_S:
                shutil.rmtree(left, ignore_errors=True)


def _unknown(name: str, names: Sequence[str]) -> WeightsError:
    return WeightsError(
        "the name of a model that was added",
        Sentence("{} is none of {}", repr(name), ", ".join(names))
        if names
        else Sentence("{} is none: no model was added yet", repr(name)),
        "facedesk models list shows all models, and facedesk models add FILE adds one",
    )


def _is_model(path: Path) -> bool:
    return is_name(path.name) and (path / FILE).is_file()


def _readable(folder: Path | None) -> Iterator[InstalledModel]:
    for name in installed_names(folder):
        try:
            yield installed_model(name, folder)
        except WeightsError:  # whoever asks for it by its name is told
            continue


@contextmanager
def _explained(name: str, folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise WeightsError(
            Sentence("to keep the model {} in {}", name, folder),
            Sentence("that failed ({})", error.strerror or error),
            "Free some space, or let FACEDESK_WEIGHTS name a folder that can be written",
        ) from error
