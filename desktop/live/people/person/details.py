"""What the worker tells about one person. It is frozen, since it crosses threads."""

from __future__ import annotations

from dataclasses import dataclass

from gallery.consents import Consent
from gallery.identity import Identity
from gallery.kept_pictures import KeptPicture
from recognition.splitting import Split
from station.ledger.stays import Stay


@dataclass(frozen=True, eq=False)
class PersonDetails:
    """What a person's page shows. pictures: oldest first. visits: oldest first.
    consent: what the person has agreed to last; None where nothing is kept."""

    identity: Identity
    pictures: tuple[KeptPicture, ...]
    has_code: bool
    visits: tuple[Stay, ...]
    consent: Consent | None = None


@dataclass(frozen=True, eq=False)
class SplitProposal:
    """How a person's pictures may be parted. looks_like_one: whether both parts look alike."""

    identity: Identity
    split: Split
    looks_like_one: bool
