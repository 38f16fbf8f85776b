"""No Internet socket, no look-up, no file outside the user's folders, and PyTorch only where it is
asked for, with every engine that is installed: strace sees every system call of the program and of
all its children."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from models.engines.devices import available_devices

from .conftest import END_S, NAME, NewUser, XvfbScreen, eventually, tool
from .test_window import NAMED

CALLS = "trace=network,open,openat,openat2,creat,mkdir,mkdirat,rename,renameat,renameat2,link,\
linkat,symlink,symlinkat,mknod,mknodat"

DEVICES = (*available_devices(), "torch:cpu")
"""torch:cpu stands for torch:cuda, which is the same PyTorch."""

_CALL = re.compile(r"^(?:\[pid +\d+\] |\d+ +)?(\w+)\((.*)$")
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
_WRITING = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC")
_MAKING = {"mkdir", "mkdirat", "creat", "mknod", "mknodat"}
_MOVING = {"rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat"}
_INTERNET = re.compile(
    r"\b[AP]F_(INET6?|PACKET)\b"
    # What the C library reads, or asks, before it looks up a name.
    r'|"/etc/(resolv|host)\.conf"|/run/systemd/resolve/'
)


@dataclass(frozen=True)
class Trace:
    """What strace wrote of one program and its children."""

    lines: tuple[str, ...]
    folder: Path

    def calls(self) -> Iterator[tuple[str, str]]:
        """Names and arguments; of a call that another thread interrupted, its beginning."""
        for line in self.lines:
            found = _CALL.match(line)
            if found is not None:
                yield found[1], found[2]

    def internet(self) -> list[str]:
        """Calls that make a socket of the Internet, use an address of it, or begin a look-up."""
        return [
            f"{name}({arguments}" for name, arguments in self.calls() if _INTERNET.search(arguments)
        ]

    def written(self) -> set[Path]:
        """Every file and folder that was opened for writing, made, or put somewhere."""
        found: set[Path] = set()
        for name, arguments in self.calls():
            if " = -1 " in arguments:
                continue
            texts = [_unescaped(text) for text in _TEXT.findall(arguments)]
            if name in _MAKING or (name.startswith("open") and _WRITING.search(arguments)):
                found.update(self._path(text, arguments) for text in texts[:1])
            elif name in _MOVING:
                found.update(self._path(text, arguments) for text in texts[1:2])
        return found

    def opened_in(self, folder: Path) -> set[Path]:
        """Every file in the folder that was opened."""
        return {
            Path(text)
            for name, arguments in self.calls()
            if name.startswith("open") and " = -1 " not in arguments
            for text in map(_unescaped, _TEXT.findall(arguments)[:1])
            if Path(text).is_relative_to(folder)
        }

    def written_elsewhere(self, allowed: Iterable[Path]) -> set[Path]:
        folders = [*allowed, Path("/dev"), Path("/proc")]
        return {
            path
            for path in self.written()
            if not any(path.is_relative_to(folder) for folder in folders)
        }

    def _path(self, text: str, arguments: str) -> Path:
        """-y writes the folder that a descriptor stands for: 7</home/x>."""
        base = re.match(r"(?:AT_FDCWD|\d+)<([^>]*)>", arguments)
        return Path(_unescaped(base[1]) if base else self.folder) / text


def _unescaped(text: str) -> str:
    return re.sub(rb"\\([0-7]{1,3})", lambda m: bytes([int(m[1], 8)]), text.encode()).decode(
        "utf-8", "replace"
    )


@pytest.fixture
def traced(user: NewUser) -> NewUser:
    """Whose programs run under strace."""
    user.prefix = (
        *(tool("strace"), "-f", "-y", "--seccomp-bpf", "-qq", "-s", "4096"),
        *("-e", CALLS, "-e", "signal=none", "-o", str(user.folder / "trace.txt")),
    )
    return user


def trace_of(user: NewUser) -> Trace:
    lines = (user.folder / "trace.txt").read_text("utf-8", "replace").splitlines()
    trace = Trace(tuple(lines), user.folder / "desk")
    assert trace.written(), "strace saw nothing"
    return trace


def package(name: str) -> Path:
    """The folder of an installed package."""
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def own_folders(user: NewUser) -> list[Path]:
    """Where the program may write: the key of a home lies outside of it."""
    inner = [user.folder / name for name in ("home", "tmp", "run")]
    return [*inner, Path(user.environment["FACEDESK_KEYS"])]


def check(user: NewUser) -> None:
    trace = trace_of(user)
    assert trace.internet() == []
    assert trace.opened_in(package("torch")) == set()
    assert trace.written_elsewhere(own_folders(user)) == set()
    assert list(user.folder.glob("tmp/*")) == []
    of_others = {path.name for path in (user.home / ".cache").iterdir()} - {"facedesk"}
    assert of_others - SHARED_CACHES == set()


SHARED_CACHES = {"fontconfig", "mesa_shader_cache", "mesa_shader_cache_db"}
"""Of the system's libraries, for fonts and for drawing; nothing about anybody is in them."""


