"""Remembers what guarded the station when it last ran, so that it never starts with less unnoticed.

A settings file that was cut off, or a PIN file that is gone, looks as if no guard was wanted. So
each start is compared with the one before. Whoever lowers a guard on purpose does it in the
settings dialog, with `facedesk pin --remove`, or says so with `facedesk kiosk --accept`.

The record is sealed with the home's key, so that whoever edits the settings file cannot edit the
record as well. It has the text of the settings that lead outside, too: a webhook's address that was
changed by hand is noticed, though there still is a webhook. That there is to be a record at all
stands in the gallery (gallery.store.Store.is_guarded).
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import msgspec

from common.errors import FacedeskError, SealingError, StationError
from common.output_file import output_file
from common.sealing.key_ring import ring_of
from common.sealing.records import Sealer
from common.sentence import Sentence
from station.liveness_modes import FORMER_LIVENESS, LIVENESS_MODES, LivenessMode
from station.secrets.pin import PinGuard

_REMEDY = Sentence(
    "Look what happened to the settings and files of this station and put them back; where it is "
    "meant, run facedesk kiosk --accept"
)


class GuardedFiles(Protocol):
    """The files whose absence is noticed; none of them need exist."""

    @property
    def gallery(self) -> Path: ...

    @property
    def checkins(self) -> Path: ...

    @property
    def pin(self) -> Path: ...

    @property
    def calibrations(self) -> Path: ...


class ChosenGuards(msgspec.Struct, frozen=True, kw_only=True):
    """What guards the station because its administrator has chosen it.

    liveness: which check is made. fpir: the share of strangers that one look may give a name.
    opening_hours, webhook, command, liveness_network: whether there is one. keep_pictures: whether
    they are kept. look_alikes_code: whether look-alikes are asked for a code.
    The fields have the names of the settings. texts: of settings of which every change is noticed,
    their values in JSON, by the settings' names without their table's.
    """

    liveness: LivenessMode
    fpir: float
    opening_hours: bool
    keep_pictures: bool
    webhook: bool
    command: bool
    liveness_network: bool = False
    look_alikes_code: bool = False
    texts: dict[str, str] = {}


class Protection(ChosenGuards, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What guards the station: what was chosen, and the files that are there.

    pin, gallery, ledger: whether there is one. calibration: whether one is adopted.
    """

    pin: bool
    gallery: bool
    ledger: bool
    calibration: bool = False


def protection_now(chosen: ChosenGuards, files: GuardedFiles) -> Protection:
    """Returns what guards a station with these guards and files. A PIN file that cannot be read
    counts as a PIN: with it, nobody is let through."""
    try:
        pin = PinGuard(files.pin).is_set
    except FacedeskError:
        pin = True
    return Protection(
        **msgspec.structs.asdict(chosen),
        pin=pin,
        gallery=files.gallery.exists(),
        ledger=files.checkins.exists(),
        calibration=any(files.calibrations.glob("*.json")),
    )


_KIND = int.from_bytes(b"FDPR")
"""Tells the sealed record from those of other files."""

_TABLE = "protection"


