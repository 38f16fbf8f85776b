from __future__ import annotations

import ctypes
import importlib.util
import sys

import pytest

from desktop.display import QT_PACKAGES, missing_for_window

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only there Qt needs help")


@pytest.fixture(autouse=True)
def bare_server(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)


def test_no_display() -> None:
    assert missing_for_window() == "There is no display."


def test_a_platform_that_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert missing_for_window() is None


def test_a_display_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":4242")
    monkeypatch.setattr(ctypes, "CDLL", _with_qt_libraries(ctypes.CDLL))
    assert missing_for_window() == "The display :4242 does not answer."


def test_a_missing_library_names_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(name: str) -> object:
        raise OSError("libxcb-icccm.so.4: cannot open shared object file: No such file")

    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(ctypes, "CDLL", refused)
    message = missing_for_window()
    assert message == f"Qt needs libxcb-icccm.so.4. Install: apt-get install {QT_PACKAGES}"
    assert "\n" not in message


def test_no_pyqt5(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert missing_for_window() == "PyQt5 is not installed. Install Facedesk again."


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_other_systems_have_a_display(monkeypatch: pytest.MonkeyPatch, system: str) -> None:
    monkeypatch.setattr(sys, "platform", system)
    assert missing_for_window() is None


def _with_qt_libraries(load):
    """Loads everything but Qt's plugin, whose libraries this machine may lack."""

    class Loader:
        def __new__(cls, name: str) -> object:
            return None if "plugins" in name else load(name)

    return Loader
