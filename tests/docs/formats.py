"""The files of docs/formats.md: the demo's portrait, and files as other programs write them.

The vectors in these are made up: what they are read from is the same.
"""

from __future__ import annotations

import os
import pickle
import shutil
import zipfile
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from capture.portrait import PORTRAIT
from recognition.formats.tensor_list import saved_tensor

NAMES = ("Nguyễn Thị Ánh", "Nguyễn Thị Ánh", "Bob")


class _Payload:
    def __reduce__(self) -> tuple[object, ...]:
        return os.system, ("touch it-was-carried-out",)


def make(folder: Path) -> None:
    rng = np.random.default_rng(13)

    def rows(dimension: int = 128) -> NDArray[np.float32]:
        found = rng.normal(size=(len(NAMES), dimension))
        return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)

    for place in (folder / "people" / "Eileen Collins", folder / "table" / "images"):
        place.mkdir(parents=True)
        shutil.copy(PORTRAIT, place / "portrait.webp")
    lines = "person_id,name,path\n7,Eileen Collins,images/portrait.webp\n"
    (folder / "table" / "data.csv").write_text(lines)
    (folder / "table" / "danh-sach.csv").write_text("wer;wo\nEileen Collins;images/portrait.webp\n")

    np.savez(
        folder / "vn2db.npz", embs=rows().ravel(), imm_classes=[0, 0, 1], id_names=np.array(NAMES)
    )
    (folder / "facenet-tutorial").mkdir()
    (folder / "facenet-tutorial" / "faceslist.pth").write_bytes(saved_tensor(3 * rows()))
    np.save(folder / "facenet-tutorial" / "usernames.npy", np.array(NAMES, object))
    (folder / "index").mkdir()
    index = faiss.IndexFlatL2(128)
    index.add(rows())
    faiss.write_index(index, str(folder / "index" / "faces.index"))
    (folder / "index" / "labels.txt").write_text("\n".join(NAMES), "utf-8")
    found = [
        {"identity": f"db/{name}/{number}.jpg", "hash": "", "embedding": row.tolist()}
        for number, (name, row) in enumerate(zip(NAMES, rows(), strict=True))
    ]
    (folder / "representations_sface.pkl").write_bytes(pickle.dumps(found))

    np.savez(folder / "other.npz", embeddings=rows(512), names=np.array(NAMES))
    nan = rows()
    nan[1, 0] = np.nan
    np.savez(folder / "nan.npz", embeddings=nan, names=np.array(NAMES))
    np.savez(folder / "two-names.npz", embeddings=rows(), names=np.array(NAMES[:2]))
    (folder / "hostile.pkl").write_bytes(pickle.dumps([_Payload()]))
    with zipfile.ZipFile(folder / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("embeddings.npy", bytes(100_000_000))
