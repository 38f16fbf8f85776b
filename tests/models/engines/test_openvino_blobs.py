from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from models.engines import openvino_blobs
from models.engines.openvino_blobs import UNUSED_S, BlobFolder, BlobKey

KEY = BlobKey("net", "content and version", "CPU, f32")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    blobs = BlobFolder(tmp_path)
    assert blobs.load(KEY) is None
    blobs.save(KEY, b"compiled")
    loaded = BlobFolder(tmp_path).load(KEY)
    assert loaded is not None
    assert loaded.tobytes() == b"compiled"
    assert blobs.load(replace(KEY, variant="GPU")) is None
    assert blobs.load(replace(KEY, world="another version")) is None
    assert blobs.load(replace(KEY, network="net2")) is None


def test_a_harmed_one_is_deleted(tmp_path: Path) -> None:
    blobs = BlobFolder(tmp_path)
    blobs.save(KEY, b"compiled")
    (path,) = tmp_path.iterdir()
    path.write_bytes(b"compileD")
    assert blobs.load(KEY) is None
    assert names(tmp_path) == []


def test_an_unharmed_one_is_found_beside_a_harmed_one(tmp_path: Path) -> None:
    """Compiling twice need not give the same bytes."""
    blobs = BlobFolder(tmp_path)
    for content in (b"one", b"two"):
        blobs.save(KEY, content)
    next(tmp_path.iterdir()).write_bytes(b"bad")
    loaded = blobs.load(KEY)
    assert loaded is not None
    assert loaded.tobytes() in (b"one", b"two")


def test_other_worlds_of_a_network_go(tmp_path: Path) -> None:
    blobs = BlobFolder(tmp_path)
    others = replace(KEY, variant="GPU"), replace(KEY, network="net2", world="old")
    for key in (replace(KEY, world="old"), *others, KEY):
        blobs.save(key, b"compiled")
    assert blobs.load(replace(KEY, world="old")) is None
    assert all(blobs.load(key) is not None for key in (*others, KEY))


def test_openvinos_own_go_and_nothing_else(tmp_path: Path) -> None:
    """Earlier releases kept them here, 3 GB in some months."""
    for name in ("15129034792197958315.blob", "9.cl_cache", "mine.txt", "blob"):
        (tmp_path / name).write_bytes(b"content")
    BlobFolder(tmp_path).save(KEY, b"compiled")
    assert names(tmp_path)[:2] == ["blob", "mine.txt"]
    assert len(names(tmp_path)) == 3


def test_the_longest_unused_go_where_there_is_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openvino_blobs, "MOST_BYTES", 2500)
    blobs = BlobFolder(tmp_path)
    keys = [replace(KEY, variant=str(number)) for number in range(3)]
    for age_s, key in zip((30.0, 20.0), keys[:2], strict=True):
        blobs.save(key, key.variant.encode() * 1000)
        (path,) = tmp_path.glob(f"{key.prefix}*")
        os.utime(path, (time.time() - age_s,) * 2)
    assert blobs.load(keys[0]) is not None  # used now
    blobs.save(keys[2], b"2" * 1000)
    assert [blobs.load(key) is not None for key in keys] == [True, False, True]


def test_what_was_not_used_for_long_goes(tmp_path: Path) -> None:
    blobs = BlobFolder(tmp_path)
    blobs.save(KEY, b"compiled")
    (path,) = tmp_path.iterdir()
    os.utime(path, (time.time() - UNUSED_S - 1,) * 2)
    other = replace(KEY, network="net2")
    blobs.save(other, b"compiled")
    assert blobs.load(KEY) is None
    assert blobs.load(other) is not None


def test_what_a_killed_program_left_goes(tmp_path: Path) -> None:
    for name, age_s in (("unfinished-new", 10.0), ("unfinished-old", 7200.0)):
        (tmp_path / name).write_bytes(b"half")
        os.utime(tmp_path / name, (time.time() - age_s,) * 2)
    BlobFolder(tmp_path).save(KEY, b"compiled")
    assert names(tmp_path)[1:] == ["unfinished-new"]


def test_without_a_folder_there_is_nothing(tmp_path: Path) -> None:
    blobs = BlobFolder(tmp_path / "none")
    blobs.save(KEY, b"compiled")
    assert blobs.load(KEY) is None
