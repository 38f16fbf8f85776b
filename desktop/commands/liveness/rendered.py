"""facedesk liveness rendered: measures presentation-attack detection on what is rendered."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from desktop.commands.liveness.output import ReportPage, out_option, tell_rates
from desktop.commands.output import force_option
from desktop.commands.session import Session, json_option, note, print_json

if TYPE_CHECKING:
    from bench.liveness.filmed.presenting import FilmedPresentation, Shooting
    from recognition.liveness.check import Mode

MOST_PROCESSES = 2
"""More than two processes do not pay on the computers that Facedesk is made for."""


class _Kind(click.ParamType[str]):
    """A kind of rendered film by its name; the names are read only when they are needed."""

    name = "KIND"

    def convert(self, value: Any, param: Any, context: Any) -> str:
        from bench.liveness.filmed.species import KINDS

        if value not in KINDS:
            self.fail(f"{value!r} is none of {', '.join(map(repr, KINDS))}", param, context)
        return str(value)


@click.command()
@click.option("--attempts", type=click.IntRange(10), default=1000, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option(
    "--films",
    type=click.IntRange(1),
    metavar="N",
    help="Render N whole films of each kind, and show them to a whole station.",
)
@click.option(
    "--from",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Films of people at a webcam, PERSON-word.mkv, from which those are rendered.",
)
@click.option(
    "--pictures",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Pictures to hold up as well, of more than five of each person: PERSON/any.png.",
)
@click.option(
    "--half",
    type=click.Choice(["both", "first", "second"]),
    default="both",
    help="Every second person alone: to choose a limit on the one half, and measure on the other.",
)
@click.option("--kind", "kinds", type=_Kind(), multiple=True, help="Films of this kind alone.")
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=min(os.cpu_count() or 1, MOST_PROCESSES),
    help="Processes that render at once.",
)
@click.option(
    "--mode",
    type=click.Choice(["off", "when-unsure", "always"]),
    callback=lambda context, parameter, mode: mode and mode.replace("-", " "),
    help="As the station's setting; off for films alone.",
)
@out_option
@force_option
@json_option
@click.pass_obj
def rendered(
    session: Session,
    attempts: int,
    seed: int,
    films: int | None,
    folder: Path | None,
    pictures: Path | None,
    half: str,
    kinds: tuple[str, ...],
    processes: int,
    mode: str | None,
    out: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Measure on rendered heads and pictures: their landmarks, at the noise MTCNN has.

    --attempts is the number of live heads, and of each kind of attack. The result says nothing
    about the other cues.

    With --films N whole films are rendered and shown to a whole station: real people as they were
    filmed, cut, mirrored, larger and darker; and their frames, films and pictures on paper and on
    phones that somebody holds. Real people on films answer what they are asked for by an
    animation, as the worst of the attacks does.
    """
    from bench.liveness.attempts import ATTACKS, rendered_presentations
    from bench.liveness.presentation import BONA_FIDE, report

    if films is not None:
        if folder is None:
            raise click.UsageError("--films needs films of people: --from DIR")
        from bench.liveness.filmed.presenting import Shooting
        from bench.liveness.filmed.species import KINDS

        wanted = tuple(kind for kind in KINDS if kind in kinds or not kinds)
        shooting = Shooting(folder, pictures, half, wanted, films, seed)
        _render_films(session, shooting, mode, processes, as_json)
        return
    if mode == "off":
        raise click.UsageError("--mode off measures nothing without --films")
    write = ReportPage(out, force, session.home.files)
    asking: Mode = "when unsure" if mode == "when unsure" else "always"
    found = report(rendered_presentations(attempts, seed, asking, kinds=(BONA_FIDE, *ATTACKS)))
    write(found, asking)
    tell_rates(found, asking, as_json)


def _render_films(
    session: Session, shooting: Shooting, mode: str | None, processes: int, as_json: bool
) -> None:
    from desktop.commands.liveness.films import filmed_presentations

    mode = mode or session.settings.station.liveness
    presented: list[FilmedPresentation] = []
    for one in filmed_presentations(
        shooting,
        session.recognizer_spec(),
        session.home.cache,
        session.settings.station,
        mode,
        processes,
    ):
        presented.append(one)
        if as_json:
            print_json(asdict(one))
        elif sys.stderr.isatty():
            of = shooting.count * len(shooting.kinds)
            note(f"\r{len(presented)} of {of} films", newline=len(presented) == of)
    _tell_films(presented, mode, as_json)


def _tell_films(presented: Sequence[FilmedPresentation], mode: str, as_json: bool) -> None:
    from bench.liveness.filmed.presenting import filmed_figures
    from bench.liveness.presentation import BONA_FIDE
    from bench.liveness.presentation_page import in_words

    figures = filmed_figures(presented)
    if as_json:
        for figure in figures:
            print_json({"mode": mode, **asdict(figure), "share": figure.rate.rate})
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(
        "rate",
        "shown",
        "errors",
        "share",
        "95 % interval",
        "asked",
        "unasked in",
        "one in",
        "s",
        "",
    )
    table.columns[0].no_wrap = True
    for figure in figures:
        rate = figure.rate
        name = "BPCER" if rate.kind == BONA_FIDE else f"APCER, {rate.kind}"
        seconds = "" if figure.median_s is None else f"{figure.median_s:.1f} / {figure.p95_s:.1f}"
        table.add_row(
            name,
            str(rate.presentations),
            str(rate.errors),
            *in_words(rate),
            str(figure.asked),
            str(figure.unasked_in),
            str(figure.one_in),
            seconds,
            "; ".join(f"{count} {why}" for why, count in figure.reasons),
        )
    Console(width=None if sys.stdout.isatty() else 200).print(table)
