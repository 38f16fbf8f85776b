from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt5.QtGui import QColor, QPalette
from PyQt5.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from desktop.kiosk.palette import Pair
from desktop.shared.icons.icon import APPLICATION, FOLDER, application_icon, drawn, icon
from desktop.shared.look import theme as theme_module
from desktop.shared.look.colours import DARK, LIGHT, Colours, colours
from desktop.shared.look.theme import meant_colours, system_is_dark
from desktop.shared.style import dress
from tests.desktop.kiosk.test_palette import contrast

BRIGHT = QPalette(QColor("#FFFFFF"))
NIGHT = QPalette(QColor("#202020"))


@pytest.fixture(autouse=True)
def undressed(qapp: QApplication) -> Iterator[None]:
    before = qapp.styleSheet()
    yield
    dress(qapp, "light")
    qapp.setStyleSheet(before)


@pytest.fixture(autouse=True)
def no_desktop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.delenv("GTK_THEME", raising=False)


@pytest.mark.parametrize("c", [LIGHT, DARK], ids=lambda c: c.name)
def test_every_text_can_be_read_and_every_edge_seen(c: Colours) -> None:
    grounds = (c.paper, c.surface, c.hover, c.chosen)
    for ground in grounds:
        for ink in (c.ink, c.quiet_ink):
            assert contrast(Pair(ink, ground)) >= 4.5, (ink, ground)
    for ground in (c.paper, c.surface):
        assert contrast(Pair(c.problem, ground)) >= 4.5
        assert contrast(Pair(c.edge, ground)) >= 3
        assert contrast(Pair(c.focus, ground)) >= 3
    for ink, ground in (
        (c.ink, c.warning),
        *((c.accent_ink, ground) for ground in (c.accent, c.accent_hover)),
        *((c.done_ink, ground) for ground in (c.track, c.done)),
    ):
        assert contrast(Pair(ink, ground)) >= 4.5, (ink, ground)


def test_the_setting_decides_and_else_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    assert meant_colours("light", NIGHT) is LIGHT
    assert meant_colours("dark", BRIGHT) is DARK
    assert meant_colours("system", NIGHT) is DARK
    assert meant_colours("system", BRIGHT) is LIGHT
    monkeypatch.setenv("GTK_THEME", "Adwaita:dark")
    assert system_is_dark(BRIGHT)


@pytest.mark.parametrize("prefers", [True, False])
def test_the_desktops_portal_is_asked_where_qt_is_told_nothing(
    prefers: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(theme_module, "_portal_prefers_dark", lambda: prefers)
    assert system_is_dark(BRIGHT) is prefers


def test_a_desktop_without_a_portal_is_light(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/at/all")
    assert not theme_module._portal_prefers_dark()


def test_what_is_on_show_follows_another_theme(qapp: QApplication, qtbot: QtBot) -> None:
    label = QLabel("Anna")
    qtbot.addWidget(label)
    shown = []
    for name in ("light", "dark", "light"):
        dress(qapp, name)
        label.ensurePolished()
        assert colours().name == name
        shown.append(label.palette().color(QPalette.Window).lightness() > 127)
    assert shown == [True, False, True]


def test_the_system_is_asked_anew_and_not_the_program_itself(qapp: QApplication) -> None:
    dress(qapp, "dark")
    dress(qapp, "system")
    assert colours() is LIGHT


def test_icons_are_of_one_family_and_take_the_themes_colour(qapp: QApplication) -> None:
    files = [file for file in FOLDER.glob("*.svg") if file != APPLICATION]
    assert len(files) > 10
    for file in files:
        text = file.read_text("ascii")
        assert 'viewBox="0 0 24 24"' in text
        assert 'stroke-width="1.8"' in text or file.stem == "check"  # drawn small
        assert len(set(re.findall("#[0-9A-F]{6}", text))) == 1
        painted = drawn(file.stem, 24, "#102030").toImage()
        inks = [painted.pixelColor(x, y) for x in range(24) for y in range(24)]
        assert any(ink.alpha() > 100 for ink in inks), file.name
    assert not icon("camera").isNull()
    assert not application_icon().isNull()
    with pytest.raises(FileNotFoundError):
        icon("no such icon")


def test_each_icon_that_the_program_names_is_there() -> None:
    desktop = Path(__file__).parents[4] / "desktop"
    menus = (desktop / "live" / "menus.py").read_text("utf-8")
    for name in re.findall(r'\(self\.\w+, "([a-z-]+)"\)', menus):
        assert (FOLDER / f"{name}.svg").is_file(), name
