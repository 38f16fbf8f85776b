"""Finds out whether the system wants dark windows; Qt 5 does not say so by itself."""

from __future__ import annotations

import os
import sys
from typing import Any

from PyQt5.QtCore import QSettings
from PyQt5.QtGui import QPalette

from desktop.shared.look.colours import DARK, LIGHT, Colours

SYSTEM = "system"

PORTAL_MS = 250
"""How long the desktop may take to answer, in milliseconds."""

_WINDOWS_KEY = (
    "HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Themes\\Personalize"
)
_PREFERS_DARK = 1
"""Of org.freedesktop.appearance's color-scheme: 0 no preference, 1 dark, 2 light."""


def meant_colours(theme: str, palette: QPalette) -> Colours:
    """Return the colours that the setting `theme` stands for: system, light or dark.

    palette: the system's own, as Qt gives it before the program sets another one.
    """
    if theme == SYSTEM:
        return DARK if system_is_dark(palette) else LIGHT
    return DARK if theme == DARK.name else LIGHT


def system_is_dark(palette: QPalette) -> bool:
    """Return whether the system shows its windows dark: by its palette, or where it says so."""
    if palette.color(QPalette.Window).lightness() < palette.color(QPalette.WindowText).lightness():
        return True
    if sys.platform == "win32":
        kept = QSettings(_WINDOWS_KEY, QSettings.NativeFormat)
        return str(kept.value("AppsUseLightTheme", 1)) == "0"
    if os.environ.get("GTK_THEME", "").lower().endswith((":dark", "-dark")):
        return True
    return sys.platform.startswith("linux") and _portal_prefers_dark()


def _portal_prefers_dark() -> bool:
    """Ask the desktop's portal, on the session's own bus; False where there is none."""
    if not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return False
    from PyQt5.QtDBus import QDBusConnection, QDBusMessage

    bus = QDBusConnection.sessionBus()
    if not bus.isConnected():
        return False
    question = QDBusMessage.createMethodCall(
        "org.freedesktop.portal.Desktop",
        "/org/freedesktop/portal/desktop",
        "org.freedesktop.portal.Settings",
        "Read",
    )
    question.setArguments(["org.freedesktop.appearance", "color-scheme"])
    reply = bus.call(question, timeout=PORTAL_MS)
    answers = reply.arguments() if reply.type() == QDBusMessage.ReplyMessage else []
    answer: Any = answers[0] if answers else None
    while hasattr(answer, "variant"):  # a variant in a variant
        answer = answer.variant()
    return bool(answer == _PREFERS_DARK)
