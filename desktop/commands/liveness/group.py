"""facedesk liveness: measures how well presentation attacks are noticed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from common.errors import SourceError
from desktop.commands.liveness.output import ReportPage, mode_option, out_option, tell_rates
from desktop.commands.liveness.rendered import rendered
from desktop.commands.output import force_option
from desktop.commands.seeing.watch import every_frame, newest_frame
from desktop.commands.session import Session, json_option, note

if TYPE_CHECKING:
    from bench.liveness.presentation import Presentation
    from recognition.liveness.check import LivenessCheck, Mode
    from recognition.liveness.progress import Pending
    from recognition.recognizer import Recognizer

_TEXT_SUFFIXES = frozenset({".ans", ".art", ".asc", ".diz", ".ice", ".nfo", ".txt", ".vt"})
"""FFmpeg's demuxer "tty" makes a film of the text in such files."""


@click.group()
def liveness() -> None:
    """Measure presentation-attack detection."""


liveness.add_command(rendered)


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

    write = ReportPage(out, force, [*session.home.files, *(folder.rglob("*") if folder else ())])
    mode = mode or ("when unsure" if folder else "always")
    with session.recognizer() as recognizer:
        if folder is not None:
            results = list(_films(session, recognizer, folder, mode))
        else:
            spec = session.settings.source if source is None else source
            results = list(_guided(session, recognizer, spec, presentations, mode))
    found = report(results)
    write(found, mode)
    tell_rates(found, mode, as_json)


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
    from capture.kinds import PICTURE_SUFFIXES
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
