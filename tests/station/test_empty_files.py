"""A file that is there, and empty or cut off, is damage, and never a beginning."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from common.errors import FacedeskError
from common.sealing.key_file import KEY_FILE
from desktop.home import Home
from gallery.likeness.impostors import Impostors
from gallery.store import Store
from station.actions.outbox import Outbox, waiting
from station.ledger.audit import Audit
from station.ledger.ledger import Ledger, count_rows
from station.people.inbox import Inbox
from station.people.refusals import Refusals
from station.secrets.codes import Codes
from station.secrets.pin import PinGuard

pytestmark = pytest.mark.usefixtures("cheap_scrypt")


def use_codes(path: Path) -> None:
    codes = Codes(path)
    if not path.exists():
        codes.set("a" * 32, "4711")
    codes.find("4711")


def use_pin(path: Path) -> None:
    guard = PinGuard(path)
    if not path.exists():
        guard.set("4711")
    assert guard.is_set


USES: dict[str, Callable[[Path], None]] = {
    "gallery.db": lambda path: Store(path).close(),
    "checkins.db": lambda path: Ledger(path).close(),
    "pin.db": use_pin,
    "codes.db": use_codes,
    "outbox.db": lambda path: Outbox(path).close(),
    "unknown.db": lambda path: Inbox(path).close(),
    "refusals.db": lambda path: Refusals(path).note("ann", 1),
    "impostors.db": lambda path: Impostors(path, "toy").close(),
}


@pytest.mark.parametrize("left", [0, 1, 50, 100, 1000, 4096, 8192])
@pytest.mark.parametrize("name", USES)
def test_what_was_cut_off_is_told_and_left_alone(tmp_path: Path, name: str, left: int) -> None:
    path = tmp_path / name
    USES[name](path)
    os.truncate(path, left)
    before = path.read_bytes()
    with pytest.raises(FacedeskError, match=r"damaged.*Put a backup copy in its place"):
        USES[name](path)
    assert path.read_bytes() == before


def test_an_empty_pin_file_is_not_one_without_a_pin(tmp_path: Path) -> None:
    guard = PinGuard(tmp_path / "pin.db")
    (tmp_path / "pin.db").touch()
    for ask in (lambda: guard.is_set, lambda: guard.check("4711"), lambda: guard.set("8152")):
        with pytest.raises(FacedeskError, match="damaged"):
            ask()
    assert (tmp_path / "pin.db").stat().st_size == 0


def test_who_counts_is_told_too(tmp_path: Path) -> None:
    home = Home(tmp_path, tmp_path)
    home.checkins.touch()
    home.outbox.touch()
    told: list[str] = []
    Audit(home.checkins, "Door", told.append).note("settings opened")
    assert "damaged" in told[0]
    for count, path in ((count_rows, home.checkins), (waiting, home.outbox)):
        with pytest.raises(FacedeskError, match="damaged"):
            count(path)


def test_a_file_is_complete_from_the_moment_that_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    link = os.link

    def look(made: Path, path: Path) -> None:
        assert not path.exists()
        link(made, path)
        if path.name == KEY_FILE:
            return
        with closing(Ledger(path)) as other:
            seen.append(len(list(other.entries())))

    monkeypatch.setattr(os, "link", look)
    Ledger(tmp_path / "checkins.db").close()
    assert seen == [0]
    assert {file.name for file in tmp_path.iterdir()} == {"checkins.db", KEY_FILE}


def test_another_programs_new_file_is_taken_where_there_are_no_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(made: Path, path: Path) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    Ledger(tmp_path / "checkins.db").close()
    Ledger(tmp_path / "checkins.db").close()
    assert {file.name for file in tmp_path.iterdir()} == {"checkins.db", KEY_FILE}
