from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import desktop.commands.seeing.demo
import desktop.main
from desktop.main import main

ROOT = Path(__file__).parents[2]

TELL = """
import atexit, json, re, sys

def tell():
    names = sorted({name.partition(".")[0] for name, module in sys.modules.items() if module})
    try:
        status = open("/proc/self/status").read()
    except FileNotFoundError:
        status = "VmHWM: 0 kB"
    peak_mib = int(re.search(r"VmHWM:\\s*(\\d+)", status)[1]) / 1024
    print(json.dumps({"modules": names, "peak_mib": peak_mib}), file=sys.stderr)

atexit.register(tell)
from desktop.main import main
"""
"""Says on stderr, at the end, what was imported and, on Linux, how much memory was used (its
resource usage would count that of the test run, from which it was forked)."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "nhà 家"


@pytest.fixture
def portrait(astronaut: np.ndarray, tmp_path: Path) -> Path:
    path = tmp_path / "ảnh 写真.png"
    Image.fromarray(astronaut).save(path)
    return path


@pytest.fixture
def python(home: Path, models_cache: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a program in a process of its own."""

    def python(program: str, *arguments: str | bytes, **options) -> subprocess.CompletedProcess:
        options = {"stdout": subprocess.PIPE, "env": {}, **options}
        homes = {"FACEDESK_HOME": str(home), "FACEDESK_CACHE": str(models_cache)}
        options["env"] = {**os.environ, **homes, **options["env"]}
        return subprocess.run(
            [sys.executable, "-c", program, *arguments],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            timeout=60,
            **options,
        )

    return python


def called(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert isinstance(end.value.code, int)
    return end.value.code


def told(result: subprocess.CompletedProcess[str]) -> tuple[set[str], float]:
    """Modules imported, peak memory in MiB."""
    line = json.loads(result.stderr.splitlines()[-1])
    return set(line["modules"]), line["peak_mib"]


@pytest.mark.parametrize("arguments", [["--help"], ["watch", "-h"], ["people", "merge", "--help"]])
def test_help_imports_nothing_heavy(python, arguments: list[str]) -> None:
    result = python(TELL + "main()", *arguments)
    assert result.returncode == 0
    assert result.stdout.startswith("Usage: ")
    modules, _ = told(result)
    heavy = {"numpy", "cv2", "PIL", "faiss", "openvino", "torch", "PyQt5", "rich", "msgspec"}
    assert not modules & heavy


def test_its_end_does_not_wait_for_a_search_for_garbage(
    python: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    garbage = """
import sys
class Garbage:
    def __del__(self):
        sys.stderr.write("collected")
garbage = Garbage()
garbage.itself = garbage
"""
    program = f"{garbage}from desktop.main import main\n"
    assert "collected" in python(program).stderr
    assert "collected" not in python(f"{program}main(['--version'])").stderr


def test_help_lists_every_command_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    assert called("--help") == 0
    out = capsys.readouterr().out
    for name in (
        "demo",
        "doctor",
        "enroll",
        "evaluate",
        "identify",
        "import",
        "models",
        "people",
        "verify",
        "watch",
    ):
        assert f"\n  {name} " in out
    assert "..." not in out.partition("Commands:")[2]


def test_identify_on_a_warm_cache_is_light(
    python, portrait: Path, loaded_models: object, home: Path
) -> None:
    assert python(TELL + "main()", "enroll", "Eileen", str(portrait)).returncode == 0
    result = python(TELL + "main()", "identify", "--json", str(portrait))
    assert result.returncode == 0
    assert json.loads(result.stdout)["faces"][0]["name"] == "Eileen"
    modules, peak_mib = told(result)
    assert "openvino" in modules
    assert not modules & {"torch", "torchvision", "facenet_pytorch", "onnx", "skimage", "PyQt5"}
    assert peak_mib < 350


def test_no_command_imports_qt(
    python, portrait: Path, tmp_path: Path, loaded_models: object
) -> None:
    photo, folder = str(portrait), str(tmp_path)
    commands = [
        ["enroll", "Ann", photo],
        ["import", folder],
        ["identify", photo],
        ["verify", photo, photo],
        ["watch", "--source", "demo", "--frames", "2", "--save", str(tmp_path / "out.mp4")],
        ["watch", "--source", photo, "--realtime"],
        ["people", "list"],
        ["people", "rename", "Ann", "Anne"],
        ["people", "remove", "Anne"],
        ["models", "list"],
        ["evaluate", folder],
        ["doctor"],
    ]
    program = f"""
for command in {commands!r}:
    try:
        main(command)
    except SystemExit as end:
        print(command, end.code, flush=True)
from desktop.commands.seeing import demo
"""
    result = python(TELL + program)
    assert result.returncode == 0, result.stderr
    assert all(f"{command} " in result.stdout for command in commands)
    modules, _ = told(result)
    assert not modules & {"PyQt5", "torch"}


def test_a_full_disk_behind_stdout_is_told(python) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    for arguments in (["--help"], ["people", "list"]):
        with Path("/dev/full").open("w") as full:
            result = python("from desktop.main import main; main()", *arguments, stdout=full)
        assert result.returncode == 2
        assert result.stderr == (
            "Expected room for the output, but the disk is full. Free some space and try again.\n"
        )


@pytest.mark.parametrize(
    ("code", "told"),
    [(errno.EACCES, "Permission denied"), (errno.ENAMETOOLONG, "File name too long")],
)
def test_what_a_file_system_refuses_is_told_wherever_it_is_met(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    code: int,
    told: str,
) -> None:
    def refuse(path: Path, **_: object) -> None:
        raise OSError(code, os.strerror(code), str(path))

    monkeypatch.setattr(Path, "stat", refuse)
    with pytest.raises(SystemExit) as end:
        main(["--home", str(tmp_path / "home"), "people", "list"])
    assert end.value.code == 2
    error = capsys.readouterr().err
    assert error.startswith("Expected ")
    assert told in error
    assert str(tmp_path / "home") in error


def test_our_own_mistakes_are_never_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def mistaken(*_: object) -> None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))

    monkeypatch.setattr("desktop.main.user_home", mistaken)
    with pytest.raises(OSError, match="Bad file"):
        main(["people", "list"])


