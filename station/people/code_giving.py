"""Gives a person a code for the station, and takes it."""

from __future__ import annotations

from pathlib import Path

from gallery.gallery import Gallery
from gallery.identity import Identity
from station.ledger.audit import Audit
from station.secrets.codes import Codes


def give_code(gallery: Gallery, codes: Path, identity_id: str, code: str, audit: Audit) -> Identity:
    """Sets a person's code, in place of the one before. Returns who it is.

    Raises StationError for a code that cannot be used, UnknownIdentityError for nobody.
    """
    with gallery.changing():  # so that who is erased meanwhile leaves no code behind
        identity = gallery.identity(identity_id)
        Codes(codes).set(identity_id, code)
    audit.note("code given", identity)
    return identity


def take_code(gallery: Gallery, codes: Path, identity_id: str, audit: Audit) -> bool:
    """Erases a person's code. Returns whether there was one. Raises UnknownIdentityError."""
    identity = gallery.identity(identity_id)
    had_one = Codes(codes).remove(identity_id)
    if had_one:
        audit.note("code taken", identity)
    return had_one
