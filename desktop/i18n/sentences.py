"""Translates sentences that are written without Qt, such as the text of a FacedeskError.

Names, paths and numbers are in them already. So each is compared with the templates of
`sentences.json`, such as "there is nothing at {}", which `make translations` collects from the
sources. The text in the place of the braces may itself be such a sentence.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

from PyQt5.QtCore import QCoreApplication

CONTEXT = "Sentences"
FILE = Path(__file__).with_name("sentences.json")

_BETWEEN_SENTENCES = re.compile(r"(?<=\.) ")

_WORD = re.compile(r"[A-Za-z]{2,}")

_DEEPEST = 4
"""How deep sentences are nested at most, as an error in a note in a status."""


def in_own_words(text: str, depth: int = _DEEPEST) -> str:
    """Return the sentence in the current language; unchanged where it has no translation."""
    if not depth or not text:
        return text
    for template, pattern in _templates():
        found = pattern.fullmatch(text)
        if found is not None:
            said = QCoreApplication.translate(CONTEXT, template)
            return said.format(*(in_own_words(part, depth - 1) for part in found.groups("")))
    sentences = _BETWEEN_SENTENCES.split(text)
    return " ".join(in_own_words(s, depth - 1) for s in sentences) if sentences[1:] else text


@cache
def _templates() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return the templates with the longest fixed text first: shorter ones may fit by chance."""
    templates = json.loads(FILE.read_text("utf-8"))
    templates.sort(key=lambda template: -len(template.replace("{}", "")))
    return tuple((template, _pattern(template)) for template in templates)


def _pattern(template: str) -> re.Pattern[str]:
    """Return a pattern that finds the values in a sentence made from the template.

    Of two values side by side the first is a number, the second is any text. A template with a
    single word, as "camera {}", does not take a whole sentence for its value.
    """
    value = r"(\S*)" if len(_WORD.findall(template)) == 1 else "(.*?)"
    pattern = "([0-9.]*)(.*)".join(
        value.join(map(re.escape, part.split("{}"))) for part in template.split("{}{}")
    )
    return re.compile(pattern, re.DOTALL)
