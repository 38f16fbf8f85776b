from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from common.errors import FormatError
from common.sentence import Language
from desktop.home import Home
from gallery.consents import Consent, ConsentWay
from gallery.gallery import Gallery
from gallery.identity import Identity, Match, Template
from gallery.likeness.impostors import Impostors
from gallery.store import Store
from station.actions.outbox import Outbox
from station.actions.webhook import delivery
from station.ledger.entry import Entry, Event, Kind
from station.ledger.ledger import Ledger
from station.people.personal_data import export_person
from station.people.refusals import Refusals
from station.secrets.codes import Codes

CODE = "blue badge 7"
PICTURE = b"\xff\xd8\xff\xe0 a picture that was kept with a check-in"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home", tmp_path / "cache")


@pytest.fixture
def gallery(home: Home) -> Iterator[Gallery]:
    with closing(Gallery(Store(home.gallery), "toy", 4)) as opened:
        yield opened


def template(red: int) -> Template:
    row = np.eye(4, dtype=np.float32)[red % 4]
    return Template(row, np.full((16, 12, 3), red, np.uint8), 0.5, "toy")


@pytest.fixture
def ann(gallery: Gallery) -> Identity:
    agreed = Consent(datetime(2026, 1, 2, tzinfo=UTC), "vi", "Tôi đồng ý.", ConsentWay.SCREEN)
    return gallery.enroll("Ánh", [template(1), template(2)], "comes on Mondays", agreed)


@pytest.fixture
def bob(gallery: Gallery) -> Identity:
    return gallery.enroll("Robert the Other", [template(3)])


def everything(home: Home, ann: Identity, bob: Identity) -> None:
    event = Event(Kind.CHECK_IN, "Door", ann.id, ann.name, picture=PICTURE)
    with closing(Ledger(home.checkins)) as ledger:
        ledger.append(event)
        ledger.append(Event(Kind.CHECK_IN, "Door", bob.id, bob.name, picture=b"\x89PNG of Bob"))
    with closing(Outbox(home.outbox)) as outbox:
        outbox.put(delivery(Entry(1, datetime.now(UTC), event, "", "", "a" * 64)))
    Codes(home.codes).set(ann.id, CODE)
    with closing(Impostors(home.impostors, "toy")) as impostors:
        impostors.add(Match(ann, 0.7, 0.4, None), bob.id)
        impostors.add(Match(bob, 0.6, 0.4, None))
    Refusals(home.refusals).note(ann.id, 2)


def exported(path: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name) for name in archive.namelist()}
    return json.loads(files["person.json"]), files


def test_all_that_is_kept_is_in_it_and_nothing_of_others(
    gallery: Gallery, home: Home, ann: Identity, bob: Identity, tmp_path: Path
) -> None:
    everything(home, ann, bob)
    out = tmp_path / "ann.zip"
    written = export_person(gallery, home, ann.id, out)
    assert (written.pictures, written.entries) == (2, 1)
    assert out.stat().st_mode & 0o077 == 0
    told, files = exported(out)
    kept = {name: part["kept"] for name, part in told.items() if name != "written_at"}
    assert all(part["what"].endswith(".") for name, part in told.items() if name != "written_at")
    assert kept["person"]["name"] == "Ánh"
    assert kept["person"]["note"] == "comes on Mondays"
    assert [one["text"] for one in kept["consents"]] == ["Tôi đồng ý."]
    assert [one["number"] for one in kept["pictures"]] == [1, 2]
    assert kept["code"] is True
    assert [one["name"] for one in kept["check_ins"]] == ["Ánh"]
    assert [one["taken_for"] for one in kept["raised_bars"]] == ["this person"]
    assert kept["refusals"]["times"] == 2
    assert kept["messages"][0]["data"]["identity"] == ann.id
    templates = json.loads(files["templates.json"])
    assert templates["kept"] == {"1": [0, 1, 0, 0], "2": [0, 0, 1, 0]}
    with Image.open(io.BytesIO(files["pictures/2.png"])) as picture:
        assert picture.getpixel((3, 3)) == (2, 2, 2)
    assert files["check-ins/1.jpg"] == PICTURE
    assert "check-ins/2.png" not in files
    whole = b"".join(files.values())
    for others in (bob.id, bob.name, CODE):
        assert others.encode() not in whole


def test_who_has_nothing_but_pictures_gets_these(
    gallery: Gallery, home: Home, bob: Identity, tmp_path: Path
) -> None:
    before = sorted(home.folder.iterdir())
    export_person(gallery, home, bob.id, tmp_path / "bob.zip")
    told, files = exported(tmp_path / "bob.zip")
    assert sorted(files) == ["README.txt", "person.json", "pictures/1.png", "templates.json"]
    assert (told["code"]["kept"], told["check_ins"]["kept"]) == (False, [])
    assert sorted(home.folder.iterdir()) == before  # no file is begun by looking


def test_the_explanations_are_in_the_settings_language(
    gallery: Gallery, home: Home, bob: Identity, tmp_path: Path
) -> None:
    export_person(
        gallery,
        home,
        bob.id,
        tmp_path / "bob.zip",
        language=Language("xx", lambda text: f"« {text}"),
    )
    told, files = exported(tmp_path / "bob.zip")
    assert all(part["what"].startswith("« ") for name, part in told.items() if name != "written_at")
    assert files["README.txt"].startswith("« ".encode())


def test_nothing_is_written_over(
    gallery: Gallery, home: Home, bob: Identity, tmp_path: Path
) -> None:
    out = tmp_path / "bob.zip"
    out.write_text("mine", "utf-8")
    with pytest.raises(FormatError, match="there already"):
        export_person(gallery, home, bob.id, out)
    with pytest.raises(FormatError, match="Facedesk's own"):
        export_person(gallery, home, bob.id, home.gallery, overwrite=True, inputs=[home.gallery])
    assert out.read_text("utf-8") == "mine"
    export_person(gallery, home, bob.id, out, overwrite=True)
    assert zipfile.is_zipfile(out)
