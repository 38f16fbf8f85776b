"""Files and folders that this user may not read, or that no file system could hold."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from capture.opening import files_of, open_source
from capture.stills import people_folders, picture_paths, read_picture
from common.errors import FacedeskError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")

TOO_LONG = "x" * 300 + ".png"


@pytest.fixture
def barred(as_nobody: Callable[[], AbstractContextManager[None]]) -> Iterator[Path]:
    """A picture, a folder that may be entered but not listed, and one that may be listed but not
    entered, where this process may do no more, even if the tests run as root."""
    read_picture_once()  # Pillow's plugins are loaded while that is possible
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        modes = {folder: 0o755}
        for inner, mode in (("not listed", 0o311), ("not entered", 0o644), ("closed", 0o000)):
            (folder / inner).mkdir()
            Image.fromarray(np.zeros((9, 9, 3), np.uint8)).save(folder / inner / "a.png")
            modes[folder / inner] = mode
        Image.fromarray(np.zeros((9, 9, 3), np.uint8)).save(folder / "picture.png")
        modes[folder / "picture.png"] = 0o000
        for path, mode in modes.items():
            path.chmod(mode)
        with as_nobody():
            yield folder
        for path in modes:
            path.chmod(0o700)


def read_picture_once() -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "a.png"
        Image.fromarray(np.zeros((9, 9, 3), np.uint8)).save(path)
        read_picture(path)


@pytest.mark.parametrize("name", ["picture.png", "closed/a.png", "not entered/a.png", TOO_LONG])
@pytest.mark.parametrize("opened", [read_picture, lambda path: open_source(str(path))])
def test_a_picture_is_refused_in_a_sentence(
    barred: Path, name: str, opened: Callable[[Path], object]
) -> None:
    with pytest.raises(FacedeskError):
        opened(barred / name)


@pytest.mark.parametrize("name", ["not listed", "closed", "closed/inner", TOO_LONG])
@pytest.mark.parametrize(
    "opened", [picture_paths, people_folders, lambda path: open_source(str(path))]
)
def test_a_folder_is_refused_in_a_sentence(
    barred: Path, name: str, opened: Callable[[Path], object]
) -> None:
    with pytest.raises(FacedeskError):
        opened(barred / name)
    assert files_of(str(barred / name)) in ([], [barred / name])


@pytest.mark.parametrize("opened", [picture_paths, lambda path: open_source(str(path))])
def test_a_folder_whose_files_may_not_be_looked_at(
    barred: Path, opened: Callable[[Path], object]
) -> None:
    with pytest.raises(FacedeskError):
        opened(barred / "not entered")


def test_a_film_that_may_not_be_looked_at_is_not_called_missing(barred: Path) -> None:
    with pytest.raises(FacedeskError, match="may not look at"):
        open_source(str(barred / "closed" / "film.mp4"))


def test_characters_that_no_path_has() -> None:
    with pytest.raises(FacedeskError, match="nothing at"):
        open_source("a\0b.png")
    with pytest.raises(FacedeskError, match="cannot be looked at"):
        read_picture(Path("a\0b.png"))
