"""Every kind of picture is read, whatever its file is called."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from capture import stills
from capture.kinds import has_ending, kind_of_file
from capture.stills import read_picture
from common.errors import PictureError
from common.extras import is_installed
from common.picture import RgbImage

needs_heif = pytest.mark.skipif(not is_installed("heif"), reason="no pillow-heif")


@pytest.fixture
def photo() -> RgbImage:
    small = np.random.default_rng(0).integers(0, 256, (6, 8, 3), np.uint8)
    return np.asarray(cv2.resize(small, (160, 120), interpolation=cv2.INTER_CUBIC), np.uint8)


@pytest.mark.parametrize(
    "kind",
    ["AVIF", "BMP", "GIF", "JPEG", "PNG", "TIFF", "WEBP", pytest.param("HEIF", marks=needs_heif)],
)
def test_a_file_without_an_ending_is_known_by_its_content(
    tmp_path: Path, photo: RgbImage, kind: str
) -> None:
    if kind == "HEIF":
        from pillow_heif import register_heif_opener

        register_heif_opener()
    path = tmp_path / "Nguyễn"
    Image.fromarray(photo).save(path, kind, quality=90)
    assert kind_of_file(path) == kind
    assert np.abs(read_picture(path).astype(int) - photo).mean() < 10


def test_what_is_no_picture_has_no_kind(tmp_path: Path) -> None:
    for content in (b"", b"text", b"\0\0\0\x18ftypmp42" + bytes(20), b"RIFF\0\0\0\0WAVE"):
        (tmp_path / "a").write_bytes(content)
        assert kind_of_file(tmp_path / "a") is None


@pytest.mark.parametrize(
    ("name", "says"),
    [
        *(("a.jpg", True), ("a.HEIC", True), ("a.mp4", True)),
        *(("a", False), ("2019.05.04", False), ("M. Nguyễn", False), (".hidden", False)),
    ],
)
def test_which_names_say_what_they_are(name: str, says: bool) -> None:
    assert has_ending(Path(name)) == says


@needs_heif
def test_a_heic_that_says_how_it_is_turned(tmp_path: Path, photo: RgbImage) -> None:
    import pillow_heif

    path = tmp_path / "a.heic"
    exif = Image.Exif()
    exif[0x0112] = 6  # pillow-heif writes it where HEIF has it, too
    pillow_heif.from_pillow(Image.fromarray(photo)).save(path, quality=95, exif=exif.tobytes())
    image = read_picture(path)
    assert image.shape == (160, 120, 3)
    assert np.abs(image.astype(int) - np.rot90(photo, -1)).mean() < 10


@pytest.mark.skipif(is_installed("heif"), reason="pillow-heif is there")
def test_a_heic_without_the_extra_says_which(tmp_path: Path) -> None:
    path = tmp_path / "a.heic"
    path.write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100))
    with pytest.raises(PictureError, match=r"extra \[heif\].*pip install.*save it as JPEG"):
        read_picture(path)


def test_an_avif_is_turned_as_it_says(tmp_path: Path, photo: RgbImage) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x0132] = "2020"
    path = tmp_path / "a.avif"
    Image.fromarray(np.ascontiguousarray(np.rot90(photo))).save(path, quality=95, exif=exif)
    assert np.abs(read_picture(path).astype(int) - photo).mean() < 8


@pytest.mark.parametrize("suffix", ["gif", "png", "webp", "tif"])
def test_of_several_pictures_the_first_is_read(
    tmp_path: Path, photo: RgbImage, suffix: str
) -> None:
    path = tmp_path / f"a.{suffix}"
    other = Image.new("RGB", (160, 120))
    Image.fromarray(photo).save(path, save_all=True, append_images=[other])
    assert np.abs(read_picture(path).astype(int) - photo).mean() < 12


@pytest.mark.parametrize("bits", [10, 12, 14, 16])
@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_fewer_bits_in_sixteen_are_as_bright_as_eight(
    tmp_path: Path, photo: RgbImage, suffix: str, bits: int
) -> None:
    deep = photo.astype(np.uint16) << (bits - 8)
    for name, written in (("gray", deep[:, :, 0]), ("colour", deep[:, :, ::-1])):
        path = tmp_path / f"{name}.{suffix}"
        cv2.imwrite(str(path), written)
        expected = photo if name == "colour" else np.repeat(photo[:, :, :1], 3, axis=2)
        assert np.array_equal(read_picture(path), expected), (name, bits)


def test_a_large_one_of_twelve_bits_is_as_bright(
    tmp_path: Path, photo: RgbImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capture.decoding.MOST_PIXELS", 9_000)
    for suffix in ("png", "tif"):
        path = tmp_path / f"a.{suffix}"
        cv2.imwrite(str(path), photo.astype(np.uint16)[:, :, ::-1] << 4)
        image = read_picture(path)
        expected = cv2.resize(photo, image.shape[1::-1], interpolation=cv2.INTER_AREA)
        assert np.abs(image.astype(int) - expected).mean() < 12


@pytest.mark.parametrize("white", [1.0, 255.0, 65_535.0, 3e6])
@pytest.mark.parametrize("colours", [1, 3])
def test_fractions(tmp_path: Path, photo: RgbImage, white: float, colours: int) -> None:
    values = photo[:, :, :colours].astype(np.float32) / 255 * np.float32(white)
    values[0, 0] = np.nan
    values[0, 1] = -np.inf
    values[0, 2] = white
    path = tmp_path / "a.tif"
    cv2.imwrite(str(path), values[:, :, ::-1])
    image = read_picture(path)
    expected = photo if colours == 3 else np.repeat(photo[:, :, :1], 3, axis=2)
    assert np.abs(image[1:].astype(int) - expected[1:]).max() <= 1
    assert not image[0, :2].any()


def test_fractions_too_large_are_refused_by_their_header(
    tmp_path: Path, photo: RgbImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.tif"
    cv2.imwrite(str(path), photo.astype(np.float32))

    def unread(content: bytes) -> RgbImage:
        raise AssertionError("it was decoded")

    monkeypatch.setattr("capture.decoding.read_deep", unread)
    monkeypatch.setattr(stills, "MAX_DECODING_BYTES", 100_000)
    with pytest.raises(PictureError, match="in one piece"):
        read_picture(path)
    monkeypatch.setattr(stills, "MAX_PIXELS", 10_000)
    with pytest.raises(PictureError, match="160 x 120 pixels"):
        read_picture(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    make: Callable[[Path], None] = os.mkfifo
    make(tmp_path / "a.jpg")
    with pytest.raises(PictureError, match="no ordinary file"):
        read_picture(tmp_path / "a.jpg")
