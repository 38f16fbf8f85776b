from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from capture.demo import DemoSource
from capture.video import VideoFileSource

SUMMARY_KEYS = [
    "frames",
    "processed",
    "dropped",
    "fps",
    "detect_ms",
    "embed_ms",
    "search_ms",
    "people",
]


@pytest.fixture
def slides(tmp_path: Path, photos: Path) -> Path:
    """A folder: the astronaut small, nobody, a text file named .jpg, the astronaut."""
    folder = tmp_path / "Bilder ähnlich 写真"
    folder.mkdir()
    for number, name in enumerate(("mirrored.png", "coffee.png", "text.jpg", "turned.png")):
        shutil.copy(photos / name, folder / f"{number} {name}")
    with Image.open(folder / "0 mirrored.png") as picture:
        picture.crop((100, 0, 420, 300)).save(folder / "0 mirrored.png")
    return folder


def test_a_file_is_watched_frame_by_frame(run, portrait: Path, film: Path) -> None:
    run("enroll", "Eileen Ánh", portrait)
    told = run("watch", "--source", film)
    assert (told.code, told.err) == (0, "")
    first, second, summary, seen = told.out.splitlines()
    assert first == "frame 0: Unknown"
    assert second == "frame 1: Eileen Ánh"
    assert summary.startswith("12 frames at ")
    assert ", 0 dropped; a frame took " in summary
    assert seen == "Eileen Ánh was seen in 11 frames."


def test_json_is_as_promised(run, seed, portrait: Path, film: Path) -> None:
    seed("Bob")
    run("enroll", "Eileen", portrait)
    told = run("watch", "--source", film, "--json")
    assert (told.code, told.err) == (0, "")
    *frames, last = told.json
    assert [line["frame"] for line in frames] == list(range(12))
    assert [line["t"] for line in frames] == pytest.approx([i / 30 for i in range(12)], abs=1e-3)
    assert all(list(line) == ["frame", "t", "faces"] for line in frames)
    (face,) = frames[-1]["faces"]
    (in_photo,) = run("identify", portrait, "--json").json[0]["faces"]
    assert list(face) == [*in_photo, "track"]
    assert {key: type(value) for key, value in face.items() if key != "track"} == {
        key: type(value) for key, value in in_photo.items()
    }
    assert {line["faces"][0]["track"] for line in frames} == {face["track"]}
    assert isinstance(face["track"], int)
    assert face["name"] == "Eileen"

    assert list(last) == ["summary"]
    summary = last["summary"]
    assert list(summary) == SUMMARY_KEYS
    assert (summary["frames"], summary["processed"], summary["dropped"]) == (12, 12, 0)
    assert summary["people"] == {"Eileen": 11}
    assert all(summary[key] > 0 for key in ("fps", "detect_ms", "embed_ms", "search_ms"))


def test_an_empty_gallery_is_told_and_everybody_unknown(run) -> None:
    told = run("watch", "--source", "demo", "--frames", 4, "--json")
    assert told.code == 0
    assert told.err == "The gallery is empty: everybody will be unknown.\n"
    *frames, last = told.json
    assert len(frames) == 4
    face = frames[-1]["faces"][0]
    assert (face["name"], face["nearest"], face["similarity"]) == (None, None, None)
    assert face["reason"] == "The gallery is empty"
    assert last["summary"]["processed"] == 4


def test_each_picture_of_a_folder_stands_for_itself(run, portrait: Path, slides: Path) -> None:
    run("enroll", "Eileen", portrait)
    told = run("watch", "--source", slides, "--json")
    assert told.code == 0
    assert "2 text.jpg is left out: Expected a picture" in told.err
    *frames, last = told.json
    assert [[face["name"] for face in line["faces"]] for line in frames] == [
        ["Eileen"],
        [],
        ["Eileen"],
    ]
    assert [line["frame"] for line in frames] == [0, 1, 2]
    assert frames[0]["faces"][0]["track"] is None
    assert last["summary"]["people"] == {"Eileen": 2}


