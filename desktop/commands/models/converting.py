"""facedesk models convert|export: networks of others to ONNX, and Facedesk's own as ONNX."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from common.errors import WeightsError
from common.sentence import Sentence
from desktop.commands.output import force_option
from desktop.commands.session import Session, json_option, note, print_json

if TYPE_CHECKING:
    from models.conversion.foreign.conversion import Converted

_out_option = click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    help="The ONNX file to write; else it is named after the network, in the current folder.",
)


@dataclass(frozen=True)
class ConvertedRow:
    """What `facedesk models convert --json` tells.

    compared_with: what gave the other vectors; empty where there is nothing here to compare with.
    largest_difference: of single numbers, as share of a vector's length.
    """

    file: str
    width: int
    height: int
    layout: str
    dimension: int
    compared_with: str
    largest_difference: float | None
    least_cosine: float | None


@click.command("convert")
@click.argument("file", type=click.Path(path_type=Path))
@_out_option
@click.option("--as", "preset", help="What network it is, as for facedesk models add.")
@force_option
@json_option
@click.pass_obj
def convert_model(
    session: Session,
    file: Path,
    out: Path | None,
    preset: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Convert a network of Keras (.h5, .keras), TensorFlow (.pb) or PyTorch (.pt, .pth) to ONNX.

    No code of the file is run. The ONNX file is written where it gives the same vectors for ten
    pictures as the network that it was made from.
    """
    from capture.portrait import PORTRAIT
    from capture.stills import read_picture
    from common.output_file import output_file
    from models.conversion.foreign.comparison import ten_views
    from models.conversion.foreign.conversion import Request, convert_file
    from models.described.presets import PRESETS, Preset, presets_for

    embedders = presets_for("compares faces")
    if preset is not None and preset not in embedders:
        raise WeightsError(
            Sentence("one of {}", ", ".join(embedders)),
            Sentence("--as {} was given", preset),
            "Leave it out where the network is another one",
        )
    # Where nothing says how pictures are scaled, both sides of the comparison still read the same.
    plain = Preset("compares faces", (160, 160), (127.5,), (128.0,))
    known = PRESETS[preset] if preset else plain
    out = out or Path(f"{file.stem}.onnx")
    _check_ending(out)
    _check_readable(file)
    pictures = ten_views(read_picture(PORTRAIT))
    request = Request(file, pictures, known, preset)
    with output_file(out, WeightsError, overwrite=force, inputs=[file]) as fresh:
        converted = convert_file(request, fresh, session.preparation.process)
    _tell(out, preset, converted, as_json)


def _tell(out: Path, preset: str | None, converted: Converted, as_json: bool) -> None:
    found = converted.difference
    if as_json:
        row = ConvertedRow(
            str(out),
            *(converted.width, converted.height, converted.layout, converted.dimension),
            converted.reference,
            found.largest if found else None,
            found.cosine if found else None,
        )
        print_json(asdict(row))
        return
    size = f"{converted.width}x{converted.height}"
    click.echo(
        f"{out}: reads pictures of {size} ({converted.layout}), gives {converted.dimension} numbers"
    )
    if found:
        click.echo(
            f"On {found.pictures} pictures it gives the vectors of {converted.reference}: they "
            f"differ by {_share(found.largest)} at most, cosine {found.cosine:.6f} or more"
        )
    else:
        click.echo("There is nothing here that runs the original, to compare the vectors with")
    note(f"Add it: facedesk models add {out} --as {preset or 'PRESET'}")


def _share(difference: float) -> str:
    return f"{difference:.0e}" if difference else "0"


def _check_readable(file: Path) -> None:
    """Raise WeightsError where a file cannot be read. Of a folder more is said later."""
    try:
        with file.open("rb"):
            pass
    except IsADirectoryError:
        pass
    except OSError as error:
        raise WeightsError(
            Sentence("a file of a network at {}", file),
            Sentence("it cannot be read ({})", error.strerror or error),
            "Check its name and its permissions",
        ) from error


def _check_ending(out: Path) -> None:
    if out.suffix.lower() != ".onnx":
        raise WeightsError(
            "a name for an ONNX file",
            Sentence("{} does not end in .onnx", out),
            "Choose another name",
        )


@click.command("export")
@click.argument("name")
@_out_option
@force_option
@click.pass_obj
def export_model(session: Session, name: str, out: Path | None, force: bool) -> None:
    """Write one of Facedesk's own networks as an ONNX file, folded, with all shapes.

    NAME: mtcnn-pnet, mtcnn-rnet, mtcnn-onet, yunet, centerface, sface, facenet-vggface2,
    facenet-casia-webface, or a model that was added.
    """
    from common.output_file import output_file
    from models.conversion.export import export_network

    out = out or Path(f"{name}.onnx")
    _check_ending(out)
    weights = session.recognizer_spec().embedder_weights
    with output_file(out, WeightsError, overwrite=force) as fresh:
        lines = export_network(
            name, session.home.cache / "models", session.preparation, weights, fresh
        )
    click.echo(f"{out}: {'; '.join(lines)}")
