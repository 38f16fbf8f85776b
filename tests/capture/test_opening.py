from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from capture.frame import Frame
from capture.opening import is_live_spec, open_source
from capture.source import FALLBACK_FPS, FrameSource
from common.errors import SourceError
from common.picture import RgbImage

WriteVideo = Callable[..., Path]


def read_all(source: FrameSource) -> list[Frame]:
    frames = []
    while (frame := source.read()) is not None:
        frames.append(frame)
    return frames


class FakeCapture:
    """A camera as cv2.VideoCapture shows it: `real` is what it gives whatever is asked."""

    def __init__(self, real: dict[int, float], frames: int) -> None:
        self.real = real
        self.left = frames
        self.asked: dict[int, float] = {}
        self.released = False

    def set(self, prop: int, value: float) -> bool:
        self.asked[prop] = value
        return True

    def get(self, prop: int) -> float:
        return self.real.get(prop, 0.0)

    def read(self) -> tuple[bool, np.ndarray | None]:
        if self.left == 0:
            return False, None
        self.left -= 1
        height = int(self.real[cv2.CAP_PROP_FRAME_HEIGHT])
        width = int(self.real[cv2.CAP_PROP_FRAME_WIDTH])
        return True, np.full((height, width, 3), (1, 2, 3), np.uint8)

    def release(self) -> None:
        self.released = True


@pytest.fixture
def camera(monkeypatch: pytest.MonkeyPatch) -> Callable[..., FakeCapture]:
    def plug_in(width: int, height: int, fps: float, frames: int = 5) -> FakeCapture:
        fake = FakeCapture(
            {
                cv2.CAP_PROP_FRAME_WIDTH: width,
                cv2.CAP_PROP_FRAME_HEIGHT: height,
                cv2.CAP_PROP_FPS: fps,
            },
            frames,
        )
        monkeypatch.setattr(cv2, "VideoCapture", lambda *_: fake)
        return fake

    return plug_in


def test_a_frame_that_cannot_be_decoded_is_the_cameras_fault(camera, monkeypatch) -> None:
    """Some decoders raise; it must not end the thread that reads as a mistake of our own does."""
    fake = camera(640, 480, 30.0)
    with open_source("0") as source:
        assert source.read() is not None

        def fails() -> tuple[bool, None]:
            raise cv2.error("damaged")

        monkeypatch.setattr(fake, "read", fails)
        with pytest.raises(SourceError, match="stopped giving any"):
            source.read()


@pytest.mark.parametrize("name", ["đường phố.avi", "đường phố.mp4"])
def test_a_video_file_is_read_to_its_end(write_video: WriteVideo, name: str) -> None:
    with open_source(str(write_video(name))) as source:
        assert source.name == f"video {name}"
        assert not source.is_live
        assert source.size == (160, 120)
        assert source.fps == 20.0
        frames = read_all(source)
        assert source.read() is None
        assert source.notes == ()
    assert [frame.index for frame in frames] == list(range(10))
    assert [frame.captured_at for frame in frames] == [i / 20 for i in range(10)]


def test_video_becomes_rgb(write_video: WriteVideo) -> None:
    with open_source(str(write_video())) as source:
        frame = source.read()
    assert frame is not None
    assert np.abs(frame.image.mean((0, 1)) - (200, 0, 30)).max() < 8


def test_a_closed_source_gives_no_frame(write_video: WriteVideo) -> None:
    source = open_source(str(write_video()))
    source.close()
    source.close()
    assert source.read() is None


def test_a_video_cut_short_is_read_as_far_as_it_goes_and_says_so(write_video: WriteVideo) -> None:
    path = write_video()
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])
    with open_source(str(path)) as source:
        frames = read_all(source)
        assert 0 < len(frames) < 9
        assert source.notes == (
            f"The file is damaged or cut short: it has {len(frames)} of its 10 frames.",
        )


