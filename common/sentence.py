"""A text for people that remembers what it was made of: it can be said in their language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self


class Sentence(str):
    """A text for people in English: a template whose {} are filled with values.

    It is a string as any other, and equal to one. What shows it to a person translates the
    template, and those values that are sentences themselves; a plain string among the values, such
    as a name or a path, is shown as it is. str() of a sentence is the sentence, so that a
    FacedeskError's text, which is one, stays one. Put together with other text by an f-string, +
    or join() it becomes a plain string, and stays English: make a Sentence of both instead. So
    does a Qt signal that declares str: it has to declare object.

    template: English, with {} and nothing else in braces; as it is, where there are no values.
    values: in the order of the {}; each is kept as str() gives it.
    """

    template: str
    values: tuple[str, ...]

    def __new__(cls, template: str, *values: object) -> Self:
        told = tuple(str(value) for value in values)
        sentence = super().__new__(cls, template.format(*told) if told else template)
        sentence.template, sentence.values = template, told
        return sentence

    def __str__(self) -> str:
        return self

    def capitalized(self) -> Self:
        """Return it as it stands at the beginning of a text. The first word is the template's."""
        return type(self)(self.template[:1].upper() + self.template[1:], *self.values)

    def __reduce__(self) -> tuple[type[Self], tuple[str, ...]]:
        return type(self), (self.template, *self.values)


def joined(*sentences: Sentence) -> Sentence:
    """Return the sentences one after the other, with spaces between them."""
    return Sentence(" ".join(["{}"] * len(sentences)), *sentences)


def as_sentence(text: str) -> Sentence:
    """Return a text that stands in the source as a Sentence; one that is, as it is."""
    return text if isinstance(text, Sentence) else Sentence(text)


def translated(text: str, look_up: Callable[[str], str], number: Callable[[str], str] = str) -> str:
    """Return a Sentence in another language; a plain string as it is.

    look_up: returns a template in that language, and what it does not know as it is. number: writes
    a number among the values as that language does, and leaves other text as it is.
    """
    if not isinstance(text, Sentence):
        return text
    said = look_up(text.template)
    values = (
        translated(value, look_up, number) if isinstance(value, Sentence) else number(value)
        for value in text.values
    )
    return said.format(*values) if text.values else said


@dataclass(frozen=True)
class Language:
    """A language that pages and diagrams can be written in. look_up, number: see translated().

    code: ISO 639, as HTML wants it.
    """

    code: str
    look_up: Callable[[str], str]
    number: Callable[[str], str] = str

    def say(self, text: str) -> str:
        """Return a Sentence in this language; a plain string, such as a name, as it is."""
        return translated(text, self.look_up, self.number)


ENGLISH = Language("en", str)
