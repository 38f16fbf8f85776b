"""A table of pictures: data.csv with a line for each, and the pictures beside it."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from capture.kinds import PICTURE_SUFFIXES
from common.errors import FormatError
from common.sentence import Sentence
from recognition.enrollment.photos import Skipped
from recognition.formats.arrays import told_damage
from recognition.formats.contents import (
    EnrolledPerson,
    OwnCrop,
    PeopleInPictures,
    PersonPictures,
    ReadingOptions,
)
from recognition.formats.crop_folder import own_crops, read_list, write_crops
from recognition.formats.new_folder import new_folder

TABLE = "data.csv"
_COLUMNS = ("person_id", "name", "path")
"""Of the tables that are written here, and of those in the tutorials that have no first line."""

_NAMES = (
    *("name", "fullname", "person", "personname", "label", "username", "user", "identity"),
    *("idname", "subject", "class", "student", "employee", "ten", "hoten", "hovaten"),
)
_PICTURES = (
    *("path", "image", "imagepath", "imagefile", "img", "imgpath", "file", "filename", "filepath"),
    *("picture", "photo", "photopath", "url", "anh", "hinhanh", "duongdan"),
)
_IDS = ("personid", "id", "userid", "studentid", "employeeid", "ma")
_CONSENTS = ("consent", "agreed", "hasagreed", "dongy")
_VAGUE_IDS = ("id", "ma")
"""The usual names of columns: in lower case, without marks, spaces and underscores. The last ones
may number people, or lines."""

_YES = ("yes", "y", "true", "1", "x", "agreed", "co", "dongy")
"""What a table says of somebody who has agreed, written as the columns' names are."""

_MOST_BYTES = 200_000_000
_DELIMITERS = ",;\t|"


class TableFormat:
    name = "csv"
    holds_pictures = True
    lacks = Sentence("notes, times of enrollment, and templates without a picture")

    def recognizes(self, path: Path) -> bool:
        return path.suffix.lower() == ".csv" or (path.is_dir() and (path / TABLE).is_file())

    def read(self, path: Path, options: ReadingOptions) -> PeopleInPictures:
        table = path / TABLE if path.is_dir() else path
        rows = _rows(table)
        columns = _columns(table, rows, options)
        if _plain(_cell(rows[0], columns.id)) in _VAGUE_IDS and _number_lines(rows, columns.id):
            columns.id = -1
        pictures: dict[tuple[str, str], list[Path]] = {}
        agreed: dict[tuple[str, str], bool] = {}
        skipped = []
        for number, row in enumerate(rows[columns.first :], columns.first + 1):
            if not any(map(str.strip, row)):
                continue
            name, file, who = (_cell(row, i) for i in (columns.name, columns.picture, columns.id))
            if not name or not file:
                reason = Sentence("Line {} lacks the name or the picture.", number)
                skipped.append(Skipped(table, reason))
                continue
            if columns.consent >= 0:
                says_so = _plain(_cell(row, columns.consent)) in _YES
                agreed[who, name] = agreed.get((who, name), True) and says_so
            of_person = pictures.setdefault((who, name), [])
            if (picture := _picture(table.parent, file)) not in of_person:
                of_person.append(picture)
        if not pictures and not skipped:
            raise FormatError(
                Sentence("lines with a name and a picture in {}", table),
                "it has its first line alone",
                "Save it again from the program that made it",
            )
        own = _own(table.parent)
        people = tuple(
            PersonPictures(
                table,
                name,
                tuple(paths),
                {p: own[p] for p in paths if p in own},
                agreed.get((who, name)),
            )
            for (who, name), paths in pictures.items()
        )
        return PeopleInPictures(people, tuple(skipped))

    def write(
        self, people: Iterable[EnrolledPerson], model_id: str, out: Path, *, overwrite: bool
    ) -> None:
        with new_folder(out) as fresh:
            listed = write_crops(people, fresh, one_folder=True)
            with (fresh / TABLE).open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(_COLUMNS)
                for number, person in enumerate(listed.people, 1):
                    writer.writerows((number, person.name, crop.path) for crop in person.crops)


class _Columns:
    """Which columns are which, -1 for none. first: the index of the first row with data."""

    def __init__(self, first: int, name: int, picture: int, of_id: int, consent: int = -1) -> None:
        self.first, self.name, self.picture, self.id = first, name, picture, of_id
        self.consent = consent


