from __future__ import annotations

import ctypes
import importlib.util
import socket
import sys
from pathlib import Path

import pytest

from desktop.shared.missing_display import QT_PACKAGES, missing_for_window

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only there Qt needs help")


@pytest.fixture(autouse=True)
def bare_server(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "XDG_SESSION_TYPE"):
        monkeypatch.delenv(name, raising=False)


def test_no_display() -> None:
    assert missing_for_window() == "There is no display."


def test_a_platform_that_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert missing_for_window() is None


@pytest.mark.parametrize("platform", ["", "xcb", "xcb:name=x", "xcb;wayland"])
def test_x_without_a_display(monkeypatch: pytest.MonkeyPatch, platform: str) -> None:
    """Qt would end the process; a Wayland display helps only where Qt would take it."""
    monkeypatch.setenv("QT_QPA_PLATFORM", platform)
    monkeypatch.setenv("WAYLAND_DISPLAY", "/nowhere/wayland-0")
    assert missing_for_window() == "There is no display."


def test_a_wayland_display(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(ctypes, "CDLL", _with_qt_libraries(ctypes.CDLL))
    monkeypatch.setenv("QT_QPA_PLATFORM", "wayland")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-7")
    assert missing_for_window() == "There is no Wayland display that answers."
    with socket.socket(socket.AF_UNIX) as compositor:
        compositor.bind(str(tmp_path / "wayland-7"))
        compositor.listen()
        assert missing_for_window() is None
        monkeypatch.setenv("QT_QPA_PLATFORM", "")
        assert missing_for_window() == "There is no display."
        monkeypatch.setenv("XDG_SESSION_TYPE", "wayland")
        assert missing_for_window() is None


def test_a_platform_that_qt_does_not_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "nonsense")
    message = missing_for_window()
    assert message == "QT_QPA_PLATFORM is nonsense, which Qt does not have here. Unset it."
    monkeypatch.setenv("QT_QPA_PLATFORM", "nonsense;offscreen")
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
