"""People who come from a copy or from another program: with their ids, or without pictures."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from common.errors import GalleryError
from gallery.crops import NO_CROP, no_portrait
from gallery.gallery import Gallery
from gallery.identity import Identity
from gallery.store import Store

KNOWN = Identity("0af1" * 8, "Nguyễn Thị Ánh", datetime(2024, 2, 29, 8, 30, tzinfo=UTC), "a note")


def test_a_copy_has_the_id_the_time_and_the_templates_of_the_first(
    gallery: Gallery, path: Path, make_templates
) -> None:
    first = make_templates(3)
    gallery.restore_copy(KNOWN, first)
    with closing(Gallery(Store(path), "toy-8", 8)) as again:
        assert again.identities == (KNOWN,)
        for template, expected in zip(again.templates(KNOWN.id), first, strict=True):
            np.testing.assert_array_equal(template.embedding, expected.embedding)
            np.testing.assert_array_equal(template.crop, expected.crop)
            assert (template.quality, template.model_id) == (expected.quality, "toy-8")


def test_a_copy_keeps_what_the_model_can_make_nothing_of(
    gallery: Gallery, path: Path, make_templates
) -> None:
    seen, unseen = make_templates(2)
    unseen = replace(unseen, embedding=np.zeros(8, np.float32))
    gallery.restore_copy(KNOWN, [seen, unseen])
    gallery.restore_copy(replace(KNOWN, id="1" * 32), [unseen])
    with closing(Gallery(Store(path), "toy-8", 8)) as again:
        assert [t.embedding.any() for t in again.templates(KNOWN.id)] == [True, False]
        np.testing.assert_array_equal(again.templates("1" * 32)[0].crop, unseen.crop)
        assert again.template_count(KNOWN.id) == 2
        (best,) = again.search(seen.embedding[np.newaxis])[0]
        assert best.identity == KNOWN
    with pytest.raises(ValueError, match="unit length"):
        gallery.enroll("Ann", [unseen])
    with pytest.raises(ValueError, match="unit length"):
        gallery.add_templates(KNOWN.id, [unseen])


def test_an_id_is_nobody_elses_even_when_its_person_was_removed(
    gallery: Gallery, make_templates
) -> None:
    gallery.restore_copy(KNOWN, make_templates())
    for _ in range(2):
        with pytest.raises(GalleryError, match=r"somebody has 0af1.* already"):
            gallery.restore_copy(replace(KNOWN, name="Bob"), make_templates())
        if len(gallery):
            gallery.remove(KNOWN.id)
    assert gallery.restore(KNOWN.id) == KNOWN


def test_a_copys_name_must_stand_like_any_other(gallery: Gallery, make_templates) -> None:
    with pytest.raises(GalleryError, match="a name on one line"):
        gallery.restore_copy(replace(KNOWN, name="a\nb"), make_templates())
    assert not len(gallery)


def test_a_template_may_come_without_a_crop(gallery: Gallery, path: Path, make_templates) -> None:
    with_crop, without = make_templates(2)
    without = replace(without, crop=NO_CROP)
    some = gallery.enroll("Some", [without, with_crop])
    none = gallery.enroll("None", [replace(t, crop=NO_CROP) for t in make_templates(2)])
    with closing(Gallery(Store(path), "toy-8", 8)) as again:
        (crop,) = again.crops(some.id)
        np.testing.assert_array_equal(crop, with_crop.crop)
        np.testing.assert_array_equal(again.portrait(some.id), with_crop.crop)
        assert again.crops(none.id) == []
        np.testing.assert_array_equal(again.portrait(none.id), no_portrait())
        assert [t.crop.shape for t in again.templates(some.id)] == [(0, 0, 3), (16, 12, 3)]
        assert again.template_count(none.id) == 2
        (best, *_) = again.search(without.embedding[np.newaxis])[0]
        assert (best.identity, best.similarity) == (some, pytest.approx(1))
