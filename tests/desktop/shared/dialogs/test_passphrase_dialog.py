"""The passphrase of a home, asked for by the window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt5.QtCore import Qt, QTimer
from PyQt5.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import common.sealing.passphrase as passphrase_module
from common.errors import SealingError
from common.sealing.key_ring import KeyRing, ring_of
from common.sealing.passphrase import PassphraseHolder, ask_with, nobody_to_ask
from desktop.shared.dialogs.passphrase_dialog import PassphraseDialog, unlocked

RIGHT = "four words that fit"


@pytest.fixture
def sealed_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home whose key a passphrase keeps, as the next program finds it."""
    monkeypatch.setattr(passphrase_module, "COST", 2**4)
    monkeypatch.delenv("FACEDESK_PASSPHRASE_FILE", raising=False)
    ask_with(lambda new: RIGHT)
    ring = KeyRing(tmp_path)
    ring.begin_rotation(PassphraseHolder())
    ring.end_rotation()
    ask_with(nobody_to_ask)
    yield tmp_path
    ask_with(nobody_to_ask)


def typed(qtbot: QtBot, *passphrases: str) -> list[str]:
    """Type these into the dialog that opens next, then leave it; return what it told."""
    told: list[str] = []

    def act() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, PassphraseDialog)
        for one in passphrases:
            dialog.passphrase.clear()
            qtbot.keyClicks(dialog.passphrase, one)
            qtbot.keyClick(dialog.passphrase, Qt.Key_Return)
            told.append(dialog.problem.text())
        if dialog.isVisible():
            dialog.reject()

    QTimer.singleShot(0, act)
    return told


def test_the_right_one_opens_the_key_and_a_wrong_one_is_told(
    sealed_home: Path, qtbot: QtBot
) -> None:
    told = typed(qtbot, "another one that is wrong", RIGHT)
    assert unlocked(sealed_home)
    assert told[0]
    assert len(ring_of(sealed_home).current().secret) == 32


def test_who_gives_up_opens_nothing(sealed_home: Path, qtbot: QtBot) -> None:
    typed(qtbot)
    assert not unlocked(sealed_home)
    with pytest.raises(SealingError, match="nobody was there"):
        ring_of(sealed_home).current()


def test_nobody_is_asked_where_a_file_has_it_or_the_key_is_kept_otherwise(
    sealed_home: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACEDESK_PASSPHRASE_FILE", str(sealed_home / "words.txt"))
    assert unlocked(sealed_home)
    assert unlocked(tmp_path_factory.mktemp("new"))
