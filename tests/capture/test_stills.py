from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from capture.stills import StillsSource, picture_paths, read_picture
from common.errors import PictureError, SourceError
from common.picture import RgbImage


@pytest.mark.parametrize("suffix", ["png", "bmp", "tiff"])
def test_lossless_kinds_keep_every_pixel(
    awkward_folder: Path, gradient: RgbImage, suffix: str
) -> None:
    path = awkward_folder / f"người.{suffix}"
    Image.fromarray(gradient).save(path)
    assert np.array_equal(read_picture(path), gradient)


@pytest.mark.parametrize("suffix", ["jpg", "webp"])
def test_lossy_kinds_keep_the_colour_order(
    awkward_folder: Path, gradient: RgbImage, suffix: str
) -> None:
    path = awkward_folder / f"người.{suffix}"
    Image.fromarray(gradient).save(path, quality=95)
    image = read_picture(path)
    assert image.dtype == np.uint8
    assert np.abs(image.astype(int) - gradient).mean() < 4


def test_exif_orientation_is_undone(tmp_path: Path, gradient: RgbImage) -> None:
    turned = Image.fromarray(np.rot90(gradient))  # as a camera held on its side stores it
    exif = Image.Exif()
    exif[0x0112] = 6  # shown turned by 90 degrees clockwise
    turned.save(tmp_path / "a.png", exif=exif)
    assert np.array_equal(read_picture(tmp_path / "a.png"), gradient)


@pytest.mark.parametrize("suffix", ["png", "tiff"])
def test_sixteen_bits_keep_their_upper_eight(
    tmp_path: Path, gradient: RgbImage, suffix: str
) -> None:
    deep = gradient.astype(np.uint16) * 257
    gray, colour = tmp_path / f"gray.{suffix}", tmp_path / f"colour.{suffix}"
    cv2.imwrite(str(gray), deep[:, :, 0])
    cv2.imwrite(str(colour), deep[:, :, ::-1])
    assert np.array_equal(read_picture(gray), np.repeat(gradient[:, :, :1], 3, axis=2))
    assert np.array_equal(read_picture(colour), gradient)


def test_eight_bit_gray_becomes_three_channels(tmp_path: Path, gradient: RgbImage) -> None:
    Image.fromarray(gradient[:, :, 0]).save(tmp_path / "a.png")
    assert np.array_equal(
        read_picture(tmp_path / "a.png"), np.repeat(gradient[:, :, :1], 3, axis=2)
    )


def test_what_is_transparent_becomes_white(tmp_path: Path, gradient: RgbImage) -> None:
    alpha = np.full((60, 80, 1), 255, np.uint8)
    alpha[:, :40] = 0
    Image.fromarray(np.dstack([gradient, alpha])).save(tmp_path / "a.png")
    image = read_picture(tmp_path / "a.png")
    assert (image[:, :40] == 255).all()
    assert np.array_equal(image[:, 40:], gradient[:, 40:])


