from __future__ import annotations

import io
import pickle
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from common.errors import WeightsError
from common.sentence import Sentence
from models.conversion.pickles import next_pickle
from models.conversion.stored_tensors import TensorUnpickler
from models.conversion.torch_file import read_torch_file
from tests.archives import changed_archive

TENSOR = torch.arange(12.0).reshape(3, 4) / 7


def read_saved(path: Path) -> Any:
    return read_torch_file(path, lambda saved: saved, Sentence("tensors"), "Save them alone")


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
    for what in (torch.nn.Linear(2, 2), TENSOR.to(torch.complex64), TENSOR.to_sparse(), Path("x")):
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
    """The archive with other members, by the last part of their names."""

    def change(kept: dict[str, bytes]) -> None:
        for name in kept:
            for end, content in members.items():
                if name.endswith(end):
                    kept[name] = content

    return changed_archive(path, path, change, zipfile.ZIP_STORED)


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


@pytest.mark.parametrize("is_zip", [True, False])
def test_a_small_file_cannot_name_one_storage_for_ever(tmp_path: Path, is_zip: bool) -> None:
    tensor = torch.zeros(1000)
    assert len(read_saved(saved(tmp_path, [tensor] * 2, is_zip))) == 2
    with pytest.raises(WeightsError, match="larger than it should be"):
        read_saved(saved(tmp_path, [tensor.view(1000, 1)] * 5 + [tensor[:999]] * 50, is_zip))


@pytest.mark.parametrize("is_zip", [True, False])
def test_a_small_file_cannot_name_one_list_for_ever(tmp_path: Path, is_zip: bool) -> None:
    names = ["Ann"] * 1000
    assert len(read_saved(saved(tmp_path, [names], is_zip))[0]) == 1000
    with pytest.raises(WeightsError, match="larger than it should be"):
        read_saved(saved(tmp_path, [[names] * 1000] * 1000, is_zip))


def test_a_pickle_cannot_copy_one_dict_for_ever() -> None:
    """Each copy would take six bytes of the file, and a thousand entries of memory."""
    entries = b"".join(b"X\x04\x00\x00\x00%04dN" % n for n in range(1000))
    ordered = b"ccollections\nOrderedDict\n"
    made = b"\x80\x02(" + b"}(" + entries + b"uq\x00" + ordered + b"q\x01h\x00\x85R"
    assert len(unpickled(made + b"t.")[1]) == 1000
    with pytest.raises(pickle.UnpicklingError, match="larger than it should be"):
        unpickled(made + b"h\x01h\x00\x85R" * 100 + b"t.")


def test_a_pickle_gives_attributes_to_nothing() -> None:
    """What a state dict has as attributes is left out; a storage cannot be changed in hindsight."""
    made = unpickled(b"\x80\x02ccollections\nOrderedDict\n)R}X\x01\x00\x00\x00aNsb.")
    assert not vars(made)
    storage = b"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000NK\x01tQ"
    assert unpickled(b"\x80\x02" + storage + b".").size == 1
    for attributes in (b"}X\x04\x00\x00\x00sizeK\x09s", b"N}X\x04\x00\x00\x00sizeK\x09s\x86"):
        with pytest.raises(AttributeError):
            unpickled(b"\x80\x02" + storage + attributes + b"b.")


def unpickled(pickled: bytes) -> Any:
    return TensorUnpickler(pickled, 100).load()


@pytest.mark.parametrize("is_zip", [True, False])
def test_storages_are_no_larger_than_the_file(tmp_path: Path, is_zip: bool) -> None:
    """Nor are all of them together, which an archive with overlapping members could claim."""
    path = saved(tmp_path, [TENSOR, TENSOR * 2], is_zip)
    whole = path.read_bytes()
    size = b"K\x0ct" if is_zip else b"K\x0cNt"
    assert whole.count(size) == 2
    with pytest.raises(pickle.UnpicklingError, match="larger than the file"):
        TensorUnpickler(next_pickle(io.BytesIO(pickle_in(path))), 95).load()
    path.write_bytes(whole.replace(size, size.replace(b"K\x0c", b"J\xff\xff\xff\x7f")))
    with pytest.raises(WeightsError):
        read_saved(path)


def pickle_in(path: Path) -> bytes:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return archive.read(next(n for n in archive.namelist() if n.endswith("data.pkl")))
    with path.open("rb") as file:
        return [next_pickle(file) for _ in range(4)][-1]


@pytest.mark.parametrize("is_zip", [True, False])
def test_memo_numbers_reserve_no_memory(tmp_path: Path, is_zip: bool) -> None:
    path = saved(tmp_path, [TENSOR], is_zip)
    pickled = pickle_in(path)
    assert pickled.count(b"q\x00") == 1
    other = pickled.replace(b"q\x00", b"r" + struct.pack("<I", 2**31 - 1)).replace(
        b"h\x00", b"j" + struct.pack("<I", 2**31 - 1)
    )
    if is_zip:
        rewritten(path, **{"data.pkl": other})
    else:
        path.write_bytes(path.read_bytes().replace(pickled, other))
    with pytest.raises(WeightsError, match="out of order"):
        read_saved(path)


@pytest.mark.filterwarnings("error")
def test_what_is_too_large_for_float32_is_infinite(tmp_path: Path) -> None:
    found = read_saved(saved(tmp_path, TENSOR.double() * 1e300, is_zip=True))
    assert found.dtype == np.float32
    assert np.isinf(found[1:]).all()


def test_a_packed_archive_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, TENSOR, is_zip=True)
    changed_archive(path, path, lambda members: None)
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
