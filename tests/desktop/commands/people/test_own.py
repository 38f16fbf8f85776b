"""facedesk people export, consent, overdue, and remove --proof; --consent of enroll and import."""

from __future__ import annotations

import json
import zipfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gallery.gallery import Gallery
from gallery.store import Store
from station.ledger.ledger import Ledger


@pytest.fixture
def text(home: Path) -> Path:
    """The operator's text in two languages, for which the settings ask."""
    home.mkdir(parents=True, exist_ok=True)
    file = home.parent / "consent.txt"
    file.write_text("I agree to be recognized here.", "utf-8")
    (home.parent / "consent.vi.txt").write_text("Tôi đồng ý được nhận ra ở đây.", "utf-8")
    settings(home, ask_consent=True, consent_text=str(file))
    return file


def settings(home: Path, **values: object) -> None:
    home.mkdir(parents=True, exist_ok=True)
    told = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    (home / "settings.toml").write_text("\n".join(told), "utf-8")


def age(home: Path, days: int) -> None:
    """Let everybody have been enrolled so many days earlier."""
    with closing(Store(home / "gallery.db")) as store:
        gallery = Gallery(store, *(store.model() or ("", 1)))
        for who in gallery.identities:
            at = (who.enrolled_at - timedelta(days=days)).isoformat()
            store.set_time(who.id, "enrolled_at", at)


def test_nobody_is_enrolled_without_a_text_or_without_consent(run, home, portrait, text) -> None:
    told = run("enroll", "Ann", portrait)
    assert told.code == 2
    assert "the consent of Ann" in told.err
    assert "--consent" in told.err
    text.unlink()
    (home.parent / "consent.vi.txt").unlink()
    for more in ((), ("--consent",)):
        told = run("enroll", "Ann", portrait, *more)
        assert told.code == 2
        assert "until then nobody is enrolled" in told.err
    assert run("people", "list").out == "Nobody is enrolled yet.\n"


def test_a_consent_is_kept_and_shown(run, portrait, text) -> None:
    assert run("enroll", "Ann", portrait, "--consent", "--consent-language", "vi").code == 0
    (line,) = run("people", "consent", "Ann", "--json").json
    (kept,) = line["consents"]
    assert (kept["language"], kept["way"]) == ("vi", "told")
    assert kept["text"] == "Tôi đồng ý được nhận ra ở đây."
    told = run("people", "consent", "Ann", "--text")
    assert told.out.startswith("Ann agreed ")
    assert told.out.endswith("Tôi đồng ý được nhận ra ở đây.\n")
    assert run("people", "consent", "--missing").out == "A consent of everybody is kept.\n"
    told = run("enroll", "Eva", portrait, "--consent", "--consent-language", "de")
    assert told.code == 2
    assert "in the language de" in told.err


def test_who_was_enrolled_before_can_agree_later(run, seed, home, text) -> None:
    ann = seed("Ann")
    (missing,) = run("people", "consent", "--missing", "--json").json
    assert missing["identity"] == ann.id
    assert run("people", "consent", "Ann").out == "No consent of Ann is kept.\n"
    assert run("people", "consent", "Ann", "--agreed").code == 0
    assert run("people", "consent", "--missing", "--json").json == []
    assert run("people", "consent").code == 2


def test_a_table_says_who_has_agreed(run, home, photos, text) -> None:
    folder = photos.parent / "table"
    folder.mkdir(exist_ok=True)
    (folder / "a.png").write_bytes((photos / "turned.png").read_bytes())
    (folder / "data.csv").write_text("name,path,Đồng ý\nAnn,a.png,no", "utf-8")
    told = run("import", folder, "--consent")  # the table knows better
    assert told.code == 1
    assert "the consent of Ann" in told.err
    assert run("people", "list", "--json").json == []
    (folder / "data.csv").write_text("name,path,Đồng ý\nAnn,a.png,Có", "utf-8")
    assert run("import", folder).code == 0
    assert [line["name"] for line in run("people", "list", "--json").json] == ["Ann"]
    assert run("people", "consent", "--missing", "--json").json == []
    told = run("import", folder, "--consent-column", "nothing")
    assert "a column nothing" in told.err


def test_an_archive_has_the_consents(run, home, portrait, text, tmp_path) -> None:
    run("enroll", "Ann", portrait, "--consent")
    assert run("export", tmp_path / "a.facedesk").code == 0
    run("people", "remove", "Ann")
    assert run("import", tmp_path / "a.facedesk").code == 0
    (line,) = run("people", "consent", "Ann", "--json").json
    assert [one["text"] for one in line["consents"]] == ["I agree to be recognized here."]


