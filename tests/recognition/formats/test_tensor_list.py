from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from common.errors import FormatError
from recognition.formats.contents import ReadingOptions
from recognition.formats.tensor_list import TensorListFormat

NAMES = ["Ánh", "Bob", "Ánh"]


@pytest.fixture
def rows(crowd) -> torch.Tensor:
    return torch.from_numpy(crowd.rows(3, 512))


def read(path: Path, names: Path | None = None) -> dict[str, int]:
    content = TensorListFormat().read(path, ReadingOptions(names=names))
    assert content.dimension == 512
    return {person.name: len(person.embeddings) for person in content.people}


@pytest.mark.parametrize("is_zip", [True, False])
@pytest.mark.parametrize("dtype", [str, object])
@pytest.mark.parametrize("called", ["faceslist.pth", "faceslistCPU.pth"])
def test_the_tutorials_two_files_are_read(
    tmp_path: Path, rows: torch.Tensor, is_zip: bool, dtype: type, called: str
) -> None:
    torch.save(rows, tmp_path / called, _use_new_zipfile_serialization=is_zip)
    np.save(tmp_path / "usernames.npy", np.array(NAMES, dtype))
    for path in (tmp_path, tmp_path / called):
        assert TensorListFormat().recognizes(path)
        assert read(path) == {"Ánh": 2, "Bob": 1}


@pytest.mark.parametrize("kind", ["list of both", "list of tensors", "dict"])
def test_embeddings_and_names_may_be_in_one_file(
    tmp_path: Path, rows: torch.Tensor, kind: str
) -> None:
    saved = {
        "list of both": [rows, NAMES],
        "list of tensors": [[row[None] for row in rows], NAMES],
        "dict": {"embeddings": rows, "names": NAMES},
    }[kind]
    torch.save(saved, tmp_path / "data.pt")
    assert read(tmp_path / "data.pt") == {"Ánh": 2, "Bob": 1}


def test_names_are_asked_for(tmp_path: Path, rows: torch.Tensor) -> None:
    torch.save(rows, tmp_path / "a.pth")
    with pytest.raises(FormatError, match="Give it with --names FILE"):
        read(tmp_path / "a.pth")
    (tmp_path / "wer.txt").write_text("Ánh\nBob\nÁnh", "utf-8")
    assert read(tmp_path / "a.pth", tmp_path / "wer.txt") == {"Ánh": 2, "Bob": 1}


@pytest.mark.parametrize("is_zip", [True, False])
def test_a_payload_is_never_carried_out(tmp_path: Path, payload, is_zip: bool) -> None:
    torch.save([torch.zeros(2), payload], tmp_path / "a.pth", _use_new_zipfile_serialization=is_zip)
    with pytest.raises(FormatError, match=r"asks for (posix|nt)\.system"):
        read(tmp_path / "a.pth")
    torch.save(torch.nn.Linear(2, 2), tmp_path / "a.pth", _use_new_zipfile_serialization=is_zip)
    with pytest.raises(FormatError, match="damaged or holds something else"):
        read(tmp_path / "a.pth")
