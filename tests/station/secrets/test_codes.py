from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from common.errors import StationError
from common.sqlite_file import open_database, transaction
from station.secrets import codes as codes_module
from station.secrets.codes import ATTEMPTS, CODES_FILE, Codes
from station.secrets.guessable import FIRST_TRIED, guessable
from station.secrets.pin import weakness

pytestmark = pytest.mark.usefixtures("cheap_scrypt")

ANN, BOB = "a" * 32, "b" * 32


@pytest.fixture
def path(home: Path) -> Path:
    return home / "codes.db"


@pytest.fixture
def codes(path: Path, clock) -> Codes:
    return Codes(path, clock)


def test_before_any_is_set(codes: Codes, path: Path) -> None:
    assert codes.find("1234") is None
    assert not codes.has(ANN)
    assert not codes.remove(ANN)
    assert codes.wait_s == 0
    assert not path.exists()


def test_each_code_is_one_persons(codes: Codes, path: Path, clock) -> None:
    codes.set(ANN, "4711")
    codes.set(BOB, "Badge-Ü 007")
    again = Codes(path, clock)
    assert again.find("4711") == ANN
    assert again.find("Badge-Ü 007") == BOB
    assert again.find("4712") is None


@pytest.mark.parametrize(
    "typed", ["badge-ü 007", "BADGE-U\u0308 007", " Badge-Ü 007 \t", "Ｂadge-Ü 007"]
)
def test_the_same_code_as_other_keyboards_and_readers_send_it(codes: Codes, typed: str) -> None:
    codes.set(BOB, "Badge-Ü 007")
    assert codes.find(typed) == BOB


def test_a_new_code_replaces_the_old_one(codes: Codes) -> None:
    codes.set(ANN, "4711")
    codes.set(ANN, "4711")
    codes.set(ANN, "0815")
    assert codes.find("4711") is None
    assert codes.find("0815") == ANN


def test_another_persons_code_is_refused(codes: Codes) -> None:
    codes.set(ANN, "4711")
    codes.set(BOB, "0815")
    with pytest.raises(StationError, match="nobody has yet, but this is another person's"):
        codes.set(BOB, "4711")
    assert (codes.find("4711"), codes.find("0815")) == (ANN, BOB)


@pytest.mark.parametrize("code", ["", "123", "  123  ", "1" * 65, "12\n34", "12\x0034"])
def test_what_is_no_code_is_refused(codes: Codes, path: Path, code: str) -> None:
    with pytest.raises(StationError, match="code of 4 to 64"):
        codes.set(ANN, code)
    assert not path.exists()


def test_it_is_told_what_is_wrong_with_a_code(codes: Codes) -> None:
    for code, found in {"": "none", " ": "none", "123": "3", "1" * 65: "65"}.items():
        with pytest.raises(StationError, match=rf"but this has {found}\."):
            codes.set(ANN, code)


@pytest.mark.parametrize(
    ("code", "found"),
    [
        *((code, "repeats itself") for code in ("0000", "777777", "1212", "aaaa", "００００")),
        *((code, "counts up or down") for code in ("1234", "4321", "2468", "ABCD", " 123456 ")),
        *((code, "may be a year") for code in ("1984", "2026")),
        *((code, "first that are tried") for code in ("2580", "1122", "Qwerty", "PASSWORD")),
    ],
)
def test_what_anybody_would_try_is_refused_as_a_pin_is(
    codes: Codes, path: Path, code: str, found: str
) -> None:
    with pytest.raises(StationError, match=f"not easily guessed, but .*{found}"):
        codes.set(ANN, code)
    assert not path.exists()


def test_one_rule_for_pins_and_codes(codes: Codes) -> None:
    for number in range(10_000):
        assert weakness(f"{number:04}") == guessable(f"{number:04}")
    for number in (0, 1234, 1999, 2580):
        with pytest.raises(StationError, match="guessed"):
            codes.set(ANN, f"{number:04}")


