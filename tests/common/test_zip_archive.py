from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from common.zip_archive import ZIP_DAMAGE, is_zip_bomb, unpacked_size


def members(path: Path, size: int, packing: int = zipfile.ZIP_DEFLATED) -> list[zipfile.ZipInfo]:
    with zipfile.ZipFile(path, "w", packing) as archive:
        archive.writestr("a", bytes(size))
        archive.writestr("b", bytes(8))
    with zipfile.ZipFile(path) as archive:
        return archive.infolist()


def test_what_grows_out_of_proportion_is_a_bomb(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    assert is_zip_bomb(members(path, 20_000_000), most=2**30)
    assert not is_zip_bomb(members(path, 20_000_000, zipfile.ZIP_STORED), most=2**30)
    assert not is_zip_bomb(members(path, 9_000_000), most=2**30), "it is small"


def test_what_is_too_large_is_a_bomb_however_it_is_packed(tmp_path: Path) -> None:
    found = members(tmp_path / "a.zip", 92, zipfile.ZIP_STORED)
    assert unpacked_size(found) == 100
    assert is_zip_bomb(found, most=99)
    assert not is_zip_bomb(found, most=100)


def test_damage_of_each_kind_is_known(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    members(path, 5000)
    whole = path.read_bytes()
    compression = whole.index(b"PK\x01\x02") + 10
    encrypted = whole.index(b"PK\x01\x02") + 8
    content = whole.index(b"a") + 1
    damaged = {
        "no archive": b"hello",
        "of another packing": whole[:compression] + b"\x63" + whole[compression + 1 :],
        "encrypted": whole[:encrypted] + b"\x01" + whole[encrypted + 1 :],
        "damaged": whole[:content] + bytes([whole[content] ^ 6]) + whole[content + 1 :],
    }
    for kind, damaged_content in damaged.items():
        path.write_bytes(damaged_content)
        with pytest.raises(ZIP_DAMAGE):
            pytest.fail(f"{kind}: {read_first(path)!r}")


def read_first(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read("a")
