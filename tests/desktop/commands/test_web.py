"""facedesk web refuses to serve others without a token, and a port that is taken."""

from __future__ import annotations

import socket
import sys

import pytest

from tests.desktop.commands.conftest import Run


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--host", "0.0.0.0"], "Set FACEDESK_WEB_TOKEN"),
        (["--token", "short"], "16 or more"),
        (["--token", "sixteen characters"], "16 or more"),
        (["--token", "mười sáu ký tự trở lên"], "16 or more"),
        (["--host", "256.1.1.1", "--token", "x" * 16], "cannot be used"),
        (["--port", "70000"], "70000"),
    ],
)
def test_what_cannot_be_served_is_told(run: Run, arguments: list[str], told: str) -> None:
    ended = run("web", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err


def test_a_port_that_is_taken_is_told(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        ended = run("web", "--port", other.getsockname()[1])
    assert ended.code == 2
    assert "cannot be used" in ended.err


def test_without_the_extra_its_install_line_is_told(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    ended = run("web")
    assert ended.code == 2
    assert "[web]" in ended.err
    assert "pip install" in ended.err