def test_an_archive_without_consents_restores_nobody(run, seed, home, text, tmp_path) -> None:
    seed("Ann")
    assert run("export", tmp_path / "a.facedesk").code == 0
    run("people", "remove", "Ann")
    told = run("import", tmp_path / "a.facedesk")
    assert "the consent of Ann" in told.err
    assert run("people", "list", "--json").json == []
    assert run("import", tmp_path / "a.facedesk", "--consent").code == 0
    assert run("people", "consent", "--missing", "--json").json == []


def test_export_writes_all_about_one(run, seed, home, tmp_path) -> None:
    seed("Ann", templates=2)
    told = run("people", "export", "Ann", tmp_path / "ann.zip")
    assert (told.code, told.out.startswith("Ann: 2 pictures, 0 rows of the ledger")) == (0, True)
    assert "person.json" in zipfile.ZipFile(tmp_path / "ann.zip").namelist()
    assert run("people", "export", "Ann", tmp_path / "ann.zip").code == 2
    (line,) = run("people", "export", "Ann", tmp_path / "ann.zip", "--force", "--json").json
    assert list(line) == ["identity", "path", "pictures", "entries"]


def test_who_is_over_age_is_listed_and_erased_when_asked(run, seed, home) -> None:
    ann = seed("Ann")
    assert "retention_days" in run("people", "overdue").out
    settings(home, retention_days=100, retention_since="enrollment")
    assert run("people", "overdue").out == "Nobody is kept for longer than 100 days.\n"
    age(home, 101)
    (line,) = run("people", "overdue", "--json").json
    assert (line["identity"], line["erased_from"]) == (ann.id, None)
    run("people", "overdue", "--erase-due")
    assert len(run("people", "list", "--json").json) == 1  # the settings do not allow it
    told = run("people", "overdue", "--keep", "Ann")
    assert "Ann is kept" in told.err
    assert run("people", "overdue", "--json").json == []
    seed("Bob")
    age(home, 200)
    assert [one["name"] for one in run("people", "overdue", "--json").json] == ["Bob"]
    assert run("people", "overdue", "--erase", "--yes").code == 0
    assert [one["name"] for one in run("people", "list", "--json").json] == ["Ann"]


def test_whose_grace_is_over_is_erased_where_that_is_allowed(run, seed, home) -> None:
    ann = seed("Ann")
    age(home, 900)
    allowed = {"retention_days": 100, "retention_erases": True, "retention_grace_days": 5}
    settings(home, retention_since="enrollment", **allowed)
    told = run("people", "overdue", "--erase-due")
    assert f"{ann.id[:8]}" in told.out
    assert "erased from" in told.out
    assert len(run("people", "list", "--json").json) == 1
    with closing(Store(home / "gallery.db")) as store:
        asked = datetime.now(UTC) - timedelta(days=6)
        store.set_time(ann.id, "asked_since", asked.isoformat())
    assert run("people", "overdue", "--erase-due").err == "1 person erased.\n"
    assert run("people", "list", "--json").json == []


def test_a_removal_is_proved(run, seed, home) -> None:
    ann = seed("Ann Without Another")
    with closing(Ledger(home / "checkins.db")):
        pass
    told = run("people", "remove", "Ann Without Another", "--proof")
    assert told.code == 0
    assert "nothing is left but what is kept on purpose" in told.out
    for file in ("gallery.db", "checkins.db", "key.json"):
        assert str(home / file) in told.out
    assert "bytes" in told.out
    assert ann.id[:8] in told.out


def test_other_folders_are_looked_through_when_asked(run, seed, home, tmp_path) -> None:
    ann = seed("Ann Without Another")
    (tmp_path / "usb").mkdir()
    (tmp_path / "usb" / "copy.bin").write_bytes(b"\0" * 99 + ann.id.encode())
    told = run("people", "remove", "Ann Without Another", "--proof", "--also", tmp_path / "usb")
    assert told.code == 1
    assert "FOUND id" in told.out
    assert run("people", "remove", "Ann", "--also", tmp_path).code == 2


def test_what_is_left_after_a_removal_is_told(run, seed, home) -> None:
    seed("Ann Without Another")
    (home / "list of guests.txt").write_text("Today: ann without another", "utf-8")
    told = run("people", "remove", "Ann Without Another", "--proof")
    assert told.code == 1
    (line,) = [line for line in told.out.splitlines() if "FOUND" in line]
    assert line.split()[:2] == ["FOUND", "name"]
    assert "list of guests.txt" in line
