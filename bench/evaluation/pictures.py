"""Reads whose pictures are to be evaluated: folders of people, CSV files, lists of pairs."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from capture.folders import pictures_below
from capture.kinds import PICTURE_SUFFIXES
from capture.stills import people_folders
from common.errors import FacedeskError, PictureError
from common.sentence import Sentence

PICTURE_COLUMNS = ("image", "picture", "file", "filename", "path", "image_path", "file_name", "id")
PERSON_COLUMNS = ("person", "name", "label", "identity", "subject", "person_id", "class")
"""Names of columns, in lower case, by which a CSV file's are found; the first that is there."""

GROUP_COLUMNS = ("group", "category", "skin", "gender", "sex", "age")

SAME = {"1": True, "true": True, "yes": True, "same": True, "y": True}
DIFFERENT = {"0": False, "false": False, "no": False, "different": False, "n": False, "-1": False}
"""What a list of pairs may say, in lower case."""

_MARKS = (",", ";", "\t")
"""What parts a table's columns: spreadsheets write semicolons where the decimal sign is a comma."""

LFW_PAIRS = "pairs.txt"
"""The list of pairs of Labeled Faces in the Wild, where a folder of people has it."""


@dataclass(frozen=True)
class LabelledPicture:
    """A picture file and the name of whom it shows. is_stranger: never to be enrolled."""

    path: Path
    person: str
    is_stranger: bool = False


@dataclass(frozen=True)
class PicturePair:
    """Two pictures, by their indices, and whether they are said to show one person."""

    one: int
    other: int
    same: bool


@dataclass(frozen=True)
class PictureSet:
    """What is evaluated.

    pairs: the comparisons of a list; empty where the pictures give them. enrolled: people whose
    templates are known already, such as the gallery's; all pictures are probes then.
    """

    pictures: tuple[LabelledPicture, ...]
    pairs: tuple[PicturePair, ...] = ()
    enrolled: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The people's names, each once, in the order of their first pictures."""
        return tuple(dict.fromkeys((*(p.person for p in self.pictures), *self.enrolled)))


def people_set(folder: Path, strangers: Path | None = None) -> PictureSet:
    """Read a folder that has a subfolder of pictures for each person.

    Where it holds LFW's pairs.txt, that list's pairs are what is compared.
    strangers: another such folder, of people who are never enrolled. Raises PictureError.
    """
    listed = folder / LFW_PAIRS
    if listed.is_file() and strangers is None:
        return pairs_set(listed, folder)
    pictures = list(_in_folders(folder, is_stranger=False))
    if strangers is not None:
        known = {picture.person for picture in pictures}
        for picture in _in_folders(strangers, is_stranger=True):
            if picture.person in known:
                raise PictureError(
                    "strangers who are none of the people",
                    Sentence("{} is in both folders", picture.person),
                    "Take them out of one of the folders",
                )
            pictures.append(picture)
    if not pictures:
        raise PictureError(
            "a folder with a subfolder of pictures for each person",
            Sentence("{} has no such pictures", folder),
            "Make a subfolder for each person, with pictures in it",
        )
    return PictureSet(tuple(pictures))


def csv_set(
    table: Path, images: Path, picture_column: str | None = None, person_column: str | None = None
) -> PictureSet:
    """Read a CSV file with a row for each picture. images: the folder that its paths begin from.

    A column that is not named is found by its heading. A path may lack the ending of its file, and
    a picture may lie in a subfolder with the person's name. Raises PictureError.
    """
    rows = _rows(table)
    picture_of = _column(table, rows, picture_column, PICTURE_COLUMNS)
    person_of = _column(table, rows, person_column, PERSON_COLUMNS)
    pictures = []
    for row in rows:
        picture, person = (row[picture_of] or "").strip(), (row[person_of] or "").strip()
        if picture and person:
            pictures.append(LabelledPicture(_located(images, picture, person), person))
    if not pictures:
        raise _no_rows(table)
    return PictureSet(tuple(pictures))


def pairs_set(table: Path, images: Path) -> PictureSet:
    """Read a list of pairs: a CSV file with the columns a, b and same, or LFW's pairs.txt.

    images: the folder that its paths begin from. Of a CSV file's pictures those are one person's
    that pairs connect as the same. Raises PictureError.
    """
    if table.suffix.lower() == ".txt":
        return _lfw_set(table, images)
    rows = _rows(table)
    columns = [_column(table, rows, None, (name,)) for name in ("a", "b", "same")]
    numbers: dict[str, int] = {}
    pairs = []
    for line, row in enumerate(rows, start=2):
        one, other, said = ((row[column] or "").strip() for column in columns)
        same = {**SAME, **DIFFERENT}.get(said.lower())
        if same is None or not one or not other:
            raise _bad_line(table, line, "two pictures, and 1 or 0 for whether they are the same")
        ends = [numbers.setdefault(name, len(numbers)) for name in (one, other)]
        pairs.append(PicturePair(ends[0], ends[1], same))
    if not pairs:
        raise _no_rows(table)
    owners = _connected(len(numbers), [pair for pair in pairs if pair.same])
    pictures = [
        LabelledPicture(_located(images, name, ""), f"person {owner + 1}")
        for name, owner in zip(numbers, owners, strict=True)
    ]
    return PictureSet(tuple(pictures), tuple(pairs))


