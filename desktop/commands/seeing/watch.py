"""facedesk watch: recognizes people live without a window."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from desktop.commands.output import force_option
from desktop.commands.seeing.recording import video_file
from desktop.commands.session import (
    Session,
    classifier_option,
    counted,
    json_option,
    note,
    print_json,
)

if TYPE_CHECKING:
    from capture.frame import Frame
    from recognition.recognizer import Recognition


@click.command()
@click.option("--source", help="Camera number, file, folder, address or demo.")
@click.option("--frames", type=click.IntRange(min=1), help="Stop after so many frames.")
@click.option(
    "--save", type=click.Path(path_type=Path), metavar="OUT.mp4", help="Write an annotated video."
)
@click.option(
    "--report", type=click.Path(path_type=Path), metavar="OUT.html", help="Write who was seen when."
)
@click.option("--unknown-crops", is_flag=True, help="Show unknown faces in the report.")
@force_option
@click.option("--realtime", is_flag=True, help="Play a file like a camera: late frames are lost.")
@classifier_option
@json_option
@click.pass_obj
def watch(
    session: Session,
    source: str | None,
    frames: int | None,
    save: Path | None,
    report: Path | None,
    unknown_crops: bool,
    force: bool,
    realtime: bool,
    classifier: str | None,
    as_json: bool,
) -> None:
    """Recognize people live and print who is seen.

    A file gives every frame, as fast as it can; each picture of a folder stands for itself.
    Ctrl-C ends it with the summary, as the end of a file does.

    With --report a page is written at the end: a timeline of each person, similarities, unknown
    faces, quality and speed, each as a diagram with its table. It is one file, which loads nothing.
    """
    from capture.opening import files_of, is_live_spec
    from desktop.commands.seeing.watch_report import sighting_report

    if unknown_crops and report is None:
        raise click.UsageError("--unknown-crops goes with --report.")

    spec = session.settings.source if source is None else source
    inputs = (*session.home.files, *files_of(spec))
    open_feed = newest_frame if realtime or is_live_spec(spec) else every_frame
    with (
        open_feed(session, spec) as feed,
        session.recognizer(classifier=classifier) as recognizer,
        video_file(save, feed.fps, force, inputs) as write,
        sighting_report(
            report,
            session,
            recognizer,
            spec,
            feed.dropped,
            keeps_crops=unknown_crops,
            force=force,
            inputs=inputs,
        ) as log,
    ):
        if not len(recognizer.gallery):
            note("The gallery is empty: everybody will be unknown.")
        tally = Tally()
        tell = _tell_json if as_json else _Teller()
        with suppress(KeyboardInterrupt):
            for frame in islice(feed.frames, frames):
                recognition = recognizer.recognize(frame)
                tally.add(recognition)
                tell(recognition, recognizer.threshold, tally.started_at)
                write(frame.image, recognition)
                log(frame, recognition, recognizer.threshold)
        summary = tally.summary(feed.dropped())
    if as_json:
        print_json({"summary": summary})
        return
    click.echo(
        f"{counted(summary['processed'], 'frame')} at {summary['fps']} fps, "
        f"{summary['dropped']} dropped; "
        f"a frame took {summary['detect_ms']} ms to detect, {summary['embed_ms']} to embed, "
        f"{summary['search_ms']} to search."
    )
    for name, seen in summary["people"].items():
        click.echo(f"{name} was seen in {counted(seen, 'frame')}.")


def _tell_json(recognition: Recognition, threshold: float, started_at: float) -> None:
    from desktop.shared.answers import face_json

    print_json(
        {
            "frame": recognition.frame_index,
            "t": round(recognition.captured_at - started_at, 4),
            "faces": [
                {**face_json(face, threshold), "track": face.track_id} for face in recognition.faces
            ],
        }
    )


class _Teller:
    """Prints who is seen, whenever that changes."""

    def __init__(self) -> None:
        self._shown = ""

    def __call__(self, recognition: Recognition, threshold: float, started_at: float) -> None:
        line = in_words(recognition)
        if line != self._shown:
            click.echo(f"frame {recognition.frame_index}: {line}")
            self._shown = line


@dataclass(frozen=True)
class WatchedFrames:
    """The frames of an opened source.

    dropped: returns how many frames were lost so far because there was no time for them.
    """

    frames: Iterator[Frame]
    fps: float
    dropped: Callable[[], int]


@contextmanager
def every_frame(session: Session, spec: str) -> Iterator[WatchedFrames]:
    """Give all frames of a file, as fast as they are asked for. Raises SourceError."""
    from capture.source import FALLBACK_FPS
    from desktop.settings.configured_source import open_configured

    with open_configured(session.settings, spec) as source:
        frames = iter(source.read, None)
        yield WatchedFrames(frames, source.fps or FALLBACK_FPS, lambda: 0)
        for told in source.notes:
            note(told)


@contextmanager
def newest_frame(session: Session, spec: str) -> Iterator[WatchedFrames]:
    """Give the newest frame each time, as a camera does, beginning with the first one asked for.

    Raises SourceError at the start; a camera that is lost later is waited for.
    """
    from capture.latest import LatestFrame
    from capture.opening import is_live_spec
    from capture.source import FALLBACK_FPS
    from desktop.settings.configured_source import open_configured

    first = [open_configured(session.settings, spec)]
    fps = first[0].fps or FALLBACK_FPS
    latest = LatestFrame(
        lambda: first.pop() if first else open_configured(session.settings, spec),
        live=is_live_spec(spec),
        on_status=lambda status: note(status.message),
    )

    def frames() -> Iterator[Frame]:
        latest.start()
        yield from iter(latest.take, None)

    try:
        yield WatchedFrames(frames(), fps, lambda: latest.dropped)
    finally:
        latest.close()
        for unread in first:
            unread.close()


def in_words(recognition: Recognition) -> str:
    """Return who is in a frame: "Ann, Unknown", or "nobody"."""
    return (
        ", ".join(
            face.match.identity.name if face.match else "Unknown" for face in recognition.faces
        )
        or "nobody"
    )


class Tally:
    """Counts the frames and adds up the times of a run."""

    def __init__(self) -> None:
        self.processed = 0
        self.started_at = 0.0
        self._last_index = -1
        self._began = time.perf_counter()
        self._times = {"detect_ms": 0.0, "embed_ms": 0.0, "search_ms": 0.0}
        self._people = Counter[str]()

    def add(self, recognition: Recognition) -> None:
        if not self.processed:
            self.started_at = recognition.captured_at
            self._began = time.perf_counter() - recognition.times.total_ms / 1e3
        self.processed += 1
        self._last_index = recognition.frame_index
        for stage in self._times:
            self._times[stage] += getattr(recognition.times, stage)
        self._people.update({face.match.identity.name for face in recognition.faces if face.match})

    def summary(self, dropped: int) -> dict[str, Any]:
        """Return the run in numbers. Times are means for each processed frame, in milliseconds."""
        n = max(self.processed, 1)
        return {
            "frames": self._last_index + 1,
            "processed": self.processed,
            "dropped": dropped,
            "fps": round(self.processed / max(time.perf_counter() - self._began, 1e-9), 2),
            **{stage: round(total / n, 3) for stage, total in self._times.items()},
            "people": dict(self._people),
        }
