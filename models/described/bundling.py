"""Added models in a bundle: which may be carried, and what is looked at before one is kept."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from common.errors import WeightsError
from common.sentence import Sentence
from models.conversion.keeping import told_damage
from models.conversion.weights import sha256
from models.described.description import FILE, ModelDescription, parsed_description
from models.described.inspection import MOST_BYTES, inspected
from models.described.installed import InstalledModel, install, installed_model, installed_names

FOLDER = "added"
"""Where they lie in a bundle: a folder for each, as on the disk."""

FREE = frozenset(
    {
        "MIT",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "ISC",
        "CC0-1.0",
        "CC-BY-4.0",
        "Unlicense",
    }
)
"""Licences that let anybody pass a file on, by their SPDX identifiers."""

MOST_EXPANDED = 100
"""How many times its packed size a file may have. Weights hardly shrink: SFace's to nine tenths;
zip bombs are a thousand times as large as they look."""

_MOST_DESCRIPTION = 100_000
_BLOCK = 1 << 20


def may_be_passed_on(description: ModelDescription) -> bool:
    """Return whether the model's licence is known to let it be given to others."""
    return description.licence in FREE


def write_models(archive: zipfile.ZipFile, models: Iterable[InstalledModel]) -> None:
    """Write added models to a bundle. Raises WeightsError where a file is not the one added."""
    for model in models:
        for path in (model.verified(), model.folder / FILE):
            archive.write(path, f"{FOLDER}/{model.description.name}/{path.name}")


def is_model_member(name: str) -> bool:
    """Return whether a file of a bundle belongs to an added model."""
    return name.startswith(f"{FOLDER}/")


@contextmanager
def unpacked_models(
    archive: zipfile.ZipFile, names: Iterable[str]
) -> Iterator[Sequence[tuple[Path, ModelDescription]]]:
    """Give the `with` block the added models of a bundle, unpacked and looked at.

    Those that are here already are left out. Raises WeightsError where one is not what its
    description says, or another model has its name here.
    """
    members = [name for name in names if is_model_member(name)]
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(
                TemporaryDirectory(prefix="facedesk-bundle-", ignore_cleanup_errors=True)
            )
        )
        found = []
        for name in members:
            if name.endswith(f"/{FILE}"):
                text = _content(archive, name)
                where = Sentence("the description {} in {}", name, archive.filename)
                description = parsed_description(text, where)
                file = _unpacked(archive, name, members, description, folder)
                if not _is_here(description):
                    stack.enter_context(inspected(file))
                    found.append((file, description))
        known = {f"{FOLDER}/{d.name}/{part}" for _, d in found for part in (FILE, d.file)}
        for name in members:
            if name not in known and not _is_here_already(name):
                raise _strange(archive, name)
        yield found


def install_models(models: Iterable[tuple[Path, ModelDescription]]) -> list[str]:
    """Keep unpacked models; return their names. Raises what install() raises."""
    return [install(file, description).description.name for file, description in models]


def _content(archive: zipfile.ZipFile, name: str) -> str:
    with told_damage(archive.filename), archive.open(name) as member:
        return member.read(_MOST_DESCRIPTION).decode("utf-8")


def _unpacked(
    archive: zipfile.ZipFile,
    toml: str,
    members: Sequence[str],
    description: ModelDescription,
    folder: Path,
) -> Path:
    """Unpack a model's file. Raises WeightsError where it is not what the description says."""
    name = f"{FOLDER}/{description.name}/{description.file}"
    if toml != f"{FOLDER}/{description.name}/{FILE}" or name not in members:
        raise _strange(archive, toml)
    told = archive.getinfo(name)
    if told.file_size > min(MOST_BYTES, MOST_EXPANDED * max(told.compress_size, 1)):
        raise WeightsError(
            Sentence("a model of {} MB at most, packed as weights are", MOST_BYTES // 1_000_000),
            Sentence(
                "{} in {} unpacks from {} to {} bytes",
                *(name, archive.filename, told.compress_size, told.file_size),
            ),
            "Do not use this file",
        )
    target = folder / description.name
    target.mkdir()
    file = target / description.file
    with told_damage(archive.filename), archive.open(name) as packed, file.open("wb") as unpacked:
        while block := packed.read(_BLOCK):
            unpacked.write(block)
    if sha256(file) != description.sha256:
        raise WeightsError(
            Sentence("{} with SHA-256 {}…", name, description.sha256[:12]),
            Sentence("the one in {} is damaged or was replaced", archive.filename),
            "Get the archive again",
        )
    return file


def _is_here(description: ModelDescription) -> bool:
    """Return whether the very model is here. Raises WeightsError where another has its name."""
    if description.name not in installed_names():
        return False
    here = installed_model(description.name).description
    if here.sha256 == description.sha256:
        return True
    raise WeightsError(
        "a name that no model has yet",
        Sentence("another model {} was added before", description.name),
        Sentence("Run facedesk models remove {} first", description.name),
    )


def _is_here_already(member: str) -> bool:
    return member.split("/")[1] in installed_names()


def _strange(archive: zipfile.ZipFile, name: str) -> WeightsError:
    return WeightsError(
        "a bundle with models as Facedesk writes them",
        Sentence("{} holds {}", archive.filename, repr(name)),
        "Make the bundle with the same Facedesk as this one",
    )
