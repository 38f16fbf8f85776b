"""Against a real receiver on the loopback address."""

from __future__ import annotations

import base64
import hmac
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import station.actions.deliveries
from common.errors import StationError
from common.sqlite_file import in_use, open_database, transaction
from station.actions.deliveries import PAUSES_S, Deliveries, Status
from station.actions.outbox import GIVE_UP, OUTBOX_FILE, Outbox, waiting
from station.actions.webhook import delivery
from station.ledger.chain import COLUMNS, ZEROS, row_of
from station.ledger.entry import Entry, Event, Kind, Means
from station.ledger.ledger import Ledger
from station.ledger.schema import CHECKINS
from station.ledger.tail import PAGE, Added, LedgerTail, Mark

KEY = b"a secret of the station"
NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
WAIT_S = 30  # for what comes at once; only a failing test waits so long


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
    """Deliveries, the ledger that they follow, and what they told.

    now: what all their wall clocks show.
    """

    start: Callable[..., Deliveries]
    ledger: Ledger
    troubles: list[str]
    now: datetime = NOW

    def write(self, kind: Kind = Kind.CHECK_IN, **event: object) -> Entry:
        """The next entry of the ledger, as any program may add it."""
        return self.ledger.append(Event(kind, "Cửa chính", "a" * 32, "Nguyễn Ánh", **event))

    def come(self, deliveries: Deliveries) -> Entry:
        """Somebody checks in at the station."""
        entry = self.write()
        deliveries.tell(entry)
        return entry


@pytest.fixture
def desk(path: Path, receiver: Receiver, hand) -> Iterator[Desk]:
    started = []

    def start(url: str = "", **limits: float) -> Deliveries:
        started.append(
            Deliveries(
                path,
                path.with_name("checkins.db"),
                url or receiver.url,
                KEY,
                desk.troubles.append,
                lambda: desk.now,
                hand,
                **limits,
            )
        )
        return started[-1]

    desk = Desk(start, Ledger(path.with_name("checkins.db"), lambda: desk.now), [])
    yield desk
    for deliveries in started:
        deliveries.close()
    desk.ledger.close()


def until(deliveries: Deliveries, hand, happened: Callable[[Status], bool]) -> Status:
    with hand:
        assert hand.wait_for(lambda: happened(deliveries._status), WAIT_S)
        return deliveries._status


def told(deliveries: Deliveries, hand, receiver: Receiver, count: int) -> None:
    until(deliveries, hand, lambda s: len(receiver.requests) == count and s.waiting == 0)


def test_it_is_told_and_can_check_who_tells(desk, receiver, hand) -> None:
    deliveries = desk.start()
    entry = desk.come(deliveries)
    told(deliveries, hand, receiver, 1)
    ((headers, body),) = receiver.requests
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert headers["webhook-id"] == entry.hash
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    signature = base64.b64encode(hmac.digest(KEY, signed, "sha256")).decode()
    assert headers["webhook-signature"] == f"v1,{signature}"
    assert body == delivery(entry).body
    assert desk.troubles == []


def test_failures_are_tried_again_after_growing_pauses(desk, receiver, hand) -> None:
    failures = len(PAUSES_S) + 1
    receiver.answers = [500] * failures
    deliveries = desk.start()
    desk.come(deliveries)
    for n in range(failures):
        pause_s = PAUSES_S[min(n, len(PAUSES_S) - 1)]
        until(deliveries, hand, lambda s, p=pause_s: hand.deadline == hand.seconds + p)
        assert len(receiver.requests) == n + 1
        hand.advance(pause_s - 1)
        desk.come(deliveries)  # wakes it, a second too early
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


def test_order_is_kept(desk, receiver, hand) -> None:
    receiver.answers = [503]
    deliveries = desk.start()
    for _ in range(1, 6):
        desk.come(deliveries)
    until(deliveries, hand, lambda s: s.waiting == 5 and bool(s.last_failure))
    hand.advance(PAUSES_S[0])
    told(deliveries, hand, receiver, 6)
    assert receiver.numbers == [1, 1, 2, 3, 4, 5]


