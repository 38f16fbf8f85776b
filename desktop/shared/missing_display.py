"""Tells whether a window can be shown on this computer. Imports no Qt."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import socket
import sys
from pathlib import Path

QT_PACKAGES = (
    "libgl1 libglib2.0-0 libfontconfig1 libdbus-1-3 libxkbcommon-x11-0 libxcb-icccm4 "
    "libxcb-image0 libxcb-keysyms1 libxcb-render-util0 libxcb-shape0 libxcb-xinerama0"
)
"""The Debian packages that PyQt5's wheel needs but does not contain."""


def missing_for_window() -> str | None:
    """Return why no window can be shown, as a sentence; None where it can be shown.

    Qt ends the whole process when it can load none of its platforms, so this is checked before Qt
    is started. QT_QPA_PLATFORM may name several; Qt takes the first one that works.
    """
    if not sys.platform.startswith("linux"):
        return None
    spec = importlib.util.find_spec("PyQt5")
    if spec is None or not spec.submodule_search_locations:
        return "PyQt5 is not installed. Install Facedesk again."
    plugins = Path(spec.submodule_search_locations[0]) / "Qt5" / "plugins" / "platforms"
    reasons = [_missing_for_platform(name, plugins) for name in _platforms()]
    return None if None in reasons else reasons[0]


def _platforms() -> list[str]:
    """Return the names of the platforms that Qt tries, in its order."""
    given = os.environ.get("QT_QPA_PLATFORM", "")
    named = [name.partition(":")[0] for name in given.split(";") if name]
    if named:
        return named
    # Without a name Qt takes X, and Wayland only where the session says that it is Wayland.
    is_wayland = os.environ.get("XDG_SESSION_TYPE") == "wayland"
    return ["xcb", "wayland"] if is_wayland else ["xcb"]


def _missing_for_platform(name: str, plugins: Path) -> str | None:
    """Do what missing_for_window does for one of Qt's platforms.

    plugins: the folder of the platforms' libraries.
    """
    if name == "xcb" and not os.environ.get("DISPLAY"):
        return "There is no display."
    if name.startswith("wayland") and not _wayland_answers():
        return "There is no Wayland display that answers."
    plugin = plugins / f"libq{'wayland-generic' if name == 'wayland' else name}.so"
    if plugins.is_dir() and not plugin.exists():
        return f"QT_QPA_PLATFORM is {name}, which Qt does not have here. Unset it."
    try:
        if plugin.exists():
            ctypes.CDLL(str(plugin))
        if name == "xcb" and not _display_answers():
            return f"The display {os.environ['DISPLAY']} does not answer."
    except OSError as error:
        library = str(error).partition(":")[0]
        return f"Qt needs {library}. Install: apt-get install {QT_PACKAGES}"
    return None


def _wayland_answers() -> bool:
    """Return whether the compositor that WAYLAND_DISPLAY names accepts connections."""
    path = Path(
        os.environ.get("XDG_RUNTIME_DIR", ""), os.environ.get("WAYLAND_DISPLAY") or "wayland-0"
    )
    with socket.socket(socket.AF_UNIX) as asked:
        try:
            asked.connect(str(path))
        except OSError:
            return False
    return True


def _display_answers() -> bool:
    """Return whether the X server that DISPLAY names accepts connections.

    Raises OSError where libxcb is missing.
    """
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    refused = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return not refused
