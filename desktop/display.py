"""Whether a window can be shown here. Imports no Qt."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from pathlib import Path

QT_PACKAGES = (
    "libgl1 libglib2.0-0 libfontconfig1 libdbus-1-3 libxkbcommon-x11-0 libxcb-icccm4 "
    "libxcb-image0 libxcb-keysyms1 libxcb-render-util0 libxcb-shape0 libxcb-xinerama0"
)
"""Debian's packages that PyQt5's wheel needs and does not bring."""


def missing_for_window() -> str | None:
    """Why no window can be shown, as a sentence; None where it can.

    Qt ends the whole process when its platform plugin cannot be loaded, so this is asked
    before Qt is.
    """
    if not sys.platform.startswith("linux"):
        return None
    platform = os.environ.get("QT_QPA_PLATFORM", "")
    if not (platform or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return "There is no display."
    spec = importlib.util.find_spec("PyQt5")
    if spec is None or not spec.submodule_search_locations:
        return "PyQt5 is not installed. Install Facedesk again."
    plugins = Path(spec.submodule_search_locations[0]) / "Qt5" / "plugins" / "platforms"
    plugin = plugins / f"libq{platform.partition(':')[0] or 'xcb'}.so"
    try:
        if plugin.exists():
            ctypes.CDLL(str(plugin))
        if (platform or "xcb") == "xcb" and "DISPLAY" in os.environ and not _display_answers():
            return f"The display {os.environ['DISPLAY']} does not answer."
    except OSError as error:
        library = str(error).partition(":")[0]
        return f"Qt needs {library}. Install: apt-get install {QT_PACKAGES}"
    return None


def _display_answers() -> bool:
    """Whether the X server that DISPLAY names takes connections. Raises OSError without libxcb."""
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    refused = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return not refused
