from __future__ import annotations

import hashlib
import io
import json
import stat
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from common.errors import FormatError
from gallery.crops import to_jpeg, to_png
from gallery.gallery import Gallery
from gallery.store import Store
from recognition.formats.archive import open_archive, write_archive
from recognition.formats.contents import EnrolledPerson
from recognition.formats.joining import preview
from recognition.formats.restoring import Outcome, Restored, restore
from tests.recognition.formats.conftest import DIMENSION, MODEL

SETTINGS = b'language = "vi"\n'

Edit = Callable[[dict[str, bytes], dict[str, Any]], None]


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    with closing(Gallery(Store(tmp_path / "gallery.db"), MODEL, DIMENSION)) as gallery:
        yield gallery


@pytest.fixture
def written(tmp_path: Path, people: list[EnrolledPerson], crowd) -> Path:
    """With a person without crops, and pictures of which the model can make nothing."""
    people.append(crowd.person("Từ nơi khác", crops=False))
    nothing = [replace(t, embedding=np.zeros(DIMENSION, np.float32)) for t in crowd.templates(2)]
    people.append(replace(crowd.person("Không thấy"), templates=tuple(nothing)))
    people.append(replace(crowd.person("Một"), templates=(*crowd.templates(1), nothing[0])))
    path = tmp_path / "tất cả.facedesk"
    write_archive(iter(people), MODEL, DIMENSION, SETTINGS, path)
    return path


def restored(gallery: Gallery, path: Path) -> dict[str, Restored]:
    with open_archive(path) as archive:
        return {one.identity.id: one for one in restore(gallery, archive)}


def assert_has(gallery: Gallery, person: EnrolledPerson) -> None:
    assert gallery.identity(person.identity.id) == person.identity
    found = gallery.templates(person.identity.id)
    assert len(found) == len(person.templates)
    for template, expected in zip(found, person.templates, strict=True):
        np.testing.assert_array_equal(template.embedding, expected.embedding)
        np.testing.assert_array_equal(template.crop, expected.crop)
        assert (template.quality, template.model_id) == (expected.quality, MODEL)
        assert template.crop_model_id == expected.crop_model_id
        assert (template.view is None) == (expected.view is None)
        if template.view is not None:
            np.testing.assert_array_equal(template.view.numbers, expected.view.numbers)
            assert template.view.jpeg == (expected.view.jpeg or to_jpeg(expected.view.picture))


def test_everything_is_restored_exactly(gallery: Gallery, written: Path, people) -> None:
    outcomes = restored(gallery, written)
    assert {one.outcome for one in outcomes.values()} == {Outcome.NEW}
    assert len(gallery) == len(people)
    for person in people:
        assert_has(gallery, person)
    with open_archive(written) as archive:
        assert archive.settings() == SETTINGS
    assert stat.S_IMODE(written.stat().st_mode) == 0o600


def test_restoring_again_changes_nothing(gallery: Gallery, written: Path, people) -> None:
    restored(gallery, written)
    revision = gallery.revision
    assert {one.outcome for one in restored(gallery, written).values()} == {Outcome.THE_SAME}
    assert gallery.revision == revision


