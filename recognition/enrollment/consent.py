"""What people agree to before they are enrolled: the operator's text, read from a file.

Beside the file there may be one for each language: for `consent.txt` that is `consent.vi.txt`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from common.errors import EnrollmentError
from common.sentence import Sentence
from gallery.consents import Consent, ConsentWay

MOST_BYTES = 200_000
"""Of a text: some 50 pages, which nobody reads standing."""

_REMEDY = Sentence(
    "Write it in UTF-8, such as the one in docs/privacy.md, and name the file in the settings"
    " (consent_text); until then nobody is enrolled"
)


@dataclass(frozen=True)
class ConsentForm:
    """A text that is to be agreed to. language: such as "vi"; empty where it is for all."""

    language: str
    text: str

    @property
    def sha256(self) -> str:
        """The digest of the text in UTF-8, in hexadecimal digits."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def agreed(self, way: ConsentWay) -> Consent:
        """Returns that somebody agrees to the text now."""
        return Consent(datetime.now(UTC), self.language, self.text, way)


def consent_forms(path: str) -> Sequence[ConsentForm]:
    """Returns the text in a file and those in other languages beside it, the file's first.

    path: as the settings have it. Raises EnrollmentError where there is none, or one is empty, too
    large, or no text.
    """
    if not path.strip():
        raise EnrollmentError(
            "a text that people agree to before they are enrolled",
            "the settings ask for consent and name none",
            _REMEDY,
        )
    file = Path(path).expanduser()
    others = {
        other.name[len(file.stem) + 1 : -len(file.suffix) or None]: other
        for other in sorted(file.parent.glob(f"{_escaped(file.stem)}.*{file.suffix}"))
        if other != file
    }
    forms = [ConsentForm("", _read(file))] if file.exists() or not others else []
    return (*forms, *(ConsentForm(code, _read(one)) for code, one in others.items()))


def form_in(forms: Sequence[ConsentForm], language: str) -> ConsentForm:
    """Returns the text in this language, such as "vi" or "vi_VN"; the first one where there is
    none."""
    wanted = language.replace("-", "_")
    for code in (wanted, wanted.partition("_")[0]):
        for form in forms:
            if form.language == code:
                return form
    return forms[0]


def consent_lacking(name: str) -> EnrollmentError:
    """Returns the error for somebody of whom no consent came, where the settings ask for it."""
    return EnrollmentError(
        Sentence("the consent of {}, for which the settings ask", name),
        "none came with the enrollment",
        "Let them read and agree in the window, or say with --consent that they have agreed",
    )


def _read(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
        text = content.decode("utf-8-sig").replace("\r\n", "\n").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise EnrollmentError(
            Sentence("the text that people agree to, in {}", file),
            Sentence("it cannot be read ({})", getattr(error, "strerror", None) or error),
            _REMEDY,
        ) from error
    if not text or len(content) > MOST_BYTES:
        raise EnrollmentError(
            Sentence("the text that people agree to, in {}", file),
            "it is empty" if not text else "it is larger than 200 KB",
            _REMEDY,
        )
    return text


def _escaped(stem: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in stem)
