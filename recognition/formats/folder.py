"""Folders of pictures: a subfolder for each person, named like the person."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from capture.folders import people_and_others, persons_pictures
from common.sentence import Sentence
from recognition.enrollment.photos import Skipped
from recognition.formats.contents import (
    EnrolledPerson,
    PeopleInPictures,
    PersonPictures,
    ReadingOptions,
)
from recognition.formats.crop_folder import LIST, own_crops, read_list, write_crops
from recognition.formats.new_folder import new_folder


class FolderFormat:
    name = "folder"
    holds_pictures = True
    lacks = Sentence("notes, ids, times of enrollment, and templates without a picture")

    def recognizes(self, path: Path) -> bool:
        return path.is_dir()

    def read(self, path: Path, options: ReadingOptions) -> PeopleInPictures:
        listed = read_list(path)
        by_folder = {person.folder: person for person in listed.people} if listed else {}
        folders, others = people_and_others(path, LIST)
        people = []
        for folder in folders:
            person = by_folder.get(folder.name)
            own = own_crops(path, person.crops) if person is not None else {}
            name = person.name if person is not None else folder.name
            found = persons_pictures(folder)
            people.append(PersonPictures(folder, name, found.pictures, own))
            others += found.left_out
        skipped = tuple(Skipped(one.path, one.reason, one.why) for one in others)
        return PeopleInPictures(tuple(people), skipped)

    def write(
        self, people: Iterable[EnrolledPerson], model_id: str, out: Path, *, overwrite: bool
    ) -> None:
        with new_folder(out) as fresh:
            write_crops(people, fresh, one_folder=False)