def test_a_gallery_that_is_not_empty_gets_what_it_lacks(
    gallery: Gallery, written: Path, people, crowd
) -> None:
    first, second, third, fourth, *others = people
    gallery.restore_copy(first.identity, first.templates)
    gallery.restore_copy(second.identity, (*second.templates[:1], *crowd.templates(1)))
    gallery.restore_copy(third.identity, third.templates)
    gallery.rename(third.identity.id, "Another")
    somebody = gallery.enroll("Somebody", fourth.templates)
    own = gallery.enroll("Only here", crowd.templates(1))
    outcomes = restored(gallery, written)
    assert outcomes[first.identity.id].outcome is Outcome.THE_SAME
    assert outcomes[second.identity.id].outcome is Outcome.TEMPLATES_ADDED
    assert outcomes[second.identity.id].added == len(second.templates) - 1
    assert gallery.template_count(second.identity.id) == len(second.templates) + 1
    assert outcomes[third.identity.id].outcome is Outcome.IN_CONFLICT
    assert "called Another here, and " in str(outcomes[third.identity.id].reason)
    assert gallery.identity(third.identity.id).name == "Another"
    assert outcomes[fourth.identity.id].outcome is Outcome.IN_CONFLICT
    assert "The same face is here as Somebody" in str(outcomes[fourth.identity.id].reason)
    assert gallery.find(fourth.identity.name) == []
    assert gallery.identity(somebody.id).name == "Somebody"
    assert gallery.identity(own.id) == own
    for person in others:
        assert_has(gallery, person)


def test_who_was_removed_here_is_in_conflict_until_they_are_erased(
    gallery: Gallery, written: Path, people
) -> None:
    restored(gallery, written)
    gone = people[0]
    gallery.remove(gone.identity.id)
    assert restored(gallery, written)[gone.identity.id].outcome is Outcome.IN_CONFLICT
    for item in gallery.erase(gallery.due_erasures(own=True)):
        gallery.end_erasure(item)
    assert restored(gallery, written)[gone.identity.id].outcome is Outcome.NEW
    assert_has(gallery, gone)


def test_a_preview_changes_nothing(gallery: Gallery, written: Path, people) -> None:
    with open_archive(written) as archive, preview(gallery, wanted=True):
        told = restore(gallery, archive)
    assert len(told) == len(people)
    assert len(gallery) == 0
    gallery.reload()
    assert len(gallery) == 0


