from __future__ import annotations

import threading
import time
from collections.abc import Callable
from itertools import count

import pytest

from capture.latest import LatestFrame, SourceState
from capture.network import client as client_module
from capture.network.client import WebAnswer, WebClient
from capture.network.snapshots import MAX_FAILURES, MOST_FPS, SnapshotSource
from capture.opening import open_source
from capture.video import StreamSource
from common.errors import SourceError
from tests.capture.network.conftest import CameraAnswer, WebCamera, jpeg


class StepClock:
    """A clock and a closed-event: waits pass at once and are noted."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []
        self.closed = False

    def __call__(self) -> float:
        return self.now

    def wait(self, timeout: float) -> bool:
        self.waits.append(round(timeout, 6))
        self.now += timeout
        return self.closed

    def is_set(self) -> bool:
        return self.closed

    def set(self) -> None:
        self.closed = True


def address(camera: WebCamera, path: str = "/snap.jpg", login: str = "") -> str:
    return f"http://{login}127.0.0.1:{camera.port}{path}"


def test_each_request_gives_a_picture_over_one_connection(camera: WebCamera) -> None:
    reds = count(100, 20)
    camera.answer = lambda path, told: CameraAnswer(body=jpeg(next(reds)))
    with open_source(address(camera), fps=500.0) as source:
        assert (source.is_live, source.size) == (True, (64, 48))
        assert source.name == f"snapshots of {address(camera)}"
        assert source.fps is not None
        assert 0 < source.fps <= MOST_FPS
        frames = [source.read(), source.read()]
    shown = [frame.image[0, 0, 0] for frame in frames if frame is not None]
    assert [abs(int(red) - wanted) < 6 for red, wanted in zip(shown, (100, 120), strict=True)]
    assert camera.connections == 1
    assert source.read() is None


def test_the_camera_is_asked_at_a_sensible_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    time_ = StepClock()
    takes = iter([0.05, 1.0, 0.05])
    answer = WebAnswer("image/jpeg", jpeg())

    def get(self: WebClient) -> WebAnswer:
        time_.now += next(takes)
        return answer

    monkeypatch.setattr(WebClient, "get", get)
    client = WebClient("http://cam/x.jpg")
    source = SnapshotSource(client, answer, 0.02, most_fps=30.0, clock=time_, closed=time_)
    with source:
        for _ in range(4):
            assert source.read() is not None
    # Five a second; after a slow answer the camera rests for half as long.
    assert time_.waits == [0.18, 0.15, 0.5]


@pytest.mark.parametrize("kind", ["image/jpeg", "image/jpg; x=y", "application/octet-stream", None])
def test_a_picture_is_known_by_its_type_or_its_beginning(camera: WebCamera, kind: str) -> None:
    camera.answer = lambda path, told: CameraAnswer(kind=kind, body=jpeg())
    with open_source(address(camera)) as source:
        assert isinstance(source, SnapshotSource)
        assert source.read() is not None


@pytest.mark.parametrize(
    "kind", ["multipart/x-mixed-replace; boundary=x", "video/mp4", "application/vnd.apple.mpegurl"]
)
def test_what_goes_on_is_a_stream(
    camera: WebCamera, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(StreamSource, "__init__", lambda self, url: opened.append(url))
    monkeypatch.setattr(StreamSource, "close", lambda self: None)
    camera.answer = lambda path, told: CameraAnswer(kind=kind, body=b"--x\r\n")
    assert isinstance(open_source(address(camera)), StreamSource)
    assert opened == [address(camera)]


def test_a_playlist_that_calls_itself_text_is_a_stream(
    camera: WebCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(StreamSource, "__init__", lambda self, url: None)
    monkeypatch.setattr(StreamSource, "close", lambda self: None)
    camera.answer = lambda path, told: CameraAnswer(kind="text/plain", body=b"#EXTM3U\n")
    assert isinstance(open_source(address(camera)), StreamSource)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (CameraAnswer(kind="text/html", body=b"<html>"), "text/html, which is no picture"),
        (CameraAnswer(kind="application/json", body=b"{}"), "application/json, which is no"),
        (CameraAnswer(status=404, body=b"x"), "it answers 404 Not Found"),
        (CameraAnswer(body=b"no picture"), "none of these"),
        (CameraAnswer(body=jpeg()[:300]), "damaged"),
        (CameraAnswer(body=b""), "none of these|empty"),
        (CameraAnswer(status=401, body=b"x"), "asks for a name and a password"),
        (
            CameraAnswer(status=302, headers={"Location": "ftp://x/"}),
            "another address that is none",
        ),
        (CameraAnswer(status=302, headers={"Location": "/again"}), "without an end"),
        (None, "it ends the connection"),
    ],
)
def test_what_is_wrong_with_an_answer_is_told(
    camera: WebCamera, answer: CameraAnswer | None, told: str
) -> None:
    camera.answer = lambda path, _: answer
    with pytest.raises(SourceError, match=told):
        open_source(address(camera))


def test_basic_login_is_asked_for_once(camera: WebCamera) -> None:
    def answer(path: str, told: str | None) -> CameraAnswer:
        if told != "Basic YWRtaW46YTpi":
            return CameraAnswer(401, headers={"WWW-Authenticate": 'Basic realm="cam"'})
        return CameraAnswer(body=jpeg())

    camera.answer = answer
    with open_source(address(camera, login="admin:a%3Ab@")) as source:
        assert source.read() is not None
        assert source.read() is not None
        assert "admin" not in source.name
    assert [told is None for _, told in camera.asked] == [True, False, False]


def test_digest_login_and_a_nonce_that_grows_old(camera: WebCamera) -> None:
    nonces = iter(["first", "second"])
    valid = ["none"]

    def answer(path: str, told: str | None) -> CameraAnswer:
        if told is None or f'nonce="{valid[0]}"' not in told:
            valid[0] = next(nonces)
            asks = f'Digest realm="cam", nonce="{valid[0]}", qop="auth"'
            return CameraAnswer(401, headers={"WWW-Authenticate": asks})
        return CameraAnswer(body=jpeg())

    camera.answer = answer
    with open_source(address(camera, login="admin:x@")) as source:
        assert source.read() is not None
        valid[0] = "gone"
        assert source.read() is not None
    assert "x" not in "".join(str(told) for _, told in camera.asked if "Basic" in str(told))


def test_a_wrong_password_is_told_without_being_shown(camera: WebCamera) -> None:
    asks = {"WWW-Authenticate": 'Basic realm="cam"'}
    camera.answer = lambda path, told: CameraAnswer(401, headers=asks)
    with pytest.raises(SourceError, match="refuses the name and the password") as caught:
        open_source(address(camera, "/x?key=s3cret", login="admin:s3cret@"))
    assert "s3cret" not in str(caught.value)
    assert [told is None for _, told in camera.asked] == [True, False]


def test_a_redirection_on_the_same_host_is_followed(camera: WebCamera) -> None:
    def answer(path: str, told: str | None) -> CameraAnswer:
        if path == "/snap.jpg":
            return CameraAnswer(302, headers={"Location": "/now/1.jpg"})
        return CameraAnswer(body=jpeg())

    camera.answer = answer
    with open_source(address(camera, login="admin:x@")) as source:
        assert source.read() is not None
        assert source.notes == ()


@pytest.mark.parametrize("secret", ["admin:s3cret@", ""])
def test_secrets_do_not_follow_to_another_host(
    camera: WebCamera, open_camera: Callable[..., WebCamera], secret: str
) -> None:
    other = open_camera()
    other.answer = lambda path, told: CameraAnswer(body=jpeg())
    there = f"http://localhost:{other.port}/x.jpg"
    camera.answer = lambda path, told: CameraAnswer(302, headers={"Location": there})
    path = "/snap.jpg" if secret else "/snap.jpg?token=s3cret"
    with pytest.raises(SourceError, match="it refers to http://localhost, where your") as caught:
        open_source(address(camera, path, secret))
    assert "s3cret" not in str(caught.value)
    assert other.asked == []


def test_without_secrets_another_host_may_answer_and_is_named(
    camera: WebCamera, open_camera: Callable[..., WebCamera]
) -> None:
    other = open_camera()
    other.answer = lambda path, told: CameraAnswer(body=jpeg())
    there = f"http://localhost:{other.port}/x.jpg"
    camera.answer = lambda path, told: CameraAnswer(302, headers={"Location": there})
    with open_source(address(camera)) as source:
        assert source.notes == ("localhost answers in its place.",)


def test_a_picture_without_an_end_is_refused(
    camera: WebCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "MAX_BYTES", 10_000)
    camera.answer = lambda path, told: CameraAnswer(body=jpeg() + b"\0" * 20_000)
    with pytest.raises(SourceError, match="has more than"):
        open_source(address(camera))


def test_an_answer_that_drips_is_not_waited_for(
    camera: WebCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "WHOLE_S", 0.2)
    too_long = {"Content-Length": "5000"}
    camera.answer = lambda path, told: CameraAnswer(body=jpeg(), headers=too_long)
    began = time.monotonic()
    with pytest.raises(SourceError, match=r"no whole answer came within 0\.2 s"):
        open_source(address(camera))
    assert time.monotonic() - began < 3


def test_a_busy_camera_is_asked_again_before_it_is_lost(camera: WebCamera) -> None:
    with open_source(address(camera), fps=1000.0) as source:
        assert source.read() is not None
        busy = iter([CameraAnswer(503)] * (MAX_FAILURES - 1) + [CameraAnswer(body=jpeg())])
        camera.answer = lambda path, told: next(busy)
        assert source.read() is not None
        camera.answer = lambda path, told: CameraAnswer(503)
        with pytest.raises(SourceError, match="503 Service Unavailable"):
            source.read()


def test_a_connection_that_was_ended_meanwhile_is_replaced(camera: WebCamera) -> None:
    camera.answer = lambda path, told: CameraAnswer(body=jpeg(), headers={"Connection": "close"})
    with open_source(address(camera)) as source:
        assert source.read() is not None
        assert source.read() is not None
    assert camera.connections == 2


def test_closing_ends_a_request_that_is_waited_for(camera: WebCamera) -> None:
    source = open_source(address(camera))
    assert source.read() is not None
    asked, go_on = threading.Event(), threading.Event()

    def answer(path: str, told: str | None) -> None:
        asked.set()
        go_on.wait(10)

    camera.answer = answer
    given: list[object] = []
    reader = threading.Thread(target=lambda: given.append(source.read()))
    reader.start()
    assert asked.wait(10)
    source.close()
    reader.join(3)
    go_on.set()
    assert given == [None]


def test_a_camera_that_was_away_is_found_again(camera: WebCamera) -> None:
    """As streams are."""
    reds = count(50)
    camera.answer = lambda path, told: CameraAnswer(body=jpeg(next(reds)))
    states: list[SourceState] = []
    with LatestFrame(
        lambda: open_source(address(camera), fps=1000.0),
        live=True,
        on_status=lambda status: states.append(status.state),
    ) as latest:
        assert latest.take(10) is not None
        away = count()
        camera.answer = lambda path, told: (
            CameraAnswer(503) if next(away) < MAX_FAILURES else CameraAnswer(body=jpeg(next(reds)))
        )
        while SourceState.LOST not in states:
            latest.take(1)
        assert latest.take(10) is not None
    assert states[-1] is SourceState.LIVE
