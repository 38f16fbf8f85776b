"""facedesk export and facedesk import of what is no folder of people, as a user types them."""

from __future__ import annotations

import functools
import io
import json
import os
import pickle
import shutil
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from common.sqlite_file import open_database
from desktop.commands.formats import exporting, importing
from gallery.gallery import Gallery
from gallery.identity import Identity
from gallery.schema import GALLERY
from models.embedders.sface import SfaceEmbedder
from recognition.formats import known

NAMES = ["Ánh", "Bob", "Ánh"]


@pytest.fixture
def rows() -> np.ndarray:
    rows = np.random.default_rng(3).normal(size=(3, SfaceEmbedder.dimension))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def npz(tmp_path: Path, rows: np.ndarray) -> Path:
    np.savez(tmp_path / "faces.npz", embeddings=rows, names=np.array(NAMES))
    return tmp_path / "faces.npz"


def everything(open_gallery: Callable[[], Gallery]) -> dict[str, tuple[Identity, list[bytes]]]:
    gallery = open_gallery()
    return {
        one.id: (one, [t.embedding.tobytes() + t.crop.tobytes() for t in gallery.templates(one.id)])
        for one in gallery.identities
    }


def test_the_formats_are_those_that_there_are() -> None:
    assert sorted(known.READABLE_NAMES) == sorted(importing.FORMATS)
    assert sorted(known.WRITABLE_NAMES) == sorted(exporting.FORMATS)


# -- archives ------------------------------------------------------------------------------


def test_an_archive_restores_a_home(run, seed, open_gallery, home: Path, tmp_path: Path) -> None:
    seed("Ánh", 3)
    seed("Ánh")
    (home / "settings.toml").write_text('language = "vi"\n')
    before = everything(open_gallery)
    archive = tmp_path / "all.facedesk"
    told = run("export", archive)
    assert (told.code, told.out) == (0, f"2 people, 4 templates written to {archive}.\n")
    assert told.err == ""
    shutil.rmtree(home)
    home.mkdir()
    told = run("import", archive, "--settings")
    assert told.out == "2 people: 2 new, 0 the same, 0 templates added, 0 in conflict.\n"
    assert everything(open_gallery) == before
    assert (home / "settings.toml").read_text() == 'language = "vi"\n'
    told = run("import", archive)
    assert told.out == "2 people: 0 new, 2 the same, 0 templates added, 0 in conflict.\n"
    assert "The settings in it were left alone" in told.err
    told = run("import", archive, "--settings")
    assert told.code == 2
    assert "Move that file away" in told.err


def test_settings_that_are_not_valid_are_not_restored(
    run, seed, home: Path, tmp_path: Path
) -> None:
    seed("Ánh")
    (home / "settings.toml").write_text("language = 3\n")
    run("export", tmp_path / "all.facedesk")
    (home / "settings.toml").unlink()
    told = run("import", tmp_path / "all.facedesk", "--settings")
    assert told.code == 2
    assert "language" in told.err
    assert not (home / "settings.toml").exists()


def test_what_is_in_conflict_is_told_and_stays(run, seed, open_gallery, tmp_path: Path) -> None:
    who = seed("Ánh")
    run("export", tmp_path / "all.facedesk")
    run("people", "rename", "Ánh", "Bob")
    before = everything(open_gallery)
    told = run("import", tmp_path / "all.facedesk", "--json")
    (line,) = told.json
    assert line["people"] == [
        {
            "identity": who.id,
            "name": "Bob",
            "outcome": "in conflict",
            "templates": 0,
            "reason": "It is called Bob here, and Ánh there.",
        }
    ]
    assert "nothing was written over" in told.err
    assert everything(open_gallery) == before


