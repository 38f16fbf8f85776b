from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from common.errors import StationError
from common.sqlite_file import open_database
from station.secrets import pin as pin_module
from station.secrets.pin import ATTEMPTS, PIN_FILE, PinGuard, PinVerdict, weakness

pytestmark = pytest.mark.usefixtures("cheap_scrypt")

RIGHT, WRONG = "739164", "739165"


@pytest.fixture
def path(home: Path) -> Path:
    return home / "pin.db"


@pytest.fixture
def guard(path: Path, clock) -> PinGuard:
    return PinGuard(path, clock)


def pause_of(guard: PinGuard) -> float:
    """Wrong PINs until one is followed by a pause; its seconds."""
    return next(filter(None, (guard.check(WRONG).wait_s for _ in ATTEMPTS.pauses_s)))


def test_before_any_is_set(guard: PinGuard, path: Path) -> None:
    assert not guard.is_set
    assert guard.check("") == guard.check(RIGHT) == PinVerdict(False)
    assert guard.wait_s == 0
    assert not path.exists()


def test_the_right_one_and_no_other(guard: PinGuard, path: Path, clock) -> None:
    guard.set(RIGHT)
    assert guard.is_set
    for other in (WRONG, "", RIGHT + "0", RIGHT[:-1], "７３９１６４"):
        assert not guard.check(other).ok
        clock.now += ATTEMPTS.pauses_s[-1]
    assert PinGuard(path, clock).check(RIGHT) == PinVerdict(True)


def test_the_file_is_private_and_holds_no_pin(guard: PinGuard, path: Path) -> None:
    guard.set(RIGHT)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {file.name for file in path.parent.iterdir()} == {"pin.db", "key.json"}
    assert RIGHT.encode() not in path.read_bytes()


def test_the_same_pin_is_kept_differently_each_time(guard: PinGuard, path: Path) -> None:
    digests = set()
    for _ in range(2):
        guard.set(RIGHT)
        with closing(open_database(path, 1, PIN_FILE)) as db:
            digests |= set(db.execute("SELECT digest FROM pin"))
    assert len(digests) == 2


@pytest.mark.parametrize(
    ("weak", "why"),
    [
        ("", "digits 0 to 9"),
        ("12a4", "digits 0 to 9"),
        ("１２３５", "digits 0 to 9"),
        ("739", "has 3"),
        ("7391640285113", "has 13"),
        ("0000", "repeats"),
        ("1212", "repeats"),
        ("123123", "repeats"),
        ("1234", "counts"),
        ("7890", "counts"),
        ("4321", "counts"),
        ("2468", "counts"),
        ("1984", "year"),
        ("2580", "first that are tried"),
    ],
)
def test_a_weak_pin_is_refused_with_the_reason(guard: PinGuard, weak: str, why: str) -> None:
    with pytest.raises(StationError, match=f"but .*{why}"):
        guard.set(weak)
    assert not guard.is_set


@pytest.mark.parametrize("good", ["7391", "0417", "9284", RIGHT, "739164028511"])
def test_a_good_pin_is_not_refused(good: str) -> None:
    assert weakness(good) is None


def test_pauses_grow_and_nothing_is_looked_at_meanwhile(guard: PinGuard, clock) -> None:
    guard.set(RIGHT)
    pauses = []
    for _ in range(len(ATTEMPTS.pauses_s) + 2):
        verdict = guard.check(WRONG)
        pauses.append(verdict.wait_s)
        if verdict.wait_s:
            clock.now += verdict.wait_s - 0.5
            assert guard.check(RIGHT) == PinVerdict(False, 0.5)
            assert guard.wait_s == 0.5
            clock.now += 0.5
    last = ATTEMPTS.pauses_s[-1]
    assert pauses == [*ATTEMPTS.pauses_s, last, last]
    assert guard.check(RIGHT).ok
    assert guard.check(WRONG) == PinVerdict(False, 0)  # the count began anew


def test_a_pause_survives_a_restart(guard: PinGuard, path: Path, clock) -> None:
    guard.set(RIGHT)
    pause_s = pause_of(guard)
    assert PinGuard(path, clock).check(RIGHT) == PinVerdict(False, pause_s)


def test_a_try_is_counted_before_it_is_looked_at(
    guard: PinGuard, path: Path, clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard.set(RIGHT)

    def power_cut(secret: str, salt: bytes) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(pin_module, "derive", power_cut)
    waits = []
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            guard.check(WRONG)
        waits.append(PinGuard(path, clock).wait_s)
    assert waits == list(ATTEMPTS.pauses_s[:3])


def test_a_clock_that_is_set_back_lengthens_no_pause(guard: PinGuard, clock) -> None:
    guard.set(RIGHT)
    pause_s = pause_of(guard)
    clock.now -= 1e9
    assert guard.check(RIGHT) == PinVerdict(False, pause_s)
    clock.now += pause_s
    assert guard.check(RIGHT).ok


def test_change(guard: PinGuard) -> None:
    guard.set(RIGHT)
    assert guard.change(WRONG, "4085") == PinVerdict(False)
    assert guard.check(RIGHT).ok
    with pytest.raises(StationError, match="counts"):
        guard.change(RIGHT, "1234")
    assert guard.change(RIGHT, "4085").ok
    assert not guard.check(RIGHT).ok
    assert guard.check("4085").ok


def test_setting_ends_a_pause(guard: PinGuard) -> None:
    guard.set(RIGHT)
    pause_of(guard)
    guard.set("4085")
    assert guard.check("4085").ok


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda path: path.write_bytes(b"7391\n" * 1000), "of another kind"),
        (lambda path: newer(path), "made by a newer Facedesk"),
    ],
)
def test_a_file_that_cannot_be_used_is_told(guard: PinGuard, path: Path, spoil, told: str) -> None:
    guard.set(RIGHT)
    spoil(path)
    before = path.read_bytes()
    for call in (lambda: guard.is_set, lambda: guard.check(RIGHT), lambda: guard.set(RIGHT)):
        with pytest.raises(StationError, match=f"(?s)PIN file.*{told}"):
            call()
    assert path.read_bytes() == before


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {len(PIN_FILE.migrations) + 1}")


def test_what_cannot_be_counted_is_not_looked_at(guard: PinGuard, no_room) -> None:
    guard.set(RIGHT)
    with no_room(), pytest.raises(StationError, match="PIN file"):
        guard.check(RIGHT)
    with no_room(), pytest.raises(StationError, match="PIN file"):
        guard.set("4085")
    assert guard.check(RIGHT).ok


def test_a_folder_that_cannot_be_written_is_told(read_only_folder: Path, clock) -> None:
    with pytest.raises(StationError, match="allowed to write"):
        PinGuard(read_only_folder / "pin.db", clock).set(RIGHT)
