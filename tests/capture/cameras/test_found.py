from __future__ import annotations

import struct
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from capture.cameras import found as found_module
from capture.cameras.capabilities import can_capture, captures
from capture.cameras.found import FoundCamera, find_cameras, index_of, is_camera_spec
from capture.opening import is_live_spec, open_source
from common.errors import SourceError

Plug = Callable[..., None]

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux lists cameras")


@pytest.fixture
def sysfs(tmp_path: Path) -> Path:
    """A folder that stands for /sys/class/video4linux."""
    folder = tmp_path / "video4linux"
    folder.mkdir()
    return folder


@pytest.fixture
def plug(sysfs: Path, tmp_path: Path) -> Plug:
    def plug_in(index: int, name: str, port: str, node: int = 0) -> None:
        device = tmp_path / "devices" / port
        device.mkdir(parents=True, exist_ok=True)
        entry = sysfs / f"video{index}"
        entry.mkdir()
        (entry / "name").write_text(f"{name}\n", encoding="utf-8")
        (entry / "index").write_text(f"{node}\n")
        (entry / "device").symlink_to(device)

    return plug_in


def cannot_be_asked(index: int) -> None:
    return None


@linux
def test_cameras_are_found_by_name_without_their_other_nodes(sysfs: Path, plug: Plug) -> None:
    plug(10, "Máy ảnh 写真", "1-2")
    plug(11, "Máy ảnh 写真", "1-2", node=1)
    plug(2, "Integrated Camera", "1-1")
    (sysfs / "v4l-subdev0").mkdir()
    told = find_cameras(sysfs, cannot_be_asked)
    assert told == (FoundCamera(2, "Integrated Camera"), FoundCamera(10, "Máy ảnh 写真"))
    assert [camera.spec for camera in told] == ["camera:Integrated Camera", "camera:Máy ảnh 写真"]


@linux
def test_what_a_node_says_of_itself_counts_more_than_its_place(sysfs: Path, plug: Plug) -> None:
    plug(0, "Codec", "platform")
    plug(1, "Depth", "1-1", node=2)
    assert find_cameras(sysfs, lambda index: index == 1) == (FoundCamera(1, "Depth"),)


@linux
def test_two_of_a_kind_are_told_by_where_they_are_plugged_in(sysfs: Path, plug: Plug) -> None:
    plug(0, "C920", "1-4")
    plug(2, "C920", "1-1")
    assert find_cameras(sysfs, cannot_be_asked) == (
        FoundCamera(0, "C920 (2)"),
        FoundCamera(2, "C920"),
    )


@linux
def test_nothing_is_found_where_nothing_was_ever_plugged_in(tmp_path: Path) -> None:
    assert find_cameras(tmp_path / "missing") == ()


@linux
def test_a_name_of_rubbish_is_cleaned(sysfs: Path, plug: Plug) -> None:
    plug(0, "", "1-1")
    (sysfs / "video0" / "name").write_bytes(b"\xff\x1b[31mCam\x00\n" + b"x" * 500)
    (camera,) = find_cameras(sysfs, cannot_be_asked)
    assert camera.name.isprintable()
    assert camera.name.startswith("�[31mCam")
    assert len(camera.name) < 201


def test_elsewhere_numbers_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(found_module, "camera_present", lambda index: index in (0, 3))
    assert find_cameras() == (FoundCamera(0, ""), FoundCamera(3, ""))
    assert [camera.spec for camera in find_cameras()] == ["0", "3"]


def test_a_camera_is_found_under_another_number() -> None:
    spec = "camera:C920"
    assert index_of(spec, lambda: (FoundCamera(0, "Integrated"), FoundCamera(2, "C920"))) == 2
    assert index_of(spec, lambda: (FoundCamera(0, "c920"), FoundCamera(1, "Integrated"))) == 0
    assert index_of("7", lambda: ()) == 7


def test_a_camera_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(SourceError, match="called 'C920', but these are there: Integrated, 3"):
        index_of("camera:C920", lambda: (FoundCamera(0, "Integrated"), FoundCamera(3, "")))
    with pytest.raises(SourceError, match="there is no camera"):
        index_of("camera:", lambda: ())


def test_a_named_camera_is_live_and_called_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_live_spec("camera:C920")
    assert is_camera_spec("camera:C920")
    assert not is_camera_spec("clip.mp4")
    monkeypatch.setattr("capture.opening.index_of", lambda spec: 95)
    with pytest.raises(SourceError, match="a camera called C920"):
        open_source("camera:C920")


def test_the_answer_of_a_node_is_understood() -> None:
    """struct v4l2_capability of linux/videodev2.h; a webcam's two nodes."""

    def answer(of_all: int, of_this: int) -> bytes:
        text = struct.pack("=16s32s32s", b"uvcvideo", b"Webcam", b"usb-0000:00:14.0-1")
        return text + struct.pack("=III12x", 0x060500, of_all, of_this)

    assert len(answer(0, 0)) == 104
    assert captures(answer(0x84A00001, 0x04200001))
    assert not captures(answer(0x84A00001, 0x04A00000))
    assert captures(answer(0x00000001, 0))


def test_a_node_that_is_not_there_cannot_be_asked() -> None:
    assert can_capture(9999) is None
