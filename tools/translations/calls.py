"""Reads the texts in calls of tr() and translate() from Python's syntax tree.

pylupdate5's own reader passes over a call that ends in a comma.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

Text = tuple[str, str]
"""Context and source text."""


def texts_in(module: Path) -> Iterator[Text]:
    """Yield the texts of a module. A text given to tr() has the class's name as its context.

    Raises ValueError for a tr() of anything but a literal: nobody could translate it.
    """
    tree = ast.parse(module.read_text("utf-8"))
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    for owner in classes:
        for call in _calls(owner, "tr"):
            text = _literal(call.args[0])
            if text is None:
                raise ValueError(f"{module}:{call.lineno}: tr() of something else than a literal")
            yield owner.name, text
    for call in _calls(tree, "translate"):
        context, text = (_literal(argument) for argument in call.args[:2])
        if context is not None and text is not None:
            yield context, text


def _calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            known = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if known == name and len(node.args) >= (2 if name == "translate" else 1):
                yield node


def _literal(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None
