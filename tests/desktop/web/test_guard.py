"""Other sites and other computers get nothing."""

from __future__ import annotations

import re

import pytest

from tests.desktop.conftest import ANNA, picture
from tests.desktop.web.conftest import Client, Serve, png

TOKEN = "a-token-of-some-length"


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},  # a name that was made to point here
        {"host": "127.0.0.1.evil.example"},
        {"host": ""},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:1"},
        {"sec_fetch_site": "cross-site"},
    ],
)
def test_other_sites_are_refused(client: Client, headers: dict[str, str]) -> None:
    parts = ("name", "Anna"), ("pictures", png(picture(ANNA)))
    assert client.post("/people", *parts, **headers).status == 403
    assert client.get("/people").json == []


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_the_own_page_is_served(client: Client, host: str) -> None:
    host = f"{host}:{client.port}"
    own = {"host": host, "origin": f"http://{host}", "sec_fetch_site": "same-origin"}
    assert client.get("/people", **own).status == 200


@pytest.mark.parametrize(
    "given", ["", TOKEN, f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer", "Bearer é"]
)
def test_without_the_token_nobody_is_served(serve: Serve, given: str) -> None:
    client = serve(TOKEN)
    refused = client.ask("GET", "/people", authorization=given.encode().decode("latin-1"))
    assert refused.status == 401
    assert refused.headers["www-authenticate"] == "Bearer"
    for path in ("/identify", "/verify", "/people"):
        assert client.post(path, ("name", "Anna")).status == 401
    assert client.get("/people/x/pictures/0").status == 401


def test_with_the_token_every_host_is_served(serve: Serve) -> None:
    client = serve(TOKEN)
    there = client.get("/people", host="facedesk.example", authorization=f"Bearer {TOKEN}")
    assert (there.status, there.json) == (200, [])
    assert client.get("/").status == client.get("/openapi.json").status == 200


def test_the_page_may_use_nothing_from_elsewhere(client: Client) -> None:
    page = client.get("/")
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-frame-options"] == "DENY"
    addresses = set(re.findall(r"https?://[^\s\"'<]+", page.body.decode()))
    assert addresses == {"http://www.w3.org/2000/svg"}  # a name, which nobody fetches
