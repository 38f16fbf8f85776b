"""Draws what was recognized into a picture, for files that are saved; the window paints its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from common.errors import PictureError

if TYPE_CHECKING:
    from PIL import ImageFont

    from common.picture import RgbImage
    from recognition.recognizer import RecognizedFace

NAMED, UNKNOWN = (0, 158, 115), (213, 94, 0)
"""Bluish green and vermilion: colour-blind people tell them apart (Okabe & Ito 2008)."""

_FONTS = ("NotoSansCJK-Regular.ttc", "DejaVuSans.ttf", "arial.ttf", "Arial Unicode.ttf")


def annotated(image: RgbImage, faces: Sequence[RecognizedFace]) -> RgbImage:
    """Return a copy of an (H, W, 3) uint8 RGB picture with a box and a label for each face."""
    import numpy as np
    from PIL import Image, ImageDraw

    picture = Image.fromarray(image)
    draw = ImageDraw.Draw(picture)
    size = max(14, min(picture.size) // 28)
    font = label_font(size)
    for face in faces:
        colour = NAMED if face.match else UNKNOWN
        x1, y1, x2, y2 = (float(v) for v in face.face.box_xyxy)
        draw.rectangle((x1, y1, x2, y2), outline=colour, width=max(2, size // 8))
        label = (
            f"{face.match.identity.name}  {face.match.similarity:.2f}" if face.match else "Unknown"
        )
        left, top, right, bottom = draw.textbbox((0, 0), label, font=font)
        width, height = right - left + 12, bottom - top + 10
        text_x = max(0.0, min(x1, picture.width - width))
        text_y = y1 - height if y1 > height else min(y2, picture.height - height)
        draw.rectangle((text_x, text_y, text_x + width, text_y + height), fill=colour)
        draw.text((text_x + 6 - left, text_y + 5 - top), label, fill="white", font=font)
    return np.asarray(picture)


def write_picture(
    path: Path, image: RgbImage, force: bool = False, inputs: Iterable[Path] = ()
) -> None:
    """Write an (H, W, 3) uint8 RGB picture. Raises PictureError where that fails.

    force: replace a file of that name. inputs: files that are never replaced.
    """
    from PIL import Image

    from common.output_file import output_file

    try:
        with output_file(path, PictureError, overwrite=force, inputs=inputs) as fresh:
            Image.fromarray(image).save(fresh)
    except ValueError as error:  # Pillow knows no format by this ending
        raise PictureError(
            f"to write a picture to {path}",
            f"that failed ({str(error).replace(fresh.name, path.name)})",
            "Choose a name that ends in .png or .jpg",
        ) from error


@cache
def label_font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return a font that has many scripts, where the system has one."""
    from PIL import ImageFont

    for name in _FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)
