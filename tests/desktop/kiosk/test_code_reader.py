from __future__ import annotations

from desktop.kiosk.code_reader import CodeReader


def typed(keys: str, gap_s: float, enter_after_s: float) -> str | None:
    reader = CodeReader()
    at = 100.0
    for key in keys:
        at += gap_s
        reader.key(key, at)
    return reader.enter(at + enter_after_s)


def test_what_comes_quickly_and_ends_with_enter_is_a_readers() -> None:
    assert typed("A0047-b", 0.01, 0.01) == "A0047-b"


def test_a_hand_is_slower() -> None:
    assert typed("0047", 0.2, 0.2) is None
    assert typed("0047", 0.01, 0.5) is None


def test_a_few_keys_are_no_code() -> None:
    assert typed("47", 0.01, 0.01) is None


def test_what_a_hand_typed_before_is_no_part_of_the_code() -> None:
    reader = CodeReader()
    reader.key("9", 1.0)
    for place, key in enumerate("1234"):
        reader.key(key, 2.0 + place / 100)
    assert reader.enter(2.05) == "1234"
    assert reader.enter(2.06) is None
