"""Addresses of cameras: their parts, and how they are shown without what is secret in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from common.errors import SourceError

HIDDEN = "…"

_SECRET = re.compile(
    r"((?:pass(?:word|wd|phrase)?|pwd?|psw|secret|token|sid|session|sig(?:nature)?|auth|cred\w*|"
    r"(?:api|access|stream)?[-_]?key|login|user(?:name)?|usr)\w*[=:])"
    r"(?:(?!_[a-z]+=)[^&;/?#,\s])+",
    re.IGNORECASE,
)
"""What follows one of these words, as cameras have it in the middle of a path, too
(/user=admin_password=...)."""

_OPAQUE = re.compile(r"(?<=/)(?=[^/?#]*\d)(?=[^/?#]*[A-Za-z])[A-Za-z0-9+=~-]{12,}(?=[/?#;]|$)")
"""A part of a path that may be a key: letters and digits, and nothing that parts words."""

_HARMLESS = frozenset(
    {
        *("camera", "cam", "channel", "chan", "ch", "id", "stream", "subtype", "profile", "proto"),
        *("resolution", "res", "width", "height", "w", "h", "fps", "rate", "quality", "format"),
        *("compression", "rotation", "unicast"),
    }
)
"""Parameters whose values tell which picture is meant."""


def shown_address(spec: str) -> str:
    """Returns an address as it may be shown to everybody: without user names, passwords and keys,
    wherever they stand in it.

    Of a query only what is known to be harmless is kept, and what stands before an @ is hidden
    wherever it might be a password, also where the address is mistyped. A text that is no address
    comes back with the same things hidden: paths, numbers and demo as they are.
    """
    scheme, mark, rest = _parted(spec)
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" in authority or ("@" in rest and (":" in authority or not mark)):
        rest = ("" if mark else f"{HIDDEN}@") + rest.rpartition("@")[2]
    if not mark:
        return _without_words(f"{scheme}{rest}")
    rest, _, fragment = rest.partition("#")
    place, asks, query = rest.partition("?")
    shown = _OPAQUE.sub(HIDDEN, _without_words(place))
    if asks:
        shown += f"?{'&'.join(map(_parameter, query.split('&')))}"
    return f"{scheme}{mark}{shown}" + (f"#{HIDDEN}" if fragment else "")


def _parted(spec: str) -> tuple[str, str, str]:
    """Parts an address behind its scheme. Other texts have no mark; what comes before the first
    colon of one is its scheme only where an @ follows, as in rtsp:/name:password@host."""
    scheme, mark, rest = spec.partition("://")
    if mark:
        return scheme, mark, rest
    if (found := re.match(r"[a-z][a-z0-9+.-]*:/+(?=.*@)", spec, re.IGNORECASE)) is not None:
        return found[0], "", spec[found.end() :]
    is_login = re.match(r"[^/\\:]*:.*@", spec) is not None
    return ("", "", spec) if is_login else (spec, "", "")


def _without_words(text: str) -> str:
    read = text if _SECRET.search(text) else unquote(text)
    return _SECRET.sub(rf"\1{HIDDEN}", read) if _SECRET.search(read) else text


def _parameter(text: str) -> str:
    name, equals, value = text.partition("=")
    if not equals:
        return text if not text or name.lower() in _HARMLESS else HIDDEN
    is_harmless = name.lower() in _HARMLESS and re.fullmatch(r"[\w.x-]{1,11}", value)
    return text if is_harmless else f"{_without_words(name)}={HIDDEN}"


@dataclass(frozen=True)
class WebAddress:
    """An http or https address in its parts.

    target: path and query, as they are asked for. user, password: "" where there are none; they
    are in no text that is shown.
    """

    scheme: str
    host: str
    port: int
    target: str
    user: str = ""
    password: str = ""

    @classmethod
    def parse(cls, url: str) -> WebAddress:
        """Raises SourceError where it is none; its message shows no secret."""
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
            host.encode("idna")
            port = parts.port or (443 if parts.scheme == "https" else 80)
            usable = parts.scheme in ("http", "https") and host and url.isprintable()
        except ValueError:
            usable = False
        if not usable:
            raise SourceError(
                "an address such as http://NAME:PASSWORD@HOST/PATH",
                "this one cannot be read",
                "Correct it; in a password write : / ? # @ and % as %3A, %2F, %3F, %23, %40, %25",
            )
        target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
        if parts.query:
            target += "?" + quote(parts.query, safe="/?%:@!$&'()*+,;=~-._")
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(parts.scheme, host, port, target, user, password)

    @property
    def has_secrets(self) -> bool:
        """Whether whoever is asked for this address learns a name, a password or a key."""
        url = f"{self.scheme}://{self.host}{self.target}"
        return bool(self.user or self.password) or shown_address(url) != url

    def trusts(self, other: WebAddress) -> bool:
        """Returns whether the same host answers there, by a way that is no less safe."""
        same_way = (other.scheme, other.port) == (self.scheme, self.port)
        return other.host == self.host and (same_way or other.scheme == "https")