def test_what_waits_survives_a_restart(desk, path, receiver, hand) -> None:
    receiver.answers = [500]
    first = desk.start()
    desk.come(first)
    until(first, hand, lambda s: bool(s.last_failure))
    desk.come(first)
    first.close()
    assert waiting(path) == 2
    second = desk.start()
    told(second, hand, receiver, 3)
    assert receiver.numbers == [1, 1, 2]
    second.close()
    assert waiting(path) == 0


def test_what_is_told_last_is_kept_on_closing(desk, path) -> None:
    deliveries = desk.start("http://127.0.0.1:1/nobody")
    for _ in range(1, 21):
        desk.come(deliveries)
    deliveries.close()
    assert waiting(path) == 20
    with closing(Outbox(path)) as outbox:
        assert all("Nguyễn Ánh".encode() in one.body for one in outbox.all())
    assert b"Nguy" not in path.read_bytes()


def test_nobody_there(desk, hand) -> None:
    deliveries = desk.start("http://127.0.0.1:1/nobody")
    desk.come(deliveries)
    status = until(deliveries, hand, lambda s: bool(s.last_failure))
    assert "refused" in status.last_failure.lower()


def test_a_redirection_is_not_followed(desk, receiver, hand) -> None:
    receiver.answers = [302]
    deliveries = desk.start()
    desk.come(deliveries)
    status = until(deliveries, hand, lambda s: bool(s.last_failure))
    assert status.last_failure == "it answered 302, to go elsewhere"
    assert len(receiver.requests) == 1


def test_after_days_it_is_given_up_and_told(desk, path, receiver, hand) -> None:
    receiver.answers = [500, 500]
    deliveries = desk.start()
    desk.come(deliveries)
    desk.now = NOW + timedelta(hours=2)
    desk.come(deliveries)
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


def test_without_room_on_the_disk_it_is_told_all_the_same(desk, receiver, hand, no_room) -> None:
    deliveries = desk.start()
    desk.come(deliveries)
    told(deliveries, hand, receiver, 1)
    entry = desk.write()
    with no_room():
        deliveries.tell(entry)
        told(deliveries, hand, receiver, 2)
    assert receiver.numbers == [1, 2]
    assert "outbox" in desk.troubles[0]


def test_with_a_damaged_outbox_it_is_told_all_the_same(desk, path, receiver, hand) -> None:
    path.write_bytes(b"no database" * 1000)
    deliveries = desk.start()
    desk.come(deliveries)
    told(deliveries, hand, receiver, 1)
    assert "of another kind" in desk.troubles[0]
    assert path.read_bytes() == b"no database" * 1000


