"""Still pictures: one file read with care, and files and folders of them as a source."""

from __future__ import annotations

import re
import stat
import struct
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from capture.frame import Frame, RgbImage
from capture.source import FrameSource
from facedesk_errors import PictureError, SourceError

PICTURE_SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})
"""What a picture file's name ends with, in lower case."""

MAX_PIXELS = 100_000_000
"""Pictures beyond it are refused before they are decoded: 100 megapixels are 300 MB of RGB,
and no ordinary camera takes more."""

MAX_SIDE = 32_000
"""OpenCV's look-ups count pixels along a side in 16 bits."""

SLIDE_FPS = 1.0
"""Pictures are shown like slides, one a second, where a source is paced."""

_FORMATS = ("BMP", "JPEG", "PNG", "TIFF", "WEBP")

_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, struct.error)
"""What Pillow's decoders are known to raise at damaged files."""


def read_picture(path: Path) -> RgbImage:
    """The picture in a file as (H, W, 3) uint8 RGB, upright as its EXIF orientation says.

    16-bit pictures keep their upper 8 bits, transparent ones are laid on white. Raises
    PictureError where the file is missing, a folder, empty, damaged, truncated, of more than
    MAX_PIXELS, or not a picture of a supported format.
    """
    _refuse_what_is_no_file(path)
    try:
        with warnings.catch_warnings():
            # Pillow warns of odd metadata; what matters raises, and the size is checked below.
            warnings.simplefilter("ignore")
            with Image.open(path, formats=_FORMATS) as picture:
                if picture.width * picture.height > MAX_PIXELS or max(picture.size) > MAX_SIDE:
                    raise _huge(path, f"has {picture.width} x {picture.height} pixels")
                picture.load()
                image = _to_rgb(ImageOps.exif_transpose(picture))
    except Image.DecompressionBombError as error:
        raise _huge(path, "has far more") from error
    except UnidentifiedImageError as error:
        raise _not_a_picture(path) from error
    except PermissionError as error:
        raise PictureError(
            f"a readable picture at {path}",
            "this user may not read it",
            "Give yourself the right to read it, or choose another file",
        ) from error
    except _DAMAGE as error:
        raise PictureError(
            "a whole picture",
            f"{path} is damaged or cut short ({error})",
            "Copy it again from where it came, or choose another picture",
        ) from error
    return image


def picture_paths(folder: Path) -> list[Path]:
    """The pictures directly in a folder, hidden ones left out, sorted so that 2 is before 10.

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
            f"{folder} cannot be listed ({_reason(error)})",
            "Check the path and your right to read it",
        ) from error
    return sorted(found, key=_natural_key)


def people_folders(folder: Path) -> list[Path]:
    """The subfolders of a folder that has one for each person, by name, hidden ones left out.

    Raises PictureError where the folder cannot be read.
    """
    try:
        return sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    except (OSError, ValueError) as error:
        raise PictureError(
            "a folder with a subfolder for each person",
            f"{folder} cannot be read ({_reason(error)})",
            "Check the path and your right to read it",
        ) from error


class StillsSource(FrameSource):
    """Picture files, each read once, in the order given.

    The first readable picture is read at once: SourceError is raised where there is none, or
    PictureError where only one was given. Those that cannot be read are left out, and `notes`
    says why.
    """

    is_live = False
    fps = SLIDE_FPS

    def __init__(self, paths: list[Path], name: str) -> None:
        self.name = name
        self._paths = iter(paths[1:] if len(paths) == 1 else paths)
        self._index = 0
        self._closed = False
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
            why = self.notes[0].rstrip(".") if self.notes else "it is empty"
            raise SourceError(
                "at least one picture that can be read",
                f"{self.name} has none: {why}",
                f"Choose pictures of these kinds: {', '.join(sorted(PICTURE_SUFFIXES))}",
            )
        return image

    def _read_next(self) -> RgbImage | None:
        for path in self._paths:
            try:
                return read_picture(path)
            except PictureError as error:
                self.notes += (f"{path.name} is left out: {error}",)
        return None


def _to_rgb(picture: Image.Image) -> RgbImage:
    if picture.mode == "F":
        raise ValueError("its pixels are 32-bit fractions")
    if picture.mode.startswith("I"):
        # Pillow would cut 16-bit gray off at 255.
        gray = np.asarray(picture).astype(np.int64) >> 8
        return np.repeat(gray.clip(0, 255).astype(np.uint8)[:, :, np.newaxis], 3, axis=2)
    if picture.has_transparency_data:
        rgba = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
    return np.array(picture.convert("RGB"))


def _refuse_what_is_no_file(path: Path) -> None:
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        found = f"there is nothing at {path}"
    except (OSError, ValueError) as error:  # among others a name too long for the file system
        found = f"{path} cannot be looked at ({_reason(error)})"
    else:
        if stat.S_ISDIR(status.st_mode):
            found = f"{path} is a folder"
        elif status.st_size == 0:
            found = f"{path} is empty"
        else:
            return
    raise PictureError("a picture file", found, "Check the path, or choose another picture")


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _huge(path: Path, found: str) -> PictureError:
    return PictureError(
        f"a picture of at most {MAX_PIXELS // 1_000_000} megapixels and {MAX_SIDE} pixels a side",
        f"{path} {found}",
        "Make it smaller in a picture editor, or choose another one",
    )


def _not_a_picture(path: Path) -> PictureError:
    return PictureError(
        f"a picture ({', '.join(_FORMATS)})",
        f"the content of {path} is none of these",
        "Save it as JPEG or PNG from the program that made it, or choose another file",
    )


def _natural_key(path: Path) -> list[tuple[bool, int, str]]:
    parts = re.findall(r"[0-9]+|[^0-9]+", path.name.casefold())
    return [(False, int(p), "") if p.isdecimal() else (True, 0, p) for p in parts]
