from __future__ import annotations

from pathlib import Path

import pytest

from tools.translations.templates import templates, templates_in


def test_every_sentence_of_the_sources_is_among_them() -> None:
    found = templates()
    for text in (
        "Expected {}, but {}. {}.",
        "there is nothing at {}",
        "room on the disk for the {} {}",
        "{} stopped giving pictures.",
        "Similarity {} passes {}{}; {} of {} good looks agree",
        "another program has enrolled or removed this person meanwhile",
        "this holds others",
    ):
        assert text in found
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    "code",
    [
        'raise SourceError("a", f"{b} is gone", "c")',
        'raise file.error("a", "b", "c" + d)',
        "Sentence(text)",
        'Sentence(f"{a} is gone")',
        'SourceError("a", "b" if c else f"{d}", "e")',
    ],
)
def test_a_text_that_is_put_together_is_refused(tmp_path: Path, code: str) -> None:
    module = tmp_path / "module.py"
    module.write_text(code)
    with pytest.raises(ValueError, match="put together"):
        list(templates_in(module))


def test_errors_of_python_are_none_of_its_business(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text('raise ValueError(f"{a} is wrong")\nraise GalleryError("a", found, "c")')
    assert list(templates_in(module)) == ["a", "c"]