def test_a_first_start_and_an_identification(traced: NewUser, portrait: Path) -> None:
    traced.run("enroll", NAME, portrait)
    check(traced)
    assert NAME in traced.run("identify", portrait)
    check(traced)


@pytest.mark.parametrize("device", DEVICES)
def test_each_engine(
    traced: NewUser, portrait: Path, models_cache: Path, loaded_models: object, device: str
) -> None:
    traced.extra["FACEDESK_CACHE"] = str(models_cache)
    traced.data.mkdir(parents=True)
    (traced.data / "settings.toml").write_text(f'device = "{device}"\n', "utf-8")
    traced.run("enroll", NAME, portrait)
    trace = trace_of(traced)
    assert trace.internet() == []
    assert bool(trace.opened_in(package("torch"))) == device.startswith("torch")
    assert trace.written_elsewhere([*own_folders(traced), models_cache]) == set()
    assert not (traced.home / ".cache").exists()


def test_a_station(traced: NewUser, portrait: Path) -> None:
    traced.run("enroll", NAME, portrait)
    kiosk = traced.start("kiosk", "--liveness", "off", "--source", "demo")
    eventually(lambda: bool(traced.checkins(kiosk)), "the portrait is checked in")
    (program,) = kiosk.children()  # of strace
    os.kill(program, signal.SIGTERM)
    assert kiosk.process.wait(END_S) == 0, kiosk.said
    check(traced)


def test_an_import_and_a_window(
    traced: NewUser,
    screen: XvfbScreen,
    portrait: Path,
    models_cache: Path,
    loaded_models: object,
) -> None:
    """The window names whom the import has enrolled, and watches for other programs' changes."""
    traced.extra["FACEDESK_CACHE"] = str(models_cache)
    (traced.folder / "people" / NAME).mkdir(parents=True)
    (traced.folder / "people" / NAME / "1.png").write_bytes(portrait.read_bytes())
    traced.run("import", traced.folder / "people")
    assert trace_of(traced).internet() == []
    assert NAME in traced.run("watch", "--source", "demo", "--frames", "10")
    assert trace_of(traced).internet() == []
    window = traced.start("--source", "demo")
    eventually(lambda: screen.shows(NAMED), "the portrait has a name")
    (program,) = window.children()  # of strace
    os.kill(program, signal.SIGTERM)
    assert window.process.wait(END_S) == 0, window.said
    trace = trace_of(traced)
    assert trace.internet() == []
    assert trace.written_elsewhere([*own_folders(traced), models_cache]) == set()


def test_a_call_to_the_outside_would_be_seen(traced: NewUser) -> None:
    """The tests above could not fail otherwise."""
    outside = traced.folder / "outside"
    script = traced.folder / "desk" / "calls.py"
    script.write_text(
        f"""
import pathlib, socket
pathlib.Path({str(outside)!r}).write_text("")
for kind, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
    socket.socket(kind, socket.SOCK_DGRAM).connect_ex((address, 9))
try:
    socket.getaddrinfo("no-such-host.invalid", 80)
except OSError:
    pass
""",
        "utf-8",
    )
    subprocess.run(
        [*traced.prefix, sys.executable, str(script)], env=traced.environment, check=True
    )
    trace = trace_of(traced)
    told = "\n".join(trace.internet())
    assert all(part in told for part in ("AF_INET,", "AF_INET6,", "resolv.conf"))
    assert outside in trace.written_elsewhere([traced.home])
