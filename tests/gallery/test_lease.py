from __future__ import annotations

import os
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from common.errors import GalleryError
from gallery.gallery import Gallery
from gallery.lease import Lease, is_held
from gallery.store import Store

ROOT = Path(__file__).parents[2]

HOLDING = """
import sys
from pathlib import Path
from gallery.gallery import Gallery
from gallery.lease import Lease

lease = Lease(Path(sys.argv[1]))
print(lease.take(), flush=True)
sys.stdin.read()
"""


def test_it_is_held_until_it_is_released(path: Path) -> None:
    Store(path).close()
    lease, other = Lease(path), Lease(path)
    name = lease.take()
    assert lease.take() == name
    assert other.take() != name
    assert is_held(path, name)
    assert is_held(path, name)  # to look does no harm
    lease.release()
    assert not is_held(path, name)
    assert is_held(path, other.name)
    other.release()
    assert {file.name for file in path.parent.iterdir()} == {"gallery.db", "key.json"}
    assert not is_held(path, "")


def test_it_ends_with_its_program(path: Path) -> None:
    Store(path).close()
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout is not None
        name = program.stdout.readline().strip()
        assert is_held(path, name)
        program.kill()
        program.wait()
        assert not is_held(path, name)


def test_what_cannot_be_told_counts_as_held(path: Path) -> None:
    path.parent.mkdir()
    path.with_name(f"{path.name}.lease-odd").mkdir()
    assert is_held(path, "odd")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_it_is_private_and_a_folder_that_takes_nothing_is_told(path: Path) -> None:
    Store(path).close()
    lease = Lease(path)
    lease.take()
    (file,) = path.parent.glob("*lease*")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    lease.release()
    with pytest.raises(GalleryError, match="allowed to write"):
        Lease(path.parent / "nowhere" / "gallery.db").take()


def test_without_a_lease_nobody_is_removed(path: Path, make_templates, monkeypatch) -> None:
    with closing(Store(path)) as store:
        gallery = Gallery(store, "toy-8", 8)
        ann = gallery.enroll("Ann", make_templates())

        def refuse(*_: object) -> int:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "open", refuse)
        with pytest.raises(GalleryError):
            gallery.remove(ann.id)
        assert [identity.name for identity in gallery.identities] == ["Ann"]
        assert store.pending_erasures() == []


def test_an_erasure_of_one_of_its_people_leaves_it_the_others(path: Path, make_templates) -> None:
    """Ann was merged in one window into Bob, who is removed for good by another program."""
    with closing(Store(path)) as window, closing(Store(path)) as command:
        gallery = Gallery(window, "toy-8", 8)
        ann, bob, cleo, dan = (
            gallery.enroll(name, make_templates()) for name in ("Ann", "Bob", "Cleo", "Dan")
        )
        window.merge(bob.id, ann.id)
        window.remove(cleo.id)
        command.remove(bob.id)
        erased = command.erase(command.due_erasures(own=True))
        assert {item.identity_id for item in erased} == {ann.id, bob.id}
        window.remove(dan.id)
        assert {item.identity_id for item in command.due_erasures(own=True)} == {ann.id, bob.id}
        assert [one.identity.name for one in window.restore(cleo.id)] == ["Cleo"]
