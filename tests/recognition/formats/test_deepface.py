from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from common.errors import FormatError
from recognition.formats.contents import PeopleInEmbeddings, ReadingOptions
from recognition.formats.deepface import DeepfaceFormat


def read(path: Path, content: object, called: str = "representations_sface.pkl"):
    (path / called).write_bytes(pickle.dumps(content))
    return DeepfaceFormat().read(path / called, ReadingOptions())


def counts(content: PeopleInEmbeddings) -> dict[str, int]:
    return {person.name: len(person.embeddings) for person in content.people}


def representations(rows: np.ndarray, pictures: list[str]) -> list[dict[str, object]]:
    """As deepface.modules.recognition writes them."""
    return [
        {
            "identity": picture,
            "hash": "6f0e",
            "embedding": row.tolist(),
            "target_x": np.int64(12),
            "target_y": 7,
            "target_w": 100,
            "target_h": 110,
        }
        for row, picture in zip(rows, pictures, strict=True)
    ]


def test_folders_name_the_people(tmp_path: Path, crowd) -> None:
    pictures = ["db/Ánh/1.jpg", "db\\Bob\\2.jpg", "db/Ánh/3.jpg"]
    content = representations(crowd.rows(3, 128), pictures)
    content.append({**content[0], "embedding": None})  # no face was found there
    assert counts(read(tmp_path, content)) == {"Ánh": 2, "Bob": 1}


def test_in_one_folder_the_pictures_themselves_name_them(tmp_path: Path, crowd) -> None:
    content = representations(crowd.rows(2, 128), ["db/Ánh.jpg", "db/Bob.png"])
    assert counts(read(tmp_path, content)) == {"Ánh": 1, "Bob": 1}


def test_the_files_name_says_the_model(tmp_path: Path, crowd) -> None:
    content = representations(crowd.rows(1, 128), ["db/a.jpg"])
    for called, model in (
        ("ds_model_facenet512_detector_opencv_aligned_normalization_base.pkl", "facenet512"),
        ("ds_vggface_opencv_v2.pkl", "vggface"),
        ("representations_sface.pkl", ""),
    ):
        assert read(tmp_path, content, called).model == model


@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_encodings_beside_names_are_read(tmp_path: Path, crowd, protocol: int) -> None:
    rows = crowd.rows(3, 128).astype(np.float64)
    content = {"encodings": list(rows), "names": np.array(["Ánh", "Bob", "Ánh"], object)}
    path = tmp_path / "encodings.pickle"
    path.write_bytes(pickle.dumps(content, protocol))
    found = DeepfaceFormat().read(path, ReadingOptions())
    assert counts(found) == {"Ánh": 2, "Bob": 1}
    np.testing.assert_allclose(found.people[0].embeddings, rows[[0, 2]], atol=1e-6)


def test_a_payload_is_never_carried_out(tmp_path: Path, payload) -> None:
    for content in (payload, [payload], {"encodings": payload}):
        with pytest.raises(FormatError, match=r"asks for (posix|nt)\.system"):
            read(tmp_path, content)


def test_a_table_of_pandas_is_refused_with_what_to_do(tmp_path: Path) -> None:
    pickled = b"\x80\x04cpandas.core.frame\nDataFrame\n)R."
    (tmp_path / "representations_vgg_face.pkl").write_bytes(pickled)
    with pytest.raises(FormatError, match=r"pandas.*Import the folder of pictures"):
        DeepfaceFormat().read(tmp_path / "representations_vgg_face.pkl", ReadingOptions())


@pytest.mark.parametrize(
    "content",
    [
        [],
        [1, 2],
        [{"identity": "a.jpg"}],
        {"names": ["a"]},
        [{"identity": "a.jpg", "embedding": ["x"] * 128}],
        [
            {"identity": "a.jpg", "embedding": [1.0] * 128},
            {"identity": "b.jpg", "embedding": [1.0] * 64},
        ],
        [{"identity": "a.jpg", "embedding": [float("nan")] * 128}],
        "text",
    ],
)
def test_what_holds_no_embeddings_is_one_sentence(tmp_path: Path, content: object) -> None:
    with pytest.raises(FormatError) as told:
        read(tmp_path, content)
    assert "\n" not in str(told.value)
