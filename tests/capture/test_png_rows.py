from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from capture import decoding
from capture.png_rows import PngRows
from capture.stills import read_picture
from common.errors import PictureError
from common.picture import RgbImage


def picture(kind: str) -> bytes:
    """Noise beside a gradient, 61 x 45: every filter comes to use."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[0:45, 0:61]
    grey = np.where(x > 30, x * 4, rng.integers(0, 256, x.shape)).astype(np.uint8)
    rgb = np.stack([grey, grey[::-1], (y * 5).astype(np.uint8)], axis=2)
    if kind.startswith("16"):
        deep = (rgb if kind.endswith("RGB") else grey).astype(np.uint16) * 251 + 7
        return bytes(cv2.imencode(".png", deep)[1])
    images = {
        "1": Image.fromarray(grey).convert("1"),
        "L": Image.fromarray(grey),
        "LA": Image.merge("LA", [Image.fromarray(grey), Image.fromarray(grey[:, ::-1])]),
        "RGB": Image.fromarray(rgb),
        "RGBA": Image.fromarray(np.dstack([rgb, grey])),
        "P": Image.fromarray(rgb).quantize(200),
        "P of 4 bits": Image.fromarray(rgb).quantize(16),
        "P of 2 bits": Image.fromarray(rgb).quantize(4),
        "transparent P": Image.fromarray(rgb).quantize(30),
        "transparent RGB": Image.fromarray(rgb),
    }
    transparent = {"transparent P": 3, "transparent RGB": tuple(int(v) for v in rgb[0, 0])}
    file = io.BytesIO()
    options = {"transparency": transparent[kind]} if kind in transparent else {}
    images[kind].save(file, "PNG", **options)
    return file.getvalue()


KINDS = ["1", "L", "LA", "RGB", "RGBA", "P", "P of 4 bits", "P of 2 bits"]
KINDS += ["transparent P", "transparent RGB", "16 L", "16 RGB"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rows", [1, 7, 44, 45])
def test_strips_are_what_is_read_as_a_whole(tmp_path: Path, kind: str, rows: int) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(picture(kind))
    whole = read_picture(path)
    strips = [decoding._to_rgb(strip) for strip in PngRows(io.BytesIO(picture(kind))).strips(rows)]
    assert {len(strip) for strip in strips[:-1]} <= {rows}
    assert np.array_equal(np.concatenate(strips), whole)


def test_damage_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MOST_PIXELS", 1000)
    content = picture("RGB")
    path = tmp_path / "a.png"
    for kept in (60, len(content) // 3, len(content) - 30, len(content) - 6):
        path.write_bytes(content[:kept])
        with pytest.raises(PictureError, match=r"damaged or cut short|none of these"):
            read_picture(path)
    rng = np.random.default_rng(1)
    for _ in range(60):
        damaged = np.frombuffer(content, np.uint8).copy()
        damaged[rng.integers(33, len(content), 3)] ^= 0x55
        path.write_bytes(damaged.tobytes())
        with pytest.raises(PictureError):
            read_picture(path)


def test_an_orientation_that_comes_last_is_known(tmp_path: Path, gradient: RgbImage) -> None:
    exif = Image.Exif()
    exif[0x0112] = 3
    file = io.BytesIO()
    Image.fromarray(gradient).save(file, "PNG", exif=exif)
    content = file.getvalue()
    start = content.index(b"eXIf") - 4
    after = start + 12 + int.from_bytes(content[start : start + 4], "big")
    moved = content[:start] + content[after:-12] + content[start:after] + content[-12:]
    (tmp_path / "a.png").write_bytes(moved)
    assert np.array_equal(read_picture(tmp_path / "a.png"), gradient[::-1, ::-1])
