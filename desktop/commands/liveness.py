"""facedesk liveness: measures how well presentation attacks are noticed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from common.errors import SourceError
from desktop.commands.output import force_option
from desktop.commands.session import Session, json_option, note, print_json
from desktop.commands.watch import every_frame, newest_frame

if TYPE_CHECKING:
    from bench.liveness.presentation import Presentation, PresentationReport
    from recognition.liveness.check import LivenessCheck, Mode
    from recognition.liveness.progress import Pending
    from recognition.recognizer import Recognizer

out_option = click.option(
    "--out", type=click.Path(path_type=Path), metavar="OUT.html", help="Write a report there."
)
mode_option = click.option(
    "--mode",
    type=click.Choice(["when-unsure", "always"]),
    callback=lambda context, parameter, mode: mode and mode.replace("-", " "),
    help="always asks for two movements, which a recorded film could not make.",
)

_TEXT_SUFFIXES = frozenset({".ans", ".art", ".asc", ".diz", ".ice", ".nfo", ".txt", ".vt"})
"""FFmpeg's demuxer "tty" makes a film of the text in such files."""


@click.group()
def liveness() -> None:
    """Measure presentation-attack detection."""


@liveness.command()
@click.option("--source", help="Camera number, file, folder, address or demo.")
@click.option("--from", "folder", type=click.Path(path_type=Path), help="Films instead of people.")
@click.option("--presentations", type=click.IntRange(1, 1000), default=10, show_default=True)
@mode_option
@out_option
@force_option
@json_option
@click.pass_obj
def test(
    session: Session,
    source: str | None,
    folder: Path | None,
    presentations: int,
    mode: Mode | None,
    out: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Present real people and attacks, and measure how they are told apart.

    Without --from it says what to hold before the camera: people, prints, phones, tablets and bent
    prints, each as many times as --presentations says; nobody needs to be enrolled. With --from
    it takes the films of a folder, which has subfolders bona-fide, print, phone, tablet and
    bent-print; files that are no films are left out, and it says which.
    """
    from bench.liveness.presentation import report

    write = _Page(out, force, [*session.home.files, *(folder.rglob("*") if folder else ())])
    mode = mode or ("when unsure" if folder else "always")
    with session.recognizer() as recognizer:
        if folder is not None:
            results = list(_films(session, recognizer, folder, mode))
        else:
            spec = session.settings.source if source is None else source
            results = list(_guided(session, recognizer, spec, presentations, mode))
    found = report(results)
    write(found, mode)
    _tell(found, mode, as_json)


@liveness.command()
@click.option("--attempts", type=click.IntRange(10), default=1000, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
@mode_option
@out_option
@force_option
@json_option
@click.pass_obj
def rendered(
    session: Session,
    attempts: int,
    seed: int,
    mode: Mode | None,
    out: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Measure on rendered heads and pictures: their landmarks, at the noise MTCNN has.

    --attempts is the number of live heads, and of each kind of attack. The result says nothing
    about
    the other cues.
    """
    from bench.liveness.attempts import ATTACKS, rendered_presentations
    from bench.liveness.presentation import BONA_FIDE, report

    write = _Page(out, force, session.home.files)
    mode = mode or "always"
    results = rendered_presentations(attempts, seed, mode, kinds=(BONA_FIDE, *ATTACKS))
    found = report(results)
    write(found, mode)
    _tell(found, mode, as_json)


def _check(mode: Mode, recognizer: Recognizer) -> LivenessCheck:
    import numpy as np

    from recognition.liveness.check import LivenessCheck
    from recognition.liveness.cues import cues_of_a_camera

    return LivenessCheck(
        mode, np.random.default_rng(), recognizer.embedder.figures, cues_of_a_camera()
    )


def _films(
    session: Session, recognizer: Recognizer, folder: Path, mode: Mode
) -> Iterator[Presentation]:
    from bench.liveness.presentation import ATTACKS, BONA_FIDE, Presentation, present

    films = [
        (kind, path)
        for kind in (BONA_FIDE, *ATTACKS)
        if (folder / kind).is_dir()
        for path in sorted((folder / kind).iterdir())
        if path.is_file() and not path.name.startswith(".") and _is_film(path)
    ]
    if not films:
        raise SourceError(
            f"films in subfolders {BONA_FIDE}, {', '.join(ATTACKS)}",
            f"{folder} has none",
            "Put at least one film into one of these",
        )
    for kind, path in films:
        note(f"{kind}: {path.name}")
        with every_frame(session, str(path)) as feed:
            passed, why = present(
                feed.frames, recognizer, _check(mode, recognizer), lambda pending: None
            )
        yield Presentation(kind, path.name, passed, why)


def _is_film(path: Path) -> bool:
    """Return whether the file is a film; print the name of one that is not."""
    from capture.stills import PICTURE_SUFFIXES
    from capture.video import VideoFileSource

    if path.suffix.lower() not in PICTURE_SUFFIXES | _TEXT_SUFFIXES:
        try:
            VideoFileSource(path).close()
            return True
        except SourceError:
            pass
    note(f"{path} is left out: it is no film that can be opened.")
    return False


def _guided(
    session: Session, recognizer: Recognizer, spec: str, presentations: int, mode: Mode
) -> Iterator[Presentation]:
    from bench.liveness.presentation import ATTACKS, BONA_FIDE, Presentation, present
    from capture.opening import is_live_spec

    open_feed = newest_frame if is_live_spec(spec) else every_frame
    for kind in (BONA_FIDE, *ATTACKS):
        for number in range(1, presentations + 1):
            held = "a real person" if kind == BONA_FIDE else f"an attack: {kind.replace('-', ' ')}"
            answer = click.prompt(
                f"{number} of {presentations}, {held}. Enter starts, s skips this kind, q ends",
                default="",
                show_default=False,
                err=True,
            )
            if answer == "q":
                return
            if answer == "s":
                break
            with open_feed(session, spec) as feed:
                passed, why = present(
                    feed.frames, recognizer, _check(mode, recognizer), _Prompter()
                )
            note("No response: " + why if passed is None else "Passed" if passed else why)
            yield Presentation(kind, f"{kind} {number}", passed, why)


class _Prompter:
    """Prints what is asked of the person, whenever that changes."""

    def __init__(self) -> None:
        self._said = ""

    def __call__(self, pending: Pending) -> None:
        action = pending.action
        line = "Look ahead" if action is None else action.name.replace("_", " ").capitalize()
        if line != self._said:
            note(f"{line} ({pending.remaining_s:.0f} s)")
            self._said = line


class _Page:
    """Writes the report where one is wanted.

    Raises SourceError before anything is measured where the report cannot be written.
    """

    def __init__(self, path: Path | None, force: bool, inputs: Iterable[Path]) -> None:
        from common.output_file import check_output

        self._path, self._force, self._inputs = path, force, tuple(inputs)
        if path is not None:
            check_output(path, SourceError, overwrite=force, inputs=self._inputs)

    def __call__(self, report: PresentationReport, mode: Mode) -> None:
        from bench.liveness.presentation_page import page
        from common.output_file import output_file

        if self._path is not None:
            text = page(report, mode, f"{datetime.now():%Y-%m-%d %H:%M}")
            with output_file(
                self._path, SourceError, overwrite=self._force, inputs=self._inputs
            ) as fresh:
                fresh.write_text(text, "utf-8")


def _tell(report: PresentationReport, mode: Mode, as_json: bool) -> None:
    from bench.liveness.presentation_page import in_words

    if as_json:
        rates = [*report.apcer, *([report.bpcer] if report.bpcer else [])]
        print_json({"mode": mode, "rates": [{**asdict(r), "rate": r.rate} for r in rates]})
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("rate", "shown", "errors", "share", "95 % interval", "no response")
    table.columns[0].no_wrap = True
    for name, rate in [
        *(("APCER", rate) for rate in report.apcer),
        *([("BPCER", report.bpcer)] if report.bpcer else []),
    ]:
        counts = (str(rate.presentations), str(rate.errors))
        table.add_row(f"{name}, {rate.kind}", *counts, *in_words(rate), str(rate.no_response))
    Console().print(table)
