from __future__ import annotations

import errno
import os
import stat
import sys
import tomllib
from pathlib import Path

import msgspec
import pytest

from common.errors import SettingsError
from desktop.settings.file import SECTIONS, Settings, load_settings, save_settings
from station.settings import StationSettings


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "nhà của tôi" / "settings.toml"


@pytest.fixture
def write(path: Path):
    def write(text: str | bytes) -> Path:
        path.parent.mkdir()
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


def test_no_file_means_the_defaults_and_makes_none(path: Path) -> None:
    assert load_settings(path) == Settings()
    assert not path.parent.exists()


@pytest.mark.parametrize("text", ["", "\n", " \n\t\n", "\ufeff"])
def test_an_empty_file_is_damage_and_no_choice_of_defaults(write, text: str) -> None:
    path = write(text)
    with pytest.raises(SettingsError, match="the file is empty"):
        load_settings(path)
    with pytest.raises(SettingsError, match="the file is empty"):
        save_settings(path, Settings(fps=15.0))
    assert path.read_text("utf-8") == text


def test_wherever_a_saved_file_is_cut_off_it_is_damage(path: Path) -> None:
    station = StationSettings(liveness="always", command="open-door", name="Cổng")
    save_settings(path, Settings(fps=15.0, source="rtsp://a:b@c/1", station=station))
    whole = path.read_bytes()
    for length in range(len(whole) - 1):  # without its last line's end it is whole
        path.write_bytes(whole[:length])
        with pytest.raises(SettingsError):
            load_settings(path)
    path.write_bytes(whole[:-1])
    assert load_settings(path).station == station


def test_what_is_not_there_has_its_default(write) -> None:
    found = load_settings(write('# My camera\nsource = "rtsp://ngõ/1"\nfps = 15\n'))
    assert found == Settings(source="rtsp://ngõ/1", fps=15.0)
    assert isinstance(found.fps, float)


@pytest.mark.parametrize(
    ("said", "means"),
    [("off", "off"), ("on", "when unsure"), ("required", "always"), ("always", "always")],
)
def test_liveness_of_earlier_releases_goes_on_with_no_less(write, said: str, means: str) -> None:
    path = write(f'[station]\nliveness = "{said}"  # at the door\nname = "Gate"\n')
    settings = load_settings(path)
    assert (settings.station.liveness, settings.station.name) == (means, "Gate")
    save_settings(path, settings)
    assert load_settings(path) == settings
    path.write_text('[station]\nliveness = "sometimes"\n')
    with pytest.raises(SettingsError, match="liveness"):
        load_settings(path)


def test_by_default_liveness_asks_whoever_it_is_unsure_of() -> None:
    assert Settings().station.liveness == "when unsure"


def test_a_byte_order_mark_is_no_damage(write) -> None:
    assert load_settings(write(b"\xef\xbb\xbfwidth = 1280")).width == 1280


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("fpir = 0.5", "fpir"),
        ("fpir = 0", "fpir"),
        ("fpir = nan", "fpir"),
        ("width = 100", "width"),
        ("width = 640.5", "width"),
        ('width = "wide"', "width"),
        ("height = 9999", "height"),
        ("fps = inf", "fps"),
        ("smallest_face = 5", "smallest_face"),
        ("enrollment_frames = 4", "enrollment_frames"),
        ('source = ""', "source"),
        ('detector = ""', "detector"),
        ("embedder = 1", "embedder"),
        ("show_statistics = 1", "show_statistics"),
        ("treshold = 0.4", "treshold"),
        ("[camera]\nwidth = 640", "camera"),
        ("width = = 640", "line 1"),
        ("width = 640\nwidth = 640", "overwrite"),
    ],
)
def test_what_cannot_stand_is_named(write, text: str, found: str) -> None:
    path = write(text)
    with pytest.raises(SettingsError, match="Correct or delete the line") as error:
        load_settings(path)
    assert str(path) in str(error.value)
    assert found in error.value.found
    assert path.read_text("utf-8") == text


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ('[station]\nliveness = "sometimes"', ("'off'", "'when unsure'", "'always'")),
        ('[station]\ndirection = "up"', ("'in'", "'in/out'")),
        ('theme = "pink"', ("'system'", "'light'", "'dark'")),
    ],
)
def test_a_word_that_is_none_of_a_few_is_answered_with_them(
    write, text: str, choices: tuple[str, ...]
) -> None:
    with pytest.raises(SettingsError) as error:
        load_settings(write(text))
    assert all(choice in error.value.remedy for choice in choices)


