"""Names in the order in which people look for them."""

from __future__ import annotations

import locale
import unicodedata

import numpy as np
import pytest

from common.collation import sort_key


@pytest.mark.parametrize(
    "names",
    [
        ["Cường", "Danh", "Dũng", "Đào", "Đức", "Em"],
        ["Dz", "Đa", "Ea"],
        ["ma", "mà", "mả", "mã", "má", "mạ", "mă", "mằ", "mâ", "mần", "mb"],
        ["An", "ăn", "Ân", "Anh", "Ánh", "Ảnh An", "Ánh Bình"],
        ["Nguyễn Thị An", "Nguyễn Thị Ánh", "Nguyễn Thị Bình", "Nguyễn Văn A"],
        ["Ann", "Anna", "Änna", "Anne"],
        ["Łukasz", "Müller", "Muller X", "Ørsted", "Zoë"],
        ["straße", "strasse x", "Straßf"],
        ["O'Brien", "O’Briena", "OBrien"],
        ["007", "1", "Ann", "Αλέξης", "Иван", "דוד", "محمد", "สมชาย", "김", "ひろ", "王"],
        ["カナ", "かに", "カヌ"],
        ["Ángel", "Angela", "Ángela"],
        ["", " ", "a"],
    ],
)
def test_they_are_in_order(names: list[str]) -> None:
    rng = np.random.default_rng(0)
    for _ in range(5):
        shuffled = [names[i] for i in rng.permutation(len(names))]
        assert sorted(shuffled, key=sort_key) == names


def test_neither_case_nor_how_a_letter_is_composed_counts() -> None:
    composed, apart = "Đặng Thị Ế", unicodedata.normalize("NFD", "Đặng Thị Ế")
    assert sort_key(composed) == sort_key(apart) == sort_key(composed.upper())
    assert sort_key("ＡＮＮ") == sort_key("ann")


def test_the_systems_locale_counts_for_nothing() -> None:
    before = locale.setlocale(locale.LC_COLLATE)
    try:
        locale.setlocale(locale.LC_COLLATE, "C")
        assert sorted(["Em", "Đào", "Dũng"], key=sort_key) == ["Dũng", "Đào", "Em"]
    finally:
        locale.setlocale(locale.LC_COLLATE, before)
