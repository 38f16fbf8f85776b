from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt5.QtWidgets import QApplication

import common.errors
from common.errors import FacedeskError, SourceError
from desktop.i18n.languages import use
from desktop.i18n.sentences import FILE, in_own_words
from desktop.settings.file import load_settings
from gallery.names import normalized_name
from tools.translations.templates import templates


@pytest.fixture
def vietnamese(qapp: QApplication) -> Iterator[None]:
    use("vi")
    yield
    use("en")


def told(call: object, *args: object) -> str:
    with pytest.raises(FacedeskError) as error:
        call(*args)
    return in_own_words(str(error.value))


def test_the_file_has_the_sentences_of_the_sources() -> None:
    """`make translations` collects them."""
    assert json.loads(FILE.read_text("utf-8")) == templates()


def test_every_error_of_the_sources_is_among_them() -> None:
    found = templates()
    assert "there is nothing at {}" in found
    assert "room on the disk for the {} {}" in found
    assert "{} stopped giving pictures." in found
    assert "Similarity {} passes {}{}; {} of {} looks agree" in found
    assert len(found) == len(set(found))
    assert issubclass(common.errors.SourceError, FacedeskError)


@pytest.mark.usefixtures("vietnamese")
def test_an_error_is_told_with_what_it_names(tmp_path: Path) -> None:
    assert told(normalized_name, " ") == (
        "Cần một cái tên, nhưng chưa có gì. Hãy nhập tên của người này."
    )
    path = tmp_path / "settings.toml"
    path.write_text("width = 1")
    text = told(load_settings, path)
    assert text.startswith(f"Cần các cài đặt hợp lệ trong {path}, nhưng lại thấy: ")
    assert text.endswith("Hãy sửa hoặc xóa dòng đó.")


@pytest.mark.usefixtures("vietnamese")
def test_a_sentence_within_a_sentence_is_told_too() -> None:
    error = SourceError(
        "a camera with index 3",
        "none there gives pictures",
        "Plug it in, close other programs that use it, or choose another index",
    )
    text = in_own_words(f"{error} Trying again in 2 s.")
    assert text.startswith("Cần máy ảnh số 3, nhưng ở đó không có máy ảnh nào cho hình.")
    assert text.endswith("Sẽ thử lại sau 2 giây.")
    assert in_own_words("Camera 0, 640x480 at 30 fps.") == "Máy ảnh 0, 640x480, 30 hình/s."
    told = in_own_words("Camera 0 stopped giving pictures. Trying again in 2 s. Nobody knows.")
    assert told == "Máy ảnh 0 đã ngừng gửi hình. Sẽ thử lại sau 2 giây. Nobody knows."
    similar = "Similarity 0.71 passes 0.40; the next, Phạm Đức, is at 0.31; 9 of 9 looks agree"
    assert in_own_words(similar) == (
        "Độ giống 0.71 đạt ngưỡng 0.40; người tiếp theo, Phạm Đức, ở mức 0.31; "
        "9 trên 9 lần nhìn đồng ý"
    )


@pytest.mark.usefixtures("vietnamese")
@pytest.mark.parametrize("text", ["", "Something quite else", "Đã đăng ký Anna.", "{}"])
def test_what_nobody_has_translated_stays(text: str) -> None:
    assert in_own_words(text) == text


@pytest.mark.usefixtures("qapp")
def test_in_english_everything_stays() -> None:
    use("en")
    for text in (str(SourceError("x {0}", "y", "z")), "Camera 0, 640x480 at 30 fps."):
        assert in_own_words(text) == text
