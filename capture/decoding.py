"""Decodes a picture file's pixels, scaled down where the picture is large, in bounded memory."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from math import sqrt
from typing import BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile
from PIL.TiffImagePlugin import TiffImageFile

from capture.deep import DARK, depth_of, eight_bits, fractions_to_eight_bits, read_deep
from capture.metadata import orientation_in
from capture.png_rows import PngRows
from common.picture import RgbImage

MOST_PIXELS = 12_500_000
"""A picture of more pixels is scaled down to about so many: a phone's 12, 48 and 200 megapixels are
then read at full size, at a half and at a quarter. With all that detection needs they take 600 MB
of memory."""

LONGEST_SIDE = 32_000
"""The longest side of a picture after scaling: OpenCV's look-ups count pixels along a side in 16
bits."""

STRIP_PIXELS = 500_000
STRIP_ROWS = 64
"""The most pixels, and the most rows, that are converted and averaged at once."""

NEAR_ENOUGH = 0.9
"""A JPEG is decoded at a smaller size that has at least this share of the wanted width and
height."""

NEAR_ENOUGH_PROGRESSIVE = 0.7
"""The same share for a progressive JPEG, whose coefficients take memory beside the picture."""

_TILE_WIDTH, _TILE_LENGTH = 322, 323
"""The TIFF tags that give the width and the height of a tile."""

_BYTES = {"PNG": 4, "BMP": 4, "TIFF": 4, "WEBP": 10, "GIF": 4, "AVIF": 8, "HEIF": 8}
"""Bytes of memory for each pixel while a picture is decoded as a whole, measured with Pillow 13,
and for WebP with OpenCV 5: Pillow takes 18, which is not too much for MOST_PIXELS."""

_CODED_TURN = frozenset({"WEBP", "AVIF"})
"""The kinds of which Pillow tells the EXIF data, and reads nothing of it by itself that could fail:
of an AVIF it writes the turn that the file tells elsewhere there."""


def prepare(picture: ImageFile.ImageFile, file: BinaryIO) -> int:
    """Prepares a picture for decoding: a large JPEG is decoded at a half, a quarter or an eighth,
    and its size changes to that.

    Returns about how many bytes it takes to decode the opened picture, the result not counted.
    file: the file that the picture is in.
    """
    width, height = picture.size
    if picture.format in ("JPEG", "MPO"):
        columns, rows = fitted_size(width, height)
        if (columns, rows) != picture.size:
            is_progressive = "progressive" in picture.info
            near = NEAR_ENOUGH_PROGRESSIVE if is_progressive else NEAR_ENOUGH
            picture.draft(picture.mode, (int(columns * near), int(rows * near)))
        return 4 * picture.width * picture.height + _coefficient_bytes(picture, width, height)
    if _is_streamed(picture):
        return 0
    needed = width * height * _BYTES[picture.format or ""]
    if isinstance(picture, TiffImageFile):
        # A tile is decoded whole, however little of it the picture shows.
        tile = int(picture.tag_v2.get(_TILE_WIDTH, 0)) * int(picture.tag_v2.get(_TILE_LENGTH, 0))
        return max(needed, tile * _BYTES["TIFF"]) + file.seek(0, os.SEEK_END)
    return needed


def _coefficient_bytes(picture: ImageFile.ImageFile, width: int, height: int) -> int:
    """Returns the bytes that libjpeg keeps until the last scan of a progressive picture: 16 bits
    for each pixel of each channel, whatever the size that is decoded."""
    if "progressive" not in picture.info:
        return 0
    shares = [across * down for _, across, down, _ in getattr(picture, "layer", [(0, 1, 1, 0)])]
    return int(2 * width * height * sum(shares) / max(shares))


def fitted_size(width: int, height: int) -> tuple[int, int]:
    """Returns the size to which a picture of this size is scaled down; for most pictures the same
    size."""
    scale = min(1.0, sqrt(MOST_PIXELS / (width * height)), LONGEST_SIDE / max(width, height))
    return max(1, int(width * scale)), max(1, int(height * scale))


def decoded(picture: ImageFile.ImageFile, file: BinaryIO, orientation: int = 1) -> RgbImage:
    """Decodes a prepared picture to (h, w, 3) uint8 RGB of its fitted_size(), upright.

    Of more than eight bits the upper eight of those in use are kept, what is transparent is laid on
    white, and of several pictures in a file the first is taken. file: the file that the picture is
    in. orientation: as its EXIF data says, where Pillow does not tell it. Raises what Pillow raises
    at damaged files, ValueError and zlib.error.
    """
    target = fitted_size(*picture.size)
    if picture.format in _CODED_TURN:
        orientation = orientation_in(picture.info.get("exif", b""))
    is_deep = _is_deep(picture)
    if _is_streamed(picture):
        file.seek(0)
        strips = PngRows(file).strips(_strip_rows(picture.width))
        image = scaled(map(_to_rgb, strips), picture.size, target)
        if is_deep and (depth := depth_of(int(image.max()) << 8)) < 16:
            image = eight_bits(image, depth - 8)
        return _upright(image, orientation)
    if target != picture.size and picture.format == "WEBP":
        file.seek(0)
        image = scaled(map(_to_rgb, _webp_strips(file.read())), picture.size, target)
        return _upright(image, orientation)
    picture.load()
    image = scaled(_rgb_strips(picture), picture.size, target)
    if is_deep and image.max() <= DARK:
        file.seek(0)
        image = scaled([read_deep(file.read())], picture.size, target)
    return _upright(image, orientation)


def decoded_fractions(file: BinaryIO, orientation: int) -> RgbImage:
    """Decodes a TIFF that Pillow cannot read, as decoded() does; see MAX_DECODING_BYTES first."""
    file.seek(0)
    image = read_deep(file.read())
    size = image.shape[1], image.shape[0]
    return _upright(scaled([image], size, fitted_size(*size)), orientation)


def scaled(strips: Iterable[RgbImage], size: tuple[int, int], target: tuple[int, int]) -> RgbImage:
    """Scales a picture of `size` (width, height), given strip by strip from its top, down to
    `target`, which is no larger, by averaging areas. Returns (h, w, 3) uint8."""
    (_, height), (columns, rows) = size, target
    result = np.empty((rows, columns, 3), np.uint8)
    begun = np.zeros((1, columns * 3), np.float32)
    top = 0
    for strip in strips:
        bottom = top + len(strip)
        if size == target:
            result[top:bottom] = strip
        else:
            narrow = cv2.resize(strip, (columns, len(strip)), interpolation=cv2.INTER_AREA)
            first, after = top * rows // height, -(-bottom * rows // height)
            shares = _shares(top, bottom, first, after, height, rows)
            sums = shares @ np.asarray(narrow, np.float32).reshape(len(strip), -1)
            sums[0] += begun[0]
            done = bottom * rows // height
            result[first:done] = np.rint(sums[: done - first]).reshape(-1, columns, 3)
            begun = sums[done - first :] if done < after else np.zeros_like(begun)
        top = bottom
    return result


def _shares(
    top: int, bottom: int, first: int, after: int, height: int, rows: int
) -> NDArray[np.float32]:
    """Returns how much of each of the result's rows first..after is covered by each of the
    picture's rows top..bottom: (after - first, bottom - top) float32."""
    # Whole numbers: a row of the picture is `rows` of them high, one of the result `height`.
    result = np.arange(first, after)[:, np.newaxis] * height
    given = np.arange(top, bottom) * rows
    shared = np.minimum(result + height, given + rows) - np.maximum(result, given)
    return np.asarray(np.maximum(shared, 0) / height, np.float32)