def test_a_films_own_stamps_say_when_its_frames_were(tmp_path: Path) -> None:
    path = tmp_path / "varying.gif"
    frames = [Image.new("RGB", (80, 60), (20 * i, 0, 0)) for i in range(6)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=[100] * 3 + [1000] * 3)
    with open_source(str(path)) as source:
        at = [frame.captured_at for frame in read_all(source)]
    assert at == pytest.approx([0.0, 0.1, 0.2, 0.3, 1.3, 2.3])


def test_a_film_of_a_varying_rate_is_timed_as_it_plays(shared_data: Path) -> None:
    with open_source(str(shared_data / "cases" / "vfr.mp4")) as source:
        at = [frame.captured_at for frame in read_all(source)]
    assert at[:30] == pytest.approx([i / 30 for i in range(30)], abs=0.001)
    assert at[30:] == [float(second) for second in range(2, 32)]


def test_av1_is_read_or_named() -> None:
    """Whether this computer can decode it depends on its graphics chip and its system."""
    film = Path(__file__).with_name("films") / "av1.mp4"
    told, frames = "", 0
    try:
        with open_source(str(film)) as source:
            frames = len(read_all(source))
    except SourceError as error:
        told = str(error)
    assert frames == 10 or ("is AV1, for which this computer has no decoder" in told)


def test_av1_is_tried_with_what_the_system_has(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[object, ...]] = []

    def opened(*arguments: object) -> FakeCapture:
        asked.append(arguments[1:])
        real: dict[int, float] = {cv2.CAP_PROP_FOURCC: cv2.VideoWriter.fourcc(*"AV01")}
        real |= {cv2.CAP_PROP_FRAME_WIDTH: 80, cv2.CAP_PROP_FRAME_HEIGHT: 60}
        by_hardware = arguments[1] == cv2.CAP_ANY
        return FakeCapture(real | {cv2.CAP_PROP_FPS: 10.0}, frames=3 if by_hardware else 0)

    monkeypatch.setattr(cv2, "VideoCapture", opened)
    with open_source(str(Path(__file__))) as source:
        assert [frame.captured_at for frame in read_all(source)] == [0.0, 0.1, 0.2]
    hardware = [cv2.CAP_PROP_HW_ACCELERATION, cv2.VIDEO_ACCELERATION_ANY]
    assert asked[-1] == (cv2.CAP_ANY, hardware)


def test_a_film_of_huge_frames_is_refused_before_one_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gif"
    size = (16_000).to_bytes(2, "little") * 2
    Image.new("P", (16, 16)).save(path)
    content = path.read_bytes()
    path.write_bytes(content[:6] + size + content[10:])
    with pytest.raises(SourceError, match=r"at most 36 megapixels, but .* 16000 x 16000 pixels"):
        open_source(str(path))


def test_a_container_without_a_rate_falls_back(
    write_video: WriteVideo, camera: Callable[..., FakeCapture]
) -> None:
    path = write_video()
    camera(80, 60, fps=0.0)
    with open_source(str(path)) as source:
        assert source.fps == FALLBACK_FPS


def test_bad_specs_give_one_error_each(awkward_folder: Path) -> None:
    text = awkward_folder / "văn bản.mp4"
    text.write_text("not a video\n" * 100, encoding="utf-8")
    picture = awkward_folder / "text.jpg"
    picture.write_text("not a picture", encoding="utf-8")
    (awkward_folder / "empty.avi").touch()
    (awkward_folder / "empty folder").mkdir()
    cases = {
        str(awkward_folder / "missing.mp4"): r"nothing at .*missing.mp4'. Check the path\.$",
        "": "nothing at",
        "x" * 5000: "nothing at",
        str(text): "no picture can be decoded",
        str(awkward_folder / "empty.avi"): "no picture can be decoded",
        str(picture): "none of these",
        f"demo:{picture}": "none of these",
        "demo:": "nothing at",
        f"demo:{awkward_folder}": "is a folder",
        str(awkward_folder / "empty folder"): "it is empty",
        "gopher://somewhere/x": "starts with 'gopher'",
    }
    for spec, message in cases.items():
        with pytest.raises(SourceError, match=message):
            open_source(spec)


