from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from common.digests import file_sha256
from common.errors import WeightsError
from models.described import installed
from models.described.description import FILE, ModelDescription
from models.described.installed import (
    install,
    installed_model,
    installed_models,
    installed_names,
    uninstall,
)

DESCRIPTION = ModelDescription(
    name="mine",
    use="compares faces",
    family="other",
    file="mine.onnx",
    sha256="0" * 64,
    input_size=(112, 112),
    layout="NCHW",
    colour="RGB",
    mean=(127.5,),
    scale=(127.5,),
    dimension=8,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "given.onnx"
    path.write_bytes(b"a network")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "mô hình"


def test_a_model_is_installed_found_and_removed(file: Path, folder: Path) -> None:
    assert installed_names(folder) == []
    made = install(file, DESCRIPTION, folder)
    assert made.description == replace(DESCRIPTION, sha256=file_sha256(file))
    assert installed_model("mine", folder) == made
    assert made.verified().read_bytes() == b"a network"
    install(file, replace(DESCRIPTION, name="another"), folder)
    assert [model.description.name for model in installed_models(folder)] == ["another", "mine"]
    uninstall("mine", folder)
    assert installed_names(folder) == ["another"]
    assert sorted(path.name for path in folder.iterdir()) == ["another"]
    assert file.is_file()


def test_where_models_are_kept(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEDESK_WEIGHTS", str(tmp_path / "weights"))
    install(file, DESCRIPTION)
    assert (tmp_path / "weights" / "added" / "mine" / FILE).is_file()
    assert installed_model("mine").path.name == "mine.onnx"


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("mine", "mine was added before"),
        ("sface", "sface is one of Facedesk's own"),
        ("Mine", "this was given: 'Mine'"),
        ("a+b", "this was given: 'a+b'"),
        ("..", "this was given: '..'"),
    ],
)
def test_names_that_cannot_be_given(name: str, found: str, file: Path, folder: Path) -> None:
    install(file, DESCRIPTION, folder)
    with pytest.raises(WeightsError, match=re.escape(found)):
        install(file, replace(DESCRIPTION, name=name), folder)
    assert installed_names(folder) == ["mine"]


def test_a_file_that_was_replaced_is_noticed(file: Path, folder: Path) -> None:
    made = install(file, DESCRIPTION, folder)
    made.path.write_bytes(b"another network")
    with pytest.raises(WeightsError, match="was damaged or replaced after it was added"):
        made.verified()
    made.path.unlink()
    with pytest.raises(WeightsError, match="cannot be read"):
        made.verified()


def test_nothing_is_left_where_the_copy_fails(
    file: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(installed.shutil, "copyfile", full)
    with pytest.raises(WeightsError, match="No space left"):
        install(file, DESCRIPTION, folder)
    assert list(folder.iterdir()) == []


def test_what_a_killed_program_has_left_goes(file: Path, folder: Path) -> None:
    for name, age in ((".adding-old", 4000), (".adding-new", 10)):
        (folder / name).mkdir(parents=True)
        (folder / name / "mine.onnx").write_bytes(b"half")
        os.utime(folder / name, (time.time() - age,) * 2)
    install(file, DESCRIPTION, folder)
    assert sorted(path.name for path in folder.iterdir()) == [".adding-new", "mine"]
    assert installed_names(folder) == ["mine"]


def test_a_model_that_is_not_there(file: Path, folder: Path) -> None:
    with pytest.raises(WeightsError, match="'mine' is none: no model was added yet"):
        installed_model("mine", folder)
    install(file, DESCRIPTION, folder)
    with pytest.raises(WeightsError, match="is none of mine"):
        installed_model("../mine", folder)


def test_one_damaged_description_hides_no_other_model(file: Path, folder: Path) -> None:
    install(file, DESCRIPTION, folder)
    install(file, replace(DESCRIPTION, name="other"), folder)
    (folder / "mine" / FILE).write_text("version = 1\n", "utf-8")
    assert [model.description.name for model in installed_models(folder)] == ["other"]
    assert installed_names(folder) == ["mine", "other"]
    with pytest.raises(WeightsError, match="the description of a model in"):
        installed_model("mine", folder)


@pytest.mark.parametrize("content", ["version = 1\n", None])
def test_what_has_no_description_any_more_is_removed_too(
    file: Path, folder: Path, content: str | None
) -> None:
    made = install(file, DESCRIPTION, folder)
    (made.folder / FILE).unlink()
    if content is not None:
        (made.folder / FILE).write_text(content, "utf-8")
    uninstall("mine", folder)
    assert not list(folder.iterdir())
    install(file, DESCRIPTION, folder)
    for name in ("..", "../added", "", "other"):
        with pytest.raises(WeightsError, match="is none of mine"):
            uninstall(name, folder)
    assert installed_names(folder) == ["mine"]


def test_a_description_of_another_name(file: Path, folder: Path) -> None:
    install(file, DESCRIPTION, folder)
    (folder / "mine").rename(folder / "yours")
    with pytest.raises(WeightsError, match="it is of mine"):
        installed_model("yours", folder)


def test_a_folder_that_may_not_be_written(
    file: Path, folder: Path, as_nobody: Callable[[], AbstractContextManager[None]]
) -> None:
    folder.mkdir(mode=0o700)
    folder.parent.chmod(0o755)
    file.chmod(0o644)
    with as_nobody(), pytest.raises(WeightsError):
        install(file, DESCRIPTION, folder)
    assert list(folder.iterdir()) == []