def edited(path: Path, edit: Edit, *, signed: bool = True) -> Path:
    """A copy of the archive with other members. signed: whether the manifest has their hashes."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(members.pop("manifest.json"))
    edit(members, manifest)
    if signed:
        for name in manifest.get("sha256", {}):
            if name in members:
                manifest["sha256"][name] = hashlib.sha256(members[name]).hexdigest()
    copy = path.with_name("edited.facedesk")
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        archive.writestr("manifest.json", json.dumps(manifest))
    return copy


def test_an_archive_that_was_packed_again_is_one(gallery: Gallery, written: Path, people) -> None:
    restored(gallery, edited(written, lambda *_: None))
    assert len(gallery) == len(people)


def _set(**values: Any) -> Edit:
    return lambda members, manifest: manifest.update(values)


def _put(name: str, content: bytes, *, named: bool = True) -> Edit:
    def put(members: dict[str, bytes], manifest: dict[str, Any]) -> None:
        members[name] = content
        if named:
            manifest["sha256"].setdefault(name, "")

    return put


def _person(**values: Any) -> Edit:
    return lambda members, manifest: manifest["people"][0].update(values)


def _npy(rows: np.ndarray) -> bytes:
    content = io.BytesIO()
    np.save(content, rows)
    return content.getvalue()


def _twice(members: dict[str, bytes], manifest: dict[str, Any]) -> None:
    manifest["people"][1]["id"] = manifest["people"][0]["id"]


def _lost(members: dict[str, bytes], manifest: dict[str, Any]) -> None:
    del members["crops/0000003.png"]


HUGE_PNG = bytearray(to_png(np.zeros((4, 4, 3), np.uint8)))
HUGE_JPEG = to_jpeg(np.zeros((1, 1100, 3), np.uint8))
HUGE_PNG[16:24] = (60_000).to_bytes(4, "big") * 2

WRONG: dict[str, tuple[Edit, str]] = {
    "newer": (_set(facedesk_archive=2), "made by a newer Facedesk"),
    "without a version": (lambda _, manifest: manifest.clear(), "facedesk_archive"),
    "a member that leads elsewhere": (
        _put("../../.bashrc", b"x", named=False),
        "which its manifest does not name",
    ),
    "a member that is missing": (_lost, "it lacks 'crops/0000003.png'"),
    "two people with one id": (_twice, "two people have one id"),
    "an id that is none": (_person(id="../../x"), "is no id"),
    "nobody's templates": (_person(templates=[]), "is not whole"),
    "no time": (_person(enrolled_at="yesterday"), "damaged or something else"),
    "embeddings of another length": (_set(dimension=16), "too large|another size"),
    "no numbers": (_set(dimension=0), "embeddings of 0 numbers"),
    "too few embeddings": (
        _put("embeddings.npy", _npy(np.eye(DIMENSION, dtype="<f4")[:3])),
        "another size than its manifest says",
    ),
    "embeddings that are pickled": (
        _put("embeddings.npy", _npy(np.array([1.0], object))),
        "another size than its manifest says",
    ),
    "a crop that is none": (_put("crops/0000000.png", b"GIF89a" + bytes(40)), "is no crop"),
    "a crop that is huge": (_put("crops/0000000.png", bytes(HUGE_PNG)), "is no crop"),
    "a crop that is cut short": (
        _put("crops/0000000.png", bytes(HUGE_PNG[:16]) + b"\0\0\0\4\0\0\0\4" + bytes(9)),
        "not a picture",
    ),
    "a view that is none": (_put("views/0000001.jpg", b"GIF89a" + bytes(40)), "cannot identify"),
    "a view that is huge": (_put("views/0000001.jpg", HUGE_JPEG), "is too large"),
    "a view without a face": (
        lambda _, manifest: manifest["people"][1]["templates"][0].update(face=[1.0]),
        "no box and five landmarks",
    ),
    "a zip bomb": (_put("crops/0000000.png", bytes(200_000_000)), "as in a trap"),
    "embeddings that are not of unit length": (
        lambda members, _: members.update(
            {"embeddings.npy": members["embeddings.npy"][:-4] + b"\0\0\xc0\x7f"}
        ),
        "not of unit length",
    ),
}


@pytest.mark.parametrize(("edit", "found"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_one_sentence_and_changes_nothing(
    gallery: Gallery, written: Path, edit: Edit, found: str
) -> None:
    path = edited(written, edit)
    before = {p: p.stat().st_mtime_ns for p in path.parent.rglob("*") if p != path}
    tracemalloc.start()
    with pytest.raises(FormatError, match=found) as told:
        restored(gallery, path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "\n" not in str(told.value)
    assert peak < 20_000_000
    assert len(gallery) == 0
    gallery.reload()
    assert len(gallery) == 0
    assert set(before) == {p for p in path.parent.rglob("*") if p != path}


def test_what_is_not_what_it_was_is_refused(gallery: Gallery, written: Path) -> None:
    def swapped(members: dict[str, bytes], manifest: dict[str, Any]) -> None:
        one, other = "crops/0000000.png", "crops/0000001.png"
        members[one], members[other] = members[other], members[one]

    path = edited(written, swapped, signed=False)
    with pytest.raises(FormatError, match=r"crops/0000000\.png is not what it was"):
        restored(gallery, path)
    assert len(gallery) == 0


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.99])
def test_a_file_that_is_cut_short_is_refused(gallery: Gallery, written: Path, share) -> None:
    content = written.read_bytes()
    written.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(FormatError, match="damaged or something else"):
        restored(gallery, written)
    assert len(gallery) == 0


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="to read"), open_archive(tmp_path / "none.facedesk"):
        pass


def test_nothing_is_written_over(written: Path, people) -> None:
    before = written.read_bytes()
    with pytest.raises(FormatError, match="is there already"):
        write_archive(people, MODEL, DIMENSION, None, written)
    with pytest.raises(FormatError, match="a file of Facedesk's own"):
        write_archive(people, MODEL, DIMENSION, None, written, overwrite=True, inputs=[written])
    assert written.read_bytes() == before
