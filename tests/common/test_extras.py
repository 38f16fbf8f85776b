from __future__ import annotations

import importlib
import re
import shlex
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from common import extras
from common.errors import EngineError, FacedeskError
from common.extras import EXTRAS, check_installed, install_line, is_installed, needing
from common.sentence import Sentence

MODULES = {"scikit-learn": "sklearn"}
"""The packages whose modules have another name."""

SETUP = Path(extras.__file__).parents[1] / "setup.cfg"


def declared() -> dict[str, list[str]]:
    """The packages of each extra of setup.cfg, those of the extras in it too."""
    config = ConfigParser()
    config.read(SETUP)
    found: dict[str, list[str]] = {}
    for extra, text in config["options.extras_require"].items():
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        found[extra] = []
        for line in lines:
            inner = re.fullmatch(r"facedesk\[(.*)\]", line)
            names = (
                [p for e in inner[1].split(",") for p in found[e]] if inner else [line.split()[0]]
            )
            found[extra] += names
    return found


def test_each_extra_is_as_setup_cfg_declares_it() -> None:
    in_setup = declared()
    assert {*EXTRAS, "dev"} == set(in_setup)
    for name, extra in EXTRAS.items():
        assert {MODULES.get(p, p.replace("-", "_")) for p in in_setup[name]} == set(extra.packages)
        assert set(in_setup[name]) < set(in_setup["dev"])


def test_what_is_hidden_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_installed("learn")
    check_installed("learn", Sentence("which learns"))
    monkeypatch.setitem(sys.modules, "sklearn", None)
    assert not is_installed("learn")
    with pytest.raises(FacedeskError) as told:
        check_installed("learn", Sentence("which learns"))
    assert told.value.expected == "Facedesk's extra [learn], which learns"
    assert told.value.found == "its package sklearn is not installed"
    assert told.value.remedy == f"Run {install_line('learn')} and try again"


def test_an_import_that_fails_says_the_line_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with (
        pytest.raises(EngineError, match=r"extra \[torch\], which device asks for, but") as told,
        needing("torch", Sentence("which device asks for"), EngineError, Sentence("do without")),
    ):
        importlib.import_module("torch")
    assert told.value.remedy == f"Run {install_line('torch')}, or do without"


def test_a_library_that_is_missing_is_told_too() -> None:
    with (
        pytest.raises(FacedeskError, match="libcudart"),
        needing("torch", Sentence("which converts")),
    ):
        raise OSError("libcudart.so.13: cannot open shared object file")


def test_the_line_is_for_the_clone_it_runs_from() -> None:
    assert shlex.split(install_line("torch")) == [
        *(sys.executable, "-m", "pip", "install", "--editable", f"{SETUP.parent}[torch]")
    ]


def test_the_line_is_for_an_installed_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(extras, "_ROOT", tmp_path)
    assert shlex.split(install_line("torch"))[-2:] == ["install", "facedesk[torch]"]