def test_an_archive_of_another_model_is_refused(run, seed, npz: Path, tmp_path: Path) -> None:
    seed("Ánh")
    run("export", tmp_path / "all.facedesk")
    with zipfile.ZipFile(tmp_path / "all.facedesk") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(members["manifest.json"])
    members["manifest.json"] = json.dumps({**manifest, "model_id": "other-1"}).encode()
    with zipfile.ZipFile(tmp_path / "other.facedesk", "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    told = run("import", tmp_path / "other.facedesk")
    assert told.code == 2
    assert "Expected a gallery of the model other-1" in told.err


# -- embeddings ----------------------------------------------------------------------------


def test_embeddings_come_with_their_model_named(run, npz: Path, open_gallery) -> None:
    told = run("import", npz)
    assert told.code == 2
    assert f"Name it with --model; the gallery's is sface ({SfaceEmbedder.model_id})" in told.err
    told = run("import", npz, "--model", "arcface")
    assert told.code == 2
    assert "two models' never compare" in told.err
    assert everything(open_gallery) == {}
    told = run("import", npz, "--model", "sface")
    assert (told.code, told.out) == (0, "2 people, 3 templates added, 0 skipped.\n")
    assert "Ánh: 2 templates added." in told.err
    assert "They came without pictures" in told.err
    before = everything(open_gallery)
    told = run("import", npz, "--model", SfaceEmbedder.model_id)
    assert (told.code, told.out) == (
        0,
        "0 people, 0 templates added, 3 skipped: 3 enrolled already.\n",
    )
    assert everything(open_gallery) == before


def test_vectors_of_another_length_are_refused(run, tmp_path: Path, open_gallery) -> None:
    np.savez(tmp_path / "a.npz", embeddings=np.eye(512, dtype="f4")[:2], names=["a", "b"])
    told = run("import", tmp_path / "a.npz", "--model", "sface")
    assert told.code == 2
    assert "Expected vectors of 128 numbers" in told.err
    assert "have 512" in told.err
    assert everything(open_gallery) == {}


def test_a_face_that_is_here_under_another_name_is_told(run, npz: Path, rows, tmp_path) -> None:
    run("import", npz, "--model", "sface")
    np.savez(tmp_path / "b.npz", embeddings=rows[1:2], names=["Zoë"])
    told = run("import", tmp_path / "b.npz", "--model", "sface")
    assert told.code == 1
    assert told.out == (
        "0 people, 0 templates added, 1 skipped: 1 another person's picture.\nNot enrolled: Zoë.\n"
    )
    assert "Skipped Zoë: The same vector is here as Bob." in told.err
    nearly = rows[1:2] + np.float32(0.01)
    np.savez(tmp_path / "c.npz", embeddings=nearly, names=["Zoë"])
    told = run("import", tmp_path / "c.npz", "--model", "sface")
    assert "for Zoë, but it is enrolled as Bob" in told.err


@pytest.mark.parametrize("form", ["npz", "pth", "faiss"])
def test_what_is_exported_identifies_the_same_people(
    run, seed, home: Path, tmp_path: Path, form: str, open_gallery
) -> None:
    seed("Ánh", 2)
    seed("山田")
    out = tmp_path / ("out.npz" if form == "npz" else "out")
    told = run("export", out, "--format", form)
    assert told.out == f"2 people, 3 templates written to {out}.\n"
    assert told.err.startswith("This format cannot hold pictures, ")
    rows = {one.name: seen for one, seen in everything(open_gallery).values()}
    shutil.rmtree(home)
    told = run("import", out, *([] if form == "npz" else ["--model", "sface"]))
    assert told.out == "2 people, 3 templates added, 0 skipped.\n"
    for one, seen in everything(open_gallery).values():
        assert [row[:64] for row in seen] == [row[:64] for row in rows[one.name]]


def test_people_without_pictures_are_shown_and_cannot_become_pictures(
    run, npz: Path, tmp_path: Path
) -> None:
    run("import", npz, "--model", "sface")
    told = run("export", tmp_path / "out")
    assert told.code == 2
    assert "nobody's templates came with one" in told.err
    assert not (tmp_path / "out").exists()
    assert run("export", tmp_path / "all.facedesk").code == 0


# -- pictures ------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["folder", "csv"])
def test_crops_become_the_same_templates_again(
    run, photos: Path, home: Path, tmp_path: Path, open_gallery, form: str
) -> None:
    run("enroll", "Ánh: 1/2", photos / "portrait ảnh.jpg", photos / "turned.png")
    told = run("export", tmp_path / "out", "--format", form)
    assert told.out == f"1 person, 2 templates written to {tmp_path / 'out'}.\n"
    before = everything(open_gallery)
    told = run("import", tmp_path / "out")
    assert told.out == "0 people, 0 templates added, 2 skipped: 2 enrolled already.\n"
    shutil.rmtree(home)
    told = run("import", tmp_path / "out")
    assert told.out == "1 person, 2 templates added, 0 skipped.\n"
    assert "Ánh: 1/2: 2 pictures, 2 templates added." in told.err
    ((one, seen),) = everything(open_gallery).values()
    assert one.name == "Ánh: 1/2"
    assert seen == next(iter(before.values()))[1]


def test_portraits_are_one_picture_of_each(run, photos: Path, tmp_path: Path) -> None:
    run("enroll", "Ánh", photos / "portrait ảnh.jpg", photos / "turned.png")
    told = run("export", tmp_path / "out", "--portraits")
    assert told.out.startswith("1 person, 1 template written")
    assert len(list((tmp_path / "out").rglob("*.png"))) == 1
    told = run("export", tmp_path / "out.npz", "--portraits")
    assert told.code == 2


def test_a_table_names_columns_and_pictures(run, photos: Path, tmp_path: Path) -> None:
    shutil.copy(photos / "portrait ảnh.jpg", tmp_path / "a.jpg")
    (tmp_path / "liste.csv").write_text("wer;wo\nÁnh;a.jpg\nBob;b.jpg\n", "utf-8")
    told = run("import", tmp_path / "liste.csv")
    assert told.code == 2
    assert "--name-column" in told.err
    columns = ("--name-column", "wer", "--picture-column", "wo")
    told = run("import", tmp_path / "liste.csv", *columns)
    assert told.code == 1
    assert told.out == (
        "1 person, 1 template added, 1 skipped: 1 cannot be read.\nNot enrolled: Bob.\n"
    )
    assert f"there is nothing at {tmp_path / 'b.jpg'}" in told.err


# -- previews, and what is not there -------------------------------------------------------


def test_a_dry_run_changes_nothing(run, npz: Path, photos: Path, tmp_path, open_gallery) -> None:
    run("enroll", "Ánh", photos / "portrait ảnh.jpg")
    run("export", tmp_path / "all.facedesk")
    run("export", tmp_path / "out")
    identity = run("people", "list", "--json").json[0]["identity"]
    run("people", "remove", identity)
    for what, said in (
        (npz, "2 people, 3 templates would be added, 0 skipped.\n"),
        (tmp_path / "out", "1 person, 1 template would be added, 0 skipped.\n"),
        (
            tmp_path / "all.facedesk",
            "1 person: 1 new, 0 the same, 0 templates added, 0 in conflict. Nothing was changed.\n",
        ),
    ):
        told = run("import", what, "--model", "sface", "--dry-run")
        assert (told.code, told.out) == (0, said)
        assert run("import", what, "--model", "sface", "--dry-run", "--json").json[0]["dry_run"]
        assert everything(open_gallery) == {}


def test_what_the_model_can_make_nothing_of_goes_into_archives_and_pictures_alone(
    run, seed, open_gallery, tmp_path: Path
) -> None:
    who = seed("Ánh", 2)
    with closing(open_database(next(tmp_path.rglob("gallery.db")), 1, GALLERY)) as db:
        db.execute("UPDATE embedding_1 SET vector = zeroblob(512) WHERE template_id = 1")
    told = run("export", tmp_path / "a.npz")
    assert told.out.startswith("1 person, 1 template written")
    assert "1 template that the model can make nothing of could not be written." in told.err
    assert run("export", tmp_path / "out").out.startswith("1 person, 2 templates written")
    assert run("export", tmp_path / "a.facedesk").out.startswith("1 person, 2 templates written")
    assert run("import", tmp_path / "a.facedesk").out.startswith("1 person: 0 new, 1 the same")
    with closing(open_database(next(tmp_path.rglob("gallery.db")), 1, GALLERY)) as db:
        db.execute("UPDATE embedding_1 SET vector = zeroblob(512)")
    told = run("export", tmp_path / "b.npz")
    assert told.code == 2
    assert not (tmp_path / "b.npz").exists()
    assert open_gallery().template_count(who.id) == 2


def test_only_some_may_be_exported(run, seed, tmp_path: Path) -> None:
    seed("Ánh")
    seed("Bob")
    told = run("export", tmp_path / "a.npz", "--only", "Bob")
    assert told.out.startswith("1 person, 1 template written")
    told = run("export", tmp_path / "b.npz", "--only", "Carl")
    assert told.code == 2
    assert not (tmp_path / "b.npz").exists()


def test_namesakes_are_told(run, seed, tmp_path: Path) -> None:
    seed("Ánh")
    seed("Ánh")
    told = run("export", tmp_path / "out", "--format", "faiss")
    assert "2 people are called Ánh: what reads this file may take them for one." in told.err


def test_nobody_cannot_be_exported(run, tmp_path: Path) -> None:
    told = run("export", tmp_path / "a.npz")
    assert (told.code, told.out) == (2, "")
    assert "nobody is enrolled yet" in told.err


def test_nothing_is_written_over_unless_it_is_asked_for(run, seed, home, tmp_path: Path) -> None:
    seed("Ánh")
    out = tmp_path / "a.facedesk"
    out.write_text("mine")
    assert run("export", out).code == 2
    assert out.read_text() == "mine"
    assert run("export", out, "--force").code == 0
    told = run("export", home / "gallery.db", "--format", "archive", "--force")
    assert told.code == 2
    assert "Facedesk's own" in told.err
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").touch()
    assert run("export", tmp_path / "out", "--force").code == 2
    assert (tmp_path / "out" / "mine.txt").exists()


@pytest.mark.parametrize(
    ("called", "remedy"),
    [
        ("faces.index", "Add --format faiss"),
        ("faceslist.pth", "Add --format pth"),
        ("data.CSV", "Add --format csv"),
        ("representations.pkl", "--format: archive, csv, faiss"),
    ],
)
def test_pictures_take_no_name_of_a_file_of_another_format(
    run, seed, tmp_path: Path, called: str, remedy: str
) -> None:
    seed("Ánh")
    told = run("export", tmp_path / called)
    assert (told.code, told.out) == (2, "")
    assert remedy in told.err
    assert not (tmp_path / called).exists()
    assert run("export", tmp_path / called, "--format", "folder").code == 0


def test_a_table_of_nobody_is_told_as_one(run, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("name,path\n")
    told = run("import", tmp_path / "data.csv")
    assert told.code == 2
    assert "lines with a name and a picture" in told.err


# -- bad input -----------------------------------------------------------------------------


class _Payload:
    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (f"touch '{self.target}'",)


def _saved(save: Callable[..., None], *what: Any, **named: Any) -> bytes:
    content = io.BytesIO()
    save(content, *what, **named) if save is not torch.save else save(*what, content)
    return content.getvalue()


@functools.cache
def _bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("embeddings.npy", bytes(70_000_000))
        archive.writestr("manifest.json", b"{" + b" " * 70_000_000)
    return packed.getvalue()


def _bad_files(target: Path) -> dict[str, bytes]:
    payload = _Payload(target)
    flat = struct.pack("<4siqqqBiQ", b"IxFI", 128, 10**12, 1, 1, 1, 0, 128 * 10**12)
    npy = b"\x93NUMPY\x01\x00v\x00" + (
        b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000, 128), }".ljust(117)
        + b"\n"
    )
    claim = io.BytesIO()
    with zipfile.ZipFile(claim, "w") as archive:
        archive.writestr("embeddings.npy", npy)
    bomb = _bomb()
    return {
        "pickle.pkl": pickle.dumps([payload]),
        "pickle.npz": _saved(np.savez, names=np.array([payload], object), embeddings=np.eye(128)),
        "pickle.pth": _saved(torch.save, [torch.eye(128), payload]),
        "bomb.npz": bomb,
        "bomb.facedesk": bomb,
        "bomb.pth": bomb,
        "claim.npz": claim.getvalue(),
        "claim.index": flat,
        "claim.pkl": b"\x80\x02]r" + struct.pack("<I", 2**31 - 1) + b".",
        "cut.npz": _saved(np.savez, embeddings=np.eye(128), names=["a"] * 128)[:5000],
        "cut.facedesk": b"PK\x03\x04",
        "empty.npz": b"",
        "empty.csv": b"",
        "empty.pth": b"",
        "empty.pkl": b"",
        "empty.index": b"",
        "empty.facedesk": b"",
        "head.csv": b"name,path\n",
        "latin.csv": "name,path\nÁnh,a.jpg\n".encode("latin-1"),
        "text.npz": b"not this",
        "nan.npz": _saved(np.savez, embeddings=np.full((1, 128), np.nan), names=["a"]),
        "name.npz": _saved(np.savez, embeddings=np.eye(128)[:1], names=["\u202egnp.exe"]),
        "counts.npz": _saved(np.savez, embeddings=np.eye(128)[:2], names=["a"]),
    }


_BAD_NAMES = sorted(_bad_files(Path("x")))


@pytest.mark.parametrize("called", _BAD_NAMES)
def test_bad_input_is_one_sentence_and_changes_nothing(
    run, seed, open_gallery, tmp_path: Path, called: str
) -> None:
    seed("Ánh", 2)
    before = everything(open_gallery)
    path = tmp_path / called
    path.write_bytes(_bad_files(tmp_path / "was carried out")[called])
    (tmp_path / "labels.txt").write_text("a\nb\n")
    tracemalloc.start()
    told = run("import", path, "--model", "sface")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("Expected ")
    assert told.err.count("\n") == 1
    assert peak < 60_000_000  # a recognizer's are among them
    assert not (tmp_path / "was carried out").exists()
    assert everything(open_gallery) == before


@pytest.mark.parametrize("form", importing.FORMATS)
def test_what_is_not_there_is_told(run, tmp_path: Path, form: str) -> None:
    told = run("import", tmp_path / "missing", "--format", form)
    assert (told.code, told.out) == (2, "")
    assert str(tmp_path / "missing") in told.err
    assert told.err.count("\n") == 1