def _is_streamed(picture: ImageFile.ImageFile) -> bool:
    large = picture.width * picture.height > MOST_PIXELS
    return large and picture.format == "PNG" and not picture.info.get("interlace")


def _strip_rows(width: int) -> int:
    return min(max(STRIP_PIXELS // width, 1), STRIP_ROWS)


def _strips(picture: Image.Image) -> Iterator[Image.Image]:
    rows = _strip_rows(picture.width)
    for top in range(0, picture.height, rows):
        yield picture.crop((0, top, picture.width, min(top + rows, picture.height)))


def _webp_strips(content: bytes) -> Iterator[Image.Image]:
    image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    if image is None:
        raise ValueError("it ends too early")
    to_rgb = cv2.COLOR_BGRA2RGBA if image.shape[2] == 4 else cv2.COLOR_BGR2RGB
    rows = _strip_rows(image.shape[1])
    for top in range(0, len(image), rows):
        yield Image.fromarray(cv2.cvtColor(image[top : top + rows], to_rgb))


def _rgb_strips(picture: Image.Image) -> Iterator[RgbImage]:
    """Gives a loaded picture's strips from its top; all are brightened alike."""
    if picture.mode == "F":
        gray = fractions_to_eight_bits(np.asarray(picture))
        yield from (_gray(np.asarray(part)) for part in _strips(Image.fromarray(gray)))
    elif picture.mode.startswith("I"):
        # Pillow would cut 16-bit gray off at 255.
        depth = depth_of(max(int(np.asarray(part).max()) for part in _strips(picture)))
        for part in _strips(picture):
            yield _gray(eight_bits(np.asarray(part), depth))
    else:
        yield from map(_to_rgb, _strips(picture))


def _is_deep(picture: ImageFile.ImageFile) -> bool:
    """Returns whether the file has 16 bits a colour, of which Pillow keeps the upper eight."""
    if not picture.tile or picture.mode.startswith("I"):
        return False
    args = picture.tile[0].args
    raw = args if isinstance(args, str) else next(iter(args or ()), "")
    return ";16" in str(raw)


def _to_rgb(picture: Image.Image) -> RgbImage:
    if picture.has_transparency_data:
        rgba = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
    return np.array(picture.convert("RGB"))


def _gray(values: NDArray[np.uint8]) -> RgbImage:
    return np.repeat(values[:, :, np.newaxis], 3, axis=2)


def _upright(image: RgbImage, orientation: int) -> RgbImage:
    turned = {
        2: lambda: image[:, ::-1],
        3: lambda: image[::-1, ::-1],
        4: lambda: image[::-1],
        5: lambda: image.swapaxes(0, 1),
        6: lambda: image[::-1].swapaxes(0, 1),
        7: lambda: image[::-1, ::-1].swapaxes(0, 1),
        8: lambda: image[:, ::-1].swapaxes(0, 1),
    }
    return np.ascontiguousarray(turned.get(orientation, lambda: image)())
