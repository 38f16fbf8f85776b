"""Reads still pictures: one file with care, and files and folders of them as a source."""

from __future__ import annotations

import re
import stat
import struct
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageFile, UnidentifiedImageError, features
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from capture.decoding import decoded, decoded_fractions, prepare
from capture.frame import Frame
from capture.kinds import HEAD_BYTES, PICTURE_SUFFIXES, kind_of
from capture.metadata import tiff_size, without_metadata
from capture.source import FrameSource
from common.errors import PictureError, SourceError
from common.extras import needing
from common.picture import RgbImage
from common.sentence import Sentence

MAX_PIXELS = 250_000_000
"""Pictures of more pixels are refused before they are decoded: no phone takes more than 200
megapixels."""

MAX_SIDE = 65_535
"""The longest side in pixels: that which a JPEG may have, such as a wide panorama."""

MAX_FILE_BYTES = 300_000_000
"""A larger file is refused unread: what is in it beside the picture is read as a whole."""

MAX_DECODING_BYTES = 220_000_000
"""The most bytes of memory that decoding may take where it cannot be done piece by piece."""

_RESULT_BYTES = 6
"""Bytes for each pixel of a picture of fractions beside its own: scaled, and in eight bits."""

SLIDE_FPS = 1.0
"""The frame rate of pictures where a source is paced: they are shown like slides, one a second."""

# Where the module of one of them is not imported yet, Pillow imports those of all its formats.
_FORMATS = [
    str(kind.format)
    for kind in (
        AvifImageFile,
        BmpImageFile,
        GifImageFile,
        JpegImageFile,
        PngImageFile,
        TiffImageFile,
        WebPImageFile,
    )
]

_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    struct.error,
    zlib.error,
    ArithmeticError,
    AttributeError,
    RuntimeError,
    TypeError,
)
"""The exceptions that Pillow's decoders are known to raise at damaged files."""


# Pillow's own limit is lower than MAX_PIXELS, which is checked of every picture here.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS


@dataclass(frozen=True, eq=False)
class Still:
    """A picture as it was read from a file.

    image: (H, W, 3) uint8 RGB. width, height: of the upright picture in the file, in pixels; larger
    than the image's where it was scaled down.
    """

    image: RgbImage
    width: int
    height: int

    @property
    def pixel_size(self) -> tuple[float, float]:
        """The width and the height of one of the image's pixels, in pixels of the file."""
        height, width = self.image.shape[:2]
        return self.width / width, self.height / height


def read_picture(path: Path) -> RgbImage:
    """Returns the image that read_still() reads: (H, W, 3) uint8 RGB."""
    return read_still(path).image


def read_still(path: Path) -> Still:
    """Reads the picture in a file, upright as its EXIF orientation says.

    A picture of more than 12.5 megapixels is scaled down to as many. Of more than 8 bits the upper
    8 of those in use are kept, transparent pictures are laid on white, and of several in one file
    the first is taken. Nothing else of what is written in it counts. Raises PictureError where the
    file is missing, a folder, empty, damaged, truncated, of more than MAX_PIXELS or such a kind
    that it would take too much memory, or not a picture of a supported format.
    """
    _refuse_what_is_no_file(path)
    try:
        with path.open("rb") as file:
            return still_in(file, path)
    except PermissionError as error:
        raise PictureError(
            Sentence("a readable picture at {}", path),
            "this user may not read it",
            "Give yourself the right to read it, or choose another file",
        ) from error
    except OSError as error:
        raise _damaged(path, error) from error


