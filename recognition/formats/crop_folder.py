"""Crops of the gallery as PNG files, with a list beside them that says whose each is.

The list keeps names exactly, which folders and files cannot, and the SHA-256 of each crop: one that
is unchanged needs no detection when it comes back, and gives the same template.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from common.errors import FormatError
from common.sentence import Sentence
from gallery.crops import to_png
from recognition.formats.arrays import told
from recognition.formats.contents import EnrolledPerson, OwnCrop

LIST = "people.json"
"""The name of the list."""

IMAGES = "images"
"""The folder of all crops, where they lie in one."""

VERSION = 1
_MOST_LIST_BYTES = 200_000_000
_LONGEST = 80
"""Bytes of a file's name that come from a person's."""

_REMEDY = Sentence("Export it again, or move this file away: folders then count by their own names")

_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]|[. ]+$|^[. ]+')
"""What Windows, macOS or Linux do not take in the name of a file."""

_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
"""Names of devices on Windows."""


class ListedCrop(msgspec.Struct, frozen=True):
    """A crop: its path in the folder, with /, its SHA-256, and its template's quality and model."""

    path: str
    sha256: str
    quality: float
    model_id: str


class ListedPerson(msgspec.Struct, frozen=True):
    name: str
    folder: str
    crops: tuple[ListedCrop, ...]


class CropList(msgspec.Struct, frozen=True):
    """The list. facedesk_people: the version of its format."""

    facedesk_people: int
    people: tuple[ListedPerson, ...]


def write_crops(people: Iterable[EnrolledPerson], folder: Path, *, one_folder: bool) -> CropList:
    """Writes the crops of everyone below a folder, and the list; returns it.

    Who has no crops is left out; raises FormatError where nobody has any. one_folder: whether all
    lie in IMAGES, instead of a folder for each person.
    """
    taken: set[str] = set()
    listed = []
    for person in people:
        crops = [template for template in person.templates if template.crop.size]
        if not crops:
            continue
        name = safe_name(person.identity.name, taken)
        (folder / (IMAGES if one_folder else name)).mkdir(exist_ok=True)
        files = []
        for number, template in enumerate(crops, 1):
            path = f"{IMAGES}/{name}-{number}.png" if one_folder else f"{name}/{number}.png"
            png = to_png(template.crop)
            (folder / path).write_bytes(png)
            digest = hashlib.sha256(png).hexdigest()
            files.append(ListedCrop(path, digest, template.quality, template.model_id))
        listed.append(ListedPerson(person.identity.name, name, tuple(files)))
    if not listed:
        raise FormatError(
            "people with stored pictures",
            "nobody's templates came with one",
            "Export their embeddings: --format npz",
        )
    found = CropList(VERSION, tuple(listed))
    (folder / LIST).write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1))
    return found


def read_list(folder: Path) -> CropList | None:
    """Returns the list that lies in a folder; None where there is none.

    Raises FormatError where it is damaged, another program's, or of a newer Facedesk.
    """
    path = folder / LIST
    if not path.is_file():
        return None
    with told(path, Sentence("a list that facedesk export has written"), _REMEDY):
        if path.stat().st_size > _MOST_LIST_BYTES:
            raise ValueError("it is too large")
        found = msgspec.json.decode(path.read_bytes(), type=CropList)
    if found.facedesk_people > VERSION:
        raise FormatError(
            Sentence("a list of version {} or older", VERSION),
            Sentence("{} is of version {}, made by a newer Facedesk", path, found.facedesk_people),
            "Update Facedesk",
        )
    return found


def own_crops(folder: Path, crops: Sequence[ListedCrop]) -> Mapping[Path, OwnCrop]:
    """Returns those of the listed crops that are there, and unchanged, by their paths.

    A path that leads out of the folder is none of ours.
    """
    own = {}
    for crop in crops:
        path = folder / crop.path
        if ".." in Path(crop.path).parts or Path(crop.path).is_absolute() or not path.is_file():
            continue
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() == crop.sha256:
                own[path] = OwnCrop(crop.model_id, crop.quality)
    return own


def safe_name(name: str, taken: set[str]) -> str:
    """Returns a name for a file or a folder, and adds it to those that are taken.

    It is like the person's, in their script, and unlike all others also where case does not count.
    """
    safe = _UNSAFE.sub("_", unicodedata.normalize("NFC", name)) or "_"
    safe = safe.encode()[:_LONGEST].decode(errors="ignore").rstrip(". ") or "_"
    if _RESERVED.fullmatch(safe):
        safe = f"{safe}_"
    number, free = 1, safe
    while unicodedata.normalize("NFD", free.casefold()) in taken:
        number += 1
        free = f"{safe} ({number})"
    taken.add(unicodedata.normalize("NFD", free.casefold()))
    return free
