"""Every console block of the pages in docs/ prints what the page says.

A page docs/NAME.md may have a module NAME.py beside this one. Its function
`make(folder: Path) -> None` makes the files that the page's commands find in their folder; it may
call pytest.skip() where they cannot be had here.
"""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from tools.documentation.blocks import console_blocks
from tools.documentation.running import Reader, page_differences

ROOT = Path(__file__).parents[2]

PAGES = sorted(
    page for page in (ROOT / "docs").glob("*.md") if console_blocks(page.read_text("utf-8"))
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_says_is_what_happens(page: Path, reader: Reader) -> None:
    maker = Path(__file__).with_name(f"{page.stem}.py")
    if maker.is_file():
        spec = spec_from_file_location(f"files_of_{page.stem}", maker)
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        module.make(reader.folder)
    wrong = page_differences(page.read_text("utf-8"), reader)
    assert not wrong, "\n\n".join(["", *wrong])
