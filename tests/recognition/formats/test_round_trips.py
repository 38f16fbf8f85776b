"""What is written in a format is read from it again as it was, but for what the format lacks."""

from __future__ import annotations

import inspect
from pathlib import Path

import faiss
import numpy as np
import pytest
import torch
from PIL import Image

from common.errors import FormatError
from recognition.formats.contents import EnrolledPerson, ReadingOptions
from recognition.formats.faiss_index import FaissFormat
from recognition.formats.known import WRITABLE, readable_format, writable_format
from recognition.formats.npz import NpzFormat
from recognition.formats.tensor_list import TensorListFormat
from tests.recognition.formats.conftest import MODEL

EMBEDDINGS = [one for one in WRITABLE if not one.holds_pictures]
PICTURES = [one for one in WRITABLE if one.holds_pictures]


def by_name(one: object) -> str:
    return str(getattr(one, "name", one))


def written(folder: Path, one, people: list[EnrolledPerson]) -> Path:
    out = folder / ("out.npz" if one.name == "npz" else "ra ngoài")
    one.write(iter(people), MODEL, out, overwrite=False)
    return out


@pytest.mark.parametrize("one", EMBEDDINGS, ids=by_name)
def test_embeddings_come_back_bit_by_bit(one, tmp_path: Path, people) -> None:
    out = written(tmp_path, one, people)
    found = readable_format(out, None)
    assert found is not None
    assert found.name == one.name
    content = found.read(out, ReadingOptions())
    assert [person.name for person in content.people] == [p.identity.name for p in people]
    for person, original in zip(content.people, people, strict=True):
        expected = [template.embedding for template in original.templates]
        np.testing.assert_array_equal(person.embeddings, np.stack(expected))
    assert content.told == ()


@pytest.mark.parametrize("one", PICTURES, ids=by_name)
def test_crops_come_back_pixel_by_pixel_under_exact_names(one, tmp_path: Path, people) -> None:
    out = written(tmp_path, one, people)
    content = readable_format(out, None).read(out, ReadingOptions())
    read = {person.name: person for person in content.people}
    assert set(read) == {person.identity.name for person in people}
    for original in people:
        person = read[original.identity.name]
        assert len(person.pictures) == len(person.own) == len(original.templates)
        for path, template in zip(person.pictures, original.templates, strict=True):
            np.testing.assert_array_equal(np.asarray(Image.open(path)), template.crop)
            assert person.own[path].quality == template.quality
            assert person.own[path].model_id == MODEL
    assert content.skipped == ()


@pytest.mark.parametrize("one", PICTURES, ids=by_name)
def test_a_crop_that_was_changed_is_a_picture_like_any_other(one, tmp_path: Path, crowd) -> None:
    out = written(tmp_path, one, [crowd.person("Ann", 1)])
    (picture,) = out.rglob("*.png")
    Image.open(picture).rotate(90).save(picture)
    (person,) = readable_format(out, None).read(out, ReadingOptions()).people
    assert person.pictures == (picture,)
    assert person.own == {}


def test_other_programs_read_what_is_written_for_them(tmp_path: Path, people) -> None:
    rows = np.stack([t.embedding for p in people for t in p.templates])
    names = [p.identity.name for p in people for _ in p.templates]
    written(tmp_path, NpzFormat(), people)
    with np.load(tmp_path / "out.npz", allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["embeddings"], rows)
        assert arrays["names"].tolist() == names
    out = tmp_path / "pth"
    TensorListFormat().write(people, MODEL, out, overwrite=False)
    tensor = torch.load(out / "faceslist.pth", weights_only=True)
    np.testing.assert_array_equal(tensor.numpy(), rows)
    assert np.load(out / "usernames.npy", allow_pickle=False).tolist() == names
    out = tmp_path / "faiss"
    FaissFormat().write(people, MODEL, out, overwrite=False)
    index = faiss.read_index(str(out / "faces.index"))
    np.testing.assert_array_equal(index.reconstruct_n(0, index.ntotal), rows)
    assert index.metric_type == faiss.METRIC_INNER_PRODUCT


def test_two_people_of_one_name_stay_two_where_the_format_can_say_so(tmp_path, crowd) -> None:
    people = [crowd.person("Ann"), crowd.person("Ann")]
    for one in WRITABLE:
        out = tmp_path / f"{one.name}.npz"
        one.write(people, MODEL, out, overwrite=False)
        content = readable_format(out, one.name).read(out, ReadingOptions())
        assert len(content.people) == (1 if one.name in ("pth", "faiss") else 2), one.name


@pytest.mark.parametrize("one", WRITABLE, ids=by_name)
def test_nothing_is_written_over(one, tmp_path: Path, people) -> None:
    out = written(tmp_path, one, people[:2])
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(FormatError, match="is there already"):
        one.write(iter(people), MODEL, out, overwrite=False)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("one", WRITABLE, ids=by_name)
def test_what_fails_half_way_leaves_nothing(one, tmp_path: Path, people) -> None:
    def failing():
        yield people[0]
        raise KeyboardInterrupt

    out = tmp_path / "out.npz"
    with pytest.raises(KeyboardInterrupt):
        one.write(failing(), MODEL, out, overwrite=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("one", PICTURES, ids=by_name)
def test_who_has_no_picture_cannot_be_written_as_pictures(one, tmp_path: Path, crowd) -> None:
    with pytest.raises(FormatError, match="nobody's templates came with one"):
        written(tmp_path, one, [crowd.person("Ann", crops=False)])
    out = written(tmp_path, one, [crowd.person("Ann", crops=False), crowd.person("Bob")])
    (person,) = readable_format(out, None).read(out, ReadingOptions()).people
    assert person.name == "Bob"


def test_every_format_says_what_it_lacks() -> None:
    for one in WRITABLE:
        assert one.lacks
        assert inspect.signature(one.write) == inspect.signature(WRITABLE[0].write)


def test_a_format_is_known_by_its_path_or_named(tmp_path: Path) -> None:
    assert readable_format(tmp_path / "a.facedesk", None) is None
    assert writable_format(tmp_path / "a.zip", None) is None
    assert writable_format(tmp_path / "a.npz", None).name == "npz"
    assert writable_format(tmp_path / "a", None).name == "folder"
    assert writable_format(tmp_path / "a.npz", "archive") is None
    assert readable_format(tmp_path / "a.bin", "faiss").name == "faiss"
    (tmp_path / "a.bin").touch()
    with pytest.raises(FormatError, match="Say what it is with --format"):
        readable_format(tmp_path / "a.bin", None)
