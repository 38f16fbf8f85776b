"""What is installed and fetched: licences that somebody has looked at, and known bytes."""

from __future__ import annotations

import ast
import re
from importlib.metadata import Distribution
from pathlib import Path

import pytest

from models.conversion import fetching
from models.conversion.weights import TABLE
from tools.supply import licences as licences_module
from tools.supply.licences import USERS_EXTRAS, licences

ROOT = Path(__file__).parents[3]

PROGRAM = ("bench", "capture", "common", "desktop", "gallery", "models", "recognition", "station")

GO_OUT = {
    "capture/network/client.py": "snapshots of a camera, where somebody has named its address",
    "capture/network/login.py": "reads what a camera's server answers",
    "station/actions/webhook_client.py": "the webhook, where somebody has set one",
    "desktop/commands/doctor/station_findings.py": "asks the station on this computer",
}
"""Modules that may use what fetches; the others may not even import it."""

FETCHING = {"urllib.request", "http.client", "ftplib", "smtplib", "requests", "aiohttp", "httpx"}


def test_every_licence_was_looked_at() -> None:
    found = licences(extras=USERS_EXTRAS)
    assert {"pyqt5", "openvino", "numpy", "cryptography", "cffi"} <= {one.package for one in found}
    assert [one for one in found if not one.is_looked_at] == []


def test_a_licence_that_nobody_has_looked_at_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Unknown(Distribution):
        def read_text(self, filename: str) -> str | None:
            return "Name: x\nVersion: 1\nLicense: AGPL v3" if filename == "METADATA" else None

        def locate_file(self, path: object) -> Path:
            return Path(str(path))

    monkeypatch.setattr(licences_module, "distribution", lambda name: Unknown())
    (one,) = licences("x")
    assert not one.is_looked_at


def test_whatever_is_fetched_has_a_digest() -> None:
    for published in TABLE:
        for file in published.files:
            assert re.fullmatch("[0-9a-f]{64}", file.sha256), file
            assert re.fullmatch("[0-9a-f]{64}", file.carrier.sha256), file.carrier
    assert "--require-hashes" in fetching._COMMAND
    assert "--no-deps" in fetching._COMMAND


def _imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_nothing_else_can_fetch() -> None:
    """pip, with the digests above, is the one way in; facenet-pytorch's own is docs/trials.md's."""
    out = {
        str(path.relative_to(ROOT))
        for folder in PROGRAM
        for path in (ROOT / folder).rglob("*.py")
        if _imported(path) & FETCHING
    }
    assert out == set(GO_OUT)
