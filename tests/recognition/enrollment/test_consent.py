from __future__ import annotations

from pathlib import Path

import pytest

from common.errors import EnrollmentError
from gallery.consents import ConsentWay
from recognition.enrollment.consent import MOST_BYTES, consent_forms, form_in
from recognition.enrollment.live import enroll_or_add, reviewed, save
from tests.recognition.conftest import World


def test_one_text_is_for_all(tmp_path: Path) -> None:
    file = tmp_path / "consent.txt"
    file.write_bytes(b"\xef\xbb\xbfI agree.\r\nReally.\r\n")
    (form,) = consent_forms(str(file))
    assert (form.language, form.text) == ("", "I agree.\nReally.")
    consent = form.agreed(ConsentWay.PAGE)
    assert (consent.text, consent.sha256) == (form.text, form.sha256)
    assert form_in([form], "vi_VN") is form


def test_each_language_has_a_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / "my [1] text.txt").write_text("Hello", "utf-8")
    (tmp_path / "my [1] text.vi.txt").write_text("Xin chào", "utf-8")
    (tmp_path / "my [1] text.pt_BR.txt").write_text("Olá", "utf-8")
    forms = consent_forms(str(tmp_path / "my [1] text.txt"))
    assert [form.language for form in forms] == ["", "pt_BR", "vi"]
    told = {wanted: form_in(forms, wanted).text for wanted in ("vi", "vi_VN", "pt-BR", "de")}
    assert told == {"vi": "Xin chào", "vi_VN": "Xin chào", "pt-BR": "Olá", "de": "Hello"}


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff\xfe\x00", b"x" * (MOST_BYTES + 1)])
def test_what_is_no_text_is_told_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "consent.txt"
    file.write_bytes(content)
    with pytest.raises(EnrollmentError, match=r"consent\.txt.*nobody is enrolled"):
        consent_forms(str(file))


@pytest.mark.parametrize("path", ["", "  ", "nowhere/consent.txt"])
def test_a_missing_text_is_told_with_what_to_do(path: str) -> None:
    with pytest.raises(EnrollmentError, match=r"consent_text.*nobody is enrolled"):
        consent_forms(path)


def test_without_consent_nobody_is_enrolled_where_it_is_asked_for(
    world: World, tmp_path: Path
) -> None:
    recognizer = world.recognizer
    recognizer.asks_consent = True
    templates = world.templates("an")
    with pytest.raises(EnrollmentError, match="An Nguyen"):
        save(recognizer, reviewed(recognizer, "An Nguyen", templates))
    assert not len(recognizer.gallery)
    (tmp_path / "c.txt").write_text("I agree.", "utf-8")
    (form,) = consent_forms(str(tmp_path / "c.txt"))
    consent = form.agreed(ConsentWay.SCREEN)
    an = enroll_or_add(recognizer, "An Nguyen", templates, None, consent)
    assert recognizer.gallery.consents(an.id) == [consent]
    again = form.agreed(ConsentWay.SCREEN)
    enroll_or_add(recognizer, "An Nguyen", world.templates("an", 4)[3:], an.id, again)
    assert recognizer.gallery.consents(an.id) == [consent, again]
