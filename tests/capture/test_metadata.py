"""Of what is written in a picture only its orientation counts, and nothing else can spoil it."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from capture.metadata import orientation_in, without_metadata
from capture.stills import read_picture, read_still
from common.picture import RgbImage

SHARED = Path(__file__).parents[3] / "shared" / "cases"

SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 99: 3}
"""Bytes of a value of each of TIFF's types, and of one that there is not."""

TAGS = (0x0112, 0x011A, 0x011B, 0x0128, 0x0132, 0x010F, 0x8769, 0x8825, 0x02BC, 0x83BB, 0x8773)
"""Orientation, resolution, date, maker, the directories of EXIF and GPS, XMP, IPTC, ICC."""


def exif(*entries: tuple[int, int, int, bytes], order: str = "<", first: int = 8) -> bytes:
    """EXIF data of entries: tag, type, count, and the four bytes of a value or an offset."""
    mark = b"II*\0" if order == "<" else b"MM\0*"
    packed = b"".join(struct.pack(f"{order}HHL", *entry[:3]) + entry[3] for entry in entries)
    head = mark + struct.pack(f"{order}L", first) + bytes(first - 8)
    return head + struct.pack(f"{order}H", len(entries)) + packed + bytes(4)


def turn(value: int, order: str = "<") -> tuple[int, int, int, bytes]:
    return 0x0112, 3, 1, struct.pack(f"{order}HH", value, 0)


@pytest.fixture
def photo(gradient: RgbImage) -> RgbImage:
    return gradient


def jpeg(image: RgbImage, data: bytes) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=95)
    content = file.getvalue()
    segment = b"Exif\0\0" + data
    return content[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + content[2:]


def png(image: RgbImage, *chunks: tuple[bytes, bytes]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    content = file.getvalue()
    packed = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
    return content[:33] + packed + content[33:]


def webp(image: RgbImage, data: bytes) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "WEBP", lossless=True, exif=data)
    return file.getvalue()


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("value", range(1, 9))
def test_the_orientation_is_found(order: str, value: int) -> None:
    other = (0x011A, 5, 1, struct.pack(f"{order}L", 999_999))
    data = exif(other, turn(value, order), order=order, first=20)
    assert orientation_in(data) == value
    assert orientation_in(b"Exif\0\0" + data) == value


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"II", b"II*\0", b"XX*\0\x08\0\0\0", b"II*\0\xff\xff\xff\xff", b"Exif\0\0"),
        *(exif(), exif(turn(0)), exif(turn(9)), exif(turn(65_535)), exif(turn(6))[:14]),
        exif((0x0112, 2, 1, b"x\0\0\0")),
        exif((0x0112, 99, 1, b"\0\0\0\0")),
    ],
)
def test_what_is_no_orientation_leaves_the_picture_as_it_is(data: bytes, photo: RgbImage) -> None:
    assert orientation_in(data) == 1
    image = read_bytes(png(photo, (b"eXIf", data)))
    assert np.array_equal(image, photo)


def read_bytes(content: bytes, kind: str = "a.picture") -> RgbImage:
    from capture.stills import still_in

    return still_in(io.BytesIO(content), Path(kind)).image


@pytest.mark.parametrize(
    "entry", [(1, 1, b"\6\0\0\0"), (4, 1, b"\6\0\0\0"), (9, 1, b"\6\0\0\0"), (2, 2, b"6\0\0\0")]
)
def test_an_orientation_of_another_type_counts(entry: tuple[int, int, bytes]) -> None:
    assert orientation_in(exif((0x0112, *entry))) == 6


@pytest.mark.parametrize("kind", SIZES)
@pytest.mark.parametrize("tag", TAGS[1:])
def test_no_tag_of_any_type_spoils_a_picture(photo: RgbImage, kind: int, tag: int) -> None:
    """A value in place, one whose offset leads nowhere, and one of no or of very many parts."""
    wide = np.rot90(photo)
    for count, value in (
        (1, b"72\0\0"),
        (1, b"\0\0\0\0"),
        (0, b"\xff" * 4),
        (1 << 30, b"\xff" * 4),
    ):
        data = exif((tag, kind, count, value), turn(6))
        for content in (jpeg(wide, data), png(wide, (b"eXIf", data)), webp(wide, data)):
            image = read_bytes(content)
            assert image.shape == photo.shape
            assert np.abs(image.astype(int) - photo).mean() < 4


@pytest.mark.parametrize("kind", SIZES)
@pytest.mark.parametrize("tag", TAGS[1:])
def test_no_tag_of_a_tiff_spoils_it(photo: RgbImage, kind: int, tag: int) -> None:
    height, width = photo.shape[:2]
    own = [
        *((256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)),
        *((273, 4, 1, 0), (277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, width * height)),
        *((274, 3, 1, 3), (tag, kind, 1, 0x32373232)),
    ]
    begin = 8 + 2 + 12 * len(own) + 4
    entries = [
        struct.pack("<HHLL", one, type_, count, begin if one == 273 else value)
        for one, type_, count, value in sorted(own)
    ]
    gray = photo[:, :, 0]
    content = b"II*\0\x08\0\0\0" + struct.pack("<H", len(own)) + b"".join(entries) + bytes(4)
    image = read_bytes(content + gray.tobytes())
    assert np.array_equal(image[:, :, 0], gray[::-1, ::-1])


def test_the_orientation_that_imagemagick_writes_counts(photo: RgbImage) -> None:
    data = b"Exif\0\0" + exif(turn(3))
    text = b"\nexif\n%8d\n" % len(data) + data.hex().encode() + b"\n"
    key = b"Raw profile type exif\0"
    for name, written in ((b"tEXt", text), (b"zTXt", b"\0" + zlib.compress(text))):
        image = read_bytes(png(photo, (name, key + written)))
        assert np.array_equal(image, photo[::-1, ::-1])


def test_only_the_first_picture_of_an_mpo_is_read(tmp_path: Path, photo: RgbImage) -> None:
    path = tmp_path / "a.mpo"
    other = Image.new("RGB", (9, 9))
    Image.fromarray(photo).save(path, "MPO", save_all=True, append_images=[other], quality=95)
    assert read_picture(path).shape == photo.shape


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif"])
def test_what_is_left_out_changes_no_pixel(tmp_path: Path, photo: RgbImage, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(photo).save(path, dpi=(72, 72), icc_profile=bytes(3000))
    with path.open("rb") as file, Image.open(path) as picture:
        bare, _ = without_metadata(file)
        with Image.open(bare) as again:
            assert np.array_equal(again, picture)
            assert "icc_profile" not in again.info


@pytest.mark.skipif(not SHARED.exists(), reason="no shared data")
@pytest.mark.parametrize(
    "name", ["exif_date_rational.jpg", "exif_xres_ascii.jpg", "exif_unit_ascii.jpg", "big_text.png"]
)
def test_what_went_wrong_is_read(name: str) -> None:
    still = read_still(SHARED / name)
    assert still.image.shape == (300, 300, 3)
    if name.endswith(".jpg"):
        with (SHARED / name).open("rb") as file:
            assert without_metadata(file)[1] == 6
