"""Says a Sentence, such as the text of a FacedeskError, in the language of the window.

`make translations` collects their templates from the sources (tools/translations/templates.py).
"""

from __future__ import annotations

from PyQt5.QtCore import QCoreApplication

from common.sentence import translated
from desktop.i18n.catalogue import CONTEXT
from desktop.i18n.numbers import as_number


def in_own_words(text: str) -> str:
    """Return a Sentence in the current language; in English where it has no translation.

    A plain string is what somebody has entered, or what the system says, and stays as it is. Among
    a sentence's values numbers are written as the language writes them.
    """
    return translated(
        text, lambda template: QCoreApplication.translate(CONTEXT, template), as_number
    )
