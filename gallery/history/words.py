"""Says in words what a change of the gallery made of whom, for the command and the window."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from common.sentence import Sentence
from gallery.history.log import GalleryVersion, PersonChange
from gallery.history.person_state import MERGED, PART, PersonState


def told(version: GalleryVersion) -> list[Sentence]:
    """Return what a version changed, a sentence for each change."""
    said = []
    if version.returned_to is not None:
        said.append(Sentence("Returned to version {}", version.returned_to))
    if version.model:
        former = version.former_model or "-"
        said.append(Sentence("Embedder {} put in use, {} before", version.model, former))
    return said + told_of(version.people)


def told_of(people: Sequence[PersonChange]) -> list[Sentence]:
    """Return what was made of these people, and of how many nothing is known any more."""
    names = {one.number: state.name for one in people if (state := one.after or one.before)}
    said = [sentence for one in people for sentence in _of(one, people, names)]
    if erased := sum(one.number is None for one in people):
        said.append(Sentence("{} erased: cannot be brought back", erased))
    return said


def between(versions: Sequence[GalleryVersion]) -> list[PersonChange]:
    """Return what successive versions have made of everybody, taken together."""
    first: dict[int, PersonState | None] = {}
    last: dict[int, PersonState | None] = {}
    erased = 0
    for change in (change for version in versions for change in version.people):
        if change.number is None:
            erased += 1
            continue
        first.setdefault(change.number, change.before)
        last[change.number] = change.after
    changed = [PersonChange(n, first[n], last[n]) for n in first if first[n] != last[n]]
    return changed + [PersonChange(None, None, None)] * erased


def _of(
    one: PersonChange, people: Sequence[PersonChange], names: Mapping[int | None, str]
) -> Iterator[Sentence]:
    before, after = one.before, one.after
    if PART in (before and before.state, after and after.state):
        return  # it is told of the person whose pictures these are
    was, now = before is not None and before.is_shown, after is not None and after.is_shown
    if before is None and after is not None and now:
        giver = next((other for other in people if _has_given(other, after)), None)
        if giver is not None:
            yield Sentence("{} split off from {}", after.name, names[giver.number])
        else:
            yield Sentence("{} enrolled; pictures: {}", after.name, len(after.templates))
    elif was and before is not None and not now:
        if after is not None and after.state == MERGED:
            yield Sentence("{} merged into {}", before.name, names.get(after.other, "-"))
        else:
            yield Sentence("{} removed", before.name)
    elif before is not None and after is not None and now:
        if not was:
            yield Sentence("{} brought back", after.name)
        yield from _of_both(before, after)


def _has_given(other: PersonChange, to: PersonState) -> bool:
    before = other.before
    return (
        before is not None
        and before.is_shown
        and not before.template_ids.isdisjoint(to.template_ids)
    )


def _of_both(before: PersonState, after: PersonState) -> Iterator[Sentence]:
    if before.name != after.name:
        yield Sentence("{} renamed {}", before.name, after.name)
    if before.note != after.note:
        yield Sentence("Note of {} changed", after.name)
    if added := len(after.template_ids - before.template_ids):
        yield Sentence("Pictures added to {}: {}", after.name, added)
    if gone := len(before.template_ids - after.template_ids):
        yield Sentence("Pictures taken from {}: {}", after.name, gone)
    if before.portrait != after.portrait and before.template_ids == after.template_ids:
        yield Sentence("Another portrait of {} chosen", after.name)