@pytest.mark.parametrize(
    "damage",
    [
        "at = 'garbage'",
        "at = '2026-03-01T08:00:00'",  # of no zone
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
    for _ in (2, 3):
        desk.come(deliveries)
    told(deliveries, hand, receiver, 2)
    assert receiver.numbers == [1, 2]
    (trouble,) = desk.troubles
    assert "a delivery cannot be read" in trouble
    assert "in memory alone" in trouble
    deliveries.close()
    with closing(Outbox(path)) as outbox:
        assert outbox._db.execute("SELECT count(*) FROM delivery").fetchone() == (1,)


# -- what the ledger has, and the outbox had not ---------------------------------------------


def test_what_a_kill_kept_from_it_is_told_at_the_next_start(desk, receiver, hand, entry) -> None:
    first = desk.start()
    desk.come(first)
    told(first, hand, receiver, 1)
    first.close()
    for _ in range(3):
        desk.write()  # and killed before anybody is told
    for _ in range(2):
        second = desk.start()
        told(second, hand, receiver, 4)
        second.close()
    assert receiver.numbers == [1, 2, 3, 4]
    assert desk.troubles == []


def test_what_is_written_before_the_thread_runs_is_news(desk, path, receiver, hand) -> None:
    """The first start of all, killed at once."""
    desk.write()
    desk.start().close()
    desk.write()
    told(desk.start(), hand, receiver, 1)
    assert receiver.numbers == [2]


def test_what_other_programs_write_goes_along(desk, receiver, hand) -> None:
    deliveries = desk.start()
    desk.write(Kind.CORRECTION, counts_as=Kind.CHECK_IN, happened_at=NOW, means=Means.OPERATOR)
    desk.write(Kind.ADMINISTRATION)
    desk.come(deliveries)
    told(deliveries, hand, receiver, 2)
    assert receiver.numbers == [1, 3]


def test_thousands_at_once(desk, path, receiver, hand) -> None:
    first = desk.start("http://127.0.0.1:1/nobody")
    with transaction(desk.ledger._db):
        rows, previous = [], desk.ledger._newest_hash()
        for number in range(1, 2 * PAGE + 2):
            rows.append(row_of(Event(Kind.CHECK_IN, "Cửa", "a", "Ann"), number, NOW, previous))
            previous = str(rows[-1][-1])
        marks = ", ".join("?" * len(rows[0]))
        columns = ", ".join((*COLUMNS, "hash"))
        desk.ledger._db.executemany(f"INSERT INTO entry ({columns}) VALUES ({marks})", rows)
    desk.come(first)
    until(first, hand, lambda s: s.waiting == 2 * PAGE + 2)
    first.close()
    assert waiting(path) == 2 * PAGE + 2


def test_an_outbox_beside_another_ledger_begins_with_what_is_new(
    desk, path, receiver, hand
) -> None:
    """Neither the years of a ledger that was put back, nor those beside a new outbox."""
    first = desk.start()
    desk.come(first)
    told(first, hand, receiver, 1)
    first.close()
    desk.ledger.close()
    path.with_name("checkins.db").unlink()
    with closing(Ledger(path.with_name("checkins.db"), lambda: NOW - timedelta(days=900))) as other:
        for _ in range(5):
            other.append(Event(Kind.CHECK_IN, "Another", "b" * 32, "Bình"))
    desk.ledger = Ledger(path.with_name("checkins.db"), lambda: desk.now)
    second = desk.start()
    desk.come(second)
    told(second, hand, receiver, 2)
    assert receiver.numbers == [1, 6]
    assert ["another one" in trouble for trouble in desk.troubles] == [True]
    second.close()
    path.unlink()
    third = desk.start()
    desk.come(third)
    told(third, hand, receiver, 3)
    assert receiver.numbers == [1, 6, 7]


def test_years_that_are_put_in_the_place_of_an_empty_ledger(desk, path, receiver, hand) -> None:
    desk.start().close()
    with closing(Outbox(path)) as outbox:
        assert outbox.mark() == Mark(0, ZEROS, NOW)
    desk.now = NOW - timedelta(days=900)
    desk.write()
    desk.now = NOW
    deliveries = desk.start()
    desk.come(deliveries)
    told(deliveries, hand, receiver, 1)
    assert receiver.numbers == [2]


def test_an_entry_that_is_seen_in_another_ledger_before_it_is_told_is_told(
    desk, path, receiver, hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread looks at the ledger between the writing of an entry and its telling."""
    desk.start().close()
    desk.now = NOW - timedelta(days=900)
    desk.write()
    desk.now = NOW
    newest, written = LedgerTail.newest, []

    def newest_once_written(tail: LedgerTail, now: datetime) -> Mark:
        if not written:
            written.append(desk.write())
        return newest(tail, now)

    monkeypatch.setattr(LedgerTail, "newest", newest_once_written)
    deliveries = desk.start()
    until(deliveries, hand, lambda s: bool(written))
    deliveries.tell(written[0])
    told(deliveries, hand, receiver, 1)
    assert receiver.numbers == [2]
    desk.come(deliveries)
    told(deliveries, hand, receiver, 2)
    assert receiver.numbers == [2, 3]
    assert ["another one" in trouble for trouble in desk.troubles] == [True]


def test_a_ledger_that_is_moved_away_while_the_station_runs(desk, path, receiver, hand) -> None:
    deliveries = desk.start()
    for _ in range(3):
        desk.come(deliveries)
    told(deliveries, hand, receiver, 3)
    for file in path.parent.glob("checkins.db*"):
        file.rename(path.parent / file.name.replace("checkins", "moved"))
    desk.come(deliveries)
    told(deliveries, hand, receiver, 4)
    assert receiver.numbers == [1, 2, 3, 1]


def test_a_ledger_that_is_away_for_a_while(desk, path, receiver, hand) -> None:
    desk.start().close()
    desk.write()
    ledger, away = path.with_name("checkins.db"), path.with_name("away.db")
    ledger.rename(away)
    deliveries = desk.start()
    until(deliveries, hand, lambda s: hand.deadline == hand.seconds + PAUSES_S[0])
    away.rename(ledger)
    hand.advance(PAUSES_S[0])
    told(deliveries, hand, receiver, 1)
    assert receiver.numbers == [1]
    (trouble,) = desk.troubles
    assert "The webhook is told later" in trouble


def test_what_was_changed_in_the_ledger_is_not_told_and_hinders_nothing(
    desk, receiver, hand
) -> None:
    desk.start().close()
    for _ in range(5):
        desk.write()
    db = desk.ledger._db
    db.execute("DROP TRIGGER entry_is_not_changed")
    db.execute("UPDATE sealed_entry SET station = 'Another' WHERE number = 2")
    db.execute("UPDATE sealed_entry SET at = 'garbage' WHERE number = 3")
    told(desk.start(), hand, receiver, 3)
    assert receiver.numbers == [1, 4, 5]
    (trouble,) = desk.troubles
    assert "from 2 to 3, 2 in number" in trouble


def test_a_ledger_that_cannot_be_read_is_tried_again(
    desk, path, receiver, hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliveries = desk.start()
    desk.come(deliveries)
    told(deliveries, hand, receiver, 1)  # the thread has looked at the ledger
    real = LedgerTail.after
    failures = [in_use(path, CHECKINS)] * 2

    def after(tail: LedgerTail, mark: Mark) -> Added:
        if failures:
            raise failures.pop()
        return real(tail, mark)

    monkeypatch.setattr(LedgerTail, "after", after)
    desk.come(deliveries)
    for left in (1, 0):
        until(deliveries, hand, lambda s, n=left: len(failures) == n and hand.deadline is not None)
        until(deliveries, hand, lambda s: hand.deadline == hand.seconds + PAUSES_S[0])
        hand.advance(PAUSES_S[0])
    told(deliveries, hand, receiver, 2)
    (trouble,) = desk.troubles
    assert "another program is using it. Wait" in trouble


def test_what_is_erased_from_the_outbox_meanwhile_is_not_told(desk, path, receiver, hand) -> None:
    receiver.answers = [500]
    deliveries = desk.start()
    first = desk.come(deliveries)
    desk.come(deliveries)
    until(deliveries, hand, lambda s: s.waiting == 2 and bool(s.last_failure))
    with closing(Outbox(path)) as outbox:
        outbox.remove(delivery(first))
    hand.advance(PAUSES_S[0])
    told(deliveries, hand, receiver, 2)
    assert receiver.numbers == [1, 2]


def test_without_room_the_same_is_told_again_with_the_same_id(
    desk, receiver, hand, no_room
) -> None:
    first = desk.start()
    entry = desk.write()
    with no_room():
        first.tell(entry)
        told(first, hand, receiver, 1)
        first.close()
    told(desk.start(), hand, receiver, 2)
    assert [headers["webhook-id"] for headers, _ in receiver.requests] == [entry.hash] * 2


def test_once_there_is_room_again_nothing_is_told_twice(desk, receiver, hand, no_room) -> None:
    first = desk.start()
    entry = desk.write()
    with no_room():
        first.tell(entry)
        told(first, hand, receiver, 1)
    first.close()
    second = desk.start()
    desk.come(second)
    told(second, hand, receiver, 2)
    assert receiver.numbers == [1, 2]


def test_what_could_not_be_crossed_out_is_not_told_again(desk, receiver, hand, no_room) -> None:
    receiver.answers = [500]
    first = desk.start()
    desk.come(first)
    until(first, hand, lambda s: s.waiting == 1 and bool(s.last_failure))  # in the outbox
    with no_room():
        hand.advance(PAUSES_S[0])
        told(first, hand, receiver, 2)
    first.close()
    second = desk.start()
    desk.come(second)
    told(second, hand, receiver, 3)
    assert receiver.numbers == [1, 1, 2]


def test_an_outbox_of_before(desk, path, receiver, hand) -> None:
    """It knew nothing of the ledger: what waits in it is told, and what is new."""
    waits = desk.write()
    desk.write()
    before = replace(OUTBOX_FILE, migrations=OUTBOX_FILE.migrations[:1], sealed=(), tallied=())
    with closing(open_database(path, 1.0, before)) as db:
        one = delivery(waits)
        db.execute(
            "INSERT INTO delivery (id, at, body) VALUES (?, ?, ?)",
            (one.id, one.at.isoformat(), one.body),
        )
    deliveries = desk.start()
    desk.come(deliveries)
    told(deliveries, hand, receiver, 2)
    assert receiver.numbers == [1, 3]


@pytest.mark.parametrize("damage", ["at = 'garbage'", "hash = 7"])
def test_a_damaged_mark_is_told(desk, path, receiver, hand, damage: str) -> None:
    desk.start().close()
    with closing(Outbox(path)) as outbox:
        outbox._db.execute(f"UPDATE taken_over SET {damage}")
    deliveries = desk.start()
    desk.come(deliveries)
    told(deliveries, hand, receiver, 1)
    (trouble,) = desk.troubles
    assert "its mark cannot be read" in trouble


# -- closing ---------------------------------------------------------------------------------


def test_closing_does_not_wait_for_a_receiver(desk, path) -> None:
    """That takes everything, and answers nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        deliveries = desk.start(url, limit_s=600.0, closing_s=0.05)
        desk.come(deliveries)
        connection, _ = silent.accept()
        with connection:
            deliveries.close()
            assert not deliveries._thread.is_alive()
            assert deliveries._client._last is not None
            deliveries._client._last.join(WAIT_S)
    assert waiting(path) == 1
    assert desk.troubles == []


def test_closing_does_not_wait_for_a_disk(
    desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    deliveries = desk.start()
    answers = threading.Event()
    real = LedgerTail.after
    monkeypatch.setattr(LedgerTail, "after", lambda *of: (answers.wait(), real(*of))[1])
    desk.come(deliveries)
    monkeypatch.setattr(station.actions.deliveries, "CLOSE_S", 0.05)
    deliveries.close()
    assert "does not answer" in caplog.text
    answers.set()
    deliveries._thread.join(WAIT_S)


def test_an_address_that_cannot_be_used_ends_no_thread(desk, hand) -> None:
    deliveries = desk.start("http://a..b/")
    desk.come(deliveries)
    status = until(deliveries, hand, lambda s: bool(s.last_failure))
    assert "cannot be used" in status.last_failure
    hand.advance(PAUSES_S[0])
    until(deliveries, hand, lambda s: hand.deadline == hand.seconds + PAUSES_S[1])
    assert deliveries._thread.is_alive()
