"""Collects what is to be translated into the .ts files: `make translations`.

The texts are written into a file of plain calls, from which pylupdate5 updates the .ts files.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from msgspec import inspect

from desktop.i18n.catalogue import CONTEXT
from desktop.i18n.languages import FOLDER
from desktop.main import NO_CAMERA
from desktop.settings.fields import fields
from desktop.settings.file import SECTIONS
from recognition.enrollment.counting import DONE_GUIDANCE, GUIDANCE, POSE_GUIDANCE, RefusalReason
from tools.translations.calls import Text, texts_in
from tools.translations.templates import templates

DESKTOP = FOLDER.parent

QT_TEXTS = {
    "QPlatformTheme": ("OK", "Cancel", "Close", "&Yes", "&No", "Open", "Save"),
    "QMessageBox": ("OK", "Show Details...", "Hide Details..."),
    "QFileDialog": (
        *("Look in:", "File &name:", "Files of type:", "&Open", "&Save", "&Choose"),
        *("Back", "Forward", "Parent Directory", "Create New Folder", "List View", "Detail View"),
        *("All Files (*)", "&New Folder", "&Rename", "&Delete", "Show &hidden files", "New Folder"),
        *("Folder", "File", "%1 File"),
        "%1 already exists.\nDo you want to replace it?",
        "%1\nFile not found.\nPlease verify the correct file name was given.",
    ),
    "QFileSystemModel": ("Name", "Size", "Type", "Date Modified", "Computer"),
    "QLineEdit": ("&Undo", "&Redo", "Cu&t", "&Copy", "&Paste", "Delete", "Select All"),
    "QWidgetTextControl": ("&Copy", "Select All"),
}
"""Qt's own texts that our windows show, since Qt comes without a Vietnamese translation."""

_LOCATION = re.compile(r"\n *<location [^>]*/>")


def update(path: Path) -> None:
    """Update a .ts file: new texts are added as unfinished, texts that are gone are left out.

    A file that is not there is made.
    """
    with tempfile.TemporaryDirectory() as folder:
        calls = Path(folder) / "calls.py"
        calls.write_text("".join(map(_call, texts())), "utf-8")
        subprocess.run(
            [
                *(sys.executable, "-W", "ignore", "-m", "PyQt5.pylupdate_main", "-noobsolete"),
                *(str(calls), "-ts", str(path)),
            ],
            check=True,
        )
    # Locations are of no use: they are line numbers of a file that is gone.
    path.write_text(_LOCATION.sub("", path.read_text("utf-8")), "utf-8")


def texts() -> list[Text]:
    """Return all texts that people read, each once."""
    in_calls = (text for module in sorted(DESKTOP.rglob("*.py")) for text in texts_in(module))
    sentences = ((CONTEXT, template) for template in templates())
    return list(dict.fromkeys((*in_calls, *_born_without_qt(), *sentences)))


def _born_without_qt() -> Iterator[Text]:
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


def _call(text: Text) -> str:
    return f"QCoreApplication.translate({', '.join(map(_quoted, text))})\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


if __name__ == "__main__":
    for file in sorted(FOLDER.glob("*.ts")):
        update(file)
