"""Opens the source that the user has typed: a number, an address, a path, or demo."""

from __future__ import annotations

from pathlib import Path

from capture.cameras.found import BY_NAME, index_of, is_camera_spec
from capture.demo import DemoSource
from capture.kinds import PICTURE_SUFFIXES
from capture.network.addresses import shown_address
from capture.network.snapshots import open_web_source
from capture.source import FrameSource
from capture.stills import StillsSource, picture_paths, read_picture
from capture.video import CameraSource, StreamSource, VideoFileSource
from common.errors import PictureError, SourceError
from common.sentence import Sentence

STREAM_SCHEMES = frozenset({"http", "https", "rtsp", "rtsps", "tcp", "udp"})


def is_live_spec(spec: str) -> bool:
    """Returns whether `open_source(spec)` gives a camera or a stream: one that is worth waiting for
    and retrying."""
    return is_camera_spec(spec) or "://" in spec


def open_source(spec: str, *, size: tuple[int, int] = (640, 480), fps: float = 30.0) -> FrameSource:
    """Opens the source that `spec` names; its frames are not held back (see Paced).

    spec: a camera's index ("0"), "camera:" and its name, an rtsp, http, udp or tcp address of a
        stream, an http address that answers with one picture at a time, the path of a video file, a
        picture or a folder of pictures, "demo", or "demo:" and the path of a picture.
    size, fps: asked of a camera; `notes` says where it gives something else.
    Raises SourceError, always a single one, where nothing can be opened.
    """
    if is_camera_spec(spec):
        name = spec.removeprefix(BY_NAME).strip()
        return CameraSource(index_of(spec), size=size, fps=fps, called=name)
    if "://" in spec:
        _check_scheme(spec)
        is_web = spec.lower().startswith(("http:", "https:"))
        return open_web_source(spec, fps) if is_web else StreamSource(spec)
    try:
        if spec == "demo":
            return DemoSource()
        if spec.startswith("demo:"):
            return DemoSource(read_picture(_existing(spec.removeprefix("demo:"))))
        path = _existing(spec)
        if path.is_dir():
            return StillsSource(picture_paths(path), Sentence("folder {}", path.name))
        if path.suffix.lower() in PICTURE_SUFFIXES - {".gif"}:  # which may be a film
            return StillsSource([path], Sentence("picture {}", path.name))
    except PictureError as error:
        raise SourceError(error.expected, error.found, error.remedy) from error
    return VideoFileSource(path)


def files_of(spec: str) -> list[Path]:
    """Returns the files that `open_source(spec)` would read, and that therefore must not be written
    over."""
    if is_live_spec(spec) or spec == "demo":
        return []
    path = Path(spec.removeprefix("demo:"))
    try:
        return list(path.iterdir()) if path.is_dir() else [path]
    except (OSError, ValueError):  # opening it says what is wrong
        return []


def _check_scheme(spec: str) -> None:
    scheme = spec.partition("://")[0].lower()
    if scheme not in STREAM_SCHEMES:
        raise SourceError(
            Sentence(
                "a stream's address that starts with one of {}", ", ".join(sorted(STREAM_SCHEMES))
            ),
            Sentence("this one starts with {}", repr(scheme)),
            "Correct the address; give a file by its path alone",
        )


def _existing(spec: str) -> Path:
    path = Path(spec)
    found = Sentence("there is nothing at {}", repr(shown_address(spec)))
    try:
        exists = spec != "" and path.exists()
    except PermissionError:
        exists, found = False, Sentence("this user may not look at {}", repr(shown_address(spec)))
    except (OSError, ValueError):  # a name too long for the file system, or of characters it bars
        exists = False
    if not exists:
        raise SourceError(
            "a camera's index, a stream's address, or the path of a video, picture or folder",
            found,
            "Check the path",
        )
    return path.absolute()
