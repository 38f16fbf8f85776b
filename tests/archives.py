"""Zip archives for tests, with other members than they had."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

MemberChange = Callable[[dict[str, bytes]], None]
"""Changes the members of an archive in place, by their names."""


def changed_archive(
    source: Path, target: Path, change: MemberChange, packing: int = zipfile.ZIP_DEFLATED
) -> Path:
    """Write an archive with its members changed to `target`, which may be the source itself."""
    with zipfile.ZipFile(source) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(target, "w", packing) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target