@pytest.mark.parametrize("suffix", ["jpg", "png", "bmp", "webp", "tiff"])
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_a_truncated_picture_is_refused(tmp_path: Path, suffix: str, kept: float) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(noise).save(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(PictureError, match=r"damaged or cut short|none of these"):
        read_picture(path)


def test_a_truncated_progressive_jpeg_is_refused(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    path = tmp_path / "a.jpg"
    Image.fromarray(noise).save(path, progressive=True)
    path.write_bytes(path.read_bytes()[:-2])
    with pytest.raises(PictureError, match="cut short"):
        read_picture(path)


@pytest.mark.parametrize("suffix", ["jpg", "png", "bmp", "webp", "tiff", "avif", "gif"])
def test_flipped_bytes_give_a_picture_or_our_error(
    tmp_path: Path, gradient: RgbImage, suffix: str
) -> None:
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(gradient).save(path)
    content = np.frombuffer(path.read_bytes(), np.uint8)
    rng = np.random.default_rng(1)
    refused = 0
    for _ in range(60):
        damaged = content.copy()
        damaged[rng.integers(0, min(len(damaged), 400), 4)] = rng.integers(0, 256, 4)
        path.write_bytes(damaged.tobytes())
        try:
            image = read_picture(path)
        except PictureError:
            refused += 1
        else:
            assert image.ndim == 3
            assert image.shape[2] == 3
    assert refused > 0


def test_a_huge_picture_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    # A BMP header alone: decoding would fail with "cut short", reading the size does not.
    for side, found in ((16_000, "16000 x 16000"), (40_000, "far more")):
        small = tmp_path / "small.bmp"
        Image.new("RGB", (4, 4)).save(small)
        content = bytearray(small.read_bytes())
        content[18:26] = side.to_bytes(4, "little") * 2
        path = tmp_path / "huge.bmp"
        path.write_bytes(content)
        with pytest.raises(PictureError, match=f"at most 250 megapixels .* but .*{found}"):
            read_picture(path)


def test_a_picture_too_long_for_opencv_is_scaled_down(tmp_path: Path) -> None:
    path = tmp_path / "ribbon.png"
    Image.new("L", (33_000, 8)).save(path)
    assert read_picture(path).shape == (7, 32_000, 3)


def test_a_picture_longer_than_any_camera_s_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ribbon.png"
    Image.new("L", (66_000, 8)).save(path)
    with pytest.raises(PictureError, match=r"65535 pixels a side, but .*66000 x 8"):
        read_picture(path)


def test_what_is_no_picture_is_refused(awkward_folder: Path) -> None:
    text = awkward_folder / "văn bản.jpg"
    text.write_text("not a picture", encoding="utf-8")
    empty = awkward_folder / "empty.png"
    empty.touch()
    heic = awkward_folder / "phone.heic"
    heic.write_bytes(b"\0\0\0\x18ftypheic" + bytes(100))
    cases = {
        text: "none of these",
        heic: r"save it as JPEG|is damaged or cut short",  # without and with pillow-heif
        empty: "is empty",
        awkward_folder: "is a folder",
        awkward_folder / "missing.png": "nothing at",
    }
    for path, message in cases.items():
        with pytest.raises(PictureError, match=message):
            read_picture(path)


def test_paths_are_sorted_as_people_count(awkward_folder: Path) -> None:
    for name in ("b10.png", "b2.PNG", "a.jpg", ".hidden.png", "notes.txt", "7.webp"):
        (awkward_folder / name).touch()
    (awkward_folder / "folder.png").mkdir()
    names = [path.name for path in picture_paths(awkward_folder)]
    assert names == ["7.webp", "a.jpg", "b2.PNG", "b10.png"]


def test_a_folder_that_cannot_be_listed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="cannot be listed"):
        picture_paths(tmp_path / "missing")


def test_stills_leave_out_what_cannot_be_read(awkward_folder: Path, gradient: RgbImage) -> None:
    for name in ("1.png", "3.png"):
        Image.fromarray(gradient).save(awkward_folder / name)
    (awkward_folder / "2.png").write_text("no picture")
    with StillsSource(picture_paths(awkward_folder), "folder x") as source:
        assert source.size == (80, 60)
        first, second, end = source.read(), source.read(), source.read()
    assert first is not None
    assert second is not None
    assert end is None
    assert (first.index, second.index, second.captured_at) == (0, 1, 1.0)
    assert len(source.notes) == 1
    assert source.notes[0].startswith("2.png is left out")
    assert source.read() is None


def test_stills_without_any_readable_picture_are_refused(tmp_path: Path) -> None:
    bad = tmp_path / "bad.png"
    bad.write_text("no picture")
    with pytest.raises(SourceError, match="it is empty"):
        StillsSource([], "folder x")
    with pytest.raises(SourceError, match=r"bad\.png is left out"):
        StillsSource([bad, bad], "folder x")
    with pytest.raises(PictureError, match=r"bad\.png"):
        StillsSource([bad], "picture bad.png")
