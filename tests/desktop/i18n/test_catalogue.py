from __future__ import annotations

from xml.etree import ElementTree

import pytest

from common.sentence import Sentence
from desktop.i18n.catalogue import CONTEXT, read_sentences, spoken
from desktop.i18n.languages import FOLDER


def test_it_reads_what_lrelease_has_written() -> None:
    (written,) = (
        context
        for context in ElementTree.parse(FOLDER / "facedesk_vi.ts").getroot().iter("context")
        if context.findtext("name") == CONTEXT
    )
    expected = {
        message.findtext("source"): message.findtext("translation")
        for message in written.iter("message")
    }
    assert read_sentences(FOLDER / "facedesk_vi.qm") == expected
    assert len(expected) > 100


def test_a_language_says_sentences_and_leaves_names() -> None:
    language = spoken("vi")
    known = read_sentences(FOLDER / "facedesk_vi.qm")["there is nothing at {}"]
    assert language.code == "vi"
    assert language.say(Sentence("there is nothing at {}", "{x}")) == known.format("{x}")
    assert language.say("there is nothing at {}") == "there is nothing at {}"
    assert language.say(Sentence("never translated")) == "never translated"


@pytest.mark.parametrize(
    ("choice", "system", "code"),
    [
        ("en", "vi_VN.UTF-8", "en"),
        ("system", "vi_VN.UTF-8", "vi"),
        ("system", "C.UTF-8", "en"),
        ("xx", "vi_VN.UTF-8", "en"),
        ("../secret", "", "en"),
    ],
)
def test_the_setting_and_the_system_choose(
    monkeypatch: pytest.MonkeyPatch, choice: str, system: str, code: str
) -> None:
    monkeypatch.setenv("LC_ALL", system)
    monkeypatch.delenv("LANG", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    assert spoken(choice).code == code
