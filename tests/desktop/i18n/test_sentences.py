from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt5.QtWidgets import QApplication

from common.errors import FacedeskError, SourceError
from common.sentence import Sentence
from desktop.i18n.languages import use
from desktop.i18n.numbers import decimal
from desktop.i18n.sentences import in_own_words
from desktop.settings.file import load_settings
from gallery.names import normalized_name


@pytest.fixture
def vietnamese(qapp: QApplication) -> Iterator[None]:
    use("vi")
    yield
    use("en")


def told(call: object, *args: object) -> str:
    with pytest.raises(FacedeskError) as error:
        call(*args)
    return in_own_words(str(error.value))


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
        Sentence("a camera with index {}", 3),
        "none there gives pictures",
        "Plug it in, close other programs that use it, or choose another index",
    )
    text = in_own_words(Sentence("{} Trying again in {} s.", error, 2))
    assert text.startswith("Cần camera số 3, nhưng ở đó không có camera nào cho hình.")
    assert text.endswith("Sẽ thử lại sau 2 giây.")
    camera = Sentence("camera {}", 0).capitalized()
    rate = Sentence("{}, {}x{} at {} fps.", camera, 640, 480, 30)
    assert in_own_words(rate) == "Camera 0, 640x480, 30 hình/s."
    behind = Sentence("; the next, {}, is at {}", "Phạm Đức", 0.31)
    similar = Sentence(
        "Similarity {} passes {}{}; {} of {} good looks agree", 0.71, "0.40", behind, 9, 9
    )
    assert in_own_words(similar) == (
        "Độ giống 0,71 đạt ngưỡng 0,40; người tiếp theo, Phạm Đức, ở mức 0,31; "
        "9 trên 9 lần nhìn rõ khớp nhau"
    )


@pytest.mark.usefixtures("vietnamese")
def test_what_somebody_has_entered_is_not_translated() -> None:
    """A person or a folder may have the name of a thing that the program names."""
    for name in ("a name", "gallery", "it is empty"):
        assert in_own_words(Sentence("It shows {}.", name)).endswith(f"{name}.")
        assert in_own_words(name) == name
    assert in_own_words(Sentence("gallery")) == "kho khuôn mặt"


@pytest.mark.usefixtures("vietnamese")
@pytest.mark.parametrize("text", ["", "Something quite else", "Đã đăng ký Anna.", "{}", "{0} {x}"])
def test_what_nobody_has_translated_stays(text: str) -> None:
    assert in_own_words(text) == text
    assert in_own_words(Sentence(text)) == text


@pytest.mark.usefixtures("qapp")
def test_in_english_everything_stays() -> None:
    use("en")
    error = SourceError("x {0}", Sentence("y {}", "{z}"), "z")
    assert in_own_words(str(error)) == str(error) == "Expected x {0}, but y {z}. z."


@pytest.mark.usefixtures("vietnamese")
def test_numbers_have_the_languages_signs() -> None:
    rows = Sentence("at most {} rows for an XLSX file", "1,048,575")
    assert in_own_words(rows) == "tối đa 1.048.575 dòng cho một tệp XLSX"
    assert decimal(0.4) == "0,40"
    for name in ("1.2.3", "0.5 m", "a.5", "12,3", "192.168.0.1"):
        assert in_own_words(Sentence("It shows {}.", name)) == f"Ảnh này là của {name}."
    use("en")
    assert decimal(0.4) == "0.40"