def test_a_path_that_is_not_unicode(python, portrait: Path, loaded_models: object) -> None:
    try:
        path = os.fsencode(portrait.parent) + b"/\xff.png"
        Path(os.fsdecode(path)).symlink_to(portrait)
    except OSError:
        pytest.skip("the file system takes no such name")
    program = "from desktop.main import main; main()"
    strict = {"PYTHONIOENCODING": "utf-8:strict"}
    assert python(program, "enroll", "Ann", path, env=strict).returncode == 0
    result = python(program, "identify", "--json", path, b"\xfe.png", env=strict)
    assert result.returncode == 2
    read, missing = (json.loads(line) for line in result.stdout.splitlines())
    assert os.fsencode(read["path"]) == path
    assert missing["faces"] == []
    assert r"\udcfe.png" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "arguments", [["unknown"], ["--unknown"], ["people"], ["identify"], ["people", "merge", "a"]]
)
def test_wrong_usage(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert called(*arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Usage: " in captured.err


def test_the_home_is_given_or_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FACEDESK_HOME", str(tmp_path / "environment"))
    assert called("people", "list") == 0
    assert (tmp_path / "environment" / "gallery.db").exists()
    assert called("--home", str(tmp_path / "given"), "people", "list") == 0
    assert (tmp_path / "given" / "gallery.db").exists()


def test_the_window_s_source_before_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert called("--source", "demo", "people", "list") == 2
    assert "for the window alone" in capsys.readouterr().err


def test_our_own_mistakes_are_not_swallowed(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    def mistaken(folder: Path | None) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(desktop.main, "user_home", mistaken)
    with pytest.raises(ZeroDivisionError):
        main(["people", "list"])


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch) -> list[tuple]:
    """The calls of run_window; no window is opened."""
    calls: list[tuple] = []

    def run_window(home, settings, source: str, notice: str = "") -> int:
        calls.append((home.folder, source, notice))
        return 0

    monkeypatch.setitem(
        sys.modules, "desktop.live.app", types.SimpleNamespace(run_window=run_window)
    )
    monkeypatch.setattr(desktop.main, "missing_for_window", lambda: None)
    return calls


@pytest.mark.parametrize("camera", [True, False])
def test_without_a_command_the_window_opens(
    monkeypatch: pytest.MonkeyPatch, window: list[tuple], home: Path, camera: bool
) -> None:
    monkeypatch.setattr("capture.video.camera_present", lambda index: camera)
    assert called("--home", str(home)) == 0
    notice = "" if camera else "No camera was found. This is the demo picture."
    assert window == [(home, "0" if camera else "demo", notice)]


def test_the_window_shows_the_chosen_source(window: list[tuple], home: Path) -> None:
    assert called("--home", str(home), "--source", "film.mp4") == 0
    home.mkdir()
    (home / "settings.toml").write_text('source = "phim.mp4"', "utf-8")
    assert called("--home", str(home)) == 0
    assert [source for _, source, _ in window] == ["film.mp4", "phim.mp4"]


def test_bad_settings_open_no_window(
    window: list[tuple], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home.mkdir()
    (home / "settings.toml").write_text("nonsense = 1", "utf-8")
    assert called("--home", str(home)) == 2
    assert "nonsense" in capsys.readouterr().err
    assert window == []


@pytest.mark.parametrize(
    ("source", "picture"), [([], None), (["--source", "demo:ảnh.png"], Path("ảnh.png"))]
)
def test_without_a_display_the_demo_runs_as_text(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    source: list[str],
    picture: Path | None,
) -> None:
    shown = []

    def run_demo(*arguments: object) -> None:
        shown.append(arguments[1:])
        print("much", file=sys.stderr)

    monkeypatch.setattr(desktop.main, "missing_for_window", lambda: "There is no display.")
    monkeypatch.setattr(desktop.commands.seeing.demo, "run_demo", run_demo)
    assert called(*source) == 0
    assert shown == [(picture,)]
    said = capsys.readouterr().err
    assert said.endswith("much\n\nNo window was opened. There is no display.\n")


def test_what_is_missing_for_the_window_is_said_last_also_where_the_demo_is_ended(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(desktop.main, "missing_for_window", lambda: "Qt needs libxcb.so. Install.")
    monkeypatch.setattr(desktop.commands.seeing.demo, "run_demo", interrupted)
    assert called() == 130
    assert capsys.readouterr().err.rstrip().endswith("Qt needs libxcb.so. Install.")


def test_without_a_display_a_source_is_not_ignored(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(desktop.main, "missing_for_window", lambda: "There is no display.")
    assert called("--source", "film.mp4") == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "(There is no display)" in captured.err
    assert "facedesk watch --source film.mp4" in captured.err
