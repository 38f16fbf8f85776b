"""Whatever a command prints or writes, no part of it tells a password in an address."""

from __future__ import annotations

from pathlib import Path

import pytest

SECRET = "s3cret"

ADDRESSES = (
    f"rtsp://admin:{SECRET}@127.0.0.1:9/door",
    f"rtsp://{SECRET}@127.0.0.1:9/door",
    f"rtsp://admin:{SECRET}@{SECRET}@127.0.0.1:9/door",
    f"rtsp://127.0.0.1:9/user=admin&password={SECRET}&channel=1",
    f"http://127.0.0.1:9/door?user=admin&pwd={SECRET}",
    f"http://127.0.0.1:9/door?token={SECRET}#{SECRET}",
    f"http://admin:{SECRET}/x@127.0.0.1:9/door?key={SECRET}",
    f"http://admin:{SECRET}@[::1/door",
    f"rtps://admin:{SECRET}@127.0.0.1/door",
    f"rtsp:/admin:{SECRET}@127.0.0.1/door",
    f"admin:{SECRET}@127.0.0.1/door",
    f"127.0.0.1/door?password={SECRET}",
)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    "command", [("watch", "--source"), ("watch", "--json", "--source"), ("--source",)]
)
def test_no_message_tells_it(run, monkeypatch, command: tuple[str, ...], address: str) -> None:
    monkeypatch.setattr("desktop.main.missing_for_window", lambda: "There is no display.")
    told = run(*command, address)
    assert told.code == 2
    assert "Expected" in told.err
    assert SECRET not in told.out + told.err


def test_the_doctor_does_not_tell_it(run, home: Path) -> None:
    home.mkdir(parents=True)
    settings = (
        f'source = "rtsp://admin:{SECRET}@127.0.0.1:9/door?key={SECRET}"\n'
        f'[station]\nwebhook = "https://admin:{SECRET}@door.example/x"\n'
    )
    (home / "settings.toml").write_text(settings, encoding="utf-8")
    told = run("doctor")
    assert "Camera" in told.out
    assert "https://door.example/x" in told.out
    assert SECRET not in told.out + told.err
