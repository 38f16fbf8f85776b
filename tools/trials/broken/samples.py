"""Whole files to begin with: pictures of every kind that is read, and files of people."""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from capture.portrait import PORTRAIT
from gallery.identity import FaceView, Identity, Template
from recognition.formats.archive import write_archive
from recognition.formats.contents import EnrolledPerson
from recognition.formats.known import WRITABLE
from tools.trials.crash.state import made_templates

_SIDE = 160
"""Pixels; the face on it is found, and a mutation is read within milliseconds."""

_MODEL, _DIMENSION = "trial", 32


def pictures() -> dict[str, bytes]:
    """Return pictures of a face by the ending of each file's name, with a word before it."""
    with Image.open(PORTRAIT) as portrait:
        face = portrait.convert("RGB").resize((_SIDE, _SIDE))
    return {name: _saved(*how) for name, *how in _ways(face)}


def _ways(face: Image.Image) -> Iterator[tuple[Any, ...]]:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned
    clear, deep = face.copy(), np.asarray(face.convert("L"), np.uint16) * 257
    clear.putalpha(128)
    yield "plain.jpg", face, "JPEG", {"exif": exif}
    yield "progressive.jpg", face, "JPEG", {"progressive": True, "quality": 60}
    yield "inks.jpg", face.convert("CMYK"), "JPEG", {}
    yield "gray.jpg", face.convert("L"), "JPEG", {}
    yield "plain.png", face, "PNG", {}
    yield "clear.png", clear, "PNG", {}
    yield "table.png", face.quantize(16), "PNG", {"exif": exif}
    yield "deep.png", Image.fromarray(deep), "PNG", {}
    yield "plain.webp", face, "WEBP", {"exif": exif}
    yield "lossless.webp", clear, "WEBP", {"lossless": True}
    yield "film.webp", face, "WEBP", {"save_all": True, "append_images": [face.rotate(90)]}
    yield "film.gif", face, "GIF", {"save_all": True, "append_images": [face.rotate(90)]}
    yield "plain.tif", face, "TIFF", {}
    yield "packed.tif", face, "TIFF", {"compression": "tiff_lzw"}
    yield "deflated.tif", Image.fromarray(deep), "TIFF", {"compression": "tiff_adobe_deflate"}
    yield "fractions.tif", Image.fromarray(np.float32(deep) / 65535), "TIFF", {}
    yield "inner.tif", face, "TIFF", {"compression": "jpeg"}
    yield "plain.bmp", face, "BMP", {}
    yield "plain.avif", face, "AVIF", {"exif": exif}
    if find_spec("pillow_heif"):
        from pillow_heif import register_heif_opener

        register_heif_opener()
        yield "plain.heic", face, "HEIF", {"exif": exif.tobytes()}


def _saved(picture: Image.Image, kind: str, options: dict[str, Any]) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def people_files(folder: Path) -> list[Path]:
    """Write people in every format that is written, as an archive, and as a pickle of others."""
    people = [_person(number) for number in range(4)]
    found = []
    for one in WRITABLE:
        path = folder / (f"{one.name}.npz" if one.name == "npz" else one.name)
        one.write(people, _MODEL, path, overwrite=False)
        found.append(path)
    archive = folder / "people.facedesk"
    write_archive(people, _MODEL, _DIMENSION, b"theme = 'dark'\n", archive)
    rows = [list(map(float, template.embedding)) for one in people for template in one.templates]
    names = [one.identity.name for one in people for _ in one.templates]
    pickled = folder / "representations.pkl"
    pickled.write_bytes(pickle.dumps({"encodings": rows, "names": names}))
    return [*found, archive, pickled]


def _person(number: int) -> EnrolledPerson:
    who = Identity(f"{number:032x}", f"Người {number}", datetime(2024, 2, 29, tzinfo=UTC), "note")
    templates = made_templates(number, 3)
    view = FaceView.from_numbers(templates[0].crop, np.linspace(0, 20, 14, dtype=np.float32))
    first = templates[0]
    with_view = Template(first.embedding, first.crop, 0.5, _MODEL, "", view)
    return EnrolledPerson(who, (with_view, *templates[1:]))
