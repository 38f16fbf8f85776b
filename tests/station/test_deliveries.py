"""Against a real receiver on the loopback address."""

from __future__ import annotations

import base64
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from facedesk_errors import StationError
from station.deliveries import GIVE_UP, PAUSES_S, Deliveries, Status
from station.outbox import Outbox, waiting
from station.webhook import delivery

KEY = b"a secret of the station"
NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


@dataclass
class Receiver:
    """answers: of the next requests, then 204 for ever. requests: headers and bodies."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def numbers(self) -> list[int]:
        return [json.loads(body)["data"]["number"] for _, body in self.requests]


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.requests.append((headers, body))
            self.send_response(receiver.answers.pop(0) if receiver.answers else 204)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield receiver
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def path(home: Path) -> Path:
    return home / "outbox.db"


@dataclass
class Desk:
    """Deliveries, and what they told. now: what their wall clock shows."""

    start: Callable[..., Deliveries]
    troubles: list[str]
    now: datetime = NOW


@pytest.fixture
def desk(path: Path, receiver: Receiver, hand) -> Iterator[Desk]:
    started = []

    def start(url: str = "") -> Deliveries:
        started.append(
            Deliveries(path, url or receiver.url, KEY, desk.troubles.append, lambda: desk.now, hand)
        )
        return started[-1]

    desk = Desk(start, [])
    yield desk
    for deliveries in started:
        deliveries.close()


def until(deliveries: Deliveries, hand, happened: Callable[[Status], bool]) -> Status:
    with hand:
        assert hand.wait_for(lambda: happened(deliveries._status))
        return deliveries._status


def told(deliveries: Deliveries, hand, receiver: Receiver, count: int) -> None:
    until(deliveries, hand, lambda s: len(receiver.requests) == count and s.waiting == 0)


def test_it_is_told_and_can_check_who_tells(desk, receiver, hand, entry) -> None:
    deliveries = desk.start()
    deliveries.tell(entry(5))
    told(deliveries, hand, receiver, 1)
    ((headers, body),) = receiver.requests
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert headers["webhook-id"] == f"{5:064x}"
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    signature = base64.b64encode(hmac.digest(KEY, signed, "sha256")).decode()
    assert headers["webhook-signature"] == f"v1,{signature}"
    assert body == delivery(entry(5)).body
    assert desk.troubles == []


def test_failures_are_tried_again_after_growing_pauses(desk, receiver, hand, entry) -> None:
    failures = len(PAUSES_S) + 1
    receiver.answers = [500] * failures
    deliveries = desk.start()
    deliveries.tell(entry(1))
    for n in range(failures):
        pause_s = PAUSES_S[min(n, len(PAUSES_S) - 1)]
        until(deliveries, hand, lambda s, p=pause_s: hand.deadline == hand.seconds + p)
        assert len(receiver.requests) == n + 1
        hand.advance(pause_s - 1)
        deliveries.tell(entry(2 + n))  # wakes it, a second too early
        status = until(deliveries, hand, lambda s, n=n: s.waiting == n + 2)
        assert status.last_failure == "it answered 500"
        assert len(receiver.requests) == n + 1
        desk.now += timedelta(seconds=pause_s)
        hand.advance(1)
    told(deliveries, hand, receiver, 2 * failures + 1)
    assert receiver.numbers == [1] * failures + list(range(1, failures + 2))
    (trouble,) = desk.troubles
    assert "it answered 500" in trouble
    assert deliveries.status == Status()
    first, later = receiver.requests[0][0], receiver.requests[failures][0]
    assert first["webhook-id"] == later["webhook-id"]
    assert first["webhook-timestamp"] < later["webhook-timestamp"]


def test_order_is_kept(desk, receiver, hand, entry) -> None:
    receiver.answers = [503]
    deliveries = desk.start()
    for number in range(1, 6):
        deliveries.tell(entry(number))
    until(deliveries, hand, lambda s: s.waiting == 5 and bool(s.last_failure))
    hand.advance(PAUSES_S[0])
    told(deliveries, hand, receiver, 6)
    assert receiver.numbers == [1, 1, 2, 3, 4, 5]


def test_what_waits_survives_a_restart(desk, path, receiver, hand, entry) -> None:
    receiver.answers = [500]
    first = desk.start()
    first.tell(entry(1))
    until(first, hand, lambda s: bool(s.last_failure))
    first.tell(entry(2))
    first.close()
    assert waiting(path) == 2
    second = desk.start()
    told(second, hand, receiver, 3)
    assert receiver.numbers == [1, 1, 2]
    second.close()
    assert waiting(path) == 0


def test_what_is_told_last_is_kept_on_closing(desk, path, entry) -> None:
    deliveries = desk.start("http://127.0.0.1:1/nobody")
    for number in range(1, 21):
        deliveries.tell(entry(number))
    deliveries.close()
    assert waiting(path) == 20
    assert b"Nguy" in path.read_bytes()


def test_nobody_there(desk, hand, entry) -> None:
    deliveries = desk.start("http://127.0.0.1:1/nobody")
    deliveries.tell(entry(1))
    status = until(deliveries, hand, lambda s: bool(s.last_failure))
    assert "refused" in status.last_failure.lower()


def test_a_redirection_is_not_followed(desk, receiver, hand, entry) -> None:
    receiver.answers = [302]
    deliveries = desk.start()
    deliveries.tell(entry(1))
    status = until(deliveries, hand, lambda s: bool(s.last_failure))
    assert status.last_failure == "it answered 302, to go elsewhere"
    assert len(receiver.requests) == 1


def test_after_days_it_is_given_up_and_told(desk, path, receiver, hand, entry) -> None:
    receiver.answers = [500, 500]
    deliveries = desk.start()
    deliveries.tell(entry(1, at=NOW))
    deliveries.tell(entry(2, at=NOW + timedelta(hours=2)))
    until(deliveries, hand, lambda s: s.waiting == 2 and bool(s.last_failure))
    desk.now = NOW + GIVE_UP + timedelta(hours=1)
    hand.advance(PAUSES_S[0])
    until(deliveries, hand, lambda s: s.waiting == 1)
    assert "2026-03-01 08:00 UTC, 1 in number" in desk.troubles[-1]
    assert waiting(path) == 1
    hand.advance(PAUSES_S[1])
    told(deliveries, hand, receiver, 3)
    assert receiver.numbers == [1, 1, 2]


def test_what_is_old_is_tried_once_more_after_a_long_stop(desk, path, receiver, hand, entry):
    with closing(Outbox(path)) as outbox:
        outbox.put(delivery(entry(1, at=NOW - 2 * GIVE_UP)))
    told(desk.start(), hand, receiver, 1)


def test_one_is_in_the_outbox_once(path: Path, entry) -> None:
    with closing(Outbox(path)) as outbox:
        for number in (2, 1, 2):
            outbox.put(delivery(entry(number)))
        assert outbox.all() == [delivery(entry(2)), delivery(entry(1))]
        outbox.remove(delivery(entry(2)))
        assert outbox.all() == [delivery(entry(1))]
    assert path.stat().st_mode & 0o777 == 0o600


def test_without_room_on_the_disk_it_is_told_all_the_same(
    desk, receiver, hand, entry, no_room
) -> None:
    deliveries = desk.start()
    deliveries.tell(entry(1))
    told(deliveries, hand, receiver, 1)
    with no_room():
        deliveries.tell(entry(2))
        told(deliveries, hand, receiver, 2)
    assert receiver.numbers == [1, 2]
    assert "outbox" in desk.troubles[0]


def test_with_a_damaged_outbox_it_is_told_all_the_same(desk, path, receiver, hand, entry) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database" * 1000)
    deliveries = desk.start()
    deliveries.tell(entry(1))
    told(deliveries, hand, receiver, 1)
    assert "of another kind" in desk.troubles[0]
    assert path.read_bytes() == b"no database" * 1000


@pytest.mark.parametrize(
    "damage",
    [
        "at = 'garbage'",
        "at = CAST(x'ff' AS TEXT)",
        "at = '2026-03-01T08:00:00'",  # of no zone
        "id = CAST(x'ff' AS TEXT)",
        "id = 'a' || char(10) || 'b: c'",  # would be two headers
        "body = 7",
    ],
)
def test_with_a_damaged_row_it_is_told_all_the_same(
    desk, path, receiver, hand, entry, damage: str
) -> None:
    with closing(Outbox(path)) as outbox:
        outbox.put(delivery(entry(1)))
        outbox._db.execute(f"UPDATE delivery SET {damage}")
    with pytest.raises(StationError, match=r"intact outbox.*a delivery cannot be read"):
        waiting(path)
    deliveries = desk.start()
    for number in (2, 3):
        deliveries.tell(entry(number))
    told(deliveries, hand, receiver, 2)
    assert receiver.numbers == [2, 3]
    (trouble,) = desk.troubles
    assert "a delivery cannot be read" in trouble
    assert "in memory alone" in trouble
    deliveries.close()
    with closing(Outbox(path)) as outbox:
        assert outbox._db.execute("SELECT count(*) FROM delivery").fetchone() == (1,)