def test_people_in_the_same_place_of_a_folder_are_not_mixed_up(
    run, shared_data: Path, tmp_path: Path
) -> None:
    people = sorted((shared_data / "faces" / "people").iterdir())[:3]
    for person in people:
        run("enroll", person.name, *(person / f"00{i}.png" for i in range(3)))
        for picture in ("007.png", "008.png"):
            shutil.copy(person / picture, tmp_path / f"{picture[2]} {person.name}.png")
    *frames, _ = run("watch", "--source", tmp_path, "--json").json
    assert [line["faces"][0]["name"] for line in frames] == 2 * [p.name for p in people]


def test_realtime_plays_a_file_like_a_camera(run, portrait: Path, film: Path) -> None:
    run("enroll", "Eileen", portrait)
    told = run("watch", "--source", film, "--realtime", "--json")
    assert told.code == 0
    assert "has ended." in told.err
    *frames, last = told.json
    summary = last["summary"]
    assert summary["frames"] == 12
    assert summary["processed"] == len(frames)
    assert summary["processed"] + summary["dropped"] == 12
    numbers = [line["frame"] for line in frames]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] == 11


def test_frames_of_a_realtime_source(run, slides: Path) -> None:
    told = run("watch", "--source", slides, "--realtime", "--frames", 1, "--json")
    assert told.code == 0
    assert [next(iter(line)) for line in told.json] == ["frame", "summary"]


def test_save_gives_a_video_that_can_be_read(run, portrait: Path, tmp_path: Path) -> None:
    run("enroll", "Eileen", portrait)
    out = tmp_path / "đã ghi 録画.mp4"
    told = run("watch", "--source", "demo", "--frames", 8, "--save", out)
    assert (told.code, told.err) == (0, "")
    with VideoFileSource(out) as video, DemoSource() as demo:
        shown = [frame.image for frame in iter(video.read, None)]
        assert video.fps == pytest.approx(30)
        taken = [demo.read().image for _ in shown]
    assert len(shown) == 8
    assert shown[0].shape == (480, 640, 3)
    # The same picture, but for compression, where nothing is drawn; the label is another.
    assert np.abs(shown[-1][300:].astype(int) - taken[-1][300:]).mean() < 8
    assert np.abs(shown[-1].astype(int) - taken[-1]).max() > 100


