"""Collects what is to be translated into the .ts files: `make translations`.

pylupdate5 finds what stands in a call of tr() or translate(). Texts that are born in modules
without Qt are written into a file of such calls first.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from msgspec import inspect

from capture.enrollment import DONE_GUIDANCE, GUIDANCE, POSE_GUIDANCE, RefusalReason
from desktop.i18n.languages import FOLDER
from desktop.main import NO_CAMERA
from desktop.settings import SECTIONS
from desktop.settings_fields import fields

DESKTOP = FOLDER.parent

QT_TEXTS = {
    "QPlatformTheme": ("OK", "Cancel", "Close", "&Yes", "&No"),
    "QMessageBox": ("OK", "Show Details...", "Hide Details..."),
    "QLineEdit": ("&Undo", "&Redo", "Cu&t", "&Copy", "&Paste", "Delete", "Select All"),
    "QWidgetTextControl": ("&Copy", "Select All"),
}
"""Those that our windows show, since Qt comes without a Vietnamese translation of its own."""

_LOCATION = re.compile(r"\n *<location [^>]*/>")


def update(path: Path) -> None:
    """Bring a .ts file to the present texts: new ones unfinished, those gone left out.

    A file that is not there is begun.
    """
    with tempfile.TemporaryDirectory() as folder:
        others = Path(folder) / "others.py"
        others.write_text("".join(_calls()), "utf-8")
        sources = sorted(DESKTOP.rglob("*.py"))
        subprocess.run(
            [
                *(sys.executable, "-W", "ignore", "-m", "PyQt5.pylupdate_main", "-noobsolete"),
                *map(str, (*sources, others)),
                *("-ts", str(path)),
            ],
            check=True,
        )
    # Line numbers would change the file with every edit of a module.
    path.write_text(_LOCATION.sub("", path.read_text("utf-8")), "utf-8")


def texts() -> Iterator[tuple[str, str]]:
    """Context and source text of what pylupdate5 cannot find by itself."""
    for section in SECTIONS:
        yield "Settings", section
    for field in fields():
        yield "Settings", field.title
        yield "Settings", field.description
        if isinstance(field.kind, inspect.LiteralType):
            yield from (("Settings", str(value)) for value in field.kind.values)
    for reason in RefusalReason:
        yield "Enrollment", reason.value
    for guidance in (*GUIDANCE.values(), *POSE_GUIDANCE.values(), DONE_GUIDANCE):
        yield "Enrollment", guidance
    yield "Notices", NO_CAMERA
    for context, of_qt in QT_TEXTS.items():
        yield from ((context, text) for text in of_qt)


def _calls() -> Iterator[str]:
    for context, text in texts():
        yield f"QCoreApplication.translate({_quoted(context)}, {_quoted(text)})\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


if __name__ == "__main__":
    for file in sorted(FOLDER.glob("*.ts")):
        update(file)
