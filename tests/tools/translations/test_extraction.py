"""Whether everything that people read is translated, and shipped as it was translated."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

import pytest
from PyQt5.QtCore import QCoreApplication
from PyQt5.QtWidgets import QApplication

from desktop.i18n.languages import FOLDER, languages, use
from tools.translations.extraction import texts, update

FILES = sorted(FOLDER.glob("*.ts"))
Message = tuple[str, str]

translated = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def messages(file: Path) -> dict[Message, ET.Element]:
    """The translation of each context and source text."""
    return {
        (context.findtext("name") or "", message.findtext("source") or ""): translation
        for context in ET.parse(file).getroot().iter("context")
        for message in context.iter("message")
        for translation in message.iter("translation")
    }


@pytest.fixture(scope="module")
def present(tmp_path_factory: pytest.TempPathFactory) -> set[Message]:
    """What is in the sources now."""
    file = tmp_path_factory.mktemp("i18n") / "present.ts"
    update(file)
    return set(messages(file))


def test_every_file_is_a_language() -> None:
    assert {file.stem.removeprefix("facedesk_") for file in FILES} == set(languages()) - {"en"}


def test_every_text_is_found(present: set[Message]) -> None:
    assert set(texts()) == present
    assert ("Settings", "Smallest face") in present
    assert ("Window", "{} is enrolled.") in present


@translated
def test_no_text_is_missing_and_none_is_left_over(file: Path, present: set[Message]) -> None:
    """`make translations` brings the file up to date."""
    assert set(messages(file)) == present


@translated
def test_every_text_is_translated(file: Path) -> None:
    unfinished = [
        message
        for message, translation in messages(file).items()
        if translation.get("type") is not None or not (translation.text or "").strip()
    ]
    assert not unfinished


@translated
def test_placeholders_and_mnemonics_are_kept(file: Path) -> None:
    def marks(text: str) -> Counter[str]:
        return Counter(re.findall(r"\{[^}]*\}|%[a-zA-Z]|(?<!&)&(?=\S)|…$|\n\n", text))

    different = {
        source: translation.text
        for (_, source), translation in messages(file).items()
        if marks(source.replace("...", "…")) != marks(translation.text or "")
    }
    assert not different


@translated
def test_no_menu_has_a_key_twice(file: Path) -> None:
    keys = {
        source: translation.text.lower().partition("&")[2][0]
        for (context, source), translation in messages(file).items()
        if context == "Menus" and "&" in (translation.text or "")
    }
    bar = [keys[title] for title in ("&Source", "&People", "&View")]
    assert len(set(bar)) == len(bar)


@translated
def test_the_compiled_file_says_the_same(file: Path, qapp: QApplication) -> None:
    """`make translations` compiles it."""
    use(file.stem.removeprefix("facedesk_"))
    different = {
        message: translation.text
        for message, translation in messages(file).items()
        if QCoreApplication.translate(*message) != translation.text
    }
    use("en")
    assert not different


def test_an_update_keeps_what_is_translated(tmp_path: Path) -> None:
    file = tmp_path / "facedesk_xx.ts"
    file.write_text(
        """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS><TS version="2.1" language="xx"><context><name>ReviewPage</name>
<message><source>Save</source><translation>Sxve</translation></message>
<message><source>Long gone</source><translation>Lxng</translation></message>
</context></TS>""",
        "utf-8",
    )
    update(file)
    found = messages(file)
    assert found["ReviewPage", "Save"].text == "Sxve"
    assert found["ReviewPage", "Save"].get("type") is None
    assert found["ReviewPage", "Cancel"].get("type") == "unfinished"
    assert ("ReviewPage", "Long gone") not in found
    assert "<location" not in file.read_text("utf-8")
