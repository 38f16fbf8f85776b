"""People are registered and recognized over HTTP, and bad input gets one sentence."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from desktop.web.forms import MOST_BYTES, MOST_PICTURES
from desktop.web.openapi import DESCRIPTION
from gallery.consents import ConsentWay
from gallery.identity import Identity
from recognition.recognizer import Recognizer
from tests.desktop.conftest import ANNA, BERTA, picture
from tests.desktop.web.conftest import Client, Serve, png

ONE, OTHER = png(picture(ANNA)), png(picture(BERTA))
NOBODY = png(picture())

Enrolled = Callable[..., list[Identity]]


def test_somebody_registers_and_logs_in(
    client: Client, audited: Callable[[], list[tuple[str, str]]]
) -> None:
    saved = client.post("/people", ("name", "Nguyễn Văn Ánh"), ("pictures", ONE))
    assert saved.status == 201
    person = saved.json["person"]
    assert (person["name"], person["templates"]) == ("Nguyễn Văn Ánh", 1)
    assert (saved.json["added"], saved.json["is_new"], saved.json["skipped"]) == (1, True, [])
    assert saved.json["look_alikes"] is None
    assert audited() == [("enrolled", "Nguyễn Văn Ánh")]

    found = client.post("/identify", ("picture", ONE)).json
    assert (found["width"], found["height"]) == (480, 240)
    (face,) = found["faces"]
    assert face["name"] == "Nguyễn Văn Ánh"
    assert face["identity"] == person["identity"]
    assert face["similarity"] == 1.0 > face["threshold"]
    assert client.get("/people").json == [person]

    shown = client.get(f"/people/{person['identity']}/pictures/0")
    assert shown.headers["content-type"] == "image/png"
    with Image.open(io.BytesIO(shown.body)) as crop:
        assert np.array_equal(np.asarray(crop), picture(ANNA)[60:172, 40:152])


def test_the_largest_face_comes_first(client: Client, enrolled: Enrolled) -> None:
    enrolled(Anna=ANNA)
    image = picture(BERTA, ANNA)
    image[60:172, 40:152] = 90
    image[60:140, 40:120] = picture(BERTA)[60:140, 40:120]
    names = [
        face["name"] for face in client.post("/identify", ("picture", png(image))).json["faces"]
    ]
    assert names == ["Anna", None]


def test_what_another_program_changes_is_seen(
    client: Client, enrolled: Enrolled, load: Callable[[], Recognizer]
) -> None:
    enrolled(Anna=ANNA)
    assert client.post("/identify", ("picture", ONE)).json["faces"][0]["name"] == "Anna"
    gallery = load().gallery
    gallery.rename(gallery.identities[0].id, "Hannah")
    gallery.close()
    assert client.post("/identify", ("picture", ONE)).json["faces"][0]["name"] == "Hannah"


def test_two_pictures_are_compared(client: Client) -> None:
    same = client.post("/verify", ("first", ONE), ("second", ONE)).json
    assert (same["same"], same["similarity"], same["flaws"]) == (True, 1.0, [])
    other = client.post("/verify", ("first", ONE), ("second", OTHER)).json
    assert (other["same"], other["similarity"]) == (False, 0.0)
    assert other["threshold"] == same["threshold"]


def test_a_face_under_another_name_is_refused_and_nothing_is_changed(
    client: Client, enrolled: Enrolled, audited: Callable[[], list[tuple[str, str]]]
) -> None:
    enrolled(Anna=ANNA)
    other_picture = picture(ANNA)
    other_picture[70:90, 50:70, 1] = 200
    refused = client.post("/people", ("name", "Berta"), ("pictures", png(other_picture)))
    assert refused.status == 422
    assert "is enrolled" in refused.json["error"]
    assert [person["name"] for person in client.get("/people").json] == ["Anna"]
    assert audited() == []


def test_pictures_that_cannot_be_used_are_told(client: Client) -> None:
    saved = client.post(
        "/people", ("name", "Anna"), ("pictures", ONE), ("pictures", b"text"), ("pictures", NOBODY)
    )
    assert saved.status == 201
    assert saved.json["added"] == 1
    told = {one["picture"]: one["reason"] for one in saved.json["skipped"]}
    assert set(told) == {"ảnh 2.png", "ảnh 3.png"}
    assert "is none of these" in told["ảnh 2.png"]
    assert "none was found" in told["ảnh 3.png"]


@pytest.mark.parametrize(
    ("path", "parts", "status", "told"),
    [
        ("/identify", [("picture", ONE)], 422, "it is empty"),  # nobody is enrolled
        ("/verify", [("first", ONE), ("second", NOBODY)], 422, "none was found"),
        ("/verify", [("first", ONE), ("second", ONE[:200])], 422, "is damaged or cut short"),
        ("/verify", [("first", ONE), ("second", b"")], 422, "is none of these"),
        ("/verify", [("first", ONE)], 400, "'second'"),
        ("/verify", [("first", ONE), ("first", ONE), ("second", ONE)], 422, "one picture"),
        ("/people", [("pictures", ONE)], 400, "'name'"),
        ("/people", [("name", "Anna")], 400, "'pictures'"),
        ("/people", [("name", "Anna"), ("pictures", "no file")], 400, "'pictures'"),
        ("/people", [("name", " "), ("pictures", ONE)], 422, "name"),
        ("/people", [("name", "A" * 5000), ("pictures", ONE)], 400, "maximum size"),
        ("/people", [("name", "Anna"), ("pictures", NOBODY)], 422, "none could be used"),
        ("/people", [("pictures", ONE)] * (MOST_PICTURES + 1), 400, "Too many files"),
    ],
)
def test_bad_input_is_told(
    client: Client, path: str, parts: list[Any], status: int, told: str
) -> None:
    refused = client.post(path, *parts)
    assert (refused.status, told in refused.json["error"]) == (status, True), refused.json
    assert client.get("/people").json == []


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b"{}"),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=a", b"not what was announced"),
    ],
)
def test_no_form_is_told(client: Client, kind: str, body: bytes) -> None:
    refused = client.ask("POST", "/identify", body, content_type=kind)
    assert refused.status == 400
    assert refused.json["error"].startswith("Expected")


def test_a_request_that_is_too_large_is_refused_before_it_is_read(client: Client) -> None:
    refused = client.ask(
        "POST",
        "/identify",
        content_type="multipart/form-data; boundary=a",
        content_length=str(MOST_BYTES + 1),
    )
    assert refused.status == 413


def test_a_person_or_picture_that_is_not_there(client: Client, enrolled: Enrolled) -> None:
    (anna,) = enrolled(Anna=ANNA)
    missing = client.get("/people/nobody/pictures/0")
    assert (missing.status, missing.json["found"]) == (404, "there is none, or not any more")
    count = client.get("/people").json[0]["templates"]
    assert client.get(f"/people/{anna.id}/pictures/{count}").status == 404
    assert client.get("/elsewhere").status == 404
    assert client.get("/identify").status == 405


def test_the_description_has_each_answer(client: Client, enrolled: Enrolled) -> None:
    """Every field that comes is described, and every one that is described comes."""
    (anna,) = enrolled(Anna=ANNA)
    assert client.get("/openapi.json").json == DESCRIPTION
    answers = {
        ("/identify", "post", "200"): client.post("/identify", ("picture", ONE)),
        ("/verify", "post", "200"): client.post("/verify", ("first", ONE), ("second", ONE)),
        ("/people", "get", "200"): client.get("/people"),
        ("/consent", "get", "200"): client.get("/consent"),
        ("/people", "post", "201"): client.post("/people", ("name", "B"), ("pictures", OTHER)),
        ("/identify", "post", "422"): client.post("/identify", ("picture", b"text")),
    }
    for (path, method, status), reply in answers.items():
        assert reply.status == int(status)
        told = DESCRIPTION["paths"][path][method]["responses"][status]
        _assert_described(reply.json, told["content"]["application/json"]["schema"])
    shown = "/people/{identity}/pictures/{number}"
    assert set(DESCRIPTION["paths"]) == {path for path, _, _ in answers} | {shown}
    assert client.get(shown.format(identity=anna.id, number=0)).status == 200


def _assert_described(value: Any, schema: dict[str, Any]) -> None:
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        schema = DESCRIPTION["components"]["schemas"][name]
    if value is None or "anyOf" in schema:
        kinds = schema["anyOf"]
        assert {"type": "null"} in kinds
        if value is not None:
            _assert_described(value, next(kind for kind in kinds if kind != {"type": "null"}))
    elif schema["type"] == "array":
        for one in value:
            _assert_described(one, schema["items"])
    elif schema["type"] == "object":
        assert value.keys() == schema["properties"].keys()
        for name, one in value.items():
            _assert_described(one, schema["properties"][name])
    else:
        types = {"string": str, "number": (int, float), "integer": int, "boolean": bool}
        assert isinstance(value, types[schema["type"]])


def test_nobody_registers_who_has_not_agreed_to_the_text(
    serve: Serve, load: Callable[[], Recognizer], tmp_path: Path
) -> None:
    text = tmp_path / "consent.txt"
    text.write_text("I agree.", "utf-8")
    (tmp_path / "consent.vi.txt").write_text("Tôi đồng ý.", "utf-8")
    client = serve(consent_text=str(text))
    english, vietnamese = client.get("/consent").json
    assert (english["language"], vietnamese["text"]) == ("", "Tôi đồng ý.")
    parts = ("name", "Anna"), ("pictures", ONE)
    for sent in ((), (("consent", ""),), (("consent", "0" * 64),)):
        refused = client.post("/people", *parts, *sent)
        assert refused.status == 422
        assert "/consent" in refused.json["remedy"]
    assert client.get("/people").json == []
    saved = client.post("/people", *parts, ("consent", vietnamese["sha256"]))
    assert saved.status == 201
    with closing(load().gallery) as gallery:
        (kept,) = gallery.consents(saved.json["person"]["identity"])
    assert (kept.text, kept.language, kept.way) == ("Tôi đồng ý.", "vi", ConsentWay.PAGE)
    text.write_text("", "utf-8")
    assert client.get("/consent").status == 422
    assert client.post("/people", ("name", "B"), ("pictures", OTHER)).status == 422