def test_a_guessable_code_from_before_goes_on_working_and_is_found(
    codes: Codes, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert codes.first_tried() == []
    codes.set(BOB, "4711")
    with monkeypatch.context() as before:
        before.setattr(codes_module, "guessable", lambda code: None)
        codes.set(ANN, "1234")
    assert codes.find("1234") == ANN
    assert codes.first_tried() == [ANN]
    assert codes.wait_s == 0


def test_what_is_tried_first_is_refused() -> None:
    assert all(guessable(code) for code in FIRST_TRIED)
    assert len(set(FIRST_TRIED)) == len(FIRST_TRIED)


def test_the_file_is_private_and_holds_no_code(codes: Codes, path: Path) -> None:
    codes.set(ANN, "BADGE-0815-4711")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"4711" not in path.read_bytes()
    assert b"badge" not in path.read_bytes().lower()


def test_a_look_up_derives_once_among_thousands(
    codes: Codes, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes.set(ANN, "4711")
    with closing(open_database(path, 1, CODES_FILE)) as db, transaction(db):
        db.executemany(
            "INSERT INTO code VALUES (?, ?)", [(f"{n:032}", b"%032d" % n) for n in range(5000)]
        )
    derived = []

    def derive(secret: str, salt: bytes) -> bytes:
        derived.append(secret)
        return real(secret, salt)

    real = codes_module.derive
    monkeypatch.setattr(codes_module, "derive", derive)
    assert codes.find("4711") == ANN
    assert derived == ["4711"]


def test_removed_people_have_no_code(codes: Codes, path: Path) -> None:
    codes.set(ANN, "4711")
    codes.set(BOB, "0815")
    assert codes.remove(ANN)
    assert not codes.has(ANN)
    assert codes.find("4711") is None
    assert codes.find("0815") == BOB
    assert ANN.encode() not in path.read_bytes()
    assert codes.remove(BOB)
    assert codes.find("0815") is None


def test_guessing_becomes_slow(codes: Codes, path: Path, clock) -> None:
    codes.set(ANN, "4711")
    began = clock.now
    guesses = 0
    while clock.now < began + 3600:
        assert Codes(path, clock).find(f"guess {guesses}") is None
        guesses += 1
        clock.now += max(codes.wait_s, 0.2)
    assert guesses < 60 + 20


def test_while_a_pause_is_on_nothing_is_looked_at(codes: Codes, clock) -> None:
    codes.set(ANN, "4711")
    while not codes.wait_s:
        assert codes.find("4712") is None
    assert codes.find("4711") is None
    clock.now += codes.wait_s
    assert codes.find("4711") == ANN
    assert codes.wait_s == 0


def test_a_code_of_ones_own_buys_no_guesses(codes: Codes, clock) -> None:
    codes.set(ANN, "4711")
    guesses = 0
    while not codes.wait_s:
        assert codes.find("4711") == ANN
        assert codes.find("4712") is None
        guesses += 1
    assert guesses == ATTEMPTS.pauses_s.index(2.0) + 1


def test_slips_now_and_then_stop_nobody(codes: Codes, clock) -> None:
    codes.set(ANN, "4711")
    for _ in range(30):
        codes.find("4712")
        assert codes.wait_s == 0
        assert codes.find("4711") == ANN
        clock.now += 90


def test_a_newer_file_is_told(codes: Codes, path: Path) -> None:
    codes.set(ANN, "4711")
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {len(CODES_FILE.migrations) + 1}")
    with pytest.raises(StationError, match=r"file of codes.*newer Facedesk"):
        codes.find("4711")


def test_where_nothing_can_be_written_nothing_is_looked_at(codes: Codes, no_room) -> None:
    codes.set(ANN, "4711")
    with no_room():
        for call in (lambda: codes.find("4711"), lambda: codes.set(BOB, "0815")):
            with pytest.raises(StationError, match="file of codes"):
                call()
    assert codes.find("4711") == ANN
    assert not codes.has(BOB)
