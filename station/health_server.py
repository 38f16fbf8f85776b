"""GET /health on this computer's own address: how the station is, for a program that watches."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING

from facedesk_errors import StationError
from station.health import Health

if TYPE_CHECKING:
    from socketserver import TCPServer

ADDRESS = "127.0.0.1"
"""Nothing outside this computer reaches it."""

PATIENCE_S = 2.0
"""Who connects and asks nothing is sent away after it; meanwhile others wait."""

NOTICE_CLOSING_S = 0.1


class HealthServer:
    """Answers in a thread of its own: 200 where the station is well, 503 where it is not.

    The body is `Health.as_dict` as JSON: no names and no pictures, but every user of this
    computer may ask. A web page may not: what does not ask for this host by its own name or
    address is refused, since a page can give its own name this address (DNS rebinding), and no
    other origin is allowed to read the answer.

    report: called on the own thread, for each question. port: 0 takes any that is free.
    Raises StationError where the port cannot be had.
    """

    def __init__(self, port: int, report: Callable[[], Health]) -> None:
        self._server = _listening(port, report)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(NOTICE_CLOSING_S,), name="health"
        )
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _listening(port: int, report: Callable[[], Health]) -> TCPServer:
    from http.server import BaseHTTPRequestHandler
    from socketserver import TCPServer

    class Handler(BaseHTTPRequestHandler):
        timeout = PATIENCE_S
        server_version, sys_version = "Facedesk", ""

        def do_GET(self) -> None:
            own = {
                name + at
                for name in (ADDRESS, "localhost")
                for at in ("", f":{server.server_address[1]}")
            }
            if self.headers.get_all("Host", []) not in ([name] for name in own):
                self._answer(HTTPStatus.MISDIRECTED_REQUEST, {"error": "another host is asked for"})
            elif self.path != "/health":
                self._answer(HTTPStatus.NOT_FOUND, {"error": "there is /health alone"})
            else:
                health = report()
                status = HTTPStatus.OK if health.ok else HTTPStatus.SERVICE_UNAVAILABLE
                self._answer(status, health.as_dict())

        def _answer(self, status: HTTPStatus, told: dict[str, object]) -> None:
            body = json.dumps(told, ensure_ascii=False).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Who asks is not written down."""

    class Server(TCPServer):
        # Restarting finds the port still in TIME_WAIT; on Windows this would let others take it.
        allow_reuse_address = os.name == "posix"

        def handle_error(self, *_: object) -> None:
            if not isinstance(sys.exception(), OSError):  # who asked has left
                raise

    try:
        server = Server((ADDRESS, port), Handler)
    except OSError as error:
        raise StationError(
            f"the port {port} of {ADDRESS} to be free for the station's health",
            f"it cannot be had ({error.strerror})",
            "Choose another one in the setting station.health_port, or 0 for none",
        ) from error
    return server
