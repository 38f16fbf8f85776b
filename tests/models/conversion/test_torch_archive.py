from __future__ import annotations

import io
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from common.errors import WeightsError
from models.conversion.pickles import next_pickle
from models.conversion.torch_archive import read_saved

TENSOR = torch.arange(12.0).reshape(3, 4) / 7


def saved(path: Path, what: object, is_zip: bool) -> Path:
    torch.save(what, path / "a.pth", _use_new_zipfile_serialization=is_zip)
    return path / "a.pth"


@pytest.mark.parametrize("is_zip", [True, False])
@pytest.mark.parametrize(
    "tensor",
    [
        TENSOR,
        TENSOR.half(),
        TENSOR.double(),
        TENSOR[1:, 1:3],
        TENSOR.T,
        TENSOR.clone().requires_grad_(),
        torch.zeros(0, 4),
    ],
    ids=["float", "half", "double", "part", "turned", "with gradients", "empty"],
)
def test_tensors_are_as_torch_has_them(tmp_path: Path, tensor: torch.Tensor, is_zip: bool) -> None:
    found = read_saved(saved(tmp_path, tensor, is_zip))
    np.testing.assert_array_equal(found, tensor.detach().numpy())


@pytest.mark.parametrize("is_zip", [True, False])
def test_lists_dicts_and_texts_are_as_they_were(tmp_path: Path, is_zip: bool) -> None:
    what = {"rows": [TENSOR, TENSOR[0]], "names": ["Ánh", 3, None]}
    found = read_saved(saved(tmp_path, what, is_zip))
    assert found["names"] == ["Ánh", 3, None]
    np.testing.assert_array_equal(found["rows"][1], TENSOR[0])


@pytest.mark.parametrize("is_zip", [True, False])
def test_anything_else_is_refused(tmp_path: Path, is_zip: bool) -> None:
    for what in (torch.nn.Linear(2, 2), TENSOR.to(torch.int64), TENSOR.to_sparse(), Path("x")):
        with pytest.raises(WeightsError, match="damaged or holds something else"):
            read_saved(saved(tmp_path, what, is_zip))


@pytest.mark.parametrize("is_zip", [True, False])
def test_a_file_that_is_cut_short_is_refused(tmp_path: Path, is_zip: bool) -> None:
    path = saved(tmp_path, TENSOR, is_zip)
    whole = path.read_bytes()
    for length in range(0, len(whole) - 1, 7):
        path.write_bytes(whole[:length])
        with pytest.raises(WeightsError):
            read_saved(path)


def rewritten(path: Path, **members: bytes) -> Path:
    """The archive with other members, by the last part of their names; packed, if told so."""
    with zipfile.ZipFile(path) as archive:
        kept = {name: archive.read(name) for name in archive.namelist()}
    for name in kept:
        for end, content in members.items():
            if name.endswith(end):
                kept[name] = content
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in kept.items():
            archive.writestr(name, content)
    return path


def test_claims_are_compared_with_what_is_there(tmp_path: Path) -> None:
    path = saved(tmp_path, TENSOR, is_zip=True)
    with zipfile.ZipFile(path) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith("data.pkl"))
        pickled = archive.read(name)
    count, rows = b"K\x0c", b"K\x03K\x04\x86"
    assert pickled.count(count) == pickled.count(rows) == 1
    for other in (
        pickled.replace(count, b"\x8a\x08" + struct.pack("<q", 10**15)),
        pickled.replace(count, b"J\xff\xff\xff\xff"),
        pickled.replace(rows, b"K\x03K\xff\x86"),
        pickled.replace(rows, b"J\xff\xff\xff\xffK\x04\x86"),
    ):
        with pytest.raises(WeightsError):
            read_saved(rewritten(path, **{"data.pkl": other}))
    with pytest.raises(WeightsError, match="another size"):
        read_saved(rewritten(path, **{"data.pkl": pickled, "data/0": bytes(40)}))


def test_a_small_file_cannot_name_one_storage_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.conversion.torch_archive.MOST_BYTES", 100_000)
    tensor = torch.zeros(1000)
    assert len(read_saved(saved(tmp_path, [tensor] * 5, is_zip=True))) == 5
    with pytest.raises(WeightsError, match="larger than it should be"):
        read_saved(saved(tmp_path, [tensor.view(1000, 1)] * 5 + [tensor[:999]] * 50, is_zip=True))


def test_a_packed_archive_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, TENSOR, is_zip=True)
    with zipfile.ZipFile(path) as archive:
        kept = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in kept.items():
            archive.writestr(name, content)
    with pytest.raises(WeightsError, match="compressed"):
        read_saved(path)


@pytest.mark.parametrize(
    ("pickled", "complaint"),
    [
        (b"\x80\x02]r" + struct.pack("<I", 2**31 - 1) + b".", "out of order"),
        (b"\x80\x05\x96" + struct.pack("<Q", 10**15) + b".", "bytearray8"),
        (b"\x80\x02(ios\nsystem\n.", "INST"),
        (b"\x80\x02)\x81.", "NEWOBJ"),
        (b"\x80\x02\x82\x01.", "EXT1"),
    ],
)
def test_instructions_that_nothing_here_needs_are_refused(pickled: bytes, complaint: str) -> None:
    with pytest.raises((pickle.UnpicklingError, ValueError), match=complaint):
        next_pickle(io.BytesIO(pickled))


def test_one_pickle_after_the_other_is_returned() -> None:
    file = io.BytesIO(b"N.\x88.rest")
    assert (next_pickle(file), next_pickle(file), file.read()) == (b"N.", b"\x88.", b"rest")
