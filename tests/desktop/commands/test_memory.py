"""Large pictures, in a process of its own: what it took at most is asked of the system."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

STATUS = Path("/proc/self/status")

MOST_MB = 760
"""The detector keeps a network for each shape of picture, lying and standing."""

COMMANDS = """
import sys
from desktop.main import main
for arguments in sys.argv[1].split("|"):
    try:
        main(arguments.split())
    except SystemExit as end:
        print(arguments, end.code)
# Not ru_maxrss: that begins with the size of the process that started this one.
(peak,) = (line for line in open("/proc/self/status") if line.startswith("VmHWM:"))
print(int(peak.split()[1]) * 1024 // 1_000_000)
"""


@pytest.fixture
def commands(tmp_path: Path, models_cache: Path) -> Callable[..., list[str]]:
    """Runs commands one after another in one process, and tells how they ended and then its
    greatest size in MB."""

    def commands(*lines: str) -> list[str]:
        environment = {
            **os.environ,
            "FACEDESK_HOME": str(tmp_path / "home"),
            "FACEDESK_CACHE": str(models_cache),
        }
        ended = subprocess.run(
            [sys.executable, "-c", COMMANDS, "|".join(lines)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        return [line for line in ended.stdout.splitlines() if line[-1].isdigit()]

    return commands


@pytest.mark.skipif(not STATUS.exists(), reason="this system does not tell a process's peak size")
def test_commands_on_large_pictures_stay_small(
    commands: Callable[..., list[str]], astronaut: np.ndarray, tmp_path: Path
) -> None:
    """A phone's 108 megapixels and its 12 that are noise, a huge close-up, and a ribbon."""
    phone = Image.new("RGB", (12_000, 9000), (90, 130, 200))
    phone.paste(Image.fromarray(astronaut).resize((3000, 3000)), (4000, 3000))
    phone.save(tmp_path / "phone.jpg", quality=85)
    del phone
    noise = np.random.default_rng(0).integers(0, 256, (3000, 4000, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.jpg", quality=90)
    Image.fromarray(astronaut[30:180, 140:290]).resize((3500, 3500)).save(tmp_path / "near.jpg")
    Image.fromarray(noise.reshape(-1, 1, 3)[:31_999]).save(tmp_path / "ribbon.png")
    *ended, size = commands(
        "enroll Eileen phone.jpg", "identify phone.jpg noise.jpg near.jpg ribbon.png"
    )
    assert [line.rpartition(" ")[2] for line in ended[-2:]] == ["0", "0"]
    assert int(size) < MOST_MB
