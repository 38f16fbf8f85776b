"""facedesk evaluate: measures how accurate the pipeline is on people's pictures."""

from __future__ import annotations

from pathlib import Path

import click

from desktop.commands.evaluation.degrading import harden
from desktop.commands.evaluation.films import has_films, measure_films
from desktop.commands.evaluation.inputs import EvaluationRequest
from desktop.commands.evaluation.measuring import adopt_figures, forget_cache, measure
from desktop.commands.output import force_option
from desktop.commands.session import Session, json_option

_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("folder", type=_FILE, required=False)
@click.option("--csv", "table", type=_FILE, metavar="FILE", help="A row for each picture.")
@click.option("--images", type=_FILE, metavar="DIR", help="Where a list's paths begin.")
@click.option("--picture-column", metavar="NAME", help="The pictures' column of --csv.")
@click.option("--person-column", metavar="NAME", help="The people's column of --csv.")
@click.option(
    "--pairs", type=_FILE, metavar="FILE", help="Compare these pairs: a, b, same; or LFW's list."
)
@click.option(
    "--gallery", "in_gallery", is_flag=True, help="Compare with everyone who is enrolled here."
)
@click.option(
    "--enroll",
    type=click.IntRange(1),
    default=5,
    show_default=True,
    metavar="K",
    help="Pictures of each person that are enrolled; the rest are probes.",
)
@click.option(
    "--strangers",
    default="0.5",
    show_default=True,
    metavar="SHARE|DIR",
    help="How many of the people are strangers, or a folder of other people who are.",
)
@click.option(
    "--repeat",
    type=click.IntRange(1, 100),
    default=1,
    show_default=True,
    metavar="R",
    help="Choose the enrolled pictures and the strangers at random, so often.",
)
@click.option("--group", type=_FILE, metavar="FILE", help="A CSV file with people's groups.")
@click.option("--report", type=_FILE, metavar="FILE", help="Write a page with diagrams.")
@click.option("--no-pictures", is_flag=True, help="Show nobody's picture in the report.")
@click.option("--plots", type=_FILE, metavar="DIR", help="Write the diagrams as SVG files there.")
@click.option("--no-cache", is_flag=True, help="Keep no embeddings for a second run.")
@click.option("--forget-cache", "erasing", is_flag=True, help="Erase those that are kept.")
@click.option(
    "--harden",
    "hardening",
    is_flag=True,
    help="Measure degraded copies of the pictures: blurred, noisy, dark, masked and others.",
)
@click.option(
    "--adopt",
    "adopting",
    is_flag=True,
    help="Measure the embedder's figures on these people, and use them from now on.",
)
@click.option(
    "--forget",
    "forgetting",
    is_flag=True,
    help="Return to the embedder's own figures; without FOLDER.",
)
@force_option
@json_option
@click.pass_obj
def evaluate(
    session: Session,
    folder: Path | None,
    table: Path | None,
    images: Path | None,
    picture_column: str | None,
    person_column: str | None,
    pairs: Path | None,
    in_gallery: bool,
    enroll: int,
    strangers: str,
    repeat: int,
    group: Path | None,
    report: Path | None,
    no_pictures: bool,
    plots: Path | None,
    no_cache: bool,
    erasing: bool,
    hardening: bool,
    adopting: bool,
    forgetting: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Measure accuracy on a FOLDER of people.

    It has a subfolder of pictures for each person. Some pictures of each are enrolled, the rest
    are probes: each is compared with every person (1:1), and looked for among them (1:N), with
    every second person, by name, as a stranger, and then the others. Each figure has an interval of
    95 %, by bootstrap over people. A face that is not found is an error, a picture that cannot be
    read is told. A folder with LFW's pairs.txt is measured on its pairs.

    A FOLDER with films, named PERSON-word.mkv, is watched by the recognizer that the window uses:
    how many frames, and how many visits (a stretch with a face), have the right name, a wrong one
    or none, how soon the right one comes, and how many strangers are named. The people are enrolled
    from the pictures in subfolders with their names, or beside the films; where there are none,
    each from the first film; with --gallery, they are everyone who is enrolled here.

    With --harden the pictures are degraded, in memory. A table has for each defect the figures of
    probes with it among people enrolled as they are; another how many of the strangers' probes get
    a name at the default settings, and how many of the enrolled people's get none: enrolled with
    the same defect, and as they are.

    With --adopt the figures that say what the embedder's similarities mean are measured on these
    people, and kept for its model: the threshold follows from them everywhere. Of a fused embedder,
    so are the weights of its parts. It takes eight people or more.

    The pictures' embeddings are kept for a week in the cache folder, without names, so that a
    second run takes seconds. --no-cache keeps none, --forget-cache erases them.
    """
    if sum((hardening, adopting, forgetting, erasing)) > 1:
        raise click.UsageError("One of --harden, --adopt, --forget and --forget-cache.")
    inputs = sum(given is not None for given in (folder, table, pairs))
    if forgetting or erasing:
        if inputs:
            raise click.UsageError("--forget and --forget-cache go without pictures.")
    elif not inputs or (table is not None and inputs > 1):
        raise click.UsageError("FOLDER is needed, or --csv FILE or --pairs FILE instead.")
    request = EvaluationRequest(
        folder=folder,
        table=table,
        images=images,
        columns=(picture_column, person_column),
        pairs=pairs,
        in_gallery=in_gallery,
        enroll=enroll,
        strangers=strangers,
        repeat=repeat,
        group=group,
        report=report,
        with_pictures=not no_pictures,
        plots=plots,
        keeps_embeddings=not no_cache,
        force=force,
        as_json=as_json,
    )
    if erasing:
        forget_cache(session, as_json)
    elif hardening:
        if pairs is not None or in_gallery or plots is not None:
            raise click.UsageError("--harden takes no --pairs, --gallery and --plots.")
        harden(session, request)
    elif adopting or forgetting:
        adopt_figures(session, None if forgetting else request, as_json)
    elif folder is not None and pairs is None and has_films(folder):
        measure_films(session, request, folder)
    else:
        measure(session, request)
