from __future__ import annotations

from itertools import permutations
from pathlib import Path

import msgspec
import pytest

from common.errors import StationError
from common.sealing.holders import FileHolder
from common.sealing.key_ring import ring_of
from desktop.home import Home
from station.liveness_modes import LIVENESS_MODES
from station.operation.protection import (
    ChosenGuards,
    Protection,
    ProtectionRecord,
    protection_now,
)
from station.people.rotation import rotate
from station.secrets.pin import PinGuard

GUARDED = Protection(
    liveness="always",
    fpir=0.001,
    opening_hours=True,
    keep_pictures=True,
    webhook=True,
    command=True,
    liveness_network=True,
    look_alikes_code=True,
    pin=True,
    gallery=True,
    ledger=True,
    calibration=True,
)
UNGUARDED = ChosenGuards(
    liveness="off",
    fpir=0.2,
    opening_hours=False,
    keep_pictures=False,
    webhook=False,
    command=False,
)


@pytest.fixture
def record(tmp_path: Path) -> ProtectionRecord:
    return ProtectionRecord(tmp_path / "protection.json")


def test_a_station_that_never_ran_requires_nothing(record: ProtectionRecord) -> None:
    assert record.kept() is None
    record.require(protection_now(UNGUARDED, Home(Path("/none"), Path("/none"))))
    record.follow(pin=False)
    assert record.kept() is None


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"liveness": "when unsure"}, "liveness to be always.*the settings say when unsure"),
        ({"liveness": "off"}, "liveness to be always.*the settings say off"),
        ({"fpir": 0.01}, "at most 0.001.*the settings say 0.01"),
        ({"opening_hours": False}, "opening hours"),
        ({"keep_pictures": False}, "pictures with the check-ins"),
        ({"webhook": False}, "a webhook"),
        ({"command": False}, "a command for the door"),
        ({"liveness_network": False}, "a network for liveness"),
        ({"pin": False}, "a PIN"),
        ({"gallery": False}, "a gallery"),
        ({"ledger": False}, "a check-in ledger"),
    ],
)
def test_less_is_refused_until_somebody_says_that_it_is_meant(
    record: ProtectionRecord, changed: dict, told: str
) -> None:
    record.keep(GUARDED)
    less = msgspec.structs.replace(GUARDED, **changed)
    with pytest.raises(StationError, match=f"{told}.*--accept"):
        record.require(less)
    record.follow(**changed)
    record.require(less)


def test_as_much_or_more_is_enough(record: ProtectionRecord) -> None:
    least = msgspec.structs.replace(GUARDED, liveness="off", webhook=False, fpir=0.1)
    record.keep(least)
    record.require(least)
    record.require(GUARDED)


def test_only_what_was_changed_is_meant(record: ProtectionRecord) -> None:
    """The file may have lost the rest before, unseen."""
    record.keep(GUARDED)
    chosen = msgspec.structs.replace(UNGUARDED, command=True)
    record.follow_settings(chosen, ["language", "station.name", "station.webhook"])
    assert record.kept() == msgspec.structs.replace(GUARDED, webhook=False)


def test_nothing_is_written_where_nothing_changed(record: ProtectionRecord, tmp_path: Path) -> None:
    record.keep(GUARDED)
    before = (tmp_path / "protection.json").stat().st_ino
    record.keep(GUARDED)
    assert (tmp_path / "protection.json").stat().st_ino == before


def test_a_damaged_record_is_written_over_where_that_is_meant(
    record: ProtectionRecord, tmp_path: Path
) -> None:
    (tmp_path / "protection.json").write_bytes(b"{")
    record.keep(GUARDED)
    assert record.kept() == GUARDED