def test_a_bad_source_prints_nothing_of_its_own(awkward_folder: Path) -> None:
    text = awkward_folder / "text.mp4"
    text.write_text("not a video\n" * 100, encoding="utf-8")
    program = (
        "import sys\n"
        "from capture.opening import open_source\n"
        "from common.errors import SourceError\n"
        "for spec in sys.argv[1:]:\n"
        "    try:\n"
        "        open_source(spec)\n"
        "    except SourceError as error:\n"
        "        print('refused')\n"
    )
    # Nobody listens on the discard port of this machine: the connection is refused at once.
    specs = [str(text), "97", "rtsp://127.0.0.1:9/x", "http://127.0.0.1:9/x"]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("OPENCV_")}
    result = subprocess.run(
        [sys.executable, "-c", program, *specs],
        cwd=Path(__file__).parents[2],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert result.stdout.split() == ["refused"] * 4
    assert result.stderr == ""


def test_a_streams_password_stays_secret() -> None:
    with pytest.raises(SourceError) as caught:
        open_source("rtsp://admin:s3cret@127.0.0.1:9/door?token=t0ken")
    assert "rtsp://127.0.0.1:9/door" in str(caught.value)
    assert "s3cret" not in str(caught.value)
    assert "t0ken" not in str(caught.value)


def test_a_camera_that_gives_what_was_asked_needs_no_note(
    camera: Callable[..., FakeCapture],
) -> None:
    fake = camera(640, 480, 30.0)
    with open_source("0") as source:
        assert (source.name, source.is_live) == ("camera 0", True)
        assert source.notes == ()
        frame = source.read()
    assert frame is not None
    assert frame.image[0, 0].tolist() == [3, 2, 1]
    assert cv2.CAP_PROP_FOURCC not in fake.asked
    assert fake.asked[cv2.CAP_PROP_BUFFERSIZE] == 1
    assert fake.released


def test_a_camera_that_gives_less_is_noted(camera: Callable[..., FakeCapture]) -> None:
    fake = camera(640, 480, 15.0)
    with open_source("3", size=(1280, 720)) as source:
        assert source.size == (640, 480)
        assert source.fps == 15.0
        assert source.notes == (
            "Asked the camera for 1280x720 at 30 fps; it gives 640x480 at 15 fps.",
        )
    assert fake.asked[cv2.CAP_PROP_FOURCC] == cv2.VideoWriter.fourcc(*"MJPG")


def test_a_camera_that_fails_while_read_raises(camera: Callable[..., FakeCapture]) -> None:
    camera(640, 480, 30.0, frames=2)
    with open_source("0") as source:
        assert source.read() is not None
        assert source.read() is not None
        with pytest.raises(SourceError, match="camera 0, but it has stopped"):
            source.read()


def test_a_camera_that_opens_but_gives_nothing_is_refused_and_released(
    camera: Callable[..., FakeCapture],
) -> None:
    fake = camera(640, 480, 30.0, frames=0)
    with pytest.raises(SourceError, match="index 7"):
        open_source("7")
    assert fake.released


def test_pictures_and_folders_open(awkward_folder: Path, gradient: RgbImage) -> None:
    for name in ("2.png", "10.png"):
        Image.fromarray(gradient).save(awkward_folder / name)
    with open_source(str(awkward_folder / "2.png")) as source:
        assert source.name == "picture 2.png"
        assert len(read_all(source)) == 1
    with open_source(str(awkward_folder)) as source:
        assert source.name == f"folder {awkward_folder.name}"
        assert len(read_all(source)) == 2


def test_live_specs_are_told_from_files() -> None:
    assert all(is_live_spec(spec) for spec in ("0", "12", "rtsp://x/y", "http://x"))
    assert not any(is_live_spec(spec) for spec in ("demo", "demo:a.png", "a.mp4", "/x/0", "²"))


def test_the_street_video_opens(shared_data: Path) -> None:
    with open_source(str(shared_data / "video" / "five_people_1080p25.mp4")) as source:
        assert (source.size, source.fps) == ((1920, 1080), 25.0)
        assert source.read() is not None
