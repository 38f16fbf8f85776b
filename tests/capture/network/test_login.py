from __future__ import annotations

import base64
import re

import pytest

from capture.network import login as login_module
from capture.network.login import HttpLogin

REALM = 'realm="http-auth@example.org"'
NONCE = 'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"'


def told(header: str | None, name: str) -> str:
    assert header is not None
    found = re.search(rf'\b{name}="?([^",]+)"?', header)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_digest_as_in_rfc_7616(
    algorithm: str, response: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Section 3.9.1."""
    cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    monkeypatch.setattr(login_module.secrets, "token_hex", lambda _: cnonce)
    login = HttpLogin("Mufasa", "Circle of Life")
    challenge = f'Digest {REALM}, qop="auth, auth-int", algorithm={algorithm}, {NONCE}, opaque="FQ"'
    assert login.answer([challenge])
    header = login.header("GET", "/dir/index.html")
    assert told(header, "response") == response
    assert (told(header, "nc"), told(header, "opaque")) == ("00000001", "FQ")
    assert told(login.header("GET", "/"), "nc") == "00000002"


def test_digest_as_in_rfc_2069() -> None:
    """Its example, with the erratum's response."""
    login = HttpLogin("Mufasa", "CircleOfLife")
    nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093"
    assert login.answer([f'Digest realm="testrealm@host.com", nonce="{nonce}"'])
    header = login.header("GET", "/dir/index.html")
    assert told(header, "response") == "1949323746fe6a43ef61f9606e7febea"


def test_the_password_itself_is_sent_only_where_nothing_better_is_offered() -> None:
    login = HttpLogin("Ánh", "a:b")
    assert login.header("GET", "/") is None
    assert login.answer(['Basic realm="x"', f"Digest {REALM}, {NONCE}"])
    assert str(login.header("GET", "/")).startswith("Digest ")
    assert login.answer(['Basic realm="x"'])
    sent = str(login.header("GET", "/")).removeprefix("Basic ")
    assert base64.b64decode(sent).decode() == "Ánh:a:b"


@pytest.mark.parametrize(
    "challenge",
    ["", "Negotiate", f"Digest {REALM}", f"Digest {REALM}, {NONCE}, algorithm=X", "Digest ,=,"],
)
def test_a_question_that_cannot_be_answered(challenge: str) -> None:
    login = HttpLogin("a", "b")
    assert not login.answer([challenge])
    assert login.header("GET", "/") is None


def test_without_a_name_nothing_is_answered() -> None:
    login = HttpLogin("", "")
    assert not login.answer(['Basic realm="x"'])
    assert login.header("GET", "/") is None