def test_every_guard_is_compared(record: ProtectionRecord) -> None:
    """A guard that is added to Protection must not be forgotten in the comparison."""
    for name in set(Protection.__struct_fields__) - {"texts"}:
        value = getattr(GUARDED, name)
        less = False if value is True else "off" if name == "liveness" else 0.2
        record.keep(GUARDED)
        with pytest.raises(StationError):
            record.require(msgspec.structs.replace(GUARDED, **{name: less}))


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b'{"liveness": "always"}', b"[1]", b"\xff"])
def test_a_damaged_record_is_no_beginning(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "protection.json"
    path.write_bytes(content)
    with pytest.raises(StationError, match="cannot be read"):
        ProtectionRecord(path).require(GUARDED)


@pytest.mark.parametrize(
    ("kept", "less"), [("on", ["off"]), ("required", ["off", "when unsure"]), ("off", [])]
)
def test_a_record_of_an_earlier_release_requires_no_less(
    record: ProtectionRecord, tmp_path: Path, kept: str, less: list[str]
) -> None:
    fields = {**msgspec.structs.asdict(GUARDED), "liveness": kept}
    (tmp_path / "protection.json").write_bytes(msgspec.json.encode(fields))
    for liveness in LIVENESS_MODES:
        now = msgspec.structs.replace(GUARDED, liveness=liveness)
        if liveness in less:
            with pytest.raises(StationError, match="liveness to be"):
                record.require(now)
        else:
            record.require(now)


def test_each_mode_guards_more_than_the_one_before(record: ProtectionRecord) -> None:
    assert LIVENESS_MODES == ("off", "when unsure", "always")
    for before, now in permutations(LIVENESS_MODES, 2):
        record.keep(msgspec.structs.replace(GUARDED, liveness=before))
        after = msgspec.structs.replace(GUARDED, liveness=now)
        if LIVENESS_MODES.index(now) > LIVENESS_MODES.index(before):
            record.require(after)
        else:
            with pytest.raises(StationError, match=f"liveness to be {before}"):
                record.require(after)


def test_what_there_is_now(tmp_path: Path) -> None:
    home = Home(tmp_path, tmp_path)
    chosen = msgspec.structs.replace(
        UNGUARDED, liveness="when unsure", webhook=True, opening_hours=True
    )
    now = protection_now(chosen, home)
    assert (now.liveness, now.webhook, now.opening_hours) == ("when unsure", True, True)
    assert (now.pin, now.gallery, now.ledger, now.command) == (False, False, False, False)
    PinGuard(home.pin).set("739164")
    assert protection_now(chosen, home).pin
    PinGuard(home.pin).remove()
    assert not protection_now(chosen, home).pin
    home.pin.write_bytes(b"something else" * 1000)
    assert protection_now(chosen, home).pin


def test_a_setting_that_leads_outside_is_compared_by_its_text(record: ProtectionRecord) -> None:
    kept = msgspec.structs.replace(GUARDED, texts={"webhook": '"https://ours.example"'})
    record.keep(kept)
    record.require(kept)
    edited = msgspec.structs.replace(kept, texts={"webhook": '"https://eve.example"'})
    with pytest.raises(
        StationError, match=r"station\.webhook.*not chosen in the program.*--accept"
    ):
        record.require(edited)
    record.follow_settings(edited, ["language"])
    with pytest.raises(StationError, match=r"station\.webhook"):
        record.require(edited)
    record.follow_settings(edited, ["station.webhook"])
    record.require(edited)


def test_a_record_that_was_edited_or_is_of_another_home_is_not_believed(
    record: ProtectionRecord, tmp_path: Path
) -> None:
    other = tmp_path / "other" / "protection.json"
    ProtectionRecord(other).keep(msgspec.structs.replace(GUARDED, pin=False))
    record.keep(GUARDED)
    path = tmp_path / "protection.json"
    assert b"always" not in path.read_bytes()
    for content in (other.read_bytes(), path.read_bytes().replace(b'":"', b'":"A', 1)):
        path.write_bytes(content)
        with pytest.raises(StationError, match=r"protection\.json.*--accept"):
            record.require(GUARDED)


def test_a_plain_record_of_an_earlier_release_is_read_but_not_where_one_was_sealed(
    record: ProtectionRecord, tmp_path: Path
) -> None:
    (tmp_path / "protection.json").write_bytes(msgspec.json.encode(GUARDED))
    assert record.kept() == GUARDED
    with pytest.raises(StationError, match=r"sealed record.*--accept"):
        record.require_sealed()
    record.keep(GUARDED)
    record.require_sealed()
    (tmp_path / "protection.json").unlink()
    with pytest.raises(StationError, match="it is gone"):
        record.require_sealed()


def test_the_record_is_sealed_with_the_key_of_a_rotation(tmp_path: Path) -> None:
    home = Home(tmp_path, tmp_path)
    record = ProtectionRecord(home.protection)
    record.keep(GUARDED)
    before = home.protection.read_bytes()
    rotate(ring_of(tmp_path), home, FileHolder())
    assert home.protection.read_bytes() != before
    assert record.kept() == GUARDED


def test_a_running_station_takes_no_threshold_with_which_it_would_not_start(
    record: ProtectionRecord,
) -> None:
    assert record.allows_threshold(0.5, False), "it never ran"
    record.keep(GUARDED)
    assert record.allows_threshold(0.001, True)
    assert not record.allows_threshold(0.01, True)
    assert not record.allows_threshold(0.0001, False)
    record.follow(fpir=0.01, calibration=False)
    assert record.allows_threshold(0.01, False)
