"""Names and passwords over HTTP: Basic (RFC 7617) and Digest (RFC 7616)."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Sequence
from urllib.request import parse_http_list, parse_keqv_list

_HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


class HttpLogin:
    """Answers a server that asks who is there. It says nothing before it is asked, and the password
    itself only to a server that offers nothing better.

    user, password: "" where there are none; then no question can be answered.
    """

    def __init__(self, user: str, password: str) -> None:
        self._user, self._password = user, password
        self._basic = False
        self._digest: dict[str, str] = {}
        self._count = 0

    @property
    def is_given(self) -> bool:
        return bool(self._user or self._password)

    def answer(self, challenges: Sequence[str]) -> bool:
        """Takes the values of WWW-Authenticate; returns whether header() can answer them."""
        self._basic, self._digest = False, {}
        for challenge in challenges:
            scheme, _, rest = challenge.strip().partition(" ")
            if scheme.lower() == "digest" and not self._digest:
                self._take_digest(rest)
            elif scheme.lower() == "basic":
                self._basic = True
        return self.is_given and (self._basic or bool(self._digest))

    def header(self, method: str, target: str) -> str | None:
        """Returns the value of Authorization for a request, None as long as nobody has asked."""
        if not self.is_given:
            return None
        if self._digest:
            return self._digest_header(method, target)
        if self._basic:
            both = f"{self._user}:{self._password}".encode()
            return "Basic " + base64.b64encode(both).decode()
        return None

    def _take_digest(self, text: str) -> None:
        try:
            asked = {name.lower(): value for name, value in _values(text).items()}
        except ValueError:
            return
        algorithm = asked.get("algorithm", "MD5").upper().removesuffix("-SESS")
        ways = [way.strip().lower() for way in asked.get("qop", "auth").split(",")]
        if "nonce" in asked and "realm" in asked and algorithm in _HASHES and "auth" in ways:
            self._digest, self._count = asked, 0

    def _digest_header(self, method: str, target: str) -> str:
        asked = self._digest
        algorithm = asked.get("algorithm", "MD5")
        digest = _hexdigest(algorithm)
        self._count += 1
        count, ours = f"{self._count:08x}", secrets.token_hex(8)
        who = digest(f"{self._user}:{asked['realm']}:{self._password}")
        if algorithm.upper().endswith("-SESS"):
            who = digest(f"{who}:{asked['nonce']}:{ours}")
        what = digest(f"{method}:{target}")
        fields = {
            "username": self._user,
            "realm": asked["realm"],
            "nonce": asked["nonce"],
            "uri": target,
        }
        middle = f"{asked['nonce']}:{count}:{ours}:auth" if "qop" in asked else asked["nonce"]
        fields["response"] = digest(f"{who}:{middle}:{what}")
        if "opaque" in asked:
            fields["opaque"] = asked["opaque"]
        told = [f'{name}="{_quoted(value)}"' for name, value in fields.items()]
        if "algorithm" in asked:
            told.append(f"algorithm={algorithm}")
        if "qop" in asked or algorithm.upper().endswith("-SESS"):
            told += ["qop=auth", f"nc={count}", f'cnonce="{ours}"']
        return "Digest " + ", ".join(told)


def _values(text: str) -> dict[str, str]:
    return parse_keqv_list(parse_http_list(text))


def _hexdigest(algorithm: str) -> Callable[[str], str]:
    make = _HASHES[algorithm.upper().removesuffix("-SESS")]
    return lambda text: make(text.encode(), usedforsecurity=False).hexdigest()


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
