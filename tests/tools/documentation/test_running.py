from __future__ import annotations

import os
from pathlib import Path

import pytest

from tools.documentation.running import Reader, page_differences


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    warm, weights, own = (tmp_path / name for name in ("warm", "kept", "reader"))
    for folder in (warm / "models", weights, own):
        folder.mkdir(parents=True)
    (warm / "models" / "sface.onnx").write_bytes(b"model")
    (warm / "models" / ".lock").touch()
    return Reader.beside(own, warm, weights)


def test_a_command_runs_in_an_empty_home_and_leaves_nothing_in_this_process(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACEDESK_HOME", "/nowhere/at/all")
    before = dict(os.environ), Path.cwd()
    assert reader.run("facedesk people list") == (0, "Nobody is enrolled yet.\n")
    assert (dict(os.environ), Path.cwd()) == before
    assert (reader.folder.parent / "home" / "gallery.db").is_file()


def test_both_outputs_and_the_exit_code_are_seen(reader: Reader) -> None:
    code, printed = reader.run("facedesk people rename Ann Bob")
    assert code == 2
    assert printed.startswith("Expected a person in the gallery")


def test_other_programs_and_pipes_run_in_the_same_place(reader: Reader) -> None:
    assert reader.run("echo Nguyễn > a.txt && cat a.txt && exit 3") == (3, "Nguyễn\n")
    assert (reader.folder / "a.txt").is_file()
    assert reader.run("facedesk people list | tr a-z A-Z") == (0, "NOBODY IS ENROLLED YET.\n")


def test_what_is_there_already_is_linked_and_never_written_over(
    reader: Reader, tmp_path: Path
) -> None:
    model = reader.folder.parent / "cache" / "models" / "sface.onnx"
    assert model.read_bytes() == b"model"
    fresh = model.with_name("fresh")
    fresh.write_bytes(b"other")
    fresh.replace(model)
    assert (tmp_path / "warm" / "models" / "sface.onnx").read_bytes() == b"model"
    assert not model.with_name(".lock").exists()


def test_a_page_that_is_right_has_no_differences(reader: Reader) -> None:
    page = (
        "```console\n$ facedesk people list\nNobody ... yet.\n"
        "$ facedesk people rename A B\nExpected a person...\n```\n"
        "```console not-run\n$ facedesk people list\nanything\n```\n"
    )
    assert page_differences(page, reader) == []


def test_every_command_that_does_otherwise_is_told(reader: Reader) -> None:
    page = (
        "```console\n$ facedesk people list\nSomebody.\n"
        "$ facedesk people rename A B\n...\n$ facedesk people list\n...\n```\n"
    )
    first, second = page_differences(page, reader)
    assert first.startswith("line 2: $ facedesk people list\n(exit code 0)\n--- the page")
    assert "-Somebody.\n+Nobody is enrolled yet." in first
    assert second.startswith("line 4: $ facedesk people rename A B\nended with exit code 2")
