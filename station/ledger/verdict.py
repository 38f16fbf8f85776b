"""Says in a sentence what a verification of the ledger has found."""

from __future__ import annotations

from common.sentence import Sentence
from station.ledger.chain import Damage, Verification


def verdict(found: Verification) -> Sentence:
    """Returns whether all entries are as they were written, and where not, which one is not."""
    number, before = found.intact + 1, _before(found.intact)
    match found.damage:
        case None if not found.intact:
            return Sentence("The ledger is empty.")
        case None if found.intact == 1:
            return Sentence("1 entry is as written.")
        case None:
            return Sentence("{} entries are as written.", found.intact)
        case Damage.CHANGED:
            return Sentence("Entry {} was changed. {}", number, before)
        case Damage.PICTURE:
            return Sentence("The picture of entry {} is another one. {}", number, before)
        case Damage.MISSING:
            return Sentence("Entry {} is missing. {}", number, before)
        case Damage.UNLINKED:
            return Sentence(
                "Entry {} does not follow from the one before: one of the two was put in, exchanged"
                " or changed, and hashed again. {}",
                number,
                before,
            )
        case Damage.CUT_OFF:
            return Sentence("Entry {} and what came after it was cut off. {}", number, before)


def noted_verdict(number: int | None) -> Sentence:
    """Returns what it means that the entry `number`, or none, has a hash that was noted before."""
    if number is None:
        return Sentence(
            "But no entry has the hash that was noted: the end was cut off since then, or the"
            " ledger was made anew; or the hash is another ledger's."
        )
    return Sentence("Entry {} has the hash that was noted: all is there up to it.", number)


def _before(intact: int) -> Sentence:
    if intact == 1:
        return Sentence("1 entry before it is intact.")
    return Sentence("{} entries before it are intact.", intact)
