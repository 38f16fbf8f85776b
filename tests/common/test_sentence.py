from __future__ import annotations

import pickle

from common.errors import GalleryError
from common.sentence import Sentence, joined


def test_it_is_a_string_that_knows_its_parts() -> None:
    sentence = Sentence("{} of {} looks agree", 2, 5)
    assert sentence == "2 of 5 looks agree"
    assert (sentence.template, sentence.values) == ("{} of {} looks agree", ("2", "5"))
    assert Sentence("as {it} stands").values == ()


def test_the_text_of_an_error_stays_a_sentence() -> None:
    """Also as a value of another one."""
    error = GalleryError("a gallery", Sentence("there is nothing at {}", "/x"), "Look there")
    text = str(error)
    assert isinstance(text, Sentence)
    assert text == "Expected a gallery, but there is nothing at /x. Look there."
    (kept,) = Sentence("{} It goes on.", error).values
    assert isinstance(kept, Sentence)
    assert kept.values == ("a gallery", "there is nothing at /x", "Look there")


def test_it_begins_with_a_capital_letter_where_it_stands_first() -> None:
    assert Sentence("camera {}", "x").capitalized() == "Camera x"
    assert Sentence("camera {}", "x").capitalized().template == "Camera {}"


def test_several_are_joined_to_one() -> None:
    sentence = joined(Sentence("It is {}.", "over"), Sentence("That is all."))
    assert sentence == "It is over. That is all."
    assert all(isinstance(value, Sentence) for value in sentence.values)


def test_it_comes_through_a_pickle() -> None:
    sentence = Sentence("{} is left out: {}", "a.jpg", Sentence("{} is empty", "a.jpg"))
    back = pickle.loads(pickle.dumps(sentence))
    assert (back, back.template, back.values) == (sentence, sentence.template, sentence.values)
    assert isinstance(back.values[1], Sentence)