def _rows(table: Path) -> list[list[str]]:
    remedy = Sentence("Save it from the spreadsheet as CSV in UTF-8, with the names and the paths")
    with told_damage(table, Sentence("a table of names and pictures"), remedy):
        if table.stat().st_size > _MOST_BYTES:
            raise ValueError("it is too large")
        content = table.read_bytes()
        is_wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
        text = content.decode("utf-16" if is_wide else "utf-8-sig")
        first = text.partition("\n")[0]
        delimiter = max(_DELIMITERS, key=first.count)
        try:
            return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        except csv.Error as error:
            raise ValueError(error) from error


def _columns(table: Path, rows: Sequence[Sequence[str]], options: ReadingOptions) -> _Columns:
    """Finds the columns by their names in the first row; without them, by what is in it."""
    head = [_plain(cell) for cell in rows[0]] if rows else []
    wanted = (
        (_plain(options.name_column),) if options.name_column else _NAMES,
        (_plain(options.picture_column),) if options.picture_column else _PICTURES,
        _IDS,
        (_plain(options.consent_column),) if options.consent_column else _CONSENTS,
    )
    name, picture, of_id, consent = (
        next((head.index(one) for one in names if one in head), -1) for names in wanted
    )
    if options.consent_column and consent < 0:
        raise FormatError(
            Sentence("a column {} in {}", options.consent_column, table),
            Sentence("its first line is {}", ", ".join(rows[0])[:200] if rows else "missing"),
            "Name the column that says who has agreed with --consent-column",
        )
    if name >= 0 and picture >= 0:
        return _Columns(1, name, picture, of_id, consent)
    if rows and not (options.name_column or options.picture_column):
        pictures = [i for i, cell in enumerate(rows[0]) if _is_picture(table.parent, cell)]
        texts = [i for i, cell in enumerate(rows[0]) if i not in pictures and not cell.isdecimal()]
        if len(pictures) == 1 and len(texts) == 1:
            rest = [i for i in range(len(rows[0])) if i not in (*pictures, *texts)]
            return _Columns(0, texts[0], pictures[0], rest[0] if len(rest) == 1 else -1)
    raise FormatError(
        Sentence("a column with the names and one with the pictures in {}", table),
        Sentence("its first line is {}", ", ".join(rows[0])[:200] if rows else "missing"),
        "Name the columns with --name-column and --picture-column",
    )


def _number_lines(rows: Sequence[Sequence[str]], column: int) -> bool:
    """Returns whether a column numbers the lines: no two have the same there."""
    cells = [_cell(row, column) for row in rows if any(map(str.strip, row))]
    return len(set(cells)) == len(cells)


def _cell(row: Sequence[str], column: int) -> str:
    return row[column].strip() if 0 <= column < len(row) else ""


def _plain(text: str) -> str:
    """Returns a column's name without marks, in lower case, letters and digits alone."""
    bare = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(c for c in bare if c.isalnum())


def _is_picture(folder: Path, cell: str) -> bool:
    return PurePosixPath(cell.strip()).suffix.lower() in PICTURE_SUFFIXES and (
        _picture(folder, cell).is_file()
    )


def _picture(folder: Path, cell: str) -> Path:
    """Returns where a picture of a table is: below the table's folder, wherever it was elsewhere.

    A path from another computer, or one that leads out of the folder, is looked for by its last
    parts alone.
    """
    parts = list(PurePosixPath(cell.strip().replace("\\", "/")).parts)
    candidates = list(_below(folder, parts))
    return next((path for path in candidates if path.is_file()), candidates[-1])


def _below(folder: Path, parts: Sequence[str]) -> Iterator[Path]:
    for first in range(len(parts)):
        kept = parts[first:]
        if ".." in kept or Path(*kept).is_absolute() or ":" in kept[0]:
            continue
        yield folder.joinpath(*kept)
    last = parts[-1] if parts and parts[-1] != ".." else "?"
    yield folder / "images" / last
    yield folder / last


def _own(folder: Path) -> Mapping[Path, OwnCrop]:
    listed = read_list(folder)
    crops = [crop for person in listed.people for crop in person.crops] if listed else []
    return own_crops(folder, crops)
