"""One word means one thing: a class name stands once in the project."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = (
    *("bench", "capture", "common", "desktop", "gallery", "models", "recognition", "station"),
    "tools",
)

TWICE: dict[str, str] = {}
"""Names that stand more than once, each with the reason."""


def test_a_class_name_is_unique() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ClassDef):
                    places[node.name].append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert len(places) > 200
    repeated = {name: where for name, where in places.items() if len(where) > 1}
    assert {name: where for name, where in repeated.items() if name not in TWICE} == {}
    assert TWICE.keys() <= repeated.keys()
