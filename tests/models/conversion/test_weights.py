from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from common.errors import WeightsError
from models.conversion import weights
from models.conversion.weights import PackagedWeights, kept_path, locate, sha256

from .conftest import BIN, XML

NAMES = [Path(published.file).name for published in weights.TABLE]
pytestmark = pytest.mark.usefixtures("weights_home")


def install(published: PackagedWeights, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a package that must not be imported."""
    package = site / "some_carrier"
    (package / "data").mkdir(parents=True)
    (package / "__init__.py").write_text("raise AssertionError('imported')")
    for file, content in zip(published.files, (XML, BIN), strict=True):
        (site / file.file).write_bytes(content)
    monkeypatch.syspath_prepend(site)


def keep(published: PackagedWeights) -> None:
    for file, content in zip(published.files, (XML, BIN), strict=True):
        kept_path(file).parent.mkdir(parents=True, exist_ok=True)
        kept_path(file).write_bytes(content)


@pytest.mark.parametrize("published", weights.TABLE[:5], ids=NAMES[:5])
def test_the_tables_hashes_are_those_of_installed_packages(published: PackagedWeights) -> None:
    assert sha256(locate(published)) == published.sha256


def test_an_installed_carrier_serves_and_is_not_imported(
    published: PackagedWeights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(published, tmp_path / "site", monkeypatch)
    path = locate(published)
    assert path == tmp_path / "site" / "some_carrier" / "data" / "net.xml"
    assert path.with_suffix(".bin").read_bytes() == BIN


def test_what_was_fetched_serves(published: PackagedWeights, weights_home: Path) -> None:
    keep(published)
    assert locate(published) == weights_home / "some-carrier-1.0" / "net.xml"


@pytest.mark.parametrize("ending", [".xml", ".bin"])
def test_one_changed_byte_is_refused(
    published: PackagedWeights, weights_home: Path, ending: str
) -> None:
    keep(published)
    changed = weights_home / "some-carrier-1.0" / f"net{ending}"
    changed.write_bytes(changed.read_bytes()[:-1] + b"S")
    with pytest.raises(WeightsError) as caught:
        locate(published)
    assert caught.value.found == f"{changed} is damaged, was replaced or cannot be read"


def test_a_damaged_one_gives_way_to_an_installed_one(
    published: PackagedWeights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(published)
    kept_path(published).write_bytes(b"half")
    install(published, tmp_path / "site", monkeypatch)
    assert locate(published).is_relative_to(tmp_path / "site")


def test_a_companion_that_is_missing_is_missed(
    published: PackagedWeights, weights_home: Path
) -> None:
    keep(published)
    (weights_home / "some-carrier-1.0" / "net.bin").unlink()
    with pytest.raises(WeightsError, match="they are not on this computer"):
        locate(published)


@pytest.mark.parametrize("top", ["no_such_package", "common/errors.py"])
def test_missing_weights_say_what_to_do(published: PackagedWeights, top: str) -> None:
    missing = replace(published, file=f"{top}/net.xml", beside=())
    with pytest.raises(WeightsError, match=r"facedesk models fetch.*facedesk models add here\."):
        locate(missing)


def test_an_account_without_a_home_folder_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """As of a service; what is installed serves all the same."""
    monkeypatch.delenv("FACEDESK_WEIGHTS")
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    assert locate(weights.SFACE).is_file()
    with pytest.raises(WeightsError, match="Let FACEDESK_WEIGHTS name a folder"):
        kept_path(weights.SFACE)


def test_weights_that_may_not_be_read_are_no_use(
    published: PackagedWeights, as_nobody: Callable[[], AbstractContextManager[None]]
) -> None:
    keep(published)
    kept_path(published).parent.chmod(0)
    with as_nobody(), pytest.raises(WeightsError, match="or cannot be read"):
        locate(published)


def test_what_is_optional_is_fetched_by_its_name_alone() -> None:
    assert weights.CENTERFACE in weights.TABLE
    assert weights.usual() == tuple(each for each in weights.TABLE if each != weights.CENTERFACE)
    missing = replace(weights.CENTERFACE, file="no_such_package/centerface.onnx")
    with pytest.raises(WeightsError, match="Get them with facedesk models fetch centerface, or,"):
        locate(missing)
