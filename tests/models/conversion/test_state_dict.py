"""The files are made by PyTorch, in its format of today and in that before release 1.6."""

from __future__ import annotations

import io
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from common.errors import WeightsError
from models.conversion import state_dict, weights

REMEDY = "Get it again"


def read_state_dict(path: Path) -> dict[str, Any]:
    return state_dict.read_state_dict(path, REMEDY)


def saved(state: object, path: Path) -> bytes:
    torch.save(state, path, _use_new_zipfile_serialization=False)
    return path.read_bytes()


@pytest.mark.parametrize("published", [weights.MTCNN_PNET, weights.MTCNN_RNET, weights.MTCNN_ONET])
def test_it_reads_what_torch_reads(published: weights.PackagedWeights) -> None:
    path = weights.locate(published)
    expected = torch.load(path, weights_only=True)
    found = read_state_dict(path)
    assert list(found) == list(expected)
    for name, tensor in expected.items():
        assert found[name].dtype == np.float32
        assert np.array_equal(found[name], tensor.numpy())


def test_views_of_one_storage(tmp_path: Path) -> None:
    table = torch.arange(12, dtype=torch.float32).reshape(3, 4)
    state = {"all": table, "turned": table.T, "row": table[1], "one": table[2, 3], "no": table[:0]}
    saved(OrderedDict(state), tmp_path / "net.pt")
    found = read_state_dict(tmp_path / "net.pt")
    for name, tensor in state.items():
        assert found[name].shape == tuple(tensor.shape)
        assert np.array_equal(found[name], tensor.numpy())


class Command:
    """Unpickled by anybody who trusts it, it makes a file."""

    def __init__(self, target: Path) -> None:
        self._target = target

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return Path.touch, (self._target,)


def with_command(path: Path, target: Path) -> bytes:
    return saved({"weight": torch.zeros(3), "command": Command(target)}, path)


def test_a_pickle_that_runs_something_is_refused(tmp_path: Path) -> None:
    path, made = tmp_path / "net.pt", tmp_path / "made"
    with_command(path, made)
    with pytest.raises(WeightsError, match="it asks for "):
        read_state_dict(path)
    assert not made.exists()
    torch.load(path, weights_only=False)
    assert made.exists(), "the file was harmless"


def test_every_pickle_in_it_is_guarded(tmp_path: Path) -> None:
    """The magic number's, the version's, the sizes' and the keys', too."""
    path, made = tmp_path / "net.pt", tmp_path / "made"
    whole = io.BytesIO(saved({"weight": torch.zeros(3)}, path))
    starts = [0]
    for _ in range(3):
        pickle.load(whole)
        starts.append(whole.tell())
    for start in starts:
        path.write_bytes(whole.getvalue()[:start] + pickle.dumps(Command(made), protocol=2))
        with pytest.raises(WeightsError, match="it asks for "):
            read_state_dict(path)
    assert not made.exists()


@pytest.mark.parametrize(
    "name",
    [
        "builtins.eval",
        "os.system",
        "torch.QInt8Storage",
        "torch.load",
        "torch._utils._rebuild_qtensor",
    ],
)
def test_nothing_else_can_be_named(tmp_path: Path, name: str) -> None:
    module, _, function = name.rpartition(".")
    path = tmp_path / "net.pt"
    path.write_bytes(f"c{module}\n{function}\n(S'1'\ntR.".encode())
    with pytest.raises(WeightsError, match=f"it asks for {name}"):
        read_state_dict(path)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3, 0.6, 0.999])
def test_a_file_that_is_cut_short_is_refused(tmp_path: Path, share: float) -> None:
    content = weights.locate(weights.MTCNN_PNET).read_bytes()
    path = tmp_path / "net.pt"
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(WeightsError, match=r"net\.pt is damaged or holds something else"):
        read_state_dict(path)


def test_a_file_with_any_damaged_byte_of_its_pickles_is_refused_or_read(tmp_path: Path) -> None:
    """Whatever a byte becomes, nothing but a WeightsError comes of it."""
    path = tmp_path / "net.pt"
    content = saved(OrderedDict(weight=torch.zeros(2, 3), bias=torch.ones(2)), path)
    refused = 0
    for place in range(len(content)):
        for byte in (0, 0xFF, content[place] ^ 1):
            path.write_bytes(content[:place] + bytes([byte]) + content[place + 1 :])
            try:
                read_state_dict(path)
            except WeightsError:
                refused += 1
    assert refused > len(content)


@pytest.mark.parametrize(
    "state",
    [
        [torch.zeros(3)],
        torch.zeros(3),
        {"weight": 3},
        {"weight": [torch.zeros(3)]},
        {"weight": torch.zeros(3, dtype=torch.complex64)},
        {"state_dict": {"weight": 3}},
        {"state_dict": 3, "weight": torch.zeros(3)},
    ],
)
@pytest.mark.parametrize("is_new", [True, False])
def test_what_is_no_state_dict_is_refused(tmp_path: Path, state: object, is_new: bool) -> None:
    torch.save(state, tmp_path / "net.pt", _use_new_zipfile_serialization=is_new)
    with pytest.raises(WeightsError, match=r"holds something else.*Get it again\.$"):
        read_state_dict(tmp_path / "net.pt")


