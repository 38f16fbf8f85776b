"""facedesk watch --report: writes what was seen, and how fast, as one page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from common.errors import FacedeskError
from desktop.commands.session import Session, note

if TYPE_CHECKING:
    from capture.frame import Frame
    from recognition.recognizer import Recognition, Recognizer

Tell = Callable[["Frame", "Recognition", float], None]


@contextmanager
def sighting_report(
    path: Path | None,
    session: Session,
    recognizer: Recognizer,
    spec: str,
    dropped: Callable[[], int],
    *,
    keeps_crops: bool,
    force: bool,
    inputs: Iterable[Path],
) -> Iterator[Tell]:
    """Give a function that takes each frame with what was recognized in it and the threshold.

    The page is written at the end, also where the source fails; none is where path is None, or no
    frame came. Raises FacedeskError where it cannot be written, before the first frame where
    possible.
    """
    if path is None:
        yield lambda frame, recognition, threshold: None
        return
    from datetime import datetime

    from bench.report.sighting_page import sighting_page
    from bench.sightings.log import SightingLog
    from capture.opening import is_live_spec
    from common.output_file import check_output, output_file
    from recognition.recognizer import pair_threshold

    check_output(path, FacedeskError, overwrite=force, inputs=inputs)
    began = datetime.now().astimezone()
    is_live = is_live_spec(spec) or spec.partition(":")[0] == "demo"
    log = SightingLog(pair_threshold(recognizer.embedder), is_live=is_live, keeps_crops=keeps_crops)
    try:
        yield log.add
    finally:
        if log.frames:
            settings = _settings(recognizer, spec)
            text = sighting_page(log, settings, began, dropped(), session.language)
            with output_file(path, FacedeskError, overwrite=force, inputs=inputs) as fresh:
                fresh.write_text(text, "utf-8")
            note(f"Written: {path}")


def _settings(recognizer: Recognizer, spec: str) -> dict[str, str]:
    from bench.report.sighting_settings import watched_with

    return watched_with(
        source_told(spec), recognizer.detector.name, recognizer.embedder.model_id,
        len(recognizer.gallery), recognizer.threshold,
    )  # fmt: skip


def source_told(spec: str) -> str:
    """Return the source as a report may name it: no folder, and nothing that is secret."""
    from capture.network.addresses import shown_address
    from capture.opening import is_live_spec

    return shown_address(spec) if is_live_spec(spec) else Path(spec).name or spec
