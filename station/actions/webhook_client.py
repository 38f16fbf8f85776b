"""Posts to the webhook, with a time limit for the whole exchange, whatever the receiver does."""

from __future__ import annotations

import http.client
import socket
import threading
import urllib.request
from contextlib import suppress
from http import HTTPStatus
from typing import IO
from urllib.error import HTTPError, URLError

from capture.network.addresses import shown_address
from common.sentence import Sentence
from common.timed_condition import TimedCondition
from station.actions.outbox import Delivery
from station.actions.webhook import sign

STEP_S = 5.0
"""The limit in seconds for connecting to an address, and for each piece of the answer."""

EXCHANGE_S = 10.0
"""The limit in seconds for a whole try: looking up the name, connecting, sending, and receiving the
answer's header."""

CLOSING_S = 3.0
"""Seconds for which a try that is under way goes on once the client is closed."""


class WebhookClient:
    """Sends one delivery at a time.

    A try runs in a thread of its own, since nothing can interrupt the look-up of a name, and since
    a receiver that sends a byte now and then never times out. After the limit its connection is
    shut down, and the thread is not waited for: it keeps no program alive, and there is at most
    one. Any thread may call close(), one thread post().

    limit_s, closing_s: as EXCHANGE_S and CLOSING_S.
    """

    def __init__(
        self,
        url: str,
        secret_key: bytes,
        limit_s: float = EXCHANGE_S,
        closing_s: float = CLOSING_S,
    ) -> None:
        self._url = url
        self._key = secret_key
        self._limit_s = limit_s
        self._closing_s = closing_s
        self._condition = TimedCondition()
        self._closed = False
        self._last: _Try | None = None

    def close(self) -> None:
        """Closes the client. Returns at once; a running post() returns within `closing_s`."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()

    def post(self, what: Delivery, timestamp: int) -> str | None:
        """Sends a delivery once. Returns None where it was received; otherwise what went wrong, in
        a few words.

        An answer of 200 to 299 means that it was received. A redirection is not followed: what is
        signed for one receiver goes to no other. timestamp: of this try, Unix seconds.
        """
        if self._last is not None and self._last.is_alive():
            return "the try before hangs still"
        try:
            request = self._request(what, timestamp)
        except ValueError as error:
            return f"its address cannot be used ({error})"
        attempt = self._last = _Try(request, self._condition)
        attempt.start()
        with self._condition:
            now, wait = self._condition.now, self._condition.wait_until
            deadline = now() + self._limit_s
            wait(lambda: attempt.over or self._closed, deadline)
            wait(lambda: attempt.over, min(deadline, now() + self._closing_s))
            if attempt.over:
                attempt.join()
                return attempt.failure
        attempt.abandon()
        return (
            "Facedesk is closed"
            if self._closed
            else f"it took longer than {self._limit_s:g} s in all"
        )

    def _request(self, what: Delivery, timestamp: int) -> urllib.request.Request:
        return urllib.request.Request(
            self._url,
            what.body,
            {
                "Content-Type": "application/json; charset=utf-8",
                "User-Agent": "Facedesk",
                "webhook-id": what.id,
                "webhook-timestamp": str(timestamp),
                "webhook-signature": sign(self._key, what.id, timestamp, what.body),
            },
            method="POST",
        )


class _Try(threading.Thread):
    """One exchange with the receiver, in a thread. The condition guards its state.

    over: whether it has ended; then `failure` says how: None where the delivery was received.
    """

    def __init__(self, request: urllib.request.Request, condition: TimedCondition) -> None:
        super().__init__(name="webhook try", daemon=True)
        self._request = request
        self._condition = condition
        self._connection: http.client.HTTPConnection | None = None
        self._abandoned = False
        self.over = False
        self.failure: str | None = Sentence("a fault in the program")

    def abandon(self) -> None:
        """Gives the try up, since nobody waits for it any more: closes its connection from outside.
        Any thread may call it."""
        with self._condition:
            self._abandoned = True
            connection = self._connection
        end = connection.sock if connection is not None else None
        if end is not None:
            with suppress(OSError):
                # Not TLS's own shutdown, which changes what the other thread reads from.
                socket.socket.shutdown(end, socket.SHUT_RDWR)

    def run(self) -> None:
        try:
            self.failure = self._exchange()
        finally:
            with self._condition:
                self.over = True
                self._condition.notify_all()

    def connecting(self, connection: http.client.HTTPConnection) -> None:
        with self._condition:
            self._connection = connection

    def connected(self) -> None:
        """Notes that the connection stands. Raises TimeoutError if the try was given up before:
        then nothing is sent."""
        with self._condition:
            if self._abandoned:
                raise TimeoutError

    def _exchange(self) -> str | None:
        try:
            with _opener(self).open(self._request, timeout=STEP_S):
                return None
        except HTTPError as error:
            with error:
                redirected = HTTPStatus.MULTIPLE_CHOICES <= error.code < HTTPStatus.BAD_REQUEST
                if redirected:
                    return Sentence("it answered {}, to go elsewhere", error.code)
                return Sentence("it answered {}", error.code)
        except URLError as error:
            reason = error.reason
            return str(reason.strerror or reason) if isinstance(reason, OSError) else str(reason)
        except TimeoutError:
            return Sentence("no answer within {} s", f"{STEP_S:g}")
        except (OSError, http.client.HTTPException) as error:
            return Sentence("its answer cannot be read ({})", repr(error))
        except ValueError as error:
            # Python raises it for names that cannot be looked up, and for a proxy's bad address.
            return Sentence(
                "its address, or the proxy's, cannot be used ({})", shown_address(str(error))
            )


def _opener(attempt: _Try) -> urllib.request.OpenerDirector:
    """Returns an opener that follows no redirection, and that lets the try reach its connection."""

    class Plain(http.client.HTTPConnection):
        def connect(self) -> None:
            attempt.connecting(self)
            super().connect()
            attempt.connected()

    class Secure(http.client.HTTPSConnection):
        def connect(self) -> None:
            attempt.connecting(self)
            super().connect()
            attempt.connected()

    class PlainHandler(urllib.request.HTTPHandler):
        def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
            return self.do_open(Plain, request)

    class SecureHandler(urllib.request.HTTPSHandler):
        def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
            return self.do_open(Secure, request)

    class Straight(urllib.request.HTTPRedirectHandler):
        def http_error_302(
            self,
            req: urllib.request.Request,
            fp: IO[bytes],
            code: int,
            msg: str,
            headers: http.client.HTTPMessage,
        ) -> None:
            """Refuses a redirection; its Location is not even read."""

        http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302

    return urllib.request.build_opener(PlainHandler, SecureHandler, Straight)
