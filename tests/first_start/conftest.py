"""The real programs, each a process of its own, as a new user starts them: an empty home and an
empty cache, on a virtual screen.

Where a tool is missing the tests are skipped, unless FACEDESK_NO_SKIPS is set: .ci/run sets it.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from common.picture import RgbImage
from common.sqlite_file import opened_to_read
from station.ledger.schema import CHECKINS

ROOT = Path(__file__).parents[2]
FACEDESK = (sys.executable, "-m", "desktop.main")
NAME = "Eileen"

START_S = 240.0
"""For a first start on a busy machine; it takes 15 s on two quiet cores."""
END_S = 20.0
LOOK_EVERY_S = 0.1


def tool(name: str) -> str:
    """The path of a program that the tests need."""
    path = shutil.which(name)
    if path is None:
        if os.environ.get("FACEDESK_NO_SKIPS"):
            pytest.fail(f"{name} is missing, and no test may be skipped here")
        pytest.skip(f"{name} is not installed")
    return path


def eventually(holds: Callable[[], bool], what: str, seconds: float = START_S) -> None:
    """Look at the outside, again and again, until it is as it should be."""
    end = time.monotonic() + seconds
    pause = threading.Event()
    while not holds():
        assert time.monotonic() < end, f"not within {seconds:.0f} s: {what}"
        pause.wait(LOOK_EVERY_S)


@dataclass(frozen=True)
class XvfbScreen:
    """A virtual screen. display: what DISPLAY names it."""

    display: str
    picture: Path

    def pixels(self) -> NDArray[np.uint32]:
        """(height, width), 0xRRGGBB, as it is now: the framebuffer, in the format of xwd."""
        raw = self.picture.read_bytes()
        header = np.frombuffer(raw, ">u4", 25)
        start, colours = int(header[0]), int(header[19])
        height, row = int(header[5]), int(header[12])
        body = np.frombuffer(raw, "<u4", height * row // 4, start + 12 * colours)
        return body.reshape(height, -1) & 0xFFFFFF

    def shows(self, colour: int) -> bool:
        """Whether a line or an area has exactly this colour."""
        return int((self.pixels() == colour).sum()) > 100


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[XvfbScreen]:
    folder = tmp_path / "screen"
    folder.mkdir()
    told, tell = os.pipe()
    server = subprocess.Popen(
        [
            *(tool("Xvfb"), "-displayfd", str(tell), "-fbdir", str(folder)),
            *("-nolisten", "tcp", "-screen", "0", "1280x1024x24"),
        ],
        pass_fds=[tell],
        stderr=subprocess.DEVNULL,
    )
    os.close(tell)
    with os.fdopen(told) as said:
        number = said.readline().strip()
    try:
        assert number, "Xvfb did not start"
        yield XvfbScreen(f":{number}", folder / "Xvfb_screen0")
    finally:
        server.terminate()
        server.wait(END_S)


@dataclass
class NewUser:
    """Somebody who has never started the program here: every folder of theirs is empty."""

    folder: Path
    display: str = ""
    extra: dict[str, str] = field(default_factory=dict)
    prefix: tuple[str, ...] = ()
    """Put before the program, such as strace."""

    def __post_init__(self) -> None:
        for name in ("home", "tmp", "run", "desk"):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "run").chmod(0o700)

    @property
    def home(self) -> Path:
        """What HOME names; the gallery and the cache are below."""
        return self.folder / "home"

    @property
    def data(self) -> Path:
        return self.home / ".local" / "share" / "facedesk"

    @property
    def cache(self) -> Path:
        return self.home / ".cache" / "facedesk"

    @property
    def environment(self) -> dict[str, str]:
        """Without what a continuous integration sets: some libraries are quieter there."""
        screen = {"DISPLAY": self.display, "QT_QPA_PLATFORM": "xcb"} if self.display else {}
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(self.home),
            "TMPDIR": str(self.folder / "tmp"),
            "XDG_RUNTIME_DIR": str(self.folder / "run"),
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            # The user's own keyring is left alone, and the tests can read what is sealed.
            **{name: os.environ[name] for name in ("FACEDESK_KEY_HOLDER", "FACEDESK_KEYS")},
            **screen,
            **self.extra,
        }

    def start(self, *arguments: object) -> RunningProgram:
        log = self.folder / "stderr.txt"
        with log.open("ab") as stderr:
            process = subprocess.Popen(
                [*self.prefix, *FACEDESK, *map(str, arguments)],
                env=self.environment,
                cwd=self.folder / "desk",
                stdout=subprocess.DEVNULL,
                stderr=stderr,
            )
        return RunningProgram(process, log)

    def run(self, *arguments: object) -> str:
        """A command to its end; what it printed to stdout."""
        result = subprocess.run(
            [*self.prefix, *FACEDESK, *map(str, arguments)],
            env=self.environment,
            cwd=self.folder / "desk",
            capture_output=True,
            encoding="utf-8",
            timeout=START_S,
        )
        assert result.returncode == 0, result.stderr
        return result.stdout

    def checkins(self, station: RunningProgram) -> list[str]:
        """The names that the ledger holds, while the station runs."""
        station.check()
        ledger = self.data / "checkins.db"
        if not ledger.exists():
            return []
        with opened_to_read(ledger, CHECKINS) as db:
            rows = db.execute("SELECT name FROM entry WHERE kind = 'check-in'").fetchall()
        return [name for (name,) in rows]


@dataclass(frozen=True)
class RunningProgram:
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def said(self) -> str:
        return self.log.read_text("utf-8", "replace")

    def check(self) -> None:
        assert self.process.poll() is None, f"it ended: {self.process.returncode}\n{self.said}"

    def libraries(self) -> set[str]:
        """The shared libraries in its memory, by their names up to the first dot."""
        lines = Path(f"/proc/{self.process.pid}/maps").read_text("utf-8").splitlines()
        names = {Path(line.split(maxsplit=5)[-1]).name for line in lines}
        return {name.partition(".")[0] for name in names if ".so" in name}

    def check_without_torch(self) -> None:
        self.check()
        assert self.children() == [], "PyTorch has a process"
        assert not self.libraries() & {"libtorch", "libtorch_cpu", "libtorch_python", "libtriton"}

    def children(self) -> list[int]:
        """Of the processes that it has started, by their ids."""
        threads = Path(f"/proc/{self.process.pid}/task").iterdir()
        return [int(child) for t in threads for child in (t / "children").read_text().split()]

    def ends_well(self, by: signal.Signals) -> None:
        """Told to end, it closes what is open and says that all is well."""
        self.check()
        self.process.send_signal(by)
        assert self.process.wait(END_S) == 0, self.said
        assert "Traceback" not in self.said


@pytest.fixture
def user(tmp_path: Path, screen: XvfbScreen) -> Iterator[NewUser]:
    """At the virtual screen. Programs that a failed test leaves are ended."""
    started: list[RunningProgram] = []

    class Watched(NewUser):
        def start(self, *arguments: object) -> RunningProgram:
            started.append(super().start(*arguments))
            return started[-1]

    yield Watched(tmp_path / "user", screen.display)
    for program in started:
        program.process.kill()
        program.process.wait(END_S)


@pytest.fixture
def portrait(tmp_path: Path, astronaut: RgbImage) -> Path:
    """The face that the source `demo` shows."""
    path = tmp_path / "portrait.png"
    cv2.imwrite(str(path), cv2.cvtColor(astronaut, cv2.COLOR_RGB2BGR))
    return path


@pytest.fixture
def enrolled(user: NewUser, portrait: Path, models_cache: Path, loaded_models: object) -> NewUser:
    """The demo's face is enrolled, by another cache: the user's own is empty still."""
    usual = dict(user.extra)
    user.extra["FACEDESK_CACHE"] = str(models_cache)
    user.run("enroll", NAME, portrait)
    user.extra = usual
    assert not user.cache.exists()
    return user
