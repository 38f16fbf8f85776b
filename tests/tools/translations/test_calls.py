from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tools.translations.calls import texts_in
from tools.translations.extraction import DESKTOP


@pytest.fixture
def module(tmp_path: Path) -> Path:
    return tmp_path / "module.py"


def test_calls_are_found_however_they_are_written(module: Path) -> None:
    module.write_text(
        """
class Bar(QWidget):
    def retranslate(self):
        self.setText(self.tr("Close"))
        self.setToolTip(
            self.tr(
                "A long one, "
                "in \\"two\\" parts…",
            ).format(1)
        )

def say(word):
    translate("Words", "One",)
    QCoreApplication.translate(
        "Words",
        "Two",
    )
    QCoreApplication.translate("Words", word)
""",
        "utf-8",
    )
    assert list(texts_in(module)) == [
        ("Bar", "Close"),
        ("Bar", 'A long one, in "two" parts…'),
        ("Words", "One"),
        ("Words", "Two"),
    ]


def test_what_nobody_could_translate_is_refused(module: Path) -> None:
    module.write_text("class Bar:\n    def say(self, word):\n        self.tr(word)\n", "utf-8")
    with pytest.raises(ValueError, match=r"module.py:3"):
        list(texts_in(module))


def test_no_class_with_texts_is_subclassed() -> None:
    """In a subclass Qt would look for its texts under another name."""
    speaking, bases = set(), set()
    for path in DESKTOP.rglob("*.py"):
        speaking |= {context for context, _ in texts_in(path)}
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                bases |= {base.id for base in node.bases if isinstance(base, ast.Name)}
    assert not speaking & bases
