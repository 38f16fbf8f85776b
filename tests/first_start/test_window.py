from __future__ import annotations

import signal

import pytest

from .conftest import NewUser, XvfbScreen, eventually

NAMED = 0x009E73
"""The line round a face that has a name: desktop/live/picture/overlay.py."""
PROGRESS = 0x00B184
"""What is done of the preparation: desktop/shared/style.py."""


def test_it_prepares_the_models_and_names_the_portrait(
    enrolled: NewUser, screen: XvfbScreen
) -> None:
    window = enrolled.start("--source", "demo")

    def is_preparing() -> bool:
        window.check()
        assert not screen.shows(NAMED)
        return screen.shows(PROGRESS)

    def names() -> bool:
        window.check_without_torch()
        return screen.shows(NAMED)

    eventually(is_preparing, "the window says what it prepares")
    eventually(names, "the portrait has a name")
    assert not screen.shows(PROGRESS)
    assert "libQt5Gui" in window.libraries(), "the wrong process was looked at"
    window.ends_well(signal.SIGTERM)
    assert list(enrolled.folder.glob("tmp/*")) == []


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_it_can_be_closed_while_it_prepares(
    user: NewUser, screen: XvfbScreen, end: signal.Signals
) -> None:
    window = user.start("--source", "demo")

    def is_preparing() -> bool:
        window.check()
        return screen.shows(PROGRESS)

    eventually(is_preparing, "the window says what it prepares")
    window.ends_well(end)
    assert list(user.folder.glob("tmp/*")) == []
