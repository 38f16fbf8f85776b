"""The page in a real browser: somebody registers from two photographs and logs in with a third.

FACEDESK_SCREENSHOTS=docs python -m pytest tests/desktop/web/test_in_a_browser.py
draws docs/web.png anew.
"""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from common.picture import RgbImage
from tests.first_start.conftest import END_S, FACEDESK, ROOT, eventually, tool

NAME = "Eileen Collins"

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The key of an element's reference in WebDriver's JSON (W3C)."""


class Browser:
    """Chromium, by WebDriver. Nothing that it loads may come from elsewhere than this computer."""

    def __init__(self, driver: str, profile: Path) -> None:
        self._driver = driver
        options = {
            "args": [
                *("--headless=new", "--no-sandbox", "--window-size=1180,860"),
                *("--no-first-run", "--disable-background-networking", "--disable-sync"),
                *("--disable-component-update", f"--user-data-dir={profile}"),
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            ]
        }
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        made = self._send("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self._session = f"/session/{made['sessionId']}"

    def open(self, address: str) -> None:
        self._send("POST", f"{self._session}/url", {"url": address})

    def write(self, element_id: str, text: str) -> None:
        """Type a text into a field, or choose a file."""
        self._send("POST", f"{self._at(element_id)}/value", {"text": text})

    def submit(self, form_id: str) -> None:
        self._send("POST", f"{self._at(f'{form_id} button')}/click", {})

    def text(self, element_id: str) -> str:
        return str(self._send("GET", f"{self._at(element_id)}/text"))

    def run(self, script: str) -> Any:
        return self._send("POST", f"{self._session}/execute/sync", {"script": script, "args": []})

    def complaints(self) -> list[str]:
        """What the browser's console has."""
        log = self._send("POST", f"{self._session}/se/log", {"type": "browser"})
        return [entry["message"] for entry in log]

    def screenshot(self) -> bytes:
        return base64.b64decode(self._send("GET", f"{self._session}/screenshot"))

    def close(self) -> None:
        self._send("DELETE", self._session)

    def _at(self, element_id: str) -> str:
        found = self._send(
            "POST", f"{self._session}/element", {"using": "css selector", "value": f"#{element_id}"}
        )
        return f"{self._session}/element/{found[ELEMENT]}"

    def _send(self, method: str, path: str, content: object = None) -> Any:
        body = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(self._driver + path, body, method=method)
        with urllib.request.urlopen(request, timeout=120) as reply:
            return json.load(reply)["value"]


@contextmanager
def running(command: list[str], told: str, **environment: str) -> Iterator[str]:
    """Run a program; give what it said that matches."""
    program = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        cwd=ROOT,
        env=os.environ | environment,
    )
    with program:
        assert program.stdout is not None
        lines: list[str] = []
        try:
            for line in program.stdout:
                lines.append(line)
                if found := re.search(told, line):
                    yield found[1]
                    return
            pytest.fail(f"{command[0]} said nothing like {told}:\n{''.join(lines)}")
        finally:
            program.terminate()
            try:
                program.wait(END_S)
            finally:
                program.kill()


@pytest.fixture
def page(tmp_path: Path) -> Iterator[str]:
    """The address of the running program's page; its home is empty."""
    command = [*FACEDESK, "--home", str(tmp_path / "home"), "web", "--port", "0"]
    with running(command, r"(http://\S+)") as address:
        yield address


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    tool("chromium")
    driver = [tool("chromedriver"), "--port=0"]
    with running(driver, r"successfully on port (\d+)", HOME=str(tmp_path)) as port:
        browser = Browser(f"http://127.0.0.1:{port}", tmp_path / "profile")
        try:
            yield browser
        finally:
            browser.close()


@pytest.fixture
def three_photos(astronaut: RgbImage, tmp_path: Path) -> list[Path]:
    size = astronaut.shape[:2][::-1]
    turned = cv2.warpAffine(astronaut, cv2.getRotationMatrix2D((225, 128), 10, 1.1), size)
    photos = [
        astronaut,
        np.asarray(cv2.convertScaleAbs(astronaut[:, ::-1], alpha=1.1, beta=10)),
        np.asarray(turned),
    ]
    paths = [tmp_path / f"ảnh {number}.jpg" for number in range(3)]
    for path, photo in zip(paths, photos, strict=True):
        Image.fromarray(np.ascontiguousarray(photo, np.uint8)).save(path)
    return paths


@pytest.mark.skipif(sys.platform != "linux", reason="Debian's chromium")
def test_register_and_log_in(
    page: str, browser: Browser, three_photos: list[Path], tmp_path: Path
) -> None:
    first, second, third = map(str, three_photos)
    told: Callable[[str, str], Callable[[], bool]] = lambda where, what: (  # noqa: E731
        lambda: what in browser.text(where)
    )
    browser.open(page)

    browser.write("probe", third)
    browser.submit("login")
    eventually(told("verdict", "Register somebody first"), "an empty gallery is told")

    browser.write("name", NAME)
    browser.write("first", first)
    browser.write("second", second)
    browser.submit("register")
    eventually(told("registered", f"{NAME} is registered. Pictures: 2."), "saved")

    browser.submit("login")
    eventually(told("verdict", f"Welcome, {NAME}. Similarity"), "logged in")
    eventually(lambda: browser.run(_SHOWN) == 2, "both enrolled pictures are shown")
    assert browser.run("return document.getElementById('seen').width") == 512
    assert "threshold" in browser.text("scale")
    if folder := os.environ.get("FACEDESK_SCREENSHOTS"):
        (Path(folder) / "web.png").write_bytes(browser.screenshot())

    (tmp_path / "<b>text.jpg").write_text("no picture")
    browser.write("probe", str(tmp_path / "<b>text.jpg"))
    browser.submit("login")
    eventually(told("verdict", "<b>text.jpg is none of these"), "its name is no markup")
    expected = ("422 (Unprocessable",)  # the browser's own lines about both refusals
    assert [line for line in browser.complaints() if not any(e in line for e in expected)] == []


_SHOWN = """
return [...document.querySelectorAll("#known img")]
  .filter((picture) => picture.complete && picture.naturalWidth).length;
"""