def still_in(file: BinaryIO, path: Path) -> Still:
    """Reads the picture in an open file, or in bytes that are not on a disk, as read_still() does.

    path: how messages call it.
    """
    file.seek(0)
    kind = kind_of(file.read(HEAD_BYTES))
    formats = [*_FORMATS, _heif_format(path)] if kind == "HEIF" else _FORMATS
    try:
        bare, orientation = without_metadata(file)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what matters raises, and the size is checked below
            try:
                with Image.open(bare, formats=formats) as picture:
                    size = picture.size
                    _refuse_what_is_too_much(path, picture, bare)
                    image = decoded(picture, bare, orientation)
            except UnidentifiedImageError:
                if kind != "TIFF":
                    raise
                size = _checked_size(path, bare)
                image = decoded_fractions(bare, orientation)
    except Image.DecompressionBombError as error:
        raise _huge(path, Sentence("has far more")) from error
    except UnidentifiedImageError as error:
        if kind in (None, "BMP", "TIFF") or (kind == "AVIF" and not features.check("avif")):
            raise _not_a_picture(path, kind) from error
        raise _damaged(path, error) from error
    except _DAMAGE as error:
        raise _damaged(path, error) from error
    if (image.shape[1] < image.shape[0]) != (size[0] < size[1]):
        size = size[::-1]
    return Still(image, *size)


def picture_paths(folder: Path) -> list[Path]:
    """Returns the pictures directly in a folder, hidden ones left out, sorted so that 2 is before
    10.

    Raises PictureError where the folder cannot be listed.
    """
    try:
        found = [
            path
            for path in folder.iterdir()
            if path.suffix.lower() in PICTURE_SUFFIXES
            and not path.name.startswith(".")
            and path.is_file()
        ]
    except (OSError, ValueError) as error:
        raise PictureError(
            "a folder of pictures",
            Sentence("{} cannot be listed ({})", folder, _reason(error)),
            "Check the path and your right to read it",
        ) from error
    return sorted(found, key=natural_key)


def people_folders(folder: Path) -> list[Path]:
    """Returns the subfolders of a folder that has one for each person, by name, hidden ones left
    out.

    Raises PictureError where the folder cannot be read.
    """
    try:
        return sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    except (OSError, ValueError) as error:
        raise PictureError(
            "a folder with a subfolder for each person",
            Sentence("{} cannot be read ({})", folder, _reason(error)),
            "Check the path and your right to read it",
        ) from error


class StillsSource(FrameSource):
    """A source of picture files, each read once, in the order given.

    The first readable picture is read at once: SourceError is raised where there is none, or
    PictureError where only one was given. Those that cannot be read are left out, and `notes`
    says why.
    """

    is_live = False
    fps = SLIDE_FPS

    def __init__(self, paths: list[Path], name: Sentence) -> None:
        self.name = name
        self._paths = iter(paths[1:] if len(paths) == 1 else paths)
        self._index = 0
        self._closed = False
        self._why_none = Sentence("it is empty")
        first = read_picture(paths[0]) if len(paths) == 1 else self._first_picture()
        self._first: RgbImage | None = first
        self.size = (first.shape[1], first.shape[0])

    def read(self) -> Frame | None:
        if self._closed:
            return None
        image = self._first if self._first is not None else self._read_next()
        self._first = None
        if image is None:
            return None
        frame = Frame(image, self._index, self._index / SLIDE_FPS, still=True)
        self._index += 1
        return frame

    def close(self) -> None:
        self._closed = True

    def _first_picture(self) -> RgbImage:
        image = self._read_next()
        if image is None:
            raise SourceError(
                "at least one picture that can be read",
                Sentence("{} has none: {}", self.name, self._why_none),
                Sentence("Choose pictures of these kinds: {}", ", ".join(sorted(PICTURE_SUFFIXES))),
            )
        return image

    def _read_next(self) -> RgbImage | None:
        for path in self._paths:
            try:
                return read_picture(path)
            except PictureError as error:
                if not self.notes:
                    self._why_none = Sentence("{} is left out: {}", path.name, error.found)
                self.notes += (Sentence("{} is left out: {}", path.name, error),)
        return None


