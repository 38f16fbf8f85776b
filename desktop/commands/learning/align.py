"""facedesk align: cuts the faces out of folders of people."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from desktop.commands.session import Session, counted, json_option, note, print_json

if TYPE_CHECKING:
    from recognition.learning.aligning import AlignedPicture


@click.command()
@click.argument("raw", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--size",
    type=click.IntRange(16, 4096),
    default=160,
    show_default=True,
    help="Width and height of what is written, pixels.",
)
@click.option(
    "--margin",
    type=click.IntRange(0, 4096),
    default=32,
    show_default=True,
    help="Pixels of the source picture added to the box, half on each side.",
)
@click.option(
    "--five-point",
    type=click.IntRange(16, 4096),
    metavar="SIZE",
    help="Bring eyes, nose and mouth to ArcFace's places instead, on SIZE pixels (112).",
)
@click.option("--all", "every", is_flag=True, help="Write every face of a picture.")
@json_option
@click.pass_obj
def align(
    session: Session,
    raw: Path,
    out: Path,
    size: int,
    margin: int,
    five_point: int | None,
    every: bool,
    as_json: bool,
) -> None:
    """Cut the faces out of a folder of people, as PNG.

    RAW has a subfolder of pictures for each person, and OUT gets one of the same name. Of several
    faces in a picture the large one in the middle is taken. A list of the boxes is written along.
    What is there already is passed over, so that a run can be broken off and gone on with.
    """
    from rich.console import Console
    from rich.progress import Progress

    from capture.folders import pictures_below
    from capture.stills import people_folders
    from recognition.assembly import load_models
    from recognition.learning.aligning import Cut
    from recognition.learning.aligning import align as aligned

    cut = (
        Cut(size, margin, every=every)
        if five_point is None
        else Cut(five_point, by_landmarks=True, every=every)
    )
    pictures = sum(len(pictures_below(person)) for person in people_folders(raw))
    detector, _ = load_models(session.recognizer_spec(20), session.home.cache, session.preparation)
    counts: Counter[str] = Counter()
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("Aligning", total=pictures)

        def told(picture: AlignedPicture) -> None:
            progress.advance(task)
            counts.update(_counted_as(picture))
            if picture.reason is not None:
                note(f"{picture.source}: {picture.reason}")

        aligned(raw, out, detector, cut, told)
    result = {
        "pictures": counts.total() - counts["faces"],
        **{each: counts[each] for each in ("aligned", "there", "without_face", "damaged", "faces")},
    }
    if as_json:
        print_json(result)
        return
    click.echo(
        f"{counted(result['pictures'], 'picture')}: {counted(counts['faces'], 'face')} written "
        f"from {counts['aligned']}, {counts['there']} there already, {counts['without_face']} "
        f"without a face, {counts['damaged']} that cannot be read."
    )


def _counted_as(picture: AlignedPicture) -> dict[str, int]:
    if picture.was_there:
        return {"there": 1}
    if picture.reason is not None:
        return {"damaged" if picture.is_damaged else "without_face": 1}
    return {"aligned": 1, "faces": len(picture.written)}
