"""`python -m tools.supply.licences`: the licences of what is installed with the program.

It ends with 1 where one has a licence that was not looked at yet.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement

USERS_EXTRAS = ("heif", "onnxruntime", "learn", "web", "convert", "torch", "bench")
"""What users install beside the program; `dev` is never passed on."""

PERMISSIVE = frozenset(
    {
        *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "MIT"),
        *("MIT-0", "MIT-CMU", "PSF-2.0", "Zlib", "Matplotlib", "LLVM-exception"),
    }
)
"""SPDX identifiers of licences that ask for their text to be passed on, and for no more."""

LOOKED_AT = {
    "pyqt5": "GPL-3.0-only",
    "pyqt5-qt5": "LGPL-3.0-only",
    "certifi": "MPL-2.0",
    "facenet-pytorch": "MIT",
    "namex": "Apache-2.0",
    "cuda-toolkit": "NVIDIA",
}
"""Packages with another licence, or which name theirs in a file alone; docs/trials.md says what
follows from those that are not permissive. NVIDIA's come with the extra `torch` alone."""

_SPELLINGS = (
    (r"apache.*2(\.0)?|apache software", "Apache-2.0"),
    (r"(3-clause|new|modified) bsd|bsd[ -]3-clause", "BSD-3-Clause"),
    (r"bsd-2-clause", "BSD-2-Clause"),
    (r"bsd|contourpy|scipy developers|kiwi|matplotlib project", "BSD-3-Clause"),
    (r"license agreement for matplotlib|python software foundation", "PSF-2.0"),
    (r"\bmit\b", "MIT"),
    (r"gpl", "GPL"),
    (r"mpl", "MPL-2.0"),
    (r"nvidia|proprietary", "NVIDIA"),
)
"""What packages write where they name no SPDX identifier."""


@dataclass(frozen=True)
class PackageLicence:
    """licence: an SPDX expression; what the package says where that is unknown."""

    package: str
    version: str
    licence: str

    @property
    def is_looked_at(self) -> bool:
        """Whether somebody knows what it asks for."""
        if self.licence == LOOKED_AT.get(self.package):
            return True
        if self.package.startswith("nvidia-") and "NVIDIA" in self.licence:
            return True
        parts = re.split(r" (?:AND|OR|WITH) ", self.licence)
        return set(parts) <= PERMISSIVE


def licences(package: str = "facedesk", extras: Sequence[str] = ()) -> list[PackageLicence]:
    """Return the licences of a package and of all that it needs, as far as that is installed."""
    found = {one.package: one for one in _walk(package, extras, set())}
    return sorted(found.values(), key=lambda one: one.package)


def _walk(package: str, extras: Sequence[str], seen: set[str]) -> Iterator[PackageLicence]:
    name = re.sub(r"[-_.]+", "-", package).lower()
    if f"{name}{extras}" in seen:
        return
    seen.add(f"{name}{extras}")
    try:
        installed = distribution(package)
    except PackageNotFoundError:  # for another system, or of an extra that is not installed
        return
    yield PackageLicence(name, installed.version, _licence_of(name, installed))
    for line in installed.requires or ():
        needed = Requirement(line)
        if needed.marker is None or any(
            needed.marker.evaluate({"extra": extra}) for extra in ("", *extras)
        ):
            yield from _walk(needed.name, tuple(sorted(needed.extras)), seen)


def _licence_of(name: str, installed: Distribution) -> str:
    if name in LOOKED_AT:
        return LOOKED_AT[name]
    told = installed.metadata
    if "License-Expression" in told:
        return str(told["License-Expression"])
    license_text = told["License"] if "License" in told else ""  # noqa: SIM401 - no get() in 3.11
    classifiers = [one for one in told.get_all("Classifier") or () if one.startswith("License ::")]
    said = " ".join([license_text[:200], *classifiers]).strip()
    for pattern, identifier in _SPELLINGS:
        if re.search(pattern, said, re.IGNORECASE):
            return identifier
    return said or "unknown"


def main() -> None:
    """Print the table."""
    found = licences(extras=USERS_EXTRAS)
    for one in found:
        mark = "" if one.is_looked_at else "  <- not looked at yet"
        print(f"{one.package:28} {one.version:18} {one.licence}{mark}")
    if not all(one.is_looked_at for one in found):
        sys.exit(1)


if __name__ == "__main__":
    main()
