from __future__ import annotations

from pathlib import Path

import pytest
from PyQt5.QtCore import QUrl
from PyQt5.QtGui import QTextDocument
from pytestqt.qtbot import QtBot

from desktop.help.pages import HelpPage, help_folder, read_pages
from desktop.help.window import HelpWindow

PAGES = (
    HelpPage("README", "Facedesk", "# Facedesk\n\nBegin here, see [it](docs/station.md)."),
    HelpPage("station", "The station", "# The station\n\nGiờ mở cửa and opening hours.\n\n## PIN"),
)


@pytest.fixture
def window(qtbot: QtBot) -> HelpWindow:
    shown = HelpWindow(PAGES)
    qtbot.addWidget(shown)
    shown.show()
    return shown


def titles(window: HelpWindow) -> list[str]:
    items = [window.list.item(row) for row in range(window.list.count())]
    return [item.text() for item in items if not item.isHidden()]


def test_the_pages_of_this_program_are_found_and_told_without_pictures() -> None:
    pages = read_pages(help_folder())
    assert [page.name for page in pages][:2] == ["README", "station"]
    assert {"models", "formats", "liveness"} <= {page.name for page in pages}
    assert not any("](docs/window.png)" in page.text or "![" in page.text for page in pages)
    assert read_pages(None) == ()


def test_each_page_that_is_in_the_repository_goes_into_the_wheel() -> None:
    root = Path(__file__).parents[3]
    assert "share/facedesk/docs = docs/*.md" in (root / "setup.cfg").read_text("utf-8")
    assert {file.stem for file in (root / "docs").glob("*.md")} <= {
        page.name for page in read_pages(help_folder())
    }


def test_a_page_is_shown_and_a_link_leads_to_another(window: HelpWindow) -> None:
    assert window.page == "README"
    assert "Begin here" in window.text.toPlainText()
    window.text.anchorClicked.emit(QUrl("docs/station.md"))
    assert window.page == "station"
    assert "opening hours" in window.text.toPlainText()


def test_a_link_elsewhere_is_not_opened(window: HelpWindow) -> None:
    for link in ("https://example.org/station.md", "file:///etc/passwd", "nothing.md"):
        window.text.anchorClicked.emit(QUrl(link))
        assert window.page == "README"


def test_the_search_leaves_the_pages_with_all_words_in_any_accents(window: HelpWindow) -> None:
    window.search.setText("gio MO hours")
    assert titles(window) == ["The station"]
    assert window.page == "station"
    window.search.setText("nowhere")
    assert titles(window) == []
    assert window.none.isVisible()
    window.search.clear()
    assert len(titles(window)) == 2


def test_an_installation_without_pages_says_so(qtbot: QtBot) -> None:
    shown = HelpWindow(())
    qtbot.addWidget(shown)
    shown.show()
    assert "did not come" in shown.none.text()


def test_a_page_loads_no_file(window: HelpWindow, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret", "utf-8")
    url = QUrl.fromLocalFile(str(tmp_path / "secret.txt"))
    assert window.text.loadResource(QTextDocument.HtmlResource, url) is None