def test_save_fits_pictures_of_other_sizes(run, slides: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.MP4"
    assert run("watch", "--source", slides, "--save", out).code == 0
    with VideoFileSource(out) as video:
        sizes = [frame.image.shape for frame in iter(video.read, None)]
    assert sizes == [(300, 320, 3)] * 3


@pytest.mark.parametrize("name", ["missing folder/out.mp4", "folder.mp4", "out.txt", "out"])
def test_save_to_where_nothing_can_be_written(run, tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.mp4").mkdir()
    told = run("watch", "--source", "demo", "--frames", 2, "--save", tmp_path / name)
    assert told.code == 2
    assert "2 frames" not in told.out
    assert told.err.startswith("Expected to ")
    assert str(tmp_path / name) in told.err
    assert "ends in .mp4" in told.err or "choose another folder" in told.err
    assert "OpenCV" not in told.err


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """Writing more than `size` bytes into a file fails in this process, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_fills_up_while_saving_is_told(run, tmp_path: Path) -> None:
    with files_up_to(130_000):
        told = run("watch", "--source", "demo", "--frames", 30, "--save", tmp_path / "out.mp4")
    assert told.code == 2
    assert "30 frames" not in told.out
    assert "it was not written whole; the disk may be full" in told.err


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("missing.mp4", "there is nothing at"),
        ("", "there is nothing at"),
        ("ftp://example.org/film", "starts with 'ftp'"),
        ("demo:missing.jpg", "there is nothing at"),
        ("97", "none there gives pictures"),
    ],
)
@pytest.mark.parametrize("realtime", [[], ["--realtime"]], ids=["every frame", "realtime"])
def test_a_bad_source(run, source: str, found: str, realtime: list[str]) -> None:
    told = run("watch", "--source", source, *realtime, "--json")
    assert (told.code, told.out) == (2, "")
    assert found in told.err


def test_a_bad_file_as_source(run, bad_picture: tuple[Path, str], tmp_path: Path) -> None:
    path, _ = bad_picture
    told = run("watch", "--source", path, "--json")
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("Expected ")
    film = tmp_path / "film.mp4"
    film.write_text("Not a film.", "utf-8")
    told = run("watch", "--source", film)
    assert (told.code, told.out) == (2, "")
    assert "no picture can be decoded" in told.err


def test_the_source_of_the_settings(run, home: Path) -> None:
    home.mkdir()
    (home / "settings.toml").write_text('source = "demo"', "utf-8")
    assert run("watch", "--frames", 1, "--json").json[0]["frame"] == 0


def test_frames_is_a_positive_number(run) -> None:
    told = run("watch", "--source", "demo", "--frames", 0)
    assert (told.code, told.out) == (2, "")


@pytest.fixture
def start(
    home: Path, models_cache: Path, loaded_models: object
) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts `facedesk watch --source demo` in a process of its own."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        started.append(
            subprocess.Popen(
                [sys.executable, "-m", "desktop.main", "watch", "--source", "demo", *arguments],
                cwd=Path(__file__).parents[4],
                env={**os.environ, "FACEDESK_HOME": str(home), "FACEDESK_CACHE": str(models_cache)},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                # A shell's background job, as the tests may run in, ignores Ctrl-C.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_ctrl_c_ends_with_the_summary_and_a_whole_video(start, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    process = start("--json", "--save", str(out))
    for _ in range(3):
        assert process.stdout.readline().startswith('{"frame": ')
    process.send_signal(signal.SIGINT)
    rest, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert rest.splitlines()[-1].startswith('{"summary": ')
    assert "Traceback" not in err
    with VideoFileSource(out) as video:
        assert sum(1 for _ in iter(video.read, None)) >= 2  # the third may not be written yet


def test_a_reader_that_has_gone_is_no_error(start) -> None:
    process = start()
    assert process.stdout.readline() == "frame 0: Unknown\n"
    process = start("--json")
    assert process.stdout.readline().startswith('{"frame": 0')
    process.stdout.close()
    assert process.wait(timeout=20) == 0
    assert process.stderr.read() == "The gallery is empty: everybody will be unknown.\n"


def test_a_page_says_who_was_seen(run, portrait: Path, film: Path, tmp_path: Path) -> None:
    run("enroll", "Eileen Ánh", portrait)
    page = tmp_path / "ai đến.html"
    told = run("watch", "--source", film, "--report", page)
    assert told.code == 0, told.err
    assert told.err == f"Written: {page}\n"
    text = page.read_text("utf-8")
    assert page.stat().st_mode & 0o777 == 0o600
    assert "Eileen Ánh" in text
    assert text.count("<svg") == 4
    assert film.name in text
    assert str(film.parent) not in text, "a report names no folder"
    refused = run("watch", "--source", film, "--report", page)
    assert (refused.code, refused.out) == (2, "")
    assert "is there already" in refused.err
    assert page.read_text("utf-8") == text
    assert run("watch", "--source", film, "--unknown-crops").code == 2


def test_a_page_never_replaces_what_is_watched(run, film: Path, tmp_path: Path) -> None:
    copy = tmp_path / "film.mkv"
    shutil.copy(film, copy)
    told = run("watch", "--source", copy, "--report", copy, "--force")
    assert told.code == 2
    assert copy.read_bytes() == film.read_bytes()


def test_a_page_keeps_no_password() -> None:
    from desktop.commands.seeing.watch_report import source_told

    assert source_told("rtsp://user:secret@camera.lan:554/live?key=1") == (
        "rtsp://camera.lan:554/live?key=…"
    )
    assert source_told("/home/ann/films/a.mkv") == "a.mkv"
    assert source_told("0") == "0"
