from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from common.errors import PictureError
from common.output_file import check_output, make_folder, output_file


def listed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def write(path: Path, text: str = "new", *, overwrite: bool = False, inputs: tuple = ()) -> None:
    with output_file(path, PictureError, overwrite=overwrite, inputs=inputs) as fresh:
        assert fresh.suffix == path.suffix
        fresh.write_text(text, "utf-8")


def write_while_it_comes(path: Path) -> None:
    """Another program makes a file of that name while ours is being written."""
    with output_file(path, PictureError) as fresh:
        fresh.write_text("new", "utf-8")
        path.write_text("of another program", "utf-8")


def write_half(path: Path) -> None:
    with output_file(path, PictureError, overwrite=True) as fresh:
        fresh.write_text("half", "utf-8")
        raise RuntimeError


def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    write(tmp_path / "phim 映画.txt")
    assert (tmp_path / "phim 映画.txt").read_text("utf-8") == "new"
    assert stat.S_IMODE((tmp_path / "phim 映画.txt").stat().st_mode) == 0o600
    assert listed(tmp_path) == ["phim 映画.txt"]


def test_what_is_there_stays_unless_it_is_meant(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old", "utf-8")
    with pytest.raises(PictureError, match=r"is there already.*--force"):
        write(path)
    assert path.read_text("utf-8") == "old"
    write(path, overwrite=True)
    assert path.read_text("utf-8") == "new"


def test_what_comes_meanwhile_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with pytest.raises(PictureError, match="is there already"):
        write_while_it_comes(path)
    assert path.read_text("utf-8") == "of another program"
    assert listed(tmp_path) == ["a.txt"]


@pytest.mark.parametrize(
    "error",
    [
        PermissionError(errno.EPERM, "Operation not permitted"),
        OSError(errno.EOPNOTSUPP, "Operation not supported"),
        OSError(errno.ENOSYS, "Function not implemented"),
        NotImplementedError(),
    ],
)
def test_where_there_are_no_hard_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def link(source: Path, target: Path) -> None:
        raise error

    monkeypatch.setattr(os, "link", link)
    write(tmp_path / "a.txt")
    assert listed(tmp_path) == ["a.txt"]
    with pytest.raises(PictureError, match="is there already"):
        write_while_it_comes(tmp_path / "b.txt")
    assert listed(tmp_path) == ["a.txt", "b.txt"]


def test_an_input_is_never_written_over_by_whatever_name(tmp_path: Path) -> None:
    film, link = tmp_path / "film.mp4", tmp_path / "link.mp4"
    film.write_text("frames", "utf-8")
    link.symlink_to(film)
    (tmp_path / "hard.mp4").hardlink_to(film)
    for path in (film, link, tmp_path / "hard.mp4", tmp_path / "." / "film.mp4"):
        with pytest.raises(PictureError, match="is what is read"):
            write(path, overwrite=True, inputs=(tmp_path / "missing", film))
    assert film.read_text("utf-8") == "frames"


def test_what_a_link_leads_to_is_written(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "file")
    write(tmp_path / "link", overwrite=True)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_text("utf-8") == "new"


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old", "utf-8")
    with pytest.raises(RuntimeError):
        write_half(path)
    assert path.read_text("utf-8") == "old"
    assert listed(tmp_path) == ["a.txt"]


def test_where_nothing_is_written_nothing_is_made(tmp_path: Path) -> None:
    with output_file(tmp_path / "a.txt", PictureError):
        pass
    assert listed(tmp_path) == []


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    with (
        pytest.raises(PictureError, match="No space left"),
        output_file(tmp_path / "a.txt", PictureError),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert listed(tmp_path) == []


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("missing/a.txt", "no such folder"),
        ("folder", "what is there is no file"),
        ("x" * 300, "File name too long"),
    ],
)
def test_places_that_cannot_be(tmp_path: Path, where: str, told: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(PictureError, match=told):
        check_output(tmp_path / where, PictureError, overwrite=True)


def test_a_folder_is_made_with_those_above_it(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b", PictureError, private=True)
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700
    make_folder(tmp_path / "a", PictureError)
    assert listed(tmp_path / "a") == ["b"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("mine", "utf-8")
    for folder in (path, path / "a"):
        with pytest.raises(PictureError, match=f"a folder {folder} to write to, but it cannot be"):
            make_folder(folder, PictureError)
    assert path.read_text("utf-8") == "mine"


def test_a_device_is_not_replaced() -> None:
    with pytest.raises(PictureError, match="what is there is no file"):
        check_output(Path(os.devnull), PictureError, overwrite=True)
