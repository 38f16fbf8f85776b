from __future__ import annotations

from pathlib import Path

import pytest

from desktop.home import Home, user_home


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FACEDESK_HOME", raising=False)
    monkeypatch.delenv("FACEDESK_CACHE", raising=False)


def test_the_given_folder_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FACEDESK_HOME", str(tmp_path / "environment"))
    assert user_home().folder == tmp_path / "environment"
    assert user_home(tmp_path / "nhà 家").folder == tmp_path / "nhà 家"


def test_the_system_says_where_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEDESK_HOME", "")
    home = user_home()
    assert home.folder.is_absolute()
    assert home.folder.name == home.cache.name == "facedesk"
    assert home.folder != home.cache


def test_the_cache_is_shared_by_all_homes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert user_home(tmp_path / "a").cache == user_home(tmp_path / "b").cache
    monkeypatch.setenv("FACEDESK_CACHE", str(tmp_path / "cache"))
    assert user_home(tmp_path / "a").cache == tmp_path / "cache"


def test_nothing_is_made(tmp_path: Path) -> None:
    home = user_home(tmp_path / "home")
    assert home.gallery == tmp_path / "home" / "gallery.db"
    assert home.checkins == tmp_path / "home" / "checkins.db"
    assert home.settings == tmp_path / "home" / "settings.toml"
    assert not any(tmp_path.iterdir())


def test_a_home_is_a_value(tmp_path: Path) -> None:
    assert Home(tmp_path, tmp_path) == Home(tmp_path, tmp_path)
