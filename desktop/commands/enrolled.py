"""What enrolling commands print of photos that were skipped, and of who got templates."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from desktop.commands.session import counted, note

if TYPE_CHECKING:
    from gallery.identity import Identity
    from recognition.enrollment.photos import Skipped
    from recognition.recognizer import Recognizer

_TOLD = 10
"""People whose look-alikes are told by name."""

_COMPARED = 500
"""So many people are compared at once: each takes a hundredth of a second among 10,000."""


NAMES_TOLD = 3
"""So many files of one kind are named."""


def tell_skipped(skipped: Iterable[Skipped]) -> None:
    """Print a line for each skipped photo.

    Photos that were enrolled already have one line for each person, and files that are no pictures
    one line for each reason.
    """
    from recognition.enrollment.photos import Why

    skipped = list(skipped)
    again: Counter[Identity] = Counter()
    others: dict[str, list[Skipped]] = defaultdict(list)
    for photo in skipped:
        if photo.why == Why.ENROLLED and photo.enrolled_as is not None:
            again[photo.enrolled_as] += 1
        elif photo.why in _TOLD_TOGETHER:
            others[photo.why].append(photo)
    for identity, count in again.items():
        note(f"{identity.name}: {counted(count, 'picture')} enrolled already.")
    for photo in skipped:
        if photo.why != Why.ENROLLED and photo.why not in _TOLD_TOGETHER:
            note(f"Skipped {photo.path}: {photo.reason}")
    for why, passed_over in others.items():
        names = ", ".join(str(one.path) for one in passed_over[:NAMES_TOLD])
        more = ", …" if len(passed_over) > NAMES_TOLD else ""
        files = counted(len(passed_over), "file or folder", "files or folders")
        note(f"Passed over, {why}: {files} ({names}{more}).")


def tell_look_alikes(recognizer: Recognizer, identities: Sequence[Identity]) -> None:
    """Print of whoever was enrolled whom they are so like that one may be named for the other.

    Each pair is told once. Of very many nobody is compared now.
    """
    from gallery.look_alikes import told

    if len(identities) > _COMPARED:
        note("Whether any of them are look-alikes: facedesk people look-alikes")
        return
    pairs: set[frozenset[str]] = set()
    lines = []
    for identity in identities:
        alike = recognizer.enrolled(identity.id)
        others = [one for one in alike if frozenset((identity.id, one.id)) not in pairs]
        pairs |= {frozenset((identity.id, other.id)) for other in others}
        if others:
            lines.append(told(identity.name, others))
    for line in lines[:_TOLD]:
        note(line)
    if len(lines) > _TOLD:
        note(f"{len(lines) - _TOLD} more have look-alikes: facedesk people look-alikes lists them.")


def summary(
    identities: Sequence[Identity], templates: int, skipped: Sequence[Skipped]
) -> dict[str, Any]:
    return {
        "identities": [{"identity": i.id, "name": i.name} for i in identities],
        "templates": templates,
        "skipped": [{"path": str(s.path), "why": s.why, "reason": s.reason} for s in skipped],
    }


def counts_of(skipped: Iterable[Skipped]) -> dict[str, int]:
    """Return how many were skipped for each reason, the most frequent first."""
    return dict(Counter(str(one.why) for one in skipped).most_common())


_TOLD_TOGETHER = frozenset({"hidden", "unknown ending", "loose file"})
"""Values of capture.folders.PassedOver."""
