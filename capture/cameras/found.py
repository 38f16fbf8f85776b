"""Which cameras there are, by name, and the number that each has at the moment."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from capture.cameras.capabilities import can_capture
from capture.video import camera_present
from common.errors import SourceError
from common.sentence import Sentence

BY_NAME = "camera:"
"""A source that begins so names a camera, whose number may be another once it was plugged in
anew."""

SYSFS = Path("/sys/class/video4linux")

MOST_PROBED = 6
"""How many numbers are tried on systems that do not tell a camera's name."""


@dataclass(frozen=True)
class FoundCamera:
    """A camera that is there now.

    index: its number at the moment. name: as its maker calls it, with "(2)" behind that of a second
    of the same kind; "" where the system does not tell it.
    """

    index: int
    name: str

    @property
    def spec(self) -> str:
        """The camera as a source: by its name where it has one."""
        return f"{BY_NAME}{self.name}" if self.name else str(self.index)


def is_camera_spec(spec: str) -> bool:
    """Returns whether a source is a camera of this computer, by number or by name."""
    return (spec.isascii() and spec.isdecimal()) or spec.startswith(BY_NAME)


def find_cameras(
    sysfs: Path = SYSFS, is_capture: Callable[[int], bool | None] = can_capture
) -> tuple[FoundCamera, ...]:
    """Returns the cameras of this computer, in the order of their numbers.

    On Linux it asks the system, and wakes no camera up. Elsewhere it opens one number after the
    other, which may take seconds; a camera that another program has taken is not found there.

    sysfs: where Linux lists them. is_capture: whether a number gives pictures, None where that
    cannot be told; each camera has others, for what is known of its pictures.
    """
    if not sys.platform.startswith("linux"):
        return tuple(FoundCamera(n, "") for n in range(MOST_PROBED) if camera_present(n))
    found = [
        (int(number[1]), entry)
        for entry in _entries(sysfs)
        if (number := re.fullmatch(r"video(\d+)", entry.name)) is not None
    ]
    cameras = []
    for index, entry in sorted(found):
        gives = is_capture(index)
        if gives or (gives is None and _read(entry / "index") in ("", "0")):
            cameras.append((index, entry))
    return _named(cameras)


def index_of(spec: str, cameras: Callable[[], tuple[FoundCamera, ...]] = find_cameras) -> int:
    """Returns the number that the camera of a source has now.

    spec: a number, or BY_NAME and a name. Raises SourceError where no camera has that name.
    """
    if not spec.startswith(BY_NAME):
        return int(spec)
    name = spec.removeprefix(BY_NAME).strip()
    there = cameras()
    for camera in there:
        if name and camera.name.casefold() == name.casefold():
            return camera.index
    names = ", ".join(camera.name or str(camera.index) for camera in there)
    raise SourceError(
        Sentence("a camera called {}", repr(name)),
        Sentence("these are there: {}", names) if names else "there is no camera",
        "Plug it in, or choose another one",
    )


def _entries(sysfs: Path) -> list[Path]:
    try:
        return list(sysfs.iterdir())
    except OSError:  # no camera was ever there
        return []


def _named(cameras: list[tuple[int, Path]]) -> tuple[FoundCamera, ...]:
    """Names cameras; of several of the same kind each is counted by where it is plugged in, which
    lasts longer than its number."""
    names = {index: _read(entry / "name") for index, entry in cameras}
    places = {index: str((entry / "device").resolve()) for index, entry in cameras}
    counts = Counter[str]()
    told = {}
    for index, _ in sorted(cameras, key=lambda camera: (places[camera[0]], camera[0])):
        name = names[index]
        counts[name] += 1
        told[index] = f"{name} ({counts[name]})" if name and counts[name] > 1 else name
    return tuple(FoundCamera(index, told[index]) for index, _ in cameras)


def _read(path: Path) -> str:
    """Returns the line in a file; "" where there is none. A maker may have put anything into it."""
    try:
        text = path.read_bytes()[:200].decode(errors="replace")
    except OSError:
        return ""
    return "".join(char for char in text if char.isprintable()).strip()
