"""No window shows a password in an address, but where the address itself is typed."""

from __future__ import annotations

from functools import partial

import pytest
from PyQt5.QtWidgets import QApplication, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from capture.latest import SourceState, SourceStatus
from capture.opening import open_source
from capture.source import FrameSource
from common.errors import SourceError
from desktop.live.window import Window

SECRET = "s3cret"


@pytest.mark.parametrize(
    "spec",
    [
        f"rtsp://admin:{SECRET}@127.0.0.1:9/door",
        f"http://127.0.0.1:9/door?user=admin&pwd={SECRET}",
        f"http://admin:{SECRET}@127.0.0.1:9/{SECRET}AbCdEf12345",
    ],
)
def test_a_window_shows_none(window: Window, qtbot: QtBot, spec: str) -> None:
    seen: list[SourceStatus] = []
    window.feed.status_changed.connect(seen.append)
    window.feed._open_source = partial(_opened)
    window.open_source(spec)
    qtbot.waitUntil(lambda: any(status.state is SourceState.LOST for status in seen))
    window._ask_source()
    texts = [status.message for status in seen] + [window.view.message, *_shown()]
    assert any("127.0.0.1:9" in text for text in texts)
    assert not [text for text in texts if SECRET in text]


def _opened(spec: str) -> FrameSource:
    source = open_source(spec)
    source.close()
    raise SourceError("nobody", "somebody answers at the port that discards", "")


def _shown() -> list[str]:
    """All that is to be read, and what a pointer or a screen reader is told."""
    texts = []
    for widget in QApplication.allWidgets():
        texts += [widget.windowTitle(), widget.toolTip(), widget.accessibleName()]
        if isinstance(widget, QLabel):
            texts.append(widget.text())
        if isinstance(widget, QLineEdit):
            texts.append(widget.placeholderText())
    return texts