def torch_state() -> dict[str, torch.Tensor]:
    numbers = torch.arange(12).reshape(3, 4) / 7
    return {
        "half": numbers.half(),
        "double": numbers.double(),
        "brain": numbers.bfloat16(),
        "parameter": torch.nn.Parameter(numbers),
        "turned": numbers.T,
        "count": torch.tensor(7),
    }


@pytest.mark.parametrize("is_new", [True, False])
@pytest.mark.parametrize("wrapper", ["", "state_dict", "net_state_dict"])
def test_types_of_numbers_and_checkpoints(tmp_path: Path, is_new: bool, wrapper: str) -> None:
    state = torch_state()
    content = (
        {wrapper: state, "epoch": 3, "optimizer": {"momentum": torch.ones(5)}} if wrapper else state
    )
    torch.save(content, tmp_path / "net.pt", _use_new_zipfile_serialization=is_new)
    found = read_state_dict(tmp_path / "net.pt")
    assert list(found) == list(state)
    for name, tensor in state.items():
        expected = tensor.detach()
        expected = expected.float().numpy() if expected.is_floating_point() else expected.numpy()
        assert found[name].dtype == expected.dtype
        assert np.array_equal(found[name], expected)


def test_an_archive_that_runs_something_is_refused(tmp_path: Path) -> None:
    path, made = tmp_path / "net.pt", tmp_path / "made"
    torch.save({"weight": torch.zeros(3), "command": Command(made)}, path)
    with pytest.raises(WeightsError, match="it asks for "):
        read_state_dict(path)
    assert not made.exists()
    torch.load(path, weights_only=False)
    assert made.exists(), "the file was harmless"


def test_a_whole_module_is_refused(tmp_path: Path) -> None:
    torch.save(torch.nn.Linear(2, 3), tmp_path / "net.pt")
    with pytest.raises(WeightsError, match=r"it asks for torch\.nn\.modules\.linear\.Linear"):
        read_state_dict(tmp_path / "net.pt")


def test_a_pickle_changes_nothing_for_the_next_one(tmp_path: Path) -> None:
    """BUILD gives attributes to whatever is named, also to what cannot be assigned to."""
    good, bad = tmp_path / "good.pt", tmp_path / "bad.pt"
    saved({"weight": torch.ones(3)}, good)
    # FloatStorage, whose dtype is to become that of DoubleStorage's name
    bad.write_bytes(
        b"\x80\x02ctorch\nFloatStorage\n}X\x05\x00\x00\x00dtypectorch\nHalfStorage\nsb."
    )
    with pytest.raises(WeightsError):
        read_state_dict(bad)
    assert np.array_equal(read_state_dict(good)["weight"], np.ones(3, np.float32))


def test_a_compressed_archive_is_refused(tmp_path: Path) -> None:
    """It may be small and fill the memory."""
    torch.save({"weight": torch.zeros(1000)}, tmp_path / "net.pt")
    with (
        zipfile.ZipFile(tmp_path / "net.pt") as archive,
        zipfile.ZipFile(tmp_path / "bomb.pt", "w", zipfile.ZIP_DEFLATED) as bomb,
    ):
        for name in archive.namelist():
            bomb.writestr(name, archive.read(name))
    with pytest.raises(WeightsError, match="its members are compressed"):
        read_state_dict(tmp_path / "bomb.pt")


def test_many_views_of_one_storage_do_not_fill_the_memory(tmp_path: Path) -> None:
    numbers = torch.zeros(2000)
    torch.save({f"{n}": numbers for n in range(5)}, tmp_path / "net.pt")
    with pytest.raises(WeightsError, match="more numbers than the file"):
        read_state_dict(tmp_path / "net.pt")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_an_archive_that_is_cut_short_is_refused(tmp_path: Path, share: float) -> None:
    torch.save({"weight": torch.rand(300)}, tmp_path / "net.pt")
    content = (tmp_path / "net.pt").read_bytes()
    (tmp_path / "net.pt").write_bytes(content[: int(share * len(content))])
    with pytest.raises(WeightsError, match="is damaged or holds something else"):
        read_state_dict(tmp_path / "net.pt")


@pytest.mark.parametrize("content", [b"", b"hello, a text", b"PK\x03\x04 an archive"])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "net.pt").write_bytes(content)
    with pytest.raises(WeightsError, match="holds something else"):
        read_state_dict(tmp_path / "net.pt")


def test_a_tensor_larger_than_its_storage_is_refused(tmp_path: Path) -> None:
    """It would show other memory."""
    path = tmp_path / "net.pt"
    content = saved(OrderedDict(weight=torch.zeros(2, 3)), path)
    shape = b"K\x02K\x03\x86"
    assert content.count(shape) == 1
    for wrong in (b"K\x02K\x04\x86", b"K\xffK\x03\x86"):
        path.write_bytes(content.replace(shape, wrong))
        with pytest.raises(WeightsError, match="larger than its storage"):
            read_state_dict(path)
