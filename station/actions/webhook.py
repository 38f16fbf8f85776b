"""What a webhook is sent, and how it is signed: after Standard Webhooks 1.0.0.

The signature can be checked with their libraries, standardwebhooks.com. The headers are webhook-id
(the same in each try, so that a repetition can be recognized), webhook-timestamp (of the try, Unix
seconds) and webhook-signature, which is "v1," and the Base64 of the HMAC-SHA256 of
"ID.TIMESTAMP.BODY". A receiver that refuses timestamps older than five minutes refuses replays.
The time of the check-in itself is in the body, and stays the same however late the network lets
it through: a receiver that opens a door has to look at it.
"""

from __future__ import annotations

import base64
import hmac
import json
from urllib.parse import urlsplit

from capture.network.addresses import shown_address
from common.errors import SettingsError
from common.sentence import Sentence
from station.actions.outbox import Delivery
from station.ledger.entry import Entry

VERSION = 1
"""The version of the body. It stays when a key is added, and changes when one is removed or gets
another meaning."""

SECRET_MARK = "whsec_"
"""The beginning of a secret in Base64, as Standard Webhooks write them; of any other secret the
UTF-8 is used."""


def delivery(entry: Entry) -> Delivery:
    """Returns what the webhook is told of an entry; its id is the entry's hash, and so is
    unique."""
    event = entry.event
    body = {
        "type": f"facedesk.{event.kind}",
        "version": VERSION,
        "timestamp": entry.at.isoformat(),
        "data": {
            "number": entry.number,
            "station": event.station,
            "identity": event.identity_id,
            "name": event.name,
            "means": event.means,
            "similarity": event.similarity,
            "threshold": event.threshold,
            "liveness": event.liveness,
            "refers_to": event.refers_to,
            "counts_as": entry.counts_as,
            "happened_at": entry.happened_at.isoformat(),
            "note": event.note,
            "hash": entry.hash,
        },
    }
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Delivery(entry.hash, entry.at, text.encode())


def key(secret: str) -> bytes:
    """Returns the key that signs. Raises SettingsError where there is no secret, or where it begins
    with SECRET_MARK and the rest is no Base64."""
    try:
        if secret.startswith(SECRET_MARK):
            decoded = base64.b64decode(secret.removeprefix(SECRET_MARK), validate=True)
        else:
            decoded = secret.encode()
    except ValueError as error:
        raise SettingsError(
            Sentence("Base64 after {} in the setting station.webhook_secret", SECRET_MARK),
            "it is none",
            "Copy the secret again, whole",
        ) from error
    if not decoded:
        raise SettingsError(
            "a secret for the webhook, in the setting station.webhook_secret",
            "there is none",
            "Set one that the receiver knows, too, of 24 random letters or more",
        )
    return decoded


def check_address(url: str) -> None:
    """Raises SettingsError for a text that is no address of the web."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        (parts.hostname or "").encode("idna")  # as connecting does, for each part of the name
    except ValueError:
        usable = False
    if not usable or not url.isascii() or not url.isprintable() or " " in url or "@" in url:
        raise SettingsError(
            "an address that begins with http:// or https:// in the setting station.webhook",
            Sentence("this was found: {}", shown_address(url)),
            "Correct it; names and passwords, spaces and letters beyond ASCII cannot be in it",
        )


def sign(secret_key: bytes, delivery_id: str, timestamp: int, body: bytes) -> str:
    """Returns the header webhook-signature. timestamp: Unix seconds."""
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret_key, signed, "sha256")).decode()