def test_a_file_that_is_no_text(write) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(write(b"\xff\xfe\x00source"))


def test_a_folder_in_its_place(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(path)


def test_saved_settings_are_loaded_again(path: Path) -> None:
    chosen = Settings(source='phim – 映画 "1".mp4', fpir=0.01, show_statistics=False)
    save_settings(path, chosen)
    assert load_settings(path) == chosen
    save_settings(path, Settings())
    assert load_settings(path) == Settings()
    assert [file.name for file in path.parent.iterdir()] == ["settings.toml"]


def test_only_what_was_chosen_is_written(path: Path) -> None:
    save_settings(path, Settings(fps=15.0, show_statistics=False))
    assert tomllib.loads(path.read_text("utf-8")) == {"fps": 15.0, "show_statistics": False}
    save_settings(path, Settings())
    assert tomllib.loads(path.read_text("utf-8")) == {}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_the_owner_alone_may_read_it(path: Path) -> None:
    save_settings(path, Settings(source="rtsp://me:secret@camera/1"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_a_file_by_hand_becomes_its_owners_when_it_is_read(write) -> None:
    path = write('source = "rtsp://me:secret@camera/1"')
    path.chmod(0o644)
    load_settings(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    path.symlink_to(tmp_path / "elsewhere.toml")
    (tmp_path / "elsewhere.toml").write_text("fps = 15\n", "utf-8")
    save_settings(path, Settings(fps=20.0))
    assert path.is_symlink()
    assert load_settings(tmp_path / "elsewhere.toml") == Settings(fps=20.0)


def test_a_full_disk_leaves_the_old_settings(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    chosen = Settings(width=1280)
    save_settings(path, chosen)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SettingsError, match="No space left on device"):
        save_settings(path, Settings(width=800))
    assert load_settings(path) == chosen
    assert [file.name for file in path.parent.iterdir()] == ["settings.toml"]


def test_where_nothing_can_be_written(path: Path) -> None:
    path.parent.write_text("a file where the folder would be", "utf-8")
    with pytest.raises(SettingsError, match="Free some space or mend"):
        save_settings(path, Settings())


@pytest.mark.parametrize("table", [Settings, StationSettings])
def test_each_setting_has_a_title_and_a_description(table: type[msgspec.Struct]) -> None:
    told = msgspec.json.schema(table)["$defs"][table.__name__]["properties"]
    for name in set(table.__struct_fields__) - {"station"}:
        assert told[name]["title"], name
        assert told[name]["description"], name


def test_each_setting_is_in_one_section() -> None:
    shown = [name for names in SECTIONS.values() for name in names]
    assert sorted(shown) == sorted(Settings.__struct_fields__)


def written(path: Path) -> str:
    """Without the first and the last line, which tell a whole file from one that was cut off."""
    lines = path.read_text("utf-8").splitlines(keepends=True)
    assert lines[0].startswith("# Facedesk's settings")
    assert lines[-1].startswith("# The end of")
    return "".join(lines[1:-1])


def test_saving_keeps_comments_order_and_what_did_not_change(write) -> None:
    text = """# My camera
fps = 15       # it gives no more
width = 640    # said, though it is the default

[station]      # at the door
once_minutes = 10
name = "Tầng 1"  # first floor
"""
    path = write(text)
    settings = load_settings(path)
    save_settings(path, settings)
    assert written(path) == text
    station = msgspec.structs.replace(settings.station, name="Tầng 2", once_minutes=5.0)
    save_settings(path, msgspec.structs.replace(settings, fps=20.0, station=station))
    assert written(path) == text.replace("15 ", "20.0 ").replace("once_minutes = 10\n", "").replace(
        "Tầng 1", "Tầng 2"
    )


def test_a_table_comes_and_goes_with_its_settings(path: Path) -> None:
    station = StationSettings(name="Cổng", sounds=False)
    save_settings(path, Settings(station=station))
    assert tomllib.loads(path.read_text("utf-8")) == {"station": {"name": "Cổng", "sounds": False}}
    save_settings(path, Settings(fps=15.0))
    assert written(path).strip() == "fps = 15.0"


def test_a_damaged_file_is_not_written_over(write) -> None:
    path = write("width = = 640")
    with pytest.raises(SettingsError, match="Correct or delete the line"):
        save_settings(path, Settings(fps=15.0))
    assert path.read_text("utf-8") == "width = = 640"


def test_the_defaults_are_within_their_bounds() -> None:
    assert msgspec.convert(msgspec.to_builtins(Settings()), Settings) == Settings()