def read_groups(table: Path, column: str | None = None) -> Mapping[str, str]:
    """Read each person's group from a CSV file. Raises PictureError.

    column: the groups' column; without it the first known heading that is there, or the second
    column of two.
    """
    rows = _rows(table)
    person_of = _column(table, rows, None, PERSON_COLUMNS)
    rest = [name for name in rows[0] if name != person_of]
    headings = (*GROUP_COLUMNS, *(name.lower() for name in rest[:1] if len(rest) == 1))
    group_of = _column(table, rows, column, headings)
    found = {(row[person_of] or "").strip(): (row[group_of] or "").strip() for row in rows}
    return {person: group for person, group in found.items() if person and group}


def _in_folders(folder: Path, is_stranger: bool) -> Iterator[LabelledPicture]:
    for person in people_folders(folder):
        for path in pictures_below(person):
            yield LabelledPicture(path, person.name, is_stranger)


def _lfw_set(table: Path, images: Path) -> PictureSet:
    """Read LFW's list: NAME N M for two pictures of one person, NAME N OTHER M for two people."""
    pictures: dict[LabelledPicture, int] = {}
    pairs = []
    for line, text in enumerate(_text(table).splitlines(), start=1):
        fields = text.split("\t") if "\t" in text else text.split()
        if not text.strip() or all(field.strip().isdecimal() for field in fields):
            continue  # the first line says how many there are
        if len(fields) == 3:
            fields.insert(2, fields[0])
        if len(fields) != 4 or not (fields[1].isdecimal() and fields[3].strip().isdecimal()):
            raise _bad_line(table, line, "a name and two numbers, or two names with a number each")
        ends = []
        for name, number in ((fields[0], fields[1]), (fields[2], fields[3])):
            path = _located(images, f"{name}_{int(number):04}", name)
            ends.append(pictures.setdefault(LabelledPicture(path, name), len(pictures)))
        pairs.append(PicturePair(ends[0], ends[1], fields[0] == fields[2]))
    if not pairs:
        raise _no_rows(table)
    return PictureSet(tuple(pictures), tuple(pairs))


def _connected(count: int, pairs: Sequence[PicturePair]) -> list[int]:
    """Return for each picture the number of its person: whatever pairs connect is one."""
    parents = list(range(count))

    def root(place: int) -> int:
        while parents[place] != place:
            parents[place] = place = parents[parents[place]]
        return place

    for pair in pairs:
        parents[root(pair.one)] = root(pair.other)
    numbers: dict[int, int] = {}
    return [numbers.setdefault(root(place), len(numbers)) for place in range(count)]


def _located(images: Path, name: str, person: str) -> Path:
    """Return where a picture is, or where it should be."""
    path = images / name
    places = [path, images / person / name] if person else [path]
    for place in places:
        if place.is_file():
            return place
    for place in places:
        for suffix in sorted(PICTURE_SUFFIXES):
            if (whole := place.with_name(place.name + suffix)).is_file():
                return whole
    return places[-1] if (images / person).is_dir() else path


def _rows(table: Path) -> list[dict[str, str]]:
    lines = _text(table).splitlines()
    mark = max(_MARKS, key=lines[0].count) if lines else ","
    rows = list(csv.DictReader(lines, restval="", delimiter=mark))
    if not rows:
        raise _no_rows(table)
    return [{key: value for key, value in row.items() if key is not None} for row in rows]


def _text(table: Path) -> str:
    try:
        return table.read_text("utf-8-sig")
    except (OSError, ValueError) as error:
        raise PictureError(
            Sentence("a list of pictures in {}", table),
            Sentence("it cannot be read ({})", getattr(error, "strerror", None) or error),
            "Check the path; save it as CSV in UTF-8",
        ) from error


def _column(
    table: Path, rows: list[dict[str, str]], wanted: str | None, known: Sequence[str]
) -> str:
    headings = {name.strip().lower(): name for name in rows[0]}
    for name in (wanted.strip().lower(),) if wanted is not None else known:
        if name in headings:
            return headings[name]
    raise PictureError(
        Sentence("the column {} in {}", wanted or known[0], table),
        Sentence("its columns are {}", ", ".join(headings.values())),
        "Name the column, or give it the heading {}".replace("{}", wanted or known[0]),
    )


def _bad_line(table: Path, line: int, expected: str) -> FacedeskError:
    return PictureError(
        Sentence("{} in each line of {}", expected, table),
        Sentence("line {} has something else", line),
        "Correct this line",
    )


def _no_rows(table: Path) -> FacedeskError:
    return PictureError(
        Sentence("a list of pictures in {}", table),
        "it has none",
        "Write a heading, and a line for each picture or pair",
    )
