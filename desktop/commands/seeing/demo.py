"""facedesk demo: runs the whole program on a face that moves before a virtual camera."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, count, islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from common.errors import EnrollmentError, PictureError
from desktop.commands.output import force_option
from desktop.commands.seeing.annotate import annotated, write_picture
from desktop.commands.seeing.watch import every_frame, in_words
from desktop.commands.session import Session, counted

if TYPE_CHECKING:
    from capture.frame import Frame
    from recognition.recognizer import Recognition, Recognizer

UNKNOWN_FRAMES = 30
ENROLLMENT_FRAMES = 600
"""The most frames that are tried; 50 accepted ones need a fourth of them."""
NAMED_FRAMES = 60
DRAWN = Path("facedesk-demo.png")
NAME = "Eileen"
"""Of the person in capture/portrait.py."""


@click.command()
@click.argument("picture", required=False, type=click.Path(path_type=Path))
@click.option(
    "--save",
    type=click.Path(path_type=Path),
    help=f"Where to write the annotated picture; {DRAWN}, or a name like it that is free.",
)
@force_option
@click.pass_obj
def demo(session: Session, picture: Path | None, save: Path | None, force: bool) -> None:
    """Show that it works, without camera or display.

    A moving face is unknown, is enrolled from 50 frames, then named, in a gallery of its own.
    PICTURE: a portrait to move instead of the built-in one.
    """
    run_demo(session, picture, save, force)


def run_demo(
    session: Session, picture: Path | None, save: Path | None = None, force: bool = False
) -> None:
    """Show the demo, and write its last frame to `save`, or else to a new file in this folder.

    Raises EnrollmentError where the picture's face cannot be enrolled, and PictureError where
    `save` cannot be written.
    """
    from capture.opening import files_of
    from common.output_file import check_output
    from common.sealing.key_ring import begin_briefly

    spec = f"demo:{picture}" if picture else "demo"
    save = save or _free_name()
    inputs = (*session.home.files, *files_of(spec))
    check_output(save, PictureError, overwrite=force, inputs=inputs)
    with tempfile.TemporaryDirectory(prefix="facedesk-") as folder:
        begin_briefly(Path(folder))
        own = Session(replace(session.home, folder=Path(folder)))
        with every_frame(own, spec) as feed, own.recognizer() as recognizer:
            click.echo("Nobody is enrolled yet.")
            _watch(recognizer, islice(feed.frames, UNKNOWN_FRAMES))
            _enroll(recognizer, feed.frames, NAME if picture is None else picture.stem)
            frame, recognition = _watch(recognizer, islice(feed.frames, NAMED_FRAMES))
    write_picture(save, annotated(frame.image, recognition.faces), force, inputs)
    click.echo(f"The last frame, with what was recognized, is in {save}.")


def _free_name() -> Path:
    """Return DRAWN, or DRAWN with a number, so that a picture from an earlier demo stays."""
    numbered = (DRAWN.with_stem(f"{DRAWN.stem}-{number}") for number in count(2))
    return next(path for path in chain([DRAWN], numbered) if not path.exists())


def _watch(recognizer: Recognizer, frames: Iterator[Frame]) -> tuple[Frame, Recognition]:
    """Recognize faces in each frame; return the last frame and what was recognized in it."""
    for frame in frames:
        recognition = recognizer.recognize(frame)
        why = "; ".join(face.reason for face in recognition.faces)
        click.echo(f"frame {frame.index}: {in_words(recognition)} ({why})")
    return frame, recognition


def _enroll(recognizer: Recognizer, frames: Iterator[Frame], name: str) -> None:
    from recognition.enrollment.live import LiveEnrollment, save

    enrollment = LiveEnrollment(recognizer, name)
    click.echo(f"Enrolling {enrollment.name}.")
    for frame in islice(frames, ENROLLMENT_FRAMES):
        progress = enrollment.offer(frame, recognizer.recognize(frame))
        verdict = progress.verdict
        if verdict.looked_at:
            taken = "accepted" if verdict.reason is None else verdict.reason.value
            click.echo(f"frame {frame.index}: {verdict.accepted_count}/{verdict.goal}, {taken}")
        if progress.done:
            review = enrollment.review()
            save(recognizer, review)
            click.echo(f"Enrolled {review.name} with {counted(len(review.templates), 'template')}.")
            return
    raise EnrollmentError(
        f"{verdict.goal} good pictures of one face",
        f"{ENROLLMENT_FRAMES} frames gave {verdict.accepted_count}",
        "Use a portrait with the face in the middle of its upper half",
    )
