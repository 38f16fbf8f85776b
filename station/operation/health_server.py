"""Answers GET /health on this computer's own address: how the station is, for a program that
watches."""

from __future__ import annotations

import json
import logging
import os
import socket
import threading
from collections.abc import Callable
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING

from common.errors import StationError
from common.sentence import Sentence
from common.sqlite_file import BUSY_S
from station.operation.health import Health

if TYPE_CHECKING:
    import asyncio

log = logging.getLogger(__name__)

ADDRESS = "127.0.0.1"
"""The address that is served: nothing outside this computer can reach it."""

PATIENCE_S = 2.0
"""The limit in seconds for a whole question and its answer, from connecting on; a slower client is
disconnected."""

MOST_AT_ONCE = 64
"""The most clients that may be connected. When one more comes, the first of them is
disconnected."""

LONGEST_QUESTION = 8192
"""The longest question in bytes, with its header."""

CLOSE_S = 1.0 + 4 * BUSY_S
"""The longest time in seconds that close() takes: a report that is being made reads the outbox and
the ledger, which other programs may hold."""

Answer = Callable[[bytes], bytes]


class HealthServer:
    """Answers in a thread of its own: 200 where the station is well, 503 where it is not.

    The body is `Health.as_dict` as JSON. It holds no names and no pictures, but every user of this
    computer may ask. A web page may not: a request that does not name this host by its own name or
    address is refused, since a page can have its own name lead to this address (DNS rebinding), and
    no other origin is allowed to read the answer.

    Clients that are slow, say nothing, or come in great numbers keep no other client waiting.

    report: called on the own thread, for each question. port: 0 takes any that is free.
    patience_s: as PATIENCE_S. Raises StationError where the port cannot be had.
    """

    def __init__(
        self, port: int, report: Callable[[], Health], patience_s: float = PATIENCE_S
    ) -> None:
        self._socket = _listening(port)
        self.address: tuple[str, int] = self._socket.getsockname()
        self._answer = _answering(self.port, report)
        self._patience_s = patience_s
        self._loop: asyncio.AbstractEventLoop | None = None
        self._started = threading.Event()
        self._asking: dict[asyncio.Task[None], None] = {}
        # A daemon: a disk that never answers must not keep the program from ending.
        self._thread = threading.Thread(target=self._run, name="health", daemon=True)
        self._thread.start()
        self._started.wait()

    @property
    def port(self) -> int:
        return self.address[1]

    def close(self) -> None:
        """Ends the thread within CLOSE_S; clients that are connected are disconnected."""
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join(CLOSE_S)
        if self._thread.is_alive():
            log.warning("The outbox or the ledger does not answer.")

    # On the own thread.

    def _run(self) -> None:
        import asyncio

        try:
            asyncio.run(self._serve())
        finally:
            self._started.set()

    async def _serve(self) -> None:
        import asyncio

        self._closing = asyncio.Event()
        server = await asyncio.start_server(self._meet, sock=self._socket, limit=LONGEST_QUESTION)
        self._loop = asyncio.get_running_loop()
        self._started.set()
        await self._closing.wait()
        server.close()
        # Those accepted a moment ago begin first, so that they, too, are closed and not dropped.
        while asyncio.all_tasks() - {asyncio.current_task()}:
            for task in self._asking:
                task.cancel()
            await asyncio.sleep(0)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        import asyncio

        task = asyncio.current_task()
        assert task is not None
        if len(self._asking) >= MOST_AT_ONCE:
            first = next(iter(self._asking))
            del self._asking[first]
            first.cancel()
        self._asking[task] = None
        try:
            async with asyncio.timeout(self._patience_s):
                question = await reader.readuntil(b"\r\n\r\n")
                writer.write(self._answer(question))
                await writer.drain()
                writer.close()
                await writer.wait_closed()
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            pass  # who asked has left, or is sent away
        except asyncio.CancelledError:
            pass  # to let another one in, or because of the end
        finally:
            self._asking.pop(task, None)
            writer.transport.abort()


def _answering(port: int, report: Callable[[], Health]) -> Answer:
    """Returns a function from the bytes of a question to those of the answer, which is 500 after a
    mistake of our own."""
    from http.server import BaseHTTPRequestHandler

    own = [[name + at] for name in (ADDRESS, "localhost") for at in ("", f":{port}")]

    class Question(BaseHTTPRequestHandler):
        server_version, sys_version = "Facedesk", ""

        def __init__(self, question: bytes) -> None:
            self.rfile = BytesIO(question)
            self.wfile = self.told = BytesIO()
            self.client_address = (ADDRESS, 0)
            self.handle_one_request()

        def do_GET(self) -> None:
            if self.headers.get_all("Host", []) not in own:
                self._tell(HTTPStatus.MISDIRECTED_REQUEST, {"error": "another host is asked for"})
            elif self.path != "/health":
                self._tell(HTTPStatus.NOT_FOUND, {"error": "there is /health alone"})
            else:
                try:
                    health = report()
                except Exception:
                    log.exception("A fault in the program")
                    self._tell(HTTPStatus.INTERNAL_SERVER_ERROR, {"error": "a fault; see the log"})
                    return
                status = HTTPStatus.OK if health.ok else HTTPStatus.SERVICE_UNAVAILABLE
                self._tell(status, health.as_dict())

        def _tell(self, status: HTTPStatus, told: dict[str, object]) -> None:
            body = json.dumps(told, ensure_ascii=False).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Writes nothing: who asks is not logged."""

    def answer(question: bytes) -> bytes:
        return Question(question).told.getvalue()

    return answer


def _listening(port: int) -> socket.socket:
    listening = socket.socket()
    try:
        if os.name == "posix":
            # Restarting finds the port still in TIME_WAIT; on Windows this would let others
            # take it.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((ADDRESS, port))
        listening.listen()
    except OSError as error:
        listening.close()
        raise StationError(
            Sentence("the port {} of {} to be free for the station's health", port, ADDRESS),
            Sentence("it cannot be had ({})", error.strerror),
            "Choose another one in the setting station.health_port, or 0 for none",
        ) from error
    return listening
