"""Measures how long a new process takes to its first recognized face, and its memory."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from capture.portrait import PORTRAIT
from common.errors import FacedeskError
from common.extras import check_installed
from common.sentence import Sentence

BASELINE = "import torch, facenet_pytorch"

MOST = 0.2
"""The share of the baseline that a start may take."""


@dataclass(frozen=True)
class Start:
    """Medians over the runs.

    seconds: from the process's start to its end, one picture recognized. baseline_s: time that
    importing facenet-pytorch alone takes. ratio: of these two, taken run by run.
    peak_mb: resident memory.
    """

    runs: int
    seconds: float
    baseline_s: float
    ratio: float
    peak_mb: float


def measure_start(cache: Path, runs: int, progress: Callable[[str], None]) -> Start:
    """Recognize the demo's portrait in fresh processes, taking turns with the baseline.

    cache: the folder of converted models; the first runs, which are not counted, fill it.
    Raises FacedeskError where the extra [torch] is missing, or a process fails.
    """
    check_installed("torch", Sentence("which a start is compared with"))
    seconds, baselines, peaks = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        environment = _environment(folder, cache)
        facedesk = [sys.executable, "-m", "desktop.main"]
        baseline = [sys.executable, "-c", BASELINE]
        progress("Preparing")
        _timed([*facedesk, "enroll", "Eileen", str(PORTRAIT)], environment)
        for command in ([*facedesk, "identify", str(PORTRAIT)], baseline):
            _timed(command, environment)  # for its bytecode
        for run in range(runs):
            progress(f"Run {run + 1} of {runs}")
            taken, peak = _timed([*facedesk, "identify", str(PORTRAIT)], environment)
            taken_by_baseline, _ = _timed(baseline, environment)
            seconds.append(taken)
            baselines.append(taken_by_baseline)
            peaks.append(peak)
    ratios = [taken / baseline for taken, baseline in zip(seconds, baselines, strict=True)]
    return Start(runs, median(seconds), median(baselines), median(ratios), max(peaks))


def _environment(folder: str, cache: Path) -> dict[str, str]:
    """Return the environment of the processes.

    All of them find their bytecode in the folder, since it depends on the installation whether
    and for which modules there is some: modules that are compiled at each start take half as long
    again.
    """
    environment = {
        **os.environ,
        "FACEDESK_HOME": folder,
        "FACEDESK_CACHE": str(cache),
        "FACEDESK_KEY_HOLDER": "beside",  # deleted with the folder
        "PYTHONPYCACHEPREFIX": str(Path(folder) / "bytecode"),
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


def _timed(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Run a process; return its wall time in seconds and its peak memory in MB."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=Path(__file__).parents[1],
    )
    assert process.stderr is not None
    with process.stderr:
        message = process.stderr.read().decode(errors="replace").strip()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    taken = time.perf_counter() - started
    if process.returncode:
        raise FacedeskError(
            f"{' '.join(command[1:4])} to run",
            f"it failed ({message.splitlines()[-1] if message else process.returncode})",
            "Run facedesk doctor",
        )
    scale = 1 if sys.platform == "darwin" else 1024
    return taken, usage.ru_maxrss * scale / 1e6
