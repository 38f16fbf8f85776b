"""What every test shares: no display, no stray thread, and the pictures where they are."""

from __future__ import annotations

import os
import resource
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from capture.portrait import PORTRAIT
from capture.stills import read_picture
from common.picture import RgbImage
from desktop.home import user_home
from models.detectors.protocol import Detector
from models.embedders.embedder import Embedder
from recognition.assembly import RecognizerSpec, load_models

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True, scope="session")
def runtime_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Where the system gives Qt none, it warns."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))


@pytest.fixture(autouse=True, scope="session")
def own_keys(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Homes of tests have keys in files of the tests: no keyring, chip or folder of the user's."""
    os.environ["FACEDESK_KEY_HOLDER"] = "file"
    os.environ["FACEDESK_KEYS"] = str(tmp_path_factory.mktemp("keys"))


_OUTSIDE: list[str] = []
"""What the running test has asked of the network beyond this computer."""


def _watch_sockets(event: str, arguments: tuple[object, ...]) -> None:
    """Python's audit events of sockets, in whatever thread; children are seen by strace alone
    (tests/first_start/test_nothing_sent.py)."""
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        if isinstance(address, tuple) and not _is_here(address[0]):
            _OUTSIDE.append(f"{event} {address}")
    elif event in ("socket.getaddrinfo", "socket.gethostbyname") and not _is_here(arguments[0]):
        _OUTSIDE.append(f"{event} {arguments[0]}")


HERE = (None, "", "localhost", "::1", "::", "0.0.0.0", "[:")
"""The last one is of a proxy's address that is none: no name has such letters."""


def _is_here(host: object) -> bool:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    return name in HERE or str(name).startswith("127.")


sys.addaudithook(_watch_sockets)


@pytest.fixture(autouse=True)
def nothing_asked_outside() -> Iterator[None]:
    """A test that uses the network beyond this computer, or looks a name up, fails."""
    _OUTSIDE.clear()
    yield
    assert not _OUTSIDE, f"asked outside: {_OUTSIDE}"


NOBODY = 65534
"""The user of that name on Linux."""


@pytest.fixture(autouse=True)
def no_leaked_threads() -> Iterator[None]:
    """A thread that outlives its test fails it."""
    before = set(threading.enumerate())
    yield
    # A dummy is Python's record of a thread that Qt started and ended, not a thread.
    leaked = [
        thread.name
        for thread in set(threading.enumerate()) - before
        if thread.is_alive() and not isinstance(thread, threading._DummyThread)
    ]
    assert not leaked, f"threads left running: {leaked}"


@pytest.fixture
def no_room() -> Callable[[], AbstractContextManager[None]]:
    """Meanwhile no byte can be written to any file, by any thread of this process."""

    @contextmanager
    def no_room() -> Iterator[None]:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return no_room


@pytest.fixture
def as_nobody() -> Callable[[], AbstractContextManager[None]]:
    """Gives a block in which files have rights for this process, even if the tests run as root."""

    @contextmanager
    def block() -> Iterator[None]:
        as_root = os.geteuid() == 0
        if as_root:
            os.seteuid(NOBODY)
        try:
            yield
        finally:
            if as_root:
                os.seteuid(0)

    return block


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with `faces/` and `video/`: real pictures, kept outside the repository."""
    default = Path(__file__).parents[2] / "shared"
    folder = Path(os.environ.get("FACEDESK_DATA", default))
    if not (folder / "faces").is_dir():
        pytest.skip("no real pictures here: FACEDESK_DATA names their folder")
    return folder


@pytest.fixture(scope="session")
def astronaut() -> RgbImage:
    """(512, 512, 3) uint8 RGB, read-only: one frontal face, about 110 pixels high."""
    picture = read_picture(PORTRAIT)
    picture.setflags(write=False)
    return picture


@pytest.fixture(scope="session")
def models_cache() -> Path:
    """The user's own cache, so that models are converted once for each machine."""
    return user_home().cache


@pytest.fixture(scope="session")
def loaded_models(models_cache: Path) -> tuple[Detector, Embedder]:
    return load_models(RecognizerSpec(), models_cache)


@pytest.fixture(scope="session")
def detector(loaded_models: tuple[Detector, Embedder]) -> Detector:
    """MTCNN as the program runs it, for faces of 40 pixels and more."""
    return loaded_models[0]


@pytest.fixture(scope="session")
def embedder(loaded_models: tuple[Detector, Embedder]) -> Embedder:
    """SFace."""
    return loaded_models[1]
