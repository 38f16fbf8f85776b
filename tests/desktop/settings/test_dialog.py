from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt5.QtCore import QLocale, Qt
from PyQt5.QtWidgets import QDialog, QLineEdit
from pytestqt.qtbot import QtBot

from desktop.settings import choices
from desktop.settings.dialog import SettingsDialog
from desktop.settings.editors import (
    ChoiceEditor,
    FileEditor,
    KnownChoice,
    LanguageChoice,
    ShareEditor,
    Switch,
    TextEditor,
    written,
)
from desktop.settings.fields import fields, value_at, with_values
from desktop.settings.file import SECTIONS, Settings, load_settings
from desktop.shared.plain_text import PlainFileDialog
from models.described.composing import Answers, composed
from models.described.description import ModelDescription
from models.described.inspection import inspected
from models.described.installed import install
from station.settings import StationSettings
from tests.networks import write_network

FPS = ("fps",)
WIDTH = ("width",)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


@pytest.fixture
def dialog(path: Path, qtbot: QtBot) -> Iterator[SettingsDialog]:
    made = SettingsDialog(path, Settings())
    qtbot.addWidget(made)
    made.open()
    yield made
    made.hide()


def type_into(dialog: SettingsDialog, path: tuple[str, ...], text: str) -> None:
    editor = dialog.rows[path].editor
    assert isinstance(editor, TextEditor)
    editor.selectAll()
    editor.insert(text)  # QTest's keys know ASCII alone


def save(dialog: SettingsDialog, qtbot: QtBot) -> None:
    qtbot.mouseClick(dialog.save, Qt.LeftButton)


def test_every_setting_has_a_row_with_its_value() -> None:
    found = list(fields())
    tops = {field.path[0] for field in found if len(field.path) == 1}
    assert tops == set(Settings.__struct_fields__) - {"station"}
    station = {field.path[1] for field in found if field.path[0] == "station"}
    assert station == set(StationSettings.__struct_fields__)
    for field in found:
        assert field.allows(value_at(Settings(), field.path)), field.path


def test_values_go_where_they_belong() -> None:
    changed = with_values(Settings(), {("station", "name"): "Cổng 2", FPS: 15.0})
    assert changed == Settings(fps=15.0, station=StationSettings(name="Cổng 2"))


def test_each_kind_has_its_editor(dialog: SettingsDialog) -> None:
    def editor(*path: str) -> object:
        return dialog.rows[path].editor

    assert isinstance(editor("show_statistics"), Switch)
    assert isinstance(editor("theme"), ChoiceEditor)
    for known in ("detector", "embedder", "device"):
        assert isinstance(editor(known), KnownChoice)
    assert isinstance(editor("fpir"), ShareEditor)
    assert isinstance(editor("embedder_weights"), FileEditor)
    assert isinstance(editor("language"), LanguageChoice)
    assert isinstance(editor("fps"), TextEditor)
    secret = editor("station", "webhook_secret")
    assert isinstance(secret, QLineEdit)
    assert secret.echoMode() == QLineEdit.Password
    assert len(dialog.sections) == len(SECTIONS) == dialog.pages.count()


