"""A station that is killed again and again: each row of its ledger reaches the webhook."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from station.actions.deliveries import Deliveries
from station.actions.outbox import waiting
from station.ledger.ledger import Ledger

ROUNDS = 30

STATION = """
import os, random, signal, sys, time
from pathlib import Path
from station.actions.deliveries import Deliveries
from station.ledger.entry import Event, Kind
from station.ledger.ledger import Ledger

home, url, rounds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
pause = random.Random(9)


def station(begun):
    ledger = Ledger(home / "checkins.db")
    deliveries = Deliveries(home / "outbox.db", home / "checkins.db", url, b"secret", print)
    while True:
        deliveries.tell(ledger.append(Event(Kind.CHECK_IN, "Entrance", "a" * 32, "Anna")))
        os.write(begun, b".")


for n in range(rounds):
    hears, begun = os.pipe()
    child = os.fork()
    if not child:
        station(begun)
    if n % 5:  # else it is killed while it starts
        os.read(hears, 1)
    time.sleep(pause.uniform(0.0, 0.05))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(hears)
    os.close(begun)
"""


@dataclass
class Gate:
    """ids, numbers: of what came whole, in that order."""

    url: str = ""
    ids: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    gate = Gate()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = self.rfile.read(length)
            if len(body) == length:  # otherwise it was killed meanwhile
                gate.ids.append(self.headers["webhook-id"])
                gate.numbers.append(json.loads(body)["data"]["number"])
                self.send_response(204)
                self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = False

        def handle_error(self, *_: object) -> None:
            assert isinstance(sys.exception(), OSError)

    with Server(("127.0.0.1", 0), Handler) as server:
        gate.url = f"http://127.0.0.1:{server.server_port}/"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield gate
        server.shutdown()
        thread.join()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot fork")
def test_every_row_arrives_once(gate: Gate, tmp_path: Path, hand) -> None:
    script = [sys.executable, "-c", STATION, str(tmp_path), gate.url, str(ROUNDS)]
    killed = subprocess.run(script, capture_output=True, text=True, check=True, timeout=120)
    assert killed.stdout + killed.stderr == ""
    outbox, ledger = tmp_path / "outbox.db", tmp_path / "checkins.db"
    troubles: list[str] = []
    with closing(Deliveries(outbox, ledger, gate.url, b"secret", troubles.append, condition=hand)):
        with closing(Ledger(ledger)) as written:
            entries = list(written.entries())
        with hand:
            assert hand.wait_for(lambda: len(set(gate.ids)) == len(entries), 60)
    assert waiting(outbox) == 0
    assert troubles == []
    assert len(entries) >= ROUNDS * 4 // 5
    # Once each, in the order of the ledger: what is sent again after a kill has the same id.
    assert list(dict.fromkeys(gate.ids)) == [entry.hash for entry in entries]
    assert list(dict.fromkeys(gate.numbers)) == [entry.number for entry in entries]
    assert len(gate.ids) - len(entries) <= ROUNDS
