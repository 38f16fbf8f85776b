"""The files of docs/privacy.md: the demo's portrait, a text in two languages, and the settings."""

from __future__ import annotations

import shutil
from pathlib import Path

from capture.portrait import PORTRAIT


def make(folder: Path) -> None:
    shutil.copy(PORTRAIT, folder / "portrait.webp")
    (folder / "consent.txt").write_text("I agree to be recognized here.", "utf-8")
    (folder / "consent.vi.txt").write_text("Tôi đồng ý được nhận diện ở đây.", "utf-8")
    home = folder.parent / "home"
    home.mkdir(parents=True, exist_ok=True)
    text = folder / "consent.txt"
    settings = f'ask_consent = true\nconsent_text = "{text.as_posix()}"\nretention_days = 365\n'
    (home / "settings.toml").write_text(settings, "utf-8")