def test_added_detectors_are_offered(
    path: Path, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACEDESK_WEIGHTS", str(tmp_path))
    (tmp_path / "spots.onnx").write_bytes(b"a network")
    described = {"input_size": (640, 640), "mean": (0.0,), "scale": (1.0,)}
    for name, use in (("spots", "finds faces"), ("vectors", "compares faces")):
        install(
            tmp_path / "spots.onnx",
            ModelDescription(
                **{"name": name, "use": use, "family": "scrfd", "file": "spots.onnx"},
                **{"sha256": "0" * 64, "layout": "NCHW", "colour": "RGB", "dimension": 128},
                **described,
            ),
        )
    dialog = SettingsDialog(path, Settings(detector="spots"))
    qtbot.addWidget(dialog)
    editor = dialog.rows[("detector",)].editor
    offered = [editor.itemText(row) for row in range(editor.count())]
    assert offered == ["mtcnn", "yunet", "centerface", "spots"]
    assert editor.value == "spots"


def test_nothing_is_saved_before_anything_is_changed(dialog: SettingsDialog) -> None:
    assert not dialog.save.isEnabled()
    assert dialog.cancel.text() == "Close"


def test_only_what_was_changed_is_saved_beside_what_was_edited_meanwhile(
    dialog: SettingsDialog, path: Path, qtbot: QtBot
) -> None:
    path.write_text("# mine\nheight = 720\n", "utf-8")
    type_into(dialog, FPS, "15")
    type_into(dialog, ("station", "name"), "Cửa chính")
    dialog.rows[("detector",)].editor.setCurrentIndex(1)
    dialog.rows[("show_statistics",)].editor.click()
    with qtbot.waitSignal(dialog.saved) as saved:
        save(dialog, qtbot)
    names = ("show_statistics", "fps", "detector", "station.name")
    assert saved.args[0] == load_settings(path)
    assert sorted(saved.args[1]) == sorted(names)
    assert tomllib.loads(path.read_text("utf-8")) == {
        "height": 720,
        "fps": 15.0,
        "detector": "yunet",
        "show_statistics": False,
        "station": {"name": "Cửa chính"},
    }
    assert "\n# mine\n" in path.read_text("utf-8")
    assert dialog.result() == QDialog.Accepted


@pytest.mark.parametrize(
    ("setting", "text", "told"),
    [
        (WIDTH, "100", "from 160 to 7680"),
        (WIDTH, "640.5", "a whole number"),
        (WIDTH, "", "a whole number"),
        (FPS, "fast", "a number from 1 to 240"),
        (FPS, "nan", "a number from 1 to 240"),
        (("fpir",), "0", "not more often than 1 in 5"),
        (("fpir",), "1 in 3", "not more often than 1 in 5"),
        (("fpir",), "often", "such as 1 in 1,000"),
        (("source",), " ", "must not be empty"),
        (("station", "unknown_hours"), "0", "above 0"),
        (("station", "once_minutes"), "-1", "from 0 to 10080"),
        (("station", "opening_hours"), "Someday 7-9", "opening hours such as"),
        (("station", "webhook"), "ftp://here", "begins with http"),
        (("station", "webhook_secret"), "whsec_%", "Copy the secret again"),
        (("station", "command"), 'open "door', "a command in the setting"),
    ],
)
def test_what_cannot_stand_is_told_at_its_row_and_kept(
    dialog: SettingsDialog,
    path: Path,
    qtbot: QtBot,
    setting: tuple[str, ...],
    text: str,
    told: str,
) -> None:
    row = dialog.rows[setting]
    type_into(dialog, setting, "x")
    row.editor.clear()
    qtbot.keyClicks(row.editor, text)
    save(dialog, qtbot)
    assert dialog.isVisible()
    assert told in row.problem.text()
    assert row.problem.isVisible()
    assert row.editor.text() == text
    assert not path.exists()
    assert "Not saved" in dialog.problem.text()


def test_a_mended_value_is_told_no_longer(dialog: SettingsDialog, qtbot: QtBot) -> None:
    type_into(dialog, WIDTH, "1")
    assert dialog.rows[WIDTH].problem.text() == ""  # still typing
    save(dialog, qtbot)
    assert dialog.rows[WIDTH].problem.isVisible()
    qtbot.keyClicks(dialog.rows[WIDTH].editor, "280")
    assert not dialog.rows[WIDTH].problem.isVisible()


def test_what_takes_effect_later_says_so_when_it_is_changed(
    dialog: SettingsDialog, qtbot: QtBot
) -> None:
    dialog.sections.setCurrentRow(1)
    assert not dialog.rows[FPS].note.isVisible()
    type_into(dialog, FPS, "15")
    assert "next start" in dialog.rows[FPS].note.text()
    dialog.rows[("show_statistics",)].editor.click()
    assert dialog.rows[("show_statistics",)].note.text() == ""


def test_escape_keeps_what_was_typed_and_discard_does_not(
    dialog: SettingsDialog, path: Path, qtbot: QtBot
) -> None:
    type_into(dialog, FPS, "15")
    qtbot.keyClick(dialog, Qt.Key_Escape)
    assert dialog.isVisible()
    assert "not saved" in dialog.problem.text()
    assert dialog.cancel.text() == "Discard changes"
    qtbot.mouseClick(dialog.cancel, Qt.LeftButton)
    assert not dialog.isVisible()
    assert not path.exists()


def test_escape_closes_where_nothing_was_changed(dialog: SettingsDialog, qtbot: QtBot) -> None:
    qtbot.keyClick(dialog, Qt.Key_Escape)
    assert not dialog.isVisible()


def test_a_file_that_cannot_be_written_loses_nothing(
    dialog: SettingsDialog, path: Path, qtbot: QtBot
) -> None:
    path.write_text("width = = 640", "utf-8")
    type_into(dialog, FPS, "15")
    save(dialog, qtbot)
    assert dialog.isVisible()
    assert "Correct or delete the line" in dialog.problem.text()
    assert dialog.rows[FPS].editor.text() == "15"
    path.unlink()
    type_into(dialog, FPS, "16")
    save(dialog, qtbot)
    assert load_settings(path).fps == 16


def test_a_language_that_is_not_here_stays_chosen(path: Path, qtbot: QtBot) -> None:
    dialog = SettingsDialog(path, Settings(language="xx"))
    qtbot.addWidget(dialog)
    assert dialog.rows[("language",)].editor.value == "xx"


def test_numbers_have_the_decimal_mark_of_the_language(qapp: object) -> None:
    before = QLocale()
    try:
        QLocale.setDefault(QLocale("vi"))
        assert written(0.001) == "0,001"
        assert written(1280.0) == "1280"
    finally:
        QLocale.setDefault(before)
    assert next(f for f in fields() if f.path == FPS).allows(0.5) is False


def test_embedders_that_were_added_are_offered(
    path: Path, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACEDESK_WEIGHTS", str(tmp_path / "weights"))
    network = write_network(tmp_path / "mine.onnx")
    with inspected(network) as file:
        install(network, composed(file, "mine", Answers(preset="arcface")))
    dialog = SettingsDialog(path, Settings(embedder="sface+mine"))
    qtbot.addWidget(dialog)
    editor = dialog.rows[("embedder",)].editor
    assert isinstance(editor, ChoiceEditor)
    offered = [editor.itemText(row) for row in range(editor.count())]
    assert offered == ["sface", "facenet-vggface2", "facenet-casia-webface", "mine", "sface+mine"]
    editor.setCurrentIndex(3)
    save(dialog, qtbot)
    assert load_settings(path).embedder == "mine"


def test_an_embedder_that_was_removed_is_refused(
    path: Path, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACEDESK_WEIGHTS", str(tmp_path / "weights"))
    dialog = SettingsDialog(path, Settings(embedder="gone"))
    qtbot.addWidget(dialog)
    assert not dialog.rows[("embedder",)].check()
    assert "'gone' is none of sface" in dialog.rows[("embedder",)].problem.text()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("1 in 1,000", 0.001),
        ("1 in 500", 0.002),
        ("1 trên 1.000", 0.001),
        ("0,1 %", 0.001),
        ("0.3%", 0.003),
        ("0.001", 0.001),
    ],
)
def test_a_share_is_typed_as_people_say_it(
    dialog: SettingsDialog, path: Path, qtbot: QtBot, typed: str, kept: float
) -> None:
    row = dialog.rows[("fpir",)]
    type_into(dialog, ("fpir",), typed)
    assert row.is_valid
    assert row.value == kept
    assert row.is_changed is (kept != 0.001)


@pytest.mark.parametrize("share", [0.001, 0.003, 0.2, 1 / 3000, 0.0123])
def test_a_share_that_is_shown_is_the_share(share: float, path: Path, qtbot: QtBot) -> None:
    dialog = SettingsDialog(path, Settings(fpir=share))
    qtbot.addWidget(dialog)
    assert dialog.rows[("fpir",)].value == share
    assert not dialog.is_changed


def test_shares_are_said_in_the_language(path: Path, qtbot: QtBot) -> None:
    before = QLocale()
    try:
        QLocale.setDefault(QLocale("en_US"))
        dialog = SettingsDialog(path, Settings())
        qtbot.addWidget(dialog)
        assert dialog.rows[("fpir",)].editor.text() == "1 in 1,000"
    finally:
        QLocale.setDefault(before)


def test_each_choice_says_what_it_is_good_for(dialog: SettingsDialog) -> None:
    dialog.sections.setCurrentRow(2)
    row = dialog.rows[("detector",)]
    told = []
    for index in range(row.editor.count()):
        row.editor.setCurrentIndex(index)
        assert row.says.isVisible()
        told.append(row.says.text())
        assert row.editor.itemData(index, Qt.ToolTipRole)
    assert len(set(told)) == 3
    assert "Quicker" in told[1]


def test_a_device_that_is_not_here_is_shown_with_what_to_do_and_not_chosen(
    path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = frozenset({"openvino:CPU", "openvino:GPU.0", "openvino:GPU.1"})
    monkeypatch.setattr(choices, "_devices_here", lambda: here)
    monkeypatch.setattr(choices, "is_installed", lambda extra: False)
    dialog = SettingsDialog(path, Settings())
    qtbot.addWidget(dialog)
    editor = dialog.rows[("device",)].editor
    assert isinstance(editor, KnownChoice)
    names = [editor.itemText(row) for row in range(editor.count())]
    assert names[0] == "auto"
    enabled = {name for row, name in enumerate(names) if editor.model().item(row).isEnabled()}
    assert enabled == {"auto", "openvino:CPU", "openvino:GPU", "openvino:GPU.0", "openvino:GPU.1"}
    assert "pip install" in editor.explanation("torch:cuda")
    assert "neural unit" in editor.explanation("openvino:NPU")
    assert editor.explanation("openvino:GPU.1") != ""


def test_a_chosen_device_that_has_gone_stays_chosen(
    path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choices, "_devices_here", lambda: frozenset({"openvino:CPU"}))
    dialog = SettingsDialog(path, Settings(device="openvino:GPU"))
    qtbot.addWidget(dialog)
    assert dialog.rows[("device",)].value == "openvino:GPU"
    assert not dialog.is_changed


def test_a_file_is_looked_for(dialog: SettingsDialog, qtbot: QtBot, tmp_path: Path) -> None:
    editor = dialog.rows[("embedder_weights",)].editor
    assert isinstance(editor, FileEditor)
    dialog.sections.setCurrentRow(2)
    assert editor.browse.isVisible()
    editor.browse.click()
    (files,) = editor.findChildren(PlainFileDialog)
    files.fileSelected.emit(str(tmp_path / "weights.pt"))
    files.reject()
    assert editor.value == str(tmp_path / "weights.pt")
