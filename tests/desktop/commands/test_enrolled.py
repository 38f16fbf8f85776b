"""What enrolling commands tell of look-alikes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

import pytest

from desktop.commands import enrolled
from desktop.commands.enrolled import tell_look_alikes
from gallery.identity import Identity
from recognition.recognizer import Recognizer


class Compared:
    """Everybody is like whoever has the same first letter. Counts whom it compares."""

    def __init__(self, people: list[Identity]) -> None:
        self.people = people
        self.asked: list[str] = []

    def enrolled(self, identity_id: str) -> list[Identity]:
        self.asked.append(identity_id)
        (who,) = (one for one in self.people if one.id == identity_id)
        return [one for one in self.people if one.name[0] == who.name[0] and one != who]


def people(*names: str) -> list[Identity]:
    return [
        Identity(f"{n:032x}", name, datetime(2026, 1, 1, tzinfo=UTC))
        for n, name in enumerate(names)
    ]


def tell(everybody: list[Identity]) -> Compared:
    compared = Compared(everybody)
    tell_look_alikes(cast(Recognizer, compared), everybody)
    return compared


def test_each_pair_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    tell(people("Ann", "Bob", "Ada"))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("Ann and Ada are look-alikes")


def test_of_many_a_few_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    tell(people(*(f"{chr(65 + n)}{twin}" for n in range(12) for twin in (1, 2))))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 11
    assert lines[-1] == "2 more have look-alikes: facedesk people look-alikes lists them."


def test_very_many_are_not_compared_now(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enrolled, "_COMPARED", 2)
    assert tell(people("Ann", "Ada", "Bob")).asked == []
    assert "facedesk people look-alikes" in capsys.readouterr().err
