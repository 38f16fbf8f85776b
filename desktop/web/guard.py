"""Who may ask `facedesk web` for anything: this computer's own page, or whoever has the token."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

OPEN_PATHS = frozenset({"/", "/openapi.json"})
"""What is served without the token: these say nothing of anybody."""

HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class RequestGuard:
    """Refuses requests of other web sites, which a browser would carry here, and without the token.

    token: None on a loopback address alone, where every user of this computer is let in.
    """

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        refused = self._refusal(Headers(scope=scope), str(scope["path"]))
        await (refused or self._app)(scope, receive, send_guarded)

    def _refusal(self, headers: Headers, path: str) -> JSONResponse | None:
        host = headers.get("host", "")
        if self._token is None and _name(f"//{host}") not in LOOPBACK:
            # Another site's name that was made to point to this computer.
            return _refused(403, "Expected localhost as the host, but it is another one")
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != host:
            return _refused(403, "Expected this program's own page, but another site asks")
        if headers.get("sec-fetch-site") == "cross-site" and path not in OPEN_PATHS:
            return _refused(403, "Expected this program's own page, but another site asks")
        if self._token is None or path in OPEN_PATHS or self._has_token(headers):
            return None
        refused = _refused(401, "Expected the token, as 'Authorization: Bearer TOKEN'")
        refused.headers["WWW-Authenticate"] = "Bearer"
        return refused

    def _has_token(self, headers: Headers) -> bool:
        assert self._token is not None
        kind, _, given = headers.get("authorization", "").partition(" ")
        # As bytes: of texts compare_digest takes ASCII alone.
        is_it = hmac.compare_digest(given.strip().encode(), self._token.encode())
        return is_it and kind.casefold() == "bearer"


def _name(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _refused(status: int, error: str) -> JSONResponse:
    return JSONResponse({"error": error}, status)
