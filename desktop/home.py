"""Where a user's gallery, check-ins, settings and converted models live."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from common.errors import SettingsError


@dataclass(frozen=True)
class Home:
    """folder: gallery, check-ins and settings. cache: what can be made again at any time."""

    folder: Path
    cache: Path

    @property
    def gallery(self) -> Path:
        return self.folder / "gallery.db"

    @property
    def checkins(self) -> Path:
        return self.folder / "checkins.db"

    @property
    def settings(self) -> Path:
        return self.folder / "settings.toml"

    @property
    def pin(self) -> Path:
        """The administrator's PIN."""
        return self.folder / "pin.db"

    @property
    def codes(self) -> Path:
        """What people type, or have read, who cannot use their face."""
        return self.folder / "codes.db"

    @property
    def outbox(self) -> Path:
        """Check-ins that the webhook was not told of yet."""
        return self.folder / "outbox.db"

    @property
    def inbox(self) -> Path:
        """Pictures of unknown people."""
        return self.folder / "unknown.db"

    @property
    def impostors(self) -> Path:
        """Comparisons that ended in "not me"."""
        return self.folder / "impostors.db"

    @property
    def protection(self) -> Path:
        """What guarded the station when it last ran."""
        return self.folder / "protection.json"

    @property
    def files(self) -> tuple[Path, ...]:
        """All of the above with SQLite's companions: no command writes its output over one."""
        databases = (
            self.gallery,
            self.checkins,
            self.pin,
            self.codes,
            self.outbox,
            self.inbox,
            self.impostors,
        )
        companions = (
            path.with_name(path.name + ending) for path in databases for ending in ("-wal", "-shm")
        )
        return (self.settings, self.protection, *databases, *companions)


def user_home(folder: Path | None = None) -> Home:
    """The given folder, FACEDESK_HOME, or the system's place for such data.

    FACEDESK_CACHE moves the cache, which all homes share. A ~ means the account's home folder,
    also where no shell has seen it. Raises SettingsError where one is needed and there is none.
    """
    import platformdirs

    given = folder or os.environ.get("FACEDESK_HOME")
    cache = os.environ.get("FACEDESK_CACHE")
    try:
        return Home(
            Path(given or platformdirs.user_data_path("facedesk", appauthor=False)).expanduser(),
            Path(cache or platformdirs.user_cache_path("facedesk", appauthor=False)).expanduser(),
        )
    except RuntimeError as error:
        raise SettingsError(
            "a home folder of this account, for Facedesk's files",
            "the system names none",
            "Let HOME name it, or FACEDESK_HOME and FACEDESK_CACHE two folders",
        ) from error
