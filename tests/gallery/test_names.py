"""Which names stand."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from common.errors import GalleryError
from common.sqlite_file import open_database
from gallery.gallery import Gallery
from gallery.identity import Template
from gallery.names import LONGEST_NAME, normalized_name, normalized_note
from gallery.schema import GALLERY
from gallery.store import Store

SCRIPTS = (
    *(
        "Nguyễn Thị Ánh",
        "Đặng Văn Ơn",
        "李小龍",
        "さくら",
        "Ｊｏｈｎ",
        "محمد",
        "أبو بكر (ابن)",
        "דוד בן־גוריון",
    ),
    *("प्रिया", "क्‍ष", "ศิริพร เกตุแก้ว", "김철수", "ᄀᅠ", "⠁⠝⠝⠁⠀⠃", "O'Neill-Łukasz", "علی‌رضا"),
    *(
        "X",
        "7",
        "👩‍🚀",
        "👨‍👩‍👧",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "🇻🇳",
        "❤️",
    ),
    *("محمد \u200f(C++)\u200e", "דוד\u200e 3", "ქეთევან", "Ἀλέξανδρος", "ሰላም", "ཚེ་རིང"),
)


@pytest.mark.parametrize("name", SCRIPTS)
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


@pytest.mark.parametrize(
    "name",
    [
        *(
            "\u3164",
            "\u2800",
            "\u115f",
            "\u1160",
            "\uffa0",
            "\ufffc",
            "\u115f\u1160",
            "\u3164 \u3164",
        ),
        *("\u2800\u200b\ufe0f", "\u3164\u0301", "\U0001d159"),
    ],
)
def test_a_name_of_letters_that_nobody_can_see_is_refused(name: str) -> None:
    with pytest.raises(GalleryError, match="nothing of it can be seen"):
        normalized_name(name)


@pytest.mark.parametrize(
    "control", [chr(c) for c in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))]
)
@pytest.mark.parametrize("name", ["Ann{}", "{}nnA", "An{}na", "محمد{}", "דוד {} Ann"])
def test_what_turns_the_direction_of_text_is_refused(name: str, control: str) -> None:
    for normalized in (normalized_name, normalized_note):
        with pytest.raises(GalleryError, match="changes the direction of text"):
            normalized(name.format(control))


@pytest.mark.parametrize("mark", ["\u200e", "\u200f", "\u061c"])
@pytest.mark.parametrize("name", ["Ann{}", "{}Ann", "محمد{}", "דו{}ד", "7{}8", "김{}철수"])
def test_a_direction_mark_is_refused_where_it_only_misleads(name: str, mark: str) -> None:
    with pytest.raises(GalleryError, match="changes the direction of text"):
        normalized_name(name.format(mark))
    assert normalized_note(f"a {name.format(mark)} b")


def test_a_name_has_a_greatest_length() -> None:
    assert len(normalized_name("ễ" * LONGEST_NAME)) == LONGEST_NAME
    with pytest.raises(GalleryError, match=f"this one has {LONGEST_NAME + 1}"):
        normalized_name("ễ" * (LONGEST_NAME + 1))


def test_a_note_may_be_empty_or_have_lines_but_must_be_text() -> None:
    assert normalized_note(" ") == ""
    assert normalized_note(" left\nright\n") == "left\nright"
    with pytest.raises(GalleryError, match="half a character"):
        normalized_note("\udc80")


@pytest.mark.parametrize("name", ["\u3164", "Ann\u202enhoj", "Ann\u200e"])
def test_a_gallery_that_has_such_names_opens_and_may_be_mended(
    path: Path, make_templates: Callable[..., list[Template]], name: str
) -> None:
    with closing(Gallery(Store(path), "toy-8", 8)) as gallery:
        known = gallery.enroll("Ann", make_templates())
    with closing(open_database(path, 1.0, GALLERY)) as before:
        before.execute("UPDATE identity SET name = ?", (name,))
    with closing(Gallery(Store(path), "toy-8", 8)) as gallery:
        assert [identity.name for identity in gallery.identities] == [name]
        assert gallery.find(known.id)[0].name == name
        gallery.enroll("Bob", make_templates())
        assert gallery.rename(known.id, "Ann").name == "Ann"
