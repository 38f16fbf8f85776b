from __future__ import annotations

import sys
from pathlib import Path

import pytest

from common.errors import SettingsError
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


def test_a_tilde_means_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("FACEDESK_HOME", "~/x")
    monkeypatch.setenv("FACEDESK_CACHE", "~/y")
    assert user_home() == Home(tmp_path / "x", tmp_path / "y")
    assert user_home(Path("~/z")).folder == tmp_path / "z"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no user database of this kind")
def test_an_account_without_a_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import pwd

    def unknown(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SettingsError, match="Let HOME name it"):
        user_home()
    monkeypatch.setenv("FACEDESK_HOME", str(tmp_path))
    monkeypatch.setenv("FACEDESK_CACHE", str(tmp_path))
    assert user_home() == Home(tmp_path, tmp_path)


def test_the_files_of_a_home_are_all_that_it_names(tmp_path: Path) -> None:
    home = Home(tmp_path, tmp_path / "cache")
    named = {
        value
        for name, kind in vars(Home).items()
        if isinstance(kind, property) and isinstance(value := getattr(home, name), Path)
    }
    home.figures.mkdir()
    adopted = home.figures / "sface.json"
    adopted.touch()
    home.classifiers.mkdir()
    classifier = home.classifiers / "svm.npz"
    classifier.touch()
    assert named | {adopted, classifier} <= set(home.files)