class _SealedRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file, in JSON. sealed: the record in base64."""

    sealed: str


class ProtectionRecord:
    """The file that remembers the protection. Every method raises StationError where the file is
    damaged or was changed, the key is missing, or the disk is at fault."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def kept(self) -> Protection | None:
        """Returns what guarded the station last; None where it never ran."""
        content = self._content()
        if content is None:
            return None
        try:
            sealed = self._sealed(content)
            return _decoded(content if sealed is None else self._opened(sealed))
        except (ValueError, SealingError, msgspec.MsgspecError) as error:
            raise self._unreadable(error) from error

    @property
    def is_sealed(self) -> bool:
        """Whether there is a record that this release has kept; earlier ones did not seal it."""
        content = self._content()
        try:
            return content is not None and self._sealed(content) is not None
        except ValueError as error:
            raise self._unreadable(error) from error

    def require_sealed(self) -> None:
        """Raises StationError unless there is a sealed record: a station has run in this home."""
        if not self.is_sealed:
            raise StationError(
                Sentence("the sealed record of the station's protection in {}", self._path),
                "it is gone, or another one is in its place",
                _REMEDY,
            )

    def seal_again(self) -> None:
        """Seals the record with the current key, where it is another one's. A record that cannot be
        read stays as it is: whoever reads it is told."""
        with suppress(StationError):
            before, content = self.kept(), self._content()
            if before is not None and content is not None:
                sealed = self._sealed(content)
                key = ring_of(self._path.parent).current().id
                if sealed is not None and sealed[1 : 1 + len(key)] != key:
                    self._write(before)

    def _content(self) -> bytes | None:
        try:
            return self._path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise self._unreadable(error) from error

    @staticmethod
    def _sealed(content: bytes) -> bytes | None:
        """Returns the sealed record; None for the plain one of an earlier release. Raises
        ValueError."""
        if "sealed" not in msgspec.json.decode(content, type=dict[str, object]):
            return None
        file = msgspec.json.decode(content, type=_SealedRecord)
        return b64decode(file.sealed, validate=True)

    def _opened(self, sealed: bytes) -> bytes:
        (kept,) = self._sealer.open(sealed, _TABLE, ())
        return bytes(kept)

    def _write(self, now: Protection) -> None:
        try:
            key = ring_of(self._path.parent).current().id
        except SealingError as error:
            raise StationError(error.expected, error.found, error.remedy) from error
        sealed = self._sealer.seal(key, _TABLE, (), (msgspec.json.encode(now),))
        with output_file(self._path, StationError, overwrite=True) as fresh:
            fresh.write_bytes(msgspec.json.encode(_SealedRecord(b64encode(sealed).decode())))

    @property
    def _sealer(self) -> Sealer:
        return Sealer(_KIND, ring_of(self._path.parent).cipher)

    def _unreadable(self, error: Exception) -> StationError:
        return StationError(
            Sentence("the record of the station's protection in {}", self._path),
            Sentence("it cannot be read ({})", error),
            _REMEDY,
        )

    def require(self, now: Protection) -> None:
        """Raises StationError where `now` guards less than what guarded the station last."""
        before = self.kept()
        if before is not None:
            _require_no_less(before, now)

    def allows_threshold(self, fpir: float, is_adopted: bool) -> bool:
        """Returns whether a running station may use a threshold that was adopted or taken back: not
        where it would not start with it."""
        try:
            before = self.kept()
        except StationError:
            return False
        return before is None or (fpir <= before.fpir and before.calibration <= is_adopted)

    def keep(self, now: Protection) -> None:
        """Keeps `now` as what is required from now on. Nothing is written where it is kept already:
        so a station can still start on a full disk."""
        with suppress(StationError):  # of a damaged record, which is what to write over
            if self.kept() == now and self.is_sealed:
                return
        self._write(now)

    def follow(self, **changed: object) -> None:
        """Keeps these values, since somebody with the right to do so has changed them on purpose.
        Does nothing where no station ever ran."""
        before = self.kept()
        if before is not None:
            self.keep(msgspec.structs.replace(before, **changed))

    def follow_settings(self, chosen: ChosenGuards, changed: Iterable[str]) -> None:
        """Does what `follow` does, for settings that somebody has saved.

        chosen: the guards that the saved settings ask for.
        changed: the names of the settings that they changed, such as "station.liveness". The others
        may have been lost from the file before, which nobody has seen yet.
        """
        names = {name.rpartition(".")[2] for name in changed}
        before = self.kept()
        if before is None:
            return
        now = msgspec.structs.asdict(chosen)
        texts = {name: text for name, text in chosen.texts.items() if name in names}
        followed = {name: value for name, value in now.items() if name in names}
        self.follow(**followed, texts={**before.texts, **texts})


def _decoded(kept: bytes) -> Protection:
    """Reads a record; one that an earlier release has kept, too. Raises msgspec.MsgspecError."""
    fields = msgspec.json.decode(kept, type=dict[str, object])
    liveness = fields.get("liveness")
    if isinstance(liveness, str):
        fields["liveness"] = FORMER_LIVENESS.get(liveness, liveness)
    return msgspec.convert(fields, Protection)


def _require_no_less(before: Protection, now: Protection) -> None:
    if LIVENESS_MODES.index(now.liveness) < LIVENESS_MODES.index(before.liveness):
        raise StationError(
            Sentence("liveness to be {}, as when this station last ran", before.liveness),
            Sentence("the settings say {}", now.liveness),
            _REMEDY,
        )
    if now.fpir > before.fpir:
        raise StationError(
            Sentence(
                "false alarms of at most {}, as when this station last ran", f"{before.fpir:g}"
            ),
            Sentence("the settings say {}", f"{now.fpir:g}"),
            _REMEDY,
        )
    for name, text in now.texts.items():
        if before.texts.get(name, text) != text:
            raise StationError(
                Sentence("{} as Facedesk has saved it", f"station.{name}"),
                "the settings say something else, which was not chosen in the program",
                _REMEDY,
            )
    missing = _why_missing(before, now)
    if missing is not None:
        raise StationError(missing, "there is none any more", _REMEDY)


def _why_missing(before: Protection, now: Protection) -> Sentence | None:
    """Returns what was there before and is not there now, as text; None where nothing is
    missing."""
    if before.pin > now.pin:
        return Sentence("a PIN, as when this station last ran")
    if before.opening_hours > now.opening_hours:
        return Sentence("opening hours, as when this station last ran")
    if before.webhook > now.webhook:
        return Sentence("a webhook, as when this station last ran")
    if before.liveness_network > now.liveness_network:
        return Sentence("a network for liveness, as when this station last ran")
    if before.command > now.command:
        return Sentence("a command for the door, as when this station last ran")
    if before.keep_pictures > now.keep_pictures:
        return Sentence("pictures with the check-ins, as when this station last ran")
    if before.look_alikes_code > now.look_alikes_code:
        return Sentence("a code asked of look-alikes, as when this station last ran")
    if before.calibration > now.calibration:
        return Sentence("an adopted calibration, as when this station last ran")
    if before.gallery > now.gallery:
        return Sentence("a gallery, as when this station last ran")
    if before.ledger > now.ledger:
        return Sentence("a check-in ledger, as when this station last ran")
    return None
