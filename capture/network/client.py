"""Asks for one address again and again, over one connection, within bounds of time and size."""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urljoin

from capture.kinds import HEAD_BYTES, kind_of
from capture.network.addresses import WebAddress, shown_address
from capture.network.login import HttpLogin
from common.errors import SourceError
from common.sentence import Sentence

STEP_S = 4.0
"""The limit in seconds for connecting and for each piece of an answer."""

WHOLE_S = 8.0
"""The limit in seconds for a whole answer, however slowly its pieces come."""

MAX_BYTES = 32_000_000
"""A larger picture is refused: a JPEG of 36 megapixels at the best quality has fewer bytes."""

_SAYING_NOTHING = frozenset({"", "application/octet-stream", "binary/octet-stream"})

_ENDLESS = ("multipart/", "video/", "audio/")

_REMEDY = Sentence("Check the address, the user name and password in it, and the network")

_MAX_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True)
class WebAnswer:
    """What a server has answered. kind: the media type in lower case, "" where it says none.

    body: whole where it is a picture, else its first HEAD_BYTES, and b"" of a stream.
    """

    kind: str
    body: bytes

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture by its type, or, where that says nothing, by its beginning."""
        if self.kind in _SAYING_NOTHING:
            return kind_of(self.body) is not None
        return self.kind.startswith("image/")


class WebClient:
    """Asks for one address. It belongs to one thread; only close() may come from another.

    Redirections are followed, but with a name, a password or a key in the address not to another
    host, nor from https to http. `moved_to` names another host that answers in its place.
    """

    def __init__(self, url: str) -> None:
        """Raises SourceError where it is no address of the web. Nothing is asked for yet."""
        self.shown = shown_address(url)
        self.moved_to: str | None = None
        self._address = self._first = WebAddress.parse(url)
        self._login = HttpLogin(self._first.user, self._first.password)
        self._lock = threading.Lock()
        self._connection: http.client.HTTPConnection | None = None
        self._closed = False

    def get(self) -> WebAnswer:
        """Returns the answer to the next request. Raises SourceError where none can be used."""
        for _ in range(_MAX_REDIRECTS + 1):
            response = self._authorized_response()
            if response.status not in _REDIRECTS:
                return self._read(response)
            self._follow(response.getheader("Location") or "")
        raise self._unusable(Sentence("it refers from one address to the next without an end"))

    def close(self) -> None:
        """Ends the connection; a get() that waits for it fails."""
        with self._lock:
            self._closed = True
            connection, self._connection = self._connection, None
        if connection is not None:
            _shut(connection)

    def _authorized_response(self) -> http.client.HTTPResponse:
        for _ in range(2):  # a wrong password is said once: cameras lock accounts
            response = self._response()
            if response.status != 401:
                return response
            self._drop()
            if not self._login.answer(response.headers.get_all("WWW-Authenticate") or []):
                break
        if not self._login.is_given:
            raise self._unusable(
                Sentence("it asks for a name and a password"),
                Sentence("Put them into the address: http://NAME:PASSWORD@HOST/PATH"),
            )
        raise self._unusable(
            Sentence("it refuses the name and the password"),
            Sentence("Correct them in the address, or ask whose it is"),
        )

    def _response(self) -> http.client.HTTPResponse:
        """Sends the request. A kept connection that the server has closed meanwhile is replaced."""
        is_kept = self._connection is not None
        try:
            return self._send()
        except (http.client.RemoteDisconnected, ConnectionError, BrokenPipeError):
            if not is_kept or self._closed:
                raise self._silent(Sentence("it ends the connection")) from None
        except (http.client.HTTPException, OSError) as error:
            raise self._silent(error) from None
        try:
            return self._send()
        except (http.client.HTTPException, OSError) as error:
            raise self._silent(error) from None

    def _send(self) -> http.client.HTTPResponse:
        connection = self._connected()
        try:
            headers = {"User-Agent": "Facedesk", "Accept": "*/*"}
            told = self._login.header("GET", self._address.target)
            if told is not None:
                headers["Authorization"] = told
            connection.request("GET", self._address.target, headers=headers)
            return connection.getresponse()
        except BaseException:
            self._drop()
            raise

    def _connected(self) -> http.client.HTTPConnection:
        with self._lock:
            if self._closed:
                raise ConnectionError
            if self._connection is None:
                place = self._address.host, self._address.port
                self._connection = (
                    http.client.HTTPSConnection(
                        *place, timeout=STEP_S, context=ssl.create_default_context()
                    )
                    if self._address.scheme == "https"
                    else http.client.HTTPConnection(*place, timeout=STEP_S)
                )
                self._connection.response_class = _BoundedResponse
            return self._connection

    def _drop(self) -> None:
        with self._lock:
            connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _read(self, response: http.client.HTTPResponse) -> WebAnswer:
        if response.status != 200:
            self._drop()
            raise self._unusable(
                Sentence("it answers {} {}", response.status, _plain(response.reason)),
                Sentence("Check the path in the address"),
            )
        named = response.headers["Content-Type"]
        kind = response.headers.get_content_type().lower() if named else ""
        try:
            body = b"" if kind.startswith(_ENDLESS) else response.read(HEAD_BYTES)
            if WebAnswer(kind, body).is_picture:
                body += response.read(MAX_BYTES - len(body) + 1)
        except (http.client.HTTPException, OSError) as error:
            self._drop()
            raise self._silent(error) from None
        if not response.isclosed():  # the rest is not wanted
            self._drop()
        if len(body) > MAX_BYTES:
            raise self._unusable(
                Sentence("its picture has more than {} MB", MAX_BYTES // 1000000),
                Sentence("Choose a smaller picture in the camera's settings"),
            )
        return WebAnswer(kind, body)

    def _follow(self, location: str) -> None:
        self._drop()
        now = self._address
        host = f"[{now.host}]" if ":" in now.host else now.host
        there = urljoin(f"{now.scheme}://{host}:{now.port}{now.target}", location)
        if not location or there.partition("://")[0] not in ("http", "https"):
            raise self._unusable(Sentence("it refers to another address that is none"))
        following = WebAddress.parse(there)
        if not now.trusts(following):
            if self._first.has_secrets or now.has_secrets:
                raise self._unusable(
                    Sentence(
                        "it refers to {}, where your name, password or key is not sent",
                        shown_address(f"{following.scheme}://{following.host}"),
                    ),
                    Sentence("If that is your camera, too, give its own address"),
                )
            self.moved_to = following.host
        self._address = replace(following, user="", password="")

    def _silent(self, error: object) -> SourceError:
        """Says that nobody answered as they should. The error's own text is not shown: some quote
        the address."""
        if isinstance(error, ssl.SSLCertVerificationError):
            return self._unusable(
                Sentence("its certificate is not one that this computer trusts"),
                Sentence(
                    "Trust it (environment variable SSL_CERT_FILE), or use http in your own network"
                ),
            )
        if isinstance(error, Sentence):
            found = error
        elif isinstance(error, TimeoutError):
            found = Sentence("no whole answer came within {} s", f"{WHOLE_S:g}")
        elif isinstance(error, socket.gaierror):
            found = Sentence("no computer of that name is known")
        elif isinstance(error, OSError) and error.strerror:
            found = Sentence("none can be reached there ({})", error.strerror)
        else:
            found = Sentence("its answer cannot be read")
        return self._unusable(found)

    def _unusable(self, found: str, remedy: str = "") -> SourceError:
        return SourceError(
            Sentence("pictures from {}", self.shown),
            found,
            remedy or _REMEDY,
        )


class _BoundedResponse(http.client.HTTPResponse):
    """A response that is there within WHOLE_S, from its first byte to its last."""

    def __init__(self, sock: socket.socket, *arguments: Any, **named: Any) -> None:
        reader = _BoundedReader(sock, time.monotonic() + WHOLE_S)
        super().__init__(reader, *arguments, **named)  # type: ignore[arg-type]


class _BoundedReader(io.RawIOBase):
    """What a socket receives until a moment of the monotonic clock; then it raises TimeoutError."""

    def __init__(self, sock: socket.socket, until: float) -> None:
        # It keeps the socket open where http.client closes its own once the headers are there.
        self._file = sock.makefile("rb", buffering=0)
        self._sock, self._until = sock, until

    def makefile(self, *_: object) -> io.BufferedReader:
        """As a socket's."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(min(STEP_S, left))
        return self._file.readinto(buffer) or 0

    def close(self) -> None:
        self._file.close()
        super().close()


def _shut(connection: http.client.HTTPConnection) -> None:
    """Ends a connection in which another thread may be waiting."""
    sock = connection.sock
    if sock is not None:
        with suppress(OSError):  # it is over already
            sock.shutdown(socket.SHUT_RDWR)
    connection.close()


def _plain(reason: str) -> str:
    return "".join(c for c in reason[:60] if c.isprintable())
