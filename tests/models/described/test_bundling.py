from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from common.errors import WeightsError
from models.conversion import bundle as bundle_module
from models.conversion.bundle import add_archive, write_bundle
from models.described import bundling
from models.described.bundling import may_be_passed_on
from models.described.composing import Answers, composed
from models.described.description import FILE, ModelDescription
from models.described.inspection import inspected
from models.described.installed import InstalledModel, install, installed_names, uninstall
from tests.archives import changed_archive
from tests.networks import write_network

NETWORK, TOML = "added/mine/mine.onnx", f"added/mine/{FILE}"


@pytest.fixture(autouse=True)
def weights_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FACEDESK_WEIGHTS", str(tmp_path / "weights"))
    monkeypatch.setattr(bundle_module, "TABLE", ())  # packing the real ones takes a second
    return tmp_path / "weights"


def described(path: Path) -> ModelDescription:
    with inspected(path) as file:
        return composed(file, "mine", Answers(preset="arcface", licence="MIT"))


@pytest.fixture
def mine(tmp_path: Path) -> InstalledModel:
    path = write_network(tmp_path / "given.onnx")
    return install(path, described(path))


@pytest.fixture
def bundle(mine: InstalledModel, tmp_path: Path) -> Path:
    """Made where the model is; it is not here any more."""
    path = tmp_path / "bundle.zip"
    with path.open("wb") as file:
        write_bundle(file, [mine])
    uninstall(mine.description.name)
    return path


def test_a_model_is_carried_to_another_computer(bundle: Path, mine: InstalledModel) -> None:
    assert installed_names() == []
    assert add_archive(bundle).models == ["mine"]
    assert mine.verified().is_file()
    assert add_archive(bundle).models == [], "it is here already"


@pytest.mark.parametrize(
    ("licence", "expected"), [("MIT", True), ("unknown", False), ("GPL-3.0-only", False)]
)
def test_what_may_be_passed_on(licence: str, expected: bool, mine: InstalledModel) -> None:
    assert may_be_passed_on(replace(mine.description, licence=licence)) is expected


def test_another_model_of_that_name_stays(bundle: Path, tmp_path: Path, weights_home: Path) -> None:
    other = write_network(tmp_path / "other.onnx", channels=(1, 2, 3))
    kept = install(other, described(other))
    with pytest.raises(WeightsError, match="another model mine was added before"):
        add_archive(bundle)
    assert kept.verified().is_file()
    assert [path.name for path in weights_home.iterdir()] == ["added"], "weights were kept"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda m: m.update({NETWORK: m[NETWORK] + b"x"}), "is damaged or was replaced"),
        (lambda m: m.pop(NETWORK), f"holds '{TOML}'"),
        (lambda m: m.pop(TOML), f"holds '{NETWORK}'"),
        (lambda m: m.update({"added/mine/extra": b"x"}), "holds 'added/mine/extra'"),
        (lambda m: m.update({"added/../../outside": b"x"}), "holds 'added/../../outside'"),
        (lambda m: m.update({TOML: b"version = 1\n"}), "it lacks the required field"),
        (lambda m: m.update({TOML: b"\xff\xfe"}), "is damaged or something else"),
        (lambda m: m.update({"added/other/model.toml": m.pop(TOML)}), "holds 'added/other"),
    ],
)
def test_nothing_is_kept_of_a_bundle_that_is_not_as_it_should_be(
    change: Callable[[dict[str, bytes]], None], found: str, bundle: Path, weights_home: Path
) -> None:
    with pytest.raises(WeightsError) as error:
        add_archive(changed_archive(bundle, bundle, change))
    assert found in error.value.found
    assert installed_names() == []
    assert [path.name for path in weights_home.iterdir()] == ["added"], "weights were kept"
    assert not list(weights_home.parent.rglob("outside"))


def test_a_zip_bomb(bundle: Path) -> None:
    with pytest.raises(WeightsError, match=r"unpacks from .* to 50000000 bytes"):
        add_archive(
            changed_archive(bundle, bundle, lambda m: m.update({NETWORK: b"\0" * 50_000_000}))
        )
    assert installed_names() == []


def test_a_model_that_is_too_large(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundling, "MOST_BYTES", 100)
    with pytest.raises(WeightsError, match="a model of 0 MB at most"):
        add_archive(bundle)


def test_a_replaced_file_is_not_carried(mine: InstalledModel) -> None:
    mine.path.write_bytes(b"another")
    with pytest.raises(WeightsError, match="was damaged or replaced after it was added"):
        write_bundle(io.BytesIO(), [mine])
