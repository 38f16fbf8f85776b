from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest

from common.errors import SettingsError
from station.actions.webhook import check_address, delivery, key, sign
from station.ledger.entry import Kind, Means


def test_the_body_is_as_promised(entry) -> None:
    told = delivery(entry(17))
    assert json.loads(told.body) == {
        "type": "facedesk.check-in",
        "version": 1,
        "timestamp": "2026-03-01T07:59:17+00:00",
        "data": {
            "number": 17,
            "station": "Cửa chính",
            "identity": "a" * 32,
            "name": "Nguyễn Ánh",
            "means": "face",
            "similarity": 0.75,
            "threshold": 0.5,
            "liveness": "passed",
            "refers_to": None,
            "counts_as": "check-in",
            "happened_at": "2026-03-01T07:59:17+00:00",
            "note": "",
            "hash": f"{17:064x}",
        },
    }
    assert "Nguyễn Ánh".encode() in told.body
    assert told.id == f"{17:064x}"
    assert told.at == datetime(2026, 3, 1, 7, 59, 17, tzinfo=UTC)


def test_what_is_undone_names_the_entry(entry) -> None:
    undone = entry(
        18, Kind.UNDONE, means=Means.OPERATOR, similarity=None, threshold=None, refers_to=17
    )
    body = json.loads(delivery(undone).body)
    assert (body["type"], body["data"]["refers_to"]) == ("facedesk.undone", 17)
    assert body["data"]["similarity"] is None


def test_the_signature_is_that_of_standard_webhooks() -> None:
    """The example of Svix's manual, whose scheme became Standard Webhooks."""
    assert (
        sign(
            key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1614265330,
            b'{"test": 2432232314}',
        )
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


def test_a_secret_is_base64_only_where_it_says_so() -> None:
    assert key("whsec_" + base64.b64encode(b"secret").decode()) == b"secret"
    assert key("bí mật") == "bí mật".encode()


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_not base64", "whsec_abc", "whsec_bí mật"])
def test_what_is_no_secret_is_told(secret: str) -> None:
    with pytest.raises(SettingsError, match=r"station\.webhook_secret"):
        key(secret)


@pytest.mark.parametrize(
    "url",
    [
        "example.org/hook",
        "ftp://example.org",
        "file:///etc/passwd",
        "http://",
        "http://example.org:port/",
        "http://[::1",
        "http://ann:secret@example.org/",
        "http://example.org/a b",
        "http://example.org/\r\nX: y",
        "http://münchen.example/",
        "http://a..b/",
        f"http://{'a' * 64}.example/",
        "http://example.org:65536/",
    ],
)
def test_what_is_no_address_is_told(url: str) -> None:
    with pytest.raises(SettingsError, match=r"station\.webhook"):
        check_address(url)


@pytest.mark.parametrize("url", ["http://192.168.0.9:8123/api?x=1", "https://[::1]/", "HTTP://a"])
def test_an_address(url: str) -> None:
    check_address(url)
