"""Annotated video files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from facedesk_errors import SourceError

if TYPE_CHECKING:
    from capture.frame import RgbImage
    from recognition.recognizer import Recognition


@contextmanager
def video_file(path: Path | None, fps: float) -> Iterator[Callable[[RgbImage, Recognition], None]]:
    """Writes annotated frames into an MP4 file, or nothing where path is None.

    The first frame gives the size; one of another size is scaled to fit in. Raises SourceError
    where the file cannot be made, and at the end where it was not written whole.
    """
    if path is None:
        yield lambda image, recognition: None
        return
    import cv2

    from capture.video import VideoFileSource
    from desktop.commands.annotate import annotated

    if path.suffix.lower() != ".mp4":
        raise _no_video(path, "its name does not end in .mp4")
    if not path.absolute().parent.is_dir():
        raise _no_video(path, "there is no such folder")
    writer = cv2.VideoWriter()
    size = (0, 0)

    def write(image: RgbImage, recognition: Recognition) -> None:
        nonlocal size
        if not writer.isOpened():
            size = (image.shape[1], image.shape[0])
            fourcc = cv2.VideoWriter.fourcc(*"mp4v")
            if not writer.open(str(path), cv2.CAP_FFMPEG, fourcc, fps, size):
                raise _no_video(path, "no file can be made there")
        shown = _fitted(annotated(image, recognition.faces), size)
        writer.write(cv2.cvtColor(shown, cv2.COLOR_RGB2BGR))

    try:
        yield write
    finally:
        begun = writer.isOpened()
        writer.release()
    if begun:
        # A full disk tells the writer nothing: the file then lacks its index, written last.
        try:
            VideoFileSource(path).close()
        except SourceError as error:
            raise _no_video(path, "it was not written whole; the disk may be full") from error


def _fitted(image: RgbImage, size: tuple[int, int]) -> RgbImage:
    """The picture, as large as fits into size = (width, height), with black around it."""
    import cv2
    import numpy as np

    height, width = image.shape[:2]
    if (width, height) == size:
        return image
    scale = min(size[0] / width, size[1] / height)
    inner = max(1, round(width * scale)), max(1, round(height * scale))
    left, top = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    fitted = np.zeros((size[1], size[0], 3), np.uint8)
    fitted[top : top + inner[1], left : left + inner[0]] = cv2.resize(
        image, inner, interpolation=cv2.INTER_AREA
    )
    return fitted


def _no_video(path: Path, found: str) -> SourceError:
    return SourceError(
        f"to write a video to {path}",
        found,
        "Choose a name that ends in .mp4, in a folder that can be written and has room",
    )
