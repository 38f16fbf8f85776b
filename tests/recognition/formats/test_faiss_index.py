from __future__ import annotations

import json
import struct
from contextlib import suppress
from pathlib import Path

import faiss
import numpy as np
import pytest

from common.errors import FormatError
from recognition.formats.contents import PeopleInEmbeddings, ReadingOptions
from recognition.formats.faiss_index import FaissFormat

COUNT = 100
KINDS = (
    *("Flat", "IDMap,Flat", "IDMap2,Flat", "IVF4,Flat", "IDMap,IVF4,Flat", "HNSW8,Flat"),
    *("L2norm,Flat", "L2norm,IVF4,Flat"),
)
METRICS = (faiss.METRIC_INNER_PRODUCT, faiss.METRIC_L2, faiss.METRIC_L1)


def read(path: Path, names: Path | None = None) -> PeopleInEmbeddings:
    return FaissFormat().read(path, ReadingOptions(names=names))


def made(kind: str, metric: int, rows: np.ndarray, ids: np.ndarray | None = None):
    index = faiss.index_factory(rows.shape[1], kind, metric)
    index.train(rows)
    if "IDMap" in kind:
        index.add_with_ids(rows, np.arange(len(rows)) if ids is None else ids)
    else:
        index.add(rows)
    return index


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_vectors_come_out_of_every_index_that_holds_them(
    tmp_path: Path, crowd, kind: str, metric: int
) -> None:
    rows = crowd.rows(COUNT)
    faiss.write_index(made(kind, metric, rows), str(tmp_path / "faces.index"))
    (tmp_path / "labels.json").write_text(json.dumps([f"P{i}" for i in range(COUNT)]))
    content = read(tmp_path)
    assert [person.name for person in content.people] == [f"P{i}" for i in range(COUNT)]
    found = np.concatenate([person.embeddings for person in content.people])
    np.testing.assert_allclose(found, rows, atol=1e-6)


@pytest.mark.parametrize("direct_map", [faiss.DirectMap.Array, faiss.DirectMap.Hashtable])
def test_an_inverted_index_with_a_map_of_its_rows_is_read(
    tmp_path: Path, crowd, direct_map: int
) -> None:
    rows = crowd.rows(COUNT)
    index = faiss.IndexIVFFlat(faiss.IndexFlatL2(32), 32, 2)
    index.train(rows)
    index.set_direct_map_type(direct_map)
    index.add(rows)
    faiss.write_index(index, str(tmp_path / "a.faiss"))
    (tmp_path / "a.txt").write_text("\n".join(f"P{i}" for i in range(COUNT)))
    found = np.concatenate([person.embeddings for person in read(tmp_path).people])
    np.testing.assert_allclose(found, rows, atol=1e-6)


@pytest.mark.parametrize(
    "content",
    [
        '{"7": "Ánh", "30": "Bob"}',
        '{"Ánh": 7, "Bob": 30}',
        '{"7": {"name": "Ánh", "age": 3}, "30": {"name": "Bob"}}',
        '["Ánh", "Bob"]',
    ],
)
def test_names_are_found_by_the_numbers_of_the_index(tmp_path: Path, crowd, content: str) -> None:
    index = made("IDMap,Flat", 0, crowd.rows(2), np.array([7, 30]))
    faiss.write_index(index, str(tmp_path / "faces.index"))
    (tmp_path / "whoever.json").write_text(content, "utf-8")
    assert [p.name for p in read(tmp_path, tmp_path / "whoever.json").people] == ["Ánh", "Bob"]


@pytest.mark.parametrize("kind", ["SQ8", "PCA16,Flat", "LSH"])
def test_codes_are_refused_with_what_to_do(tmp_path: Path, crowd, kind: str) -> None:
    faiss.write_index(made(kind, 1, crowd.rows(COUNT)), str(tmp_path / "a.index"))
    (tmp_path / "a.txt").write_text("x\n" * COUNT)
    with pytest.raises(FormatError, match=r"Save the vectors with numpy\.savez"):
        read(tmp_path)


def test_a_list_of_names_is_asked_for(tmp_path: Path, crowd) -> None:
    faiss.write_index(made("Flat", 1, crowd.rows(2)), str(tmp_path / "a.index"))
    with pytest.raises(FormatError, match="Give it with --names FILE"):
        read(tmp_path)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_no_damage_does_more_than_raise_one_error(tmp_path: Path, crowd, kind: str) -> None:
    """FAISS's own reader ends the process, or takes all memory, at some of these."""
    path = tmp_path / "a.index"
    faiss.write_index(made(kind, 1, crowd.rows(COUNT)), str(path))
    (tmp_path / "a.txt").write_text("\n".join(f"P{i}" for i in range(COUNT)))
    whole, rng = path.read_bytes(), np.random.default_rng(5)
    huge = [struct.pack("<q", number) for number in (2**62, -1, 10**12)]
    for trial in range(150):
        at = int(rng.integers(0, min(len(whole), 400)))
        broken = [whole[:at], whole[:at] + huge[trial % 3] + whole[at + 8 :]][trial % 2]
        path.write_bytes(broken)
        with suppress(FormatError):  # some damage is of the vectors alone
            read(tmp_path)
