"""Writes annotated video files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from common.errors import SourceError

if TYPE_CHECKING:
    from common.picture import RgbImage
    from recognition.recognizer import Recognition

_MPEG4_MOST = 65535

_SLOWEST = 0.002
"""OpenCV's writer takes lower rates, in frames a second, for none."""


@contextmanager
def video_file(
    path: Path | None, fps: float, force: bool = False, inputs: Iterable[Path] = ()
) -> Iterator[Callable[[RgbImage, Recognition], None]]:
    """Give a function that writes annotated frames to an MP4 file, or nowhere where path is None.

    The first frame gives the size; a frame of another size is scaled to fit in. What was recorded
    is
    kept where the block raises. Raises SourceError where the file cannot be made, before the
    first frame where possible, and at the end where it was not written whole.

    force: replace a file of that name. inputs: files that are never replaced.
    """
    if path is None:
        yield lambda image, recognition: None
        return
    from common.output_file import output_file

    if path.suffix.lower() != ".mp4":
        raise _no_video(path, "its name does not end in .mp4")
    failure: Exception | None = None
    with output_file(path, SourceError, overwrite=force, inputs=inputs) as fresh:
        film = _Film(path, fresh, fps)
        try:
            yield film.write
        except Exception as error:
            failure = error
        finally:
            film.end()
    if failure is not None:
        raise failure


class _Film:
    """An annotated film that is being written.

    path: the name that the user gave it. fresh: the file that is written meanwhile.
    """

    def __init__(self, path: Path, fresh: Path, fps: float) -> None:
        import cv2

        self._path, self._fresh, self._fps = path, fresh, fps
        self._writer = cv2.VideoWriter()
        self._size = (0, 0)

    def write(self, image: RgbImage, recognition: Recognition) -> None:
        import cv2

        from desktop.commands.seeing.annotate import annotated

        if not self._writer.isOpened():
            self._size = (image.shape[1], image.shape[0])
            fourcc = cv2.VideoWriter.fourcc(*"mp4v")
            name = str(self._fresh)
            rate = writable_rate(self._fps)
            if not self._writer.open(name, cv2.CAP_FFMPEG, fourcc, rate, self._size):
                raise _no_video(self._path, "no file can be made there")
        shown = _fitted(annotated(image, recognition.faces), self._size)
        self._writer.write(cv2.cvtColor(shown, cv2.COLOR_RGB2BGR))

    def end(self) -> None:
        """Close the file. Raises SourceError where it is not complete."""
        from capture.video import VideoFileSource

        begun = self._writer.isOpened()
        self._writer.release()
        if not begun:
            return
        # cv2's writer does not report a full disk; the file then lacks its index, written last.
        try:
            VideoFileSource(self._fresh).close()
        except SourceError as error:
            raise _no_video(self._path, "it was not written whole; the disk may be full") from error


def writable_rate(fps: float) -> float:
    """Return the rate nearest to `fps` that an MPEG-4 film can have.

    OpenCV writes a rate as a fraction with a power of ten below, and MPEG-4 allows no number above
    65535 in it (ISO/IEC 14496-2, vop_time_increment_resolution): 66.667 becomes 66.67.
    """
    digits = 3
    while digits and fps * 10**digits > _MPEG4_MOST:
        digits -= 1
    return min(max(round(fps, digits), _SLOWEST), _MPEG4_MOST)


def _fitted(image: RgbImage, size: tuple[int, int]) -> RgbImage:
    """Return the picture as large as fits into size = (width, height), with black around it."""
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
