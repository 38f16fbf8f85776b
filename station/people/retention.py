"""Says who has been kept for so long that it is asked whether they stay, and erases whom it may.

Nobody is erased without having been asked about: since when that is, stands with the person, and a
time that is still to come counts for nothing, so that a clock that was wrong erases nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gallery.gallery import Gallery
from gallery.identity import Identity
from station.ledger.audit import Audit
from station.ledger.last_seen import read_last_seen


@dataclass(frozen=True)
class RetentionRule:
    """How long people are kept. days: after which it is asked about them; 0 for never.

    since_seen: whether the days count from when somebody was last seen: the newest check-in or
    picture. Else they count from the enrollment. erases: whether they are erased without an answer,
    grace_days after the first question.
    """

    days: int = 0
    since_seen: bool = True
    erases: bool = False
    grace_days: int = 30

    @property
    def limit(self) -> timedelta:
        return timedelta(days=self.days)


@dataclass(frozen=True)
class Overdue:
    """Somebody who is over the age. since: from when it counts, aware datetime. asked_since: when
    it was first asked. erased_from: from when on they may be erased without an answer; None where
    the rule has no such time."""

    identity: Identity
    since: datetime
    asked_since: datetime
    erased_from: datetime | None


def seen_for_rule(
    gallery: Gallery, rule: RetentionRule, ledger: Path, now: datetime
) -> Mapping[str, datetime]:
    """Returns when people were last seen, by id, as far as the rule asks for it; the ledger is read
    only where somebody may be over age. Raises LedgerError."""
    if not rule.days or not rule.since_seen:
        return {}
    if not any(who.enrolled_at <= now - rule.limit for who in gallery.identities):
        return {}
    return read_last_seen(ledger)


def overdue(
    gallery: Gallery, rule: RetentionRule, seen: Mapping[str, datetime], now: datetime
) -> list[Overdue]:
    """Returns who is over age, who is so for the longest time first, and writes down since when it
    is asked about them. Raises GalleryError.

    seen: when people last came or went, by id.
    """
    if not rule.days:
        return []
    old = [who for who in gallery.identities if who.enrolled_at <= now - rule.limit]
    asked = gallery.asked_since()
    if not old and not asked:
        return []
    kept, pictures = gallery.kept_since(), gallery.newest_pictures() if rule.since_seen else {}
    found: list[Overdue] = []
    changes: dict[str, datetime | None] = dict.fromkeys(asked)
    for who in old:
        counted = [who.enrolled_at, kept.get(who.id), pictures.get(who.id), seen.get(who.id)]
        since = max(at for at in counted if at is not None)
        if since > now - rule.limit:
            continue
        first = asked.get(who.id)
        if first is None or not since + rule.limit <= first <= now:
            first = changes[who.id] = now
        else:
            changes.pop(who.id, None)
        grace = timedelta(days=rule.grace_days)
        found.append(Overdue(who, since, first, first + grace if rule.erases else None))
    if changes:
        with gallery.changing():
            for identity_id, at in changes.items():
                if gallery.knows(identity_id):
                    gallery.ask_since(identity_id, at)
    return sorted(found, key=lambda one: one.since)


def erase_due(
    gallery: Gallery, people: Sequence[Overdue], now: datetime, audit: Audit
) -> list[Overdue]:
    """Removes those whose time is up, for good; returns them. They are erased by the next
    finish_erasures()."""
    due = [one for one in people if one.erased_from is not None and one.erased_from <= now]
    remove_overdue(gallery, due, audit)
    return due


def remove_overdue(gallery: Gallery, people: Collection[Overdue], audit: Audit) -> None:
    """Removes people who are over age, for good: it cannot be undone."""
    for one in people:
        gallery.remove(one.identity.id, is_final=True)
        audit.note("removed, over the age of retention", one.identity)


def keep(gallery: Gallery, identity_id: str, audit: Audit) -> None:
    """Lets the time of a person begin anew, because somebody says that they stay."""
    gallery.keep_from(identity_id, datetime.now(UTC))
    audit.note("kept for another period", gallery.identity(identity_id))