def _refuse_what_is_no_file(path: Path) -> None:
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        found = Sentence("there is nothing at {}", path)
    except (OSError, ValueError) as error:  # among others a name too long for the file system
        found = Sentence("{} cannot be looked at ({})", path, _reason(error))
    else:
        if stat.S_ISDIR(status.st_mode):
            found = Sentence("{} is a folder", path)
        elif not stat.S_ISREG(status.st_mode):
            found = Sentence("{} is no ordinary file", path)
        elif status.st_size == 0:
            found = Sentence("{} is empty", path)
        elif status.st_size > MAX_FILE_BYTES:
            raise PictureError(
                Sentence("a picture file of at most {} MB", MAX_FILE_BYTES // 1000000),
                Sentence("{} has {} MB", path, status.st_size // 1000000),
                "Save it as JPEG in a picture editor, or choose another one",
            )
        else:
            return
    raise PictureError("a picture file", found, "Check the path, or choose another picture")


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _refuse_what_is_too_much(path: Path, picture: ImageFile.ImageFile, file: BinaryIO) -> None:
    """Raises PictureError for a picture that is too large or would take too much memory, by the
    file's header alone."""
    pixels = picture.width * picture.height
    if pixels > MAX_PIXELS or max(picture.size) > MAX_SIDE:
        raise _huge(path, Sentence("has {} x {} pixels", picture.width, picture.height))
    _refuse_memory(path, prepare(picture, file))


def _refuse_memory(path: Path, needed: int) -> None:
    if needed > MAX_DECODING_BYTES:
        raise PictureError(
            "a picture that can be read piece by piece, or a smaller one",
            Sentence("{} needs {} MB of memory in one piece", path, needed // 1000000),
            "Save it as JPEG, and not as a progressive one, or make it smaller",
        )


def _checked_size(path: Path, file: BinaryIO) -> tuple[int, int]:
    """Returns width and height of a TIFF that Pillow cannot read. Raises PictureError where it is
    too large."""
    width, height, pixel = tiff_size(file)
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise _huge(path, Sentence("has {} x {} pixels", width, height))
    _refuse_memory(path, width * height * (pixel + _RESULT_BYTES) + file.seek(0, 2))
    return width, height


def _heif_format(path: Path) -> str:
    """Returns Pillow's name of HEIF, once it knows it. Raises PictureError without the extra."""
    with needing(
        "heif",
        Sentence("which reads HEIC pictures such as {}", path.name),
        PictureError,
        otherwise=Sentence("save it as JPEG"),
    ):
        from pillow_heif import register_heif_opener

    register_heif_opener()
    return "HEIF"


def _damaged(path: Path, error: Exception) -> PictureError:
    return PictureError(
        "a whole picture",
        Sentence("{} is damaged or cut short ({})", path, _in_short(error)),
        "Copy it again from where it came, or choose another picture",
    )


def _in_short(error: Exception) -> str:
    """Returns what Pillow says, without the address of an object in it."""
    if isinstance(error, UnidentifiedImageError):
        return "its beginning makes no sense"
    return str(error)


def _huge(path: Path, found: Sentence) -> PictureError:
    return PictureError(
        Sentence(
            "a picture of at most {} megapixels and {} pixels a side",
            MAX_PIXELS // 1000000,
            MAX_SIDE,
        ),
        Sentence("{} {}", path, found),
        "Make it smaller in a picture editor, or choose another one",
    )


def _not_a_picture(path: Path, kind: str | None) -> PictureError:
    if kind == "AVIF":
        return PictureError(
            "a Pillow that reads AVIF",
            Sentence("the one that is installed does not, and {} is one", path),
            "Install Pillow 11.3 or newer from its wheel, or save the picture as JPEG",
        )
    return PictureError(
        Sentence("a picture ({})", ", ".join([*_FORMATS, "HEIF"])),
        Sentence("the content of {} is none of these", path),
        "Save it as JPEG or PNG from the program that made it, or choose another file",
    )


def natural_key(path: Path) -> list[tuple[bool, int, str]]:
    """Returns what paths of a folder are sorted by, so that 2 is before 10."""
    parts = re.findall(r"[0-9]+|[^0-9]+", path.name.casefold())
    return [(False, int(p), "") if p.isdecimal() else (True, 0, p) for p in parts]
