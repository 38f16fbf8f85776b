"""Collects the sentences of modules without Qt for `sentences.py`; a developer's tool."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import common.errors

ROOT = Path(common.errors.__file__).parents[1]

_PACKAGES = ("capture", "common", "gallery", "models", "recognition", "station")

_CALLED = {
    "SourceStatus",
    "_invalid",
    "OutdatedReviewError",
    *(name for name in dir(common.errors) if name.endswith("Error")),
}
_NAMED = {"found", "reason", "behind", "notes", "_REMEDY"}
"""People read what is given to these calls or names, and what `reason` and the functions
that begin with _why return."""

_PARTS = (
    "Expected {}, but {}. {}.",
    "{}, {}x{} at {} fps.",
    "{}, {}x{}.",
    "Camera {}",
    "camera {}",
    "Video {}",
    "video {}",
    "Stream {}",
    "stream {}",
    "The source",
    "{} has ended.",
    "It shows {}.",
    "Trying again in {} s.",
    "in “{}” {}",
    "a name",
    "gallery",
    "check-in ledger",
)
"""Sentences that are put together from pieces, or too short to be told from other texts."""

_WORD = re.compile(r"[A-Za-z]{2,}")


def templates() -> list[str]:
    """Return each sentence once, in the order of the modules; {} stands for a value."""
    modules = [path for package in _PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    modules.append(ROOT / "desktop" / "settings" / "file.py")
    found = (text for module in modules for text in _sentences(module))
    return list(dict.fromkeys((*_PARTS, *found)))


def _sentences(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        for shown in _shown(node):
            for text in _texts(shown):
                if len(_WORD.findall(text)) >= 2:
                    yield text


def _shown(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the expressions within this node whose texts people read."""
    match node:
        case ast.Call(func=ast.Name(id=name)) if name in _CALLED:
            yield from node.args
        # An error's class that was handed over, as in common.sqlite_file.Format.
        case ast.Call(func=ast.Attribute(attr="error") | ast.Name(id="error")):
            yield from node.args
        case ast.Assign(targets=[target], value=value) | ast.AugAssign(target=target, value=value):
            name = target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
            if name in _NAMED:
                yield value
        case ast.FunctionDef(name=name) if name == "reason" or name.startswith("_why"):
            yield from (inner for inner in ast.walk(node) if isinstance(inner, ast.Return))


def _texts(node: ast.AST) -> Iterator[str]:
    """Yield the strings within an expression, each with {} for its values."""
    if isinstance(node, ast.JoinedStr):
        yield "".join(str(p.value) if isinstance(p, ast.Constant) else "{}" for p in node.values)
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                yield from _texts(part.value)
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            yield node.value
    elif not (isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "execute"):
        for child in ast.iter_child_nodes(node):
            yield from _texts(child)
