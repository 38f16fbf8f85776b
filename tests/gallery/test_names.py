"""Which names stand."""

from __future__ import annotations

import unicodedata

import pytest

from facedesk_errors import GalleryError
from gallery.names import LONGEST_NAME, normalized_name, normalized_note


@pytest.mark.parametrize(
    "name",
    ["Nguyễn Thị Ánh", "李小龍", "محمد", "प्रिया", "O'Neill-Łukasz", "علی‌رضا", "X", "👩‍🚀", "7"],
)
def test_every_script_stands_as_typed(name: str) -> None:
    assert normalized_name(f"  {name}\u3000") == unicodedata.normalize("NFC", name)


def test_one_name_has_one_form() -> None:
    assert normalized_name(unicodedata.normalize("NFD", "Ánh")) == "\u00c1nh"


@pytest.mark.parametrize("name", ["", "   ", "\t\n", "\u200b", "\u200e\u200f", "\u0301"])
def test_a_name_that_shows_nothing_is_empty(name: str) -> None:
    with pytest.raises(GalleryError, match="it is empty"):
        normalized_name(name)


@pytest.mark.parametrize("name", ["A\x00nn", "A\tnn", "A\nnn", "A\x7fnn", "A\u2028nn", "A\ud800"])
def test_control_characters_do_not_stand(name: str) -> None:
    with pytest.raises(GalleryError, match="control character"):
        normalized_name(name)


def test_a_name_has_a_greatest_length() -> None:
    assert len(normalized_name("ễ" * LONGEST_NAME)) == LONGEST_NAME
    with pytest.raises(GalleryError, match=f"this one has {LONGEST_NAME + 1}"):
        normalized_name("ễ" * (LONGEST_NAME + 1))


def test_a_note_may_be_empty_or_have_lines_but_must_be_text() -> None:
    assert normalized_note(" ") == ""
    assert normalized_note(" left\nright\n") == "left\nright"
    with pytest.raises(GalleryError, match="half a character"):
        normalized_note("\udc80")
