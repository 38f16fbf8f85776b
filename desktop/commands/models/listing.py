"""facedesk models list: every network, and whether it is here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from common.errors import WeightsError
from common.sentence import Sentence
from desktop.commands.session import Session, json_option, print_json

if TYPE_CHECKING:
    from models.conversion.weights import PackagedWeights


@dataclass(frozen=True)
class ModelRow:
    """One network, as `facedesk models list` shows it.

    weights: the package that carries them, or how it was added. state: ready (here, and converted
    for this machine where it has to be), published (here, converted at first use), or what is
    missing. path: of its first file; empty where it is not here.
    """

    name: str
    use: str
    weights: str
    license: str
    state: str
    path: str


@click.command("list")
@json_option
@click.pass_obj
def list_models(session: Session, as_json: bool) -> None:
    """List every network: what it does, where its weights come from, whether they are here."""
    for row in rows_of(session):
        if as_json:
            print_json(asdict(row))
        else:
            state = "here, converted at first use" if row.state == "published" else row.state
            click.echo(
                f"{row.name:22} {row.use:28} {row.license:11} {row.weights:33} "
                f"{state}{row.path and ': '}{row.path}"
            )


def rows_of(session: Session) -> Iterator[ModelRow]:
    """Yield the row of each network: Facedesk's own, then the added ones."""
    from models.conversion.facenet import FACENET_FILES, facenet_weights
    from models.conversion.weights import TABLE
    from models.described.installed import installed_names

    for name in dict.fromkeys(weights.network for weights in TABLE):
        yield _row(session, [weights for weights in TABLE if weights.network == name])
    added = installed_names()
    for trained_on, file in FACENET_FILES.items():
        name, path = f"facenet-{trained_on}", facenet_weights(trained_on)
        if name in added:  # it takes this one's place
            continue
        is_there = path.is_file()
        state = (
            "published" if is_there else f"needs {file}: downloaded at first use, or a given file"
        )
        if _converted(session, name).is_file():
            state = "ready"
        yield ModelRow(name, "compares faces", file, "MIT", state, str(path) if is_there else "")
    for name in added:
        yield _added_row(name)


def _added_row(name: str) -> ModelRow:
    """Return the row of a model that was added; its file's content is not read for it."""
    from models.described.installed import installed_model
    from models.described.presets import PRESETS

    try:
        model = installed_model(name)
    except WeightsError as error:
        return ModelRow(name, "", "added", "unknown", error.found, "")
    state = "ready" if model.path.is_file() else Sentence("{} is gone", model.path)
    told = model.description
    kind = f"added as {told.family}" if told.family in PRESETS else "added"
    return ModelRow(name, told.use, kind, told.licence, state, str(model.path))


def _row(session: Session, files: Sequence[PackagedWeights]) -> ModelRow:
    """Return the row of a network, from all its files."""
    from models.conversion.weights import locate

    first = files[0]
    state, path = "ready", ""
    try:
        path = str([locate(weights) for weights in files][0])  # noqa: RUF015 - all are looked for
    except WeightsError as error:
        fetch = f"facedesk models fetch {first.network}" if first.is_optional else _FETCH
        state = f"{'optional; ' * first.is_optional}{error.found}; {fetch} gets them"
    converted = _CONVERTED.get(first.network)
    if converted is not None:
        is_ready = _converted(session, converted).is_file()
        state = "ready" if is_ready else "published" if path else state
    return ModelRow(first.network, first.use, str(first.carrier), first.license, state, path)


def _converted(session: Session, name: str) -> Path:
    return session.home.cache / "models" / f"{name}.onnx"


_CONVERTED = {"mtcnn": "mtcnn-onet", "yunet": "yunet", "sface": "sface", "centerface": "centerface"}
"""The networks that are converted; the last file of each."""

_FETCH = "facedesk models fetch"
