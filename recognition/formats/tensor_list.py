"""faceslist.pth and usernames.npy, as the tutorials on facenet-pytorch write them."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from common.errors import FormatError, WeightsError
from common.sentence import Sentence
from models.conversion.torch_archive import read_saved
from recognition.formats.arrays import told
from recognition.formats.contents import EnrolledPerson, PeopleInEmbeddings, ReadingOptions
from recognition.formats.embeddings import people_of
from recognition.formats.labels import beside, read_labels
from recognition.formats.new_folder import new_folder

_SUFFIXES = (".pth", ".pt")
_TENSORS = ("faceslist.pth", "faceslistCPU.pth", "facebank.pth", "embeddings.pth", "data.pt")
_NAMES = ("usernames", "names", "labels")
_TENSOR_KEYS, _NAME_KEYS = ("embeddings", "embeds", "features"), ("names", "labels", "usernames")


class TensorListFormat:
    name = "pth"
    holds_pictures = False
    lacks = Sentence("pictures, notes, ids and times of enrollment")

    def recognizes(self, path: Path) -> bool:
        return path.suffix.lower() in _SUFFIXES or _tensor_in(path) is not None

    def read(self, path: Path, options: ReadingOptions) -> PeopleInEmbeddings:
        tensor = _tensor_in(path) or path
        remedy = Sentence("Save the tensor with torch.save(), and the names with numpy.save()")
        with told(tensor, Sentence("a tensor of torch.save()"), remedy):
            try:
                saved = read_saved(tensor)
            except WeightsError as error:
                raise FormatError(error.expected, error.found, error.remedy) from error
            rows, names = _parts(saved)
        labels = options.names or (beside(tensor, *_NAMES) if names is None else None)
        if labels is not None:
            read = read_labels(labels)
            names = list(read) if isinstance(read, Sequence) else list(read.values())
        if names is None:
            raise FormatError(
                Sentence("usernames.npy beside {}", tensor),
                "there is no list of names",
                "Give it with --names FILE",
            )
        return people_of(tensor, names, rows)

    def write(
        self, people: Iterable[EnrolledPerson], model_id: str, out: Path, *, overwrite: bool
    ) -> None:
        rows = [(p.identity.name, t.embedding) for p in people for t in p.templates]
        with new_folder(out) as fresh:
            (fresh / _TENSORS[0]).write_bytes(saved_tensor(np.stack([row for _, row in rows])))
            np.save(fresh / f"{_NAMES[0]}.npy", np.array([name for name, _ in rows]))


def saved_tensor(rows: NDArray[np.float32]) -> bytes:
    """Returns a tensor of (n, d) numbers as torch.save() writes it since release 1.6."""
    count, dimension = rows.shape
    # torch._utils._rebuild_tensor_v2(storage, 0, (n, d), (d, 1), False, OrderedDict()), as a pickle
    # of protocol 2: pickletools.dis() tells it.
    pickled = b"".join(
        (
            b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((",
            *map(_text, ("storage",)),
            b"ctorch\nFloatStorage\n",
            *map(_text, ("0", "cpu")),
            _number(count * dimension),
            b"tQK\x00",
            *(_number(count), _number(dimension), b"\x86"),
            *(_number(dimension), b"K\x01\x86"),
            b"\x89ccollections\nOrderedDict\n)RtR.",
        )
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("faceslist/data.pkl", pickled)
        archive.writestr("faceslist/byteorder", b"little")
        archive.writestr("faceslist/data/0", rows.astype("<f4").tobytes())
        archive.writestr("faceslist/version", b"3\n")
    return packed.getvalue()


def _text(text: str) -> bytes:
    return b"X" + struct.pack("<I", len(text)) + text.encode()


def _number(number: int) -> bytes:
    return b"J" + struct.pack("<i", number)


def _tensor_in(folder: Path) -> Path | None:
    if not folder.is_dir():
        return None
    return next((folder / name for name in _TENSORS if (folder / name).is_file()), None)


def _parts(saved: Any) -> tuple[NDArray[Any], list[Any] | None]:
    """Returns the vectors, and the names where they are in the same file: a tensor, a list of
    tensors, a list of both, or a dict of both."""
    if isinstance(saved, dict):
        names = next((saved[key] for key in _NAME_KEYS if key in saved), None)
        saved = [next((saved[key] for key in _TENSOR_KEYS if key in saved), None), names]
    if isinstance(saved, np.ndarray):
        return saved, None
    match saved:
        case [np.ndarray() as rows, names]:
            return rows, _names(names)
        case [[np.ndarray(), *_] as tensors, names]:
            return np.concatenate([t.reshape(-1, t.shape[-1]) for t in tensors]), _names(names)
        case [np.ndarray(), *_] as tensors:
            return np.concatenate([t.reshape(-1, t.shape[-1]) for t in tensors]), None
    raise ValueError("it holds no tensor of embeddings")


def _names(names: Any) -> list[Any] | None:
    return list(names) if names is not None else None
