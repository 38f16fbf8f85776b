"""What doctor finds out about the check-in station."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, suppress

from common.errors import FacedeskError
from desktop.commands.doctor.findings import Finding, checked, not_well
from desktop.commands.session import Session, counted

_TOLD = 5
"""Pairs of look-alikes that are told by name."""

ANSWER_S = 5.0
"""How long to wait for the answer of a running station, in seconds."""


def station_findings(session: Session, settings_well: bool) -> Iterator[Finding]:
    """Check ledger, PIN, outbox, files that cannot be opened, guessable codes, and the disk.

    Where the settings can be read, check actions and the running station, too.
    """
    yield checked("Ledger", lambda: _ledger(session))
    yield checked("PIN", lambda: _pin(session))
    yield checked("Outbox", lambda: _outbox(session, settings_well))
    yield from _what_cannot_be_opened(session)
    yield from _guessable_codes(session)
    if settings_well and session.settings.station.look_alikes_code:
        yield from _look_alikes_without_codes(session)
    yield _disk(session)
    if settings_well:
        yield checked("Backups", lambda: _backups(session))
        yield checked("Protection", lambda: _protection(session))
        yield _liveness(session)
        yield checked("Opening hours", lambda: _opening_hours(session))
        yield checked("Actions", lambda: _actions(session))
        if session.settings.station.health_port:
            yield _station(session.settings.station.health_port)


def _pin(session: Session) -> Finding:
    from station.secrets.pin import PinGuard

    if PinGuard(session.home.pin).is_set:
        return Finding("PIN", True, "is set", value=True)
    return Finding("PIN", True, "is not set", "facedesk pin sets one for the station", value=False)


def _backups(session: Session) -> Finding:
    """Find out whether a backup is later than it should be."""
    from datetime import UTC, datetime

    from station.backups.schedule import PERIODS, scheduled_backups

    plan = session.backup_plan
    if plan is None:
        remedy = "facedesk backup schedule FOLDER lets some be made, best on another disk"
        return Finding("Backups", True, "none are scheduled", remedy)
    made = scheduled_backups(plan, session.home.folder)
    at = made[-1][1] if made else None
    found = f"{len(made)} in {plan.folder}"
    if at is not None:
        found = f"{found}, the last one of {at.astimezone():%Y-%m-%d %H:%M}"
    is_late = at is None or datetime.now(UTC) - at > 2 * PERIODS[plan.every]
    if is_late and session.home.gallery.exists():
        return Finding(
            "Backups", False, f"{found}: one is overdue", "facedesk backup run says what is wrong"
        )
    return Finding("Backups", True, found, value=len(made))


def _protection(session: Session) -> str:
    """Say whether the station would start with the protection that it had when it last ran."""
    from station.operation.protection import ProtectionRecord, protection_now

    record = ProtectionRecord(session.home.protection)
    if session.home.gallery.exists():
        with session.gallery() as gallery:
            if gallery.is_guarded:
                record.require_sealed()
    if record.kept() is None:
        return "no station has run yet"
    record.require(protection_now(session.chosen_guards, session.home))
    return "no less than when the station last ran"


def _ledger(session: Session) -> Finding:
    if not session.home.checkins.exists():
        return Finding("Ledger", True, "none yet: the station begins it", value=0)
    with session.ledger() as ledger:
        found = ledger.verify()
    rows = counted(found.intact, "row")
    if found.damage is None:
        return Finding("Ledger", True, f"{rows}, all as they were written", value=found.intact)
    remedy = "facedesk checkins verify says more; keep the file, and look who could write to it"
    wrong = f"after {rows} as they were written one is not"
    return Finding("Ledger", False, wrong, remedy, value=found.intact)


def _outbox(session: Session, settings_well: bool) -> Finding:
    from station.actions.outbox import waiting

    count = waiting(session.home.outbox)
    found = f"{counted(count, 'message')} for the webhook"
    remedy = ""
    if count and settings_well and not session.settings.station.webhook:
        remedy = f"Set station.webhook again, or delete {session.home.outbox}"
    return Finding("Outbox", True, found, remedy, value=count)


def _what_cannot_be_opened(session: Session) -> Iterator[Finding]:
    """Find files that cannot be opened, among those whose content doctor does not check."""
    from common.sqlite_file import BUSY_S, opened_briefly
    from gallery.likeness.impostors import IMPOSTORS_FILE
    from station.people.inbox import INBOX_FILE
    from station.people.refusals import REFUSALS_FILE
    from station.secrets.codes import CODES_FILE

    for what, path, file in (
        ("Codes", session.home.codes, CODES_FILE),
        ("Impostors", session.home.impostors, IMPOSTORS_FILE),
        ("Unknown inbox", session.home.inbox, INBOX_FILE),
        ("Refusals", session.home.refusals, REFUSALS_FILE),
    ):
        try:
            if path.exists():
                with opened_briefly(path, BUSY_S, file):
                    pass
        except FacedeskError as error:
            yield not_well(what, error)


def _guessable_codes(session: Session) -> Iterator[Finding]:
    """Find codes that are easy to guess: new ones are refused, but older ones still work."""
    from station.secrets.codes import Codes

    try:
        tried = Codes(session.home.codes).first_tried()
    except FacedeskError:  # told already
        return
    if not tried:
        return
    names = {}
    with suppress(FacedeskError), session.gallery() as gallery:
        names = {identity.id: identity.name for identity in gallery.identities}
    whose = ", ".join(sorted(names.get(identity_id, identity_id) for identity_id in tried))
    found = f"one of the first that are tried: {whose}"
    yield Finding("Codes", True, found, "facedesk people code gives another", value=len(tried))


def _look_alikes_without_codes(session: Session) -> Iterator[Finding]:
    """Find look-alikes of whom neither has a code: the station checks in neither by their face.

    Only those who were compared already: at an enrollment, or by facedesk people look-alikes.
    """
    from desktop.commands.evaluation.calibrate import threshold_in_use
    from gallery.likeness.look_alike_list import LookAlikeList
    from station.secrets.codes import Codes

    try:
        codes = Codes(session.home.codes)
        with session.gallery() as gallery:
            if len(gallery) < 2:
                return
            listed = LookAlikeList(session.home.impostors, gallery)
            pairs = listed.pairs(threshold_in_use(session, gallery))
        without = [p for p in pairs if not codes.has(p.one.id) and not codes.has(p.other.id)]
    except FacedeskError:  # told already
        return
    if not without:
        return
    told = "; ".join(f"{pair.one.name} and {pair.other.name}" for pair in without[:_TOLD])
    more = f" and {len(without) - _TOLD} more pairs" if len(without) > _TOLD else ""
    yield Finding(
        "Look-alikes",
        True,
        f"the station asks them for a code, and neither has one: {told}{more}",
        "facedesk people code gives one; facedesk people merge joins who is enrolled twice",
        value=len(without),
    )


def _disk(session: Session) -> Finding:
    from station.operation.health import LITTLE_DISK_MB, free_disk_mb

    free = free_disk_mb(session.home.folder)
    if free is None:
        return Finding("Disk", True, "the system does not tell what is free")
    remedy = "Free some space" if free < LITTLE_DISK_MB else ""
    return Finding("Disk", True, f"{free:.0f} MB free", remedy, value=int(free))


def _liveness(session: Session) -> Finding:
    """Say what is asked of faces, and what cannot be seen where FaceMesh is missing."""
    from models.conversion import weights
    from station.visits.liveness import liveness_told

    mode = session.settings.station.liveness
    remedy = ""
    if mode == "off":
        remedy = 'station.liveness = "when unsure" refuses them'
    elif not weights.is_here(weights.FACE_MESH):
        remedy = "facedesk models fetch gets it"
    return Finding("Liveness", True, liveness_told(mode), remedy, value=mode != "off")


def _opening_hours(session: Session) -> str:
    from station.hours import OpeningHours

    text = session.settings.station.opening_hours
    OpeningHours.parse(text)
    return text or "always"


def _actions(session: Session) -> str:
    from station.actions.actions import check

    station = session.settings.station
    check(
        webhook=station.webhook,
        webhook_secret=station.webhook_secret,
        command=station.command,
    )
    told = [w for w, on in (("webhook", station.webhook), ("command", station.command)) if on]
    return " and ".join(told) or "none"


def _station(port: int) -> Finding:
    """Ask a station that is running now how it is."""
    from http.client import HTTPConnection, HTTPException

    try:
        with closing(HTTPConnection("127.0.0.1", port, timeout=ANSWER_S)) as connection:
            connection.request("GET", "/health")
            health = json.load(connection.getresponse())
            ok, reasons = bool(health["ok"]), ", ".join(health["reasons"])
    except ConnectionRefusedError:
        return Finding("Station", True, "is not running", value=False)
    except (OSError, HTTPException, ValueError, LookupError, TypeError) as error:
        found = f"what answers on port {port} is no station ({error or type(error).__name__})"
        return Finding("Station", False, found, "Choose another port as station.health_port")
    if ok:
        return Finding("Station", True, "is running, and well", value=True)
    return Finding("Station", False, f"is running, but {reasons}", "Look at it", value=True)
