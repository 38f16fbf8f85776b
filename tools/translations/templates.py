"""Collects the templates of Sentences, which modules without Qt make; a developer's tool."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import common.errors

ROOT = Path(common.errors.__file__).parents[1]

_PACKAGES = (
    *("bench/drawing", "bench/evaluation", "bench/hardening", "bench/live", "bench/report"),
    *("capture", "common", "gallery", "models", "recognition", "station"),
    *("desktop/live/people", "desktop/settings"),
)

_SENTENCE = ROOT / "common" / "sentence.py"

_CAPITALIZED = (
    *("Camera {}", "Video {}", "Stream {}", "Snapshots of {}", "Folder {}", "Picture {}", "Demo"),
)
"""Names of sources at the beginning of a sentence, made by Sentence.capitalized()."""


def templates() -> list[str]:
    """Return each template once, in the order of the modules; {} stands for a value.

    Raises ValueError for an f-string, or other text that is put together, where a template has
    to be: nobody could translate it.
    """
    modules = [path for package in _PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    modules.remove(_SENTENCE)
    found = (text for module in modules for text in templates_in(module))
    return [text for text in dict.fromkeys((*_CAPITALIZED, *found)) if any(map(str.isalpha, text))]


def templates_in(module: Path) -> Iterator[str]:
    """Yield the templates of a module. Raises ValueError as templates() does.

    A call with three texts whose name ends in error makes a FacedeskError: no other error has
    three. Some classes are handed over as `error`, as in common.sqlite_file.Format.
    """
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        match node:
            case ast.Call(func=ast.Name(id="Sentence"), args=[ast.Constant(value=str(text)), *_]):
                yield text
            case ast.Call(func=ast.Name(id="Sentence")):
                raise _untranslatable(module, node)
            case ast.Call(
                func=ast.Name(id=name) | ast.Attribute(attr=name), args=[_, _, _] as parts
            ) if name.lower().endswith("error"):
                for part in parts:
                    yield from _texts(module, part)


def _texts(module: Path, node: ast.expr) -> Iterator[str]:
    """Yield the texts that an argument of an error may be, other than Sentences."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=body, orelse=other):
            yield from _texts(module, body)
            yield from _texts(module, other)
        case ast.JoinedStr() | ast.BinOp():
            raise _untranslatable(module, node)


def _untranslatable(module: Path, node: ast.expr) -> ValueError:
    return ValueError(f"{module}:{node.lineno}: a text that is put together; make it a Sentence")
