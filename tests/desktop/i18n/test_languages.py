from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt5.QtCore import QCoreApplication, QEvent, QLocale, Qt, QTranslator
from PyQt5.QtWidgets import QApplication, QFileSystemModel
from pytestqt.qtbot import QtBot

from desktop.i18n.languages import FOLDER, SYSTEM, languages, meant, own_name, use
from desktop.shared.plain_text import PlainFileDialog


def said(application: QApplication) -> str:
    return QCoreApplication.translate("PeopleView", "Remove")


@pytest.fixture(autouse=True)
def english_again(qapp: QApplication) -> Iterator[None]:
    yield
    use("en")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a second language, which is one file."""
    for code in ("vi", "pt_BR"):
        shutil.copy(FOLDER / "facedesk_vi.qm", tmp_path / f"facedesk_{code}.qm")
    (tmp_path / "notes.txt").touch()
    return tmp_path


def test_english_and_vietnamese_are_here() -> None:
    assert languages() == ("en", "vi")
    assert [own_name(code) for code in languages()] == ["English", "Tiếng Việt"]


def test_another_language_is_one_file(folder: Path) -> None:
    assert languages(folder) == ("en", "pt_BR", "vi")
    assert own_name("pt_BR") == "Português"


def test_a_language_is_taken_up_and_given_back(qapp: QApplication) -> None:
    use("vi")
    assert said(qapp) == "Xóa"
    assert QLocale().language() == QLocale.Vietnamese
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Hủy"
    use("vi")
    qapp.sendPostedEvents(None, QEvent.DeferredDelete)
    assert len(qapp.findChildren(QTranslator)) == 1
    use("en")
    assert said(qapp) == "Remove"
    assert QLocale().language() == QLocale.English


def test_qts_own_file_dialog_is_translated(qtbot: QtBot) -> None:
    use("vi")
    dialog = PlainFileDialog()
    qtbot.addWidget(dialog)
    dialog.setOption(PlainFileDialog.DontUseNativeDialog)
    dialog.show()
    assert dialog.labelText(PlainFileDialog.LookIn) == "Tìm trong:"
    model = dialog.findChild(QFileSystemModel)
    columns = [model.headerData(column, Qt.Horizontal) for column in range(4)]
    assert columns == ["Tên", "Kích thước", "Loại", "Ngày sửa đổi"]


@pytest.mark.parametrize(
    ("choice", "system", "code"),
    [
        ("vi", "en_US", "vi"),
        ("en", "vi_VN", "en"),
        ("pt_BR", "en_US", "pt_BR"),
        ("pt", "en_US", "en"),
        ("vi_VN", "en_US", "vi"),
        ("xx", "vi_VN", "en"),
        (SYSTEM, "vi_VN", "vi"),
        (SYSTEM, "pt_BR", "pt_BR"),
        (SYSTEM, "de_DE", "en"),
    ],
)
def test_what_a_setting_means(
    monkeypatch: pytest.MonkeyPatch, folder: Path, choice: str, system: str, code: str
) -> None:
    monkeypatch.setattr(QLocale, "system", lambda: QLocale(system))
    assert meant(choice, folder) == code


def test_the_systems_region_is_kept(monkeypatch: pytest.MonkeyPatch, qapp: QApplication) -> None:
    monkeypatch.setattr(QLocale, "system", lambda: QLocale("en_GB"))
    use("en")
    assert QLocale().name() == "en_GB"
    use("vi")
    assert QLocale().name() == "vi_VN"
