from __future__ import annotations

import struct
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from capture import decoding, stills
from capture.decoding import LONGEST_SIDE, MOST_PIXELS, fitted_size, scaled
from capture.stills import read_picture, read_still
from common.errors import PictureError
from common.picture import RgbImage

SUFFIXES = ["jpg", "png", "bmp", "tiff", "webp"]
ORIENTATION = 0x0112


@pytest.fixture
def photo() -> RgbImage:
    """(450, 600, 3): smooth, so that a lossy kind keeps it."""
    small = np.random.default_rng(0).integers(0, 256, (9, 12, 3), np.uint8)
    return np.asarray(cv2.resize(small, (600, 450), interpolation=cv2.INTER_CUBIC), np.uint8)


@pytest.fixture
def small_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures of more than 20,000 pixels are large ones."""
    monkeypatch.setattr(decoding, "MOST_PIXELS", 20_000)


def written(path: Path, image: RgbImage, orientation: int = 1) -> Path:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    Image.fromarray(image).save(path, quality=95, exif=exif)
    return path


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_large_picture_is_read_scaled_down(
    tmp_path: Path, photo: RgbImage, small_limit: None, suffix: str
) -> None:
    still = read_still(written(tmp_path / f"a.{suffix}", photo))
    height, width = still.image.shape[:2]
    assert 0.8 * 20_000 < height * width <= 20_000
    assert (still.width, still.height) == (600, 450)
    assert still.pixel_size == pytest.approx((600 / width, 450 / height))
    expected = cv2.resize(photo, (width, height), interpolation=cv2.INTER_AREA)
    assert np.abs(still.image.astype(int) - expected).mean() < 3


@pytest.mark.parametrize("limit", [20_000, 1_000_000])
@pytest.mark.parametrize("suffix", ["jpg", "png", "tiff", "webp"])
def test_every_orientation_is_undone(
    tmp_path: Path, photo: RgbImage, monkeypatch: pytest.MonkeyPatch, suffix: str, limit: int
) -> None:
    monkeypatch.setattr(decoding, "MOST_PIXELS", limit)
    for orientation in range(1, 9):
        path = written(tmp_path / f"{orientation}.{suffix}", photo, orientation)
        still = read_still(path)
        height, width = still.image.shape[:2]
        with Image.open(path) as picture:
            upright = np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))
        assert (still.height, still.width) == upright.shape[:2]
        expected = cv2.resize(upright, (width, height), interpolation=cv2.INTER_AREA)
        assert np.abs(still.image.astype(int) - expected).mean() < 3, orientation


@pytest.mark.parametrize(
    ("size", "target"), [((600, 450), (163, 122)), ((600, 450), (599, 449)), ((600, 450), (600, 1))]
)
@pytest.mark.parametrize("rows", [1, 7, 64, 450])
def test_strips_are_averaged_as_the_whole_is(
    photo: RgbImage, size: tuple[int, int], target: tuple[int, int], rows: int
) -> None:
    strips = (photo[top : top + rows] for top in range(0, 450, rows))
    expected = cv2.resize(photo, target, interpolation=cv2.INTER_AREA).reshape(*target[::-1], 3)
    assert np.abs(scaled(strips, size, target).astype(int) - expected).max() <= 1


@pytest.mark.parametrize(
    ("width", "height", "fitted"),
    [
        (4032, 3024, (4032, 3024)),
        (2, 2, (2, 2)),
        (31_999, 1, (31_999, 1)),
        (1, 64_000, (1, LONGEST_SIDE)),
    ],
)
def test_ordinary_pictures_stay_as_they_are(
    width: int, height: int, fitted: tuple[int, int]
) -> None:
    assert fitted_size(width, height) == fitted


@pytest.mark.parametrize("size", [(8000, 6000), (12_000, 9000), (16_320, 12_240), (250_000, 1000)])
def test_a_large_picture_keeps_its_shape(size: tuple[int, int]) -> None:
    width, height = fitted_size(*size)
    assert width * height <= MOST_PIXELS
    assert width <= LONGEST_SIDE
    assert width / height == pytest.approx(size[0] / size[1], rel=0.01)


def test_a_phone_s_large_jpeg_is_decoded_at_a_part_of_its_size(tmp_path: Path) -> None:
    """Of what Pillow is asked for, not of its memory: that tracemalloc does not see."""
    for width, height, decoded_at in ((8000, 6000, 2), (16_320, 12_240, 4)):
        path = tmp_path / "a.jpg"
        Image.new("L", (width, height)).save(path)
        with path.open("rb") as file, Image.open(path) as picture:
            needed = decoding.prepare(picture, file)
            assert picture.size == (width // decoded_at, height // decoded_at)
        assert needed <= 4 * MOST_PIXELS


def test_a_large_png_is_never_whole_in_memory(tmp_path: Path) -> None:
    """Of the memory that Python and NumPy take; Pillow sees strips alone."""
    path = tmp_path / "a.png"
    Image.new("RGB", (6000, 5000)).save(path, compress_level=1)
    tracemalloc.start()
    try:
        image = read_picture(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < image.nbytes + 30_000_000


def refused(path: Path) -> str:
    with pytest.raises(PictureError) as error:
        read_picture(path)
    return str(error.value)


def chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def png(path: Path, width: int, height: int, *between: bytes) -> Path:
    """A PNG of a few kilobytes, whatever it unpacks to."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(bytes(3 * 10**6), 9))
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + header + b"".join(between) + pixels + chunk(b"IEND", b"")
    )
    return path


def test_a_bomb_is_refused_by_its_header(tmp_path: Path) -> None:
    bomb = png(tmp_path / "bomb.png", 60_000, 60_000)
    assert bomb.stat().st_size < 10_000
    assert "at most 250 megapixels" in refused(bomb)
    vp8x = b"VP8X" + struct.pack("<I", 10) + bytes(4) + b"\xff\xff\x00" * 2
    webp = tmp_path / "bomb.webp"
    webp.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(vp8x)) + b"WEBP" + vp8x)
    refused(webp)


def test_a_header_that_promises_more_than_there_is_is_damage(tmp_path: Path) -> None:
    assert "ends too early" in refused(png(tmp_path / "a.png", 15_000, 15_000))


@pytest.mark.parametrize("kind", [b"zTXt", b"iCCP", b"iTXt", b"tEXt"])
def test_texts_and_profiles_are_left_unread(tmp_path: Path, kind: bytes) -> None:
    """Also where one unpacks to a bomb, or is longer than Pillow takes."""
    packed = zlib.compress(bytes(200_000_000), 9)
    before = {b"iTXt": b"a\0\1\0\0\0", b"tEXt": b"a\0"}.get(kind, b"a\0\0")
    path = tmp_path / "a.png"
    Image.new("RGB", (40, 30), "red").save(path)
    content = path.read_bytes()
    texts = chunk(kind, before + packed) * 40
    path.write_bytes(content[:33] + texts + content[33:])
    tracemalloc.start()
    try:
        image = read_picture(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000
    assert (image == (255, 0, 0)).all()


@pytest.mark.parametrize("kind", ["a progressive JPEG", "an interlaced PNG", "a TIFF in strips"])
def test_what_cannot_be_read_piece_by_piece_must_be_smaller(
    tmp_path: Path, photo: RgbImage, monkeypatch: pytest.MonkeyPatch, small_limit: None, kind: str
) -> None:
    write: dict[str, Callable[[Path], None]] = {
        "a progressive JPEG": lambda path: Image.fromarray(photo).save(
            path, "JPEG", progressive=True
        ),
        "an interlaced PNG": lambda path: interlaced(path),
        "a TIFF in strips": lambda path: Image.fromarray(photo).save(
            path, "TIFF", compression="tiff_lzw"
        ),
    }
    path = tmp_path / "a.picture"
    write[kind](path)
    monkeypatch.setattr(stills, "MAX_DECODING_BYTES", 500_000)
    assert "Save it as JPEG, and not as a progressive one" in refused(path)


@pytest.mark.parametrize("megapixels", [13, 25, 33, 40, 54])
def test_a_progressive_jpeg_of_a_size_is_not_refused_where_a_larger_one_is_taken(
    tmp_path: Path, megapixels: int
) -> None:
    path = tmp_path / "a.jpg"
    Image.new("RGB", (16, 16)).save(path, progressive=True)
    content = path.read_bytes()
    at = content.index(b"\xff\xc2") + 5
    sides = round((megapixels * 750_000) ** 0.5), round((megapixels * 4e6 / 3) ** 0.5)
    path.write_bytes(content[:at] + struct.pack(">HH", *sides) + content[at + 4 :])
    with path.open("rb") as file, Image.open(path) as picture:
        assert decoding.prepare(picture, file) <= stills.MAX_DECODING_BYTES


def interlaced(path: Path) -> None:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 600, 450, 8, 2, 0, 0, 1))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", b"") + chunk(b"IEND", b""))


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    Image.new("RGB", (4, 4)).save(path)
    with path.open("r+b") as file:
        file.truncate(400_000_000)
    assert "at most 300 MB" in refused(path)


def test_a_small_tiff_of_huge_tiles_is_refused(tmp_path: Path) -> None:
    """100 x 100 pixels of a tile of 20,000 x 20,000, whose data is not even there."""
    long, short = (
        {256: 100, 257: 100, 322: 20_000, 323: 20_000, 324: 200, 325: 50},
        {
            258: 8,
            259: 8,
            262: 1,
            277: 1,
        },
    )
    tags = sorted([(tag, 4, v) for tag, v in long.items()] + [(t, 3, v) for t, v in short.items()])
    content = b"II*\0" + struct.pack("<IH", 8, len(tags))
    content += b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    path = tmp_path / "a.tif"
    path.write_bytes(content + bytes(300))
    assert "Save it as JPEG" in refused(path)
    assert "in one piece" in refused(path)
