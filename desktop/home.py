"""Says where a user's gallery, check-ins, settings and converted models are."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from common.errors import SettingsError


@dataclass(frozen=True)
class Home:
    """The paths of one user's files.

    folder: holds gallery, check-ins and settings. cache: holds what can be made again at any time.
    """

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
        """The file of the administrator's PIN."""
        return self.folder / "pin.db"

    @property
    def codes(self) -> Path:
        """The file of the codes that people type or scan instead of showing their face."""
        return self.folder / "codes.db"

    @property
    def outbox(self) -> Path:
        """The file of check-ins that were not sent to the webhook yet."""
        return self.folder / "outbox.db"

    @property
    def inbox(self) -> Path:
        """The file of pictures of unknown people."""
        return self.folder / "unknown.db"

    @property
    def impostors(self) -> Path:
        """The file of comparisons that ended in "not me", of look-alikes and strangers' scores."""
        return self.folder / "impostors.db"

    @property
    def key(self) -> Path:
        """The file of the wrapped key with which these files are sealed."""
        from common.sealing.key_file import KEY_FILE

        return self.folder / KEY_FILE

    @property
    def refusals(self) -> Path:
        """The file of how often somebody was refused at the station lately."""
        return self.folder / "refusals.db"

    @property
    def protection(self) -> Path:
        """The file that says what protected the station when it last ran."""
        return self.folder / "protection.json"

    @property
    def figures(self) -> Path:
        """The folder of the embedders' figures that were measured here and adopted."""
        return self.folder / "figures"

    @property
    def classifiers(self) -> Path:
        """The folder of trained classifiers of the people in the gallery."""
        return self.folder / "classifiers"

    @property
    def pairs(self) -> Path:
        """The file of what the similarity of two pictures says, as measured on one's own."""
        return self.folder / "pairs.json"

    @property
    def calibrations(self) -> Path:
        """The folder of what was adopted of calibrations, which moves the threshold."""
        return self.folder / "calibrations"

    @property
    def backups(self) -> Path:
        """The file that says where backups were made."""
        return self.folder / "backups.json"

    @property
    def files(self) -> tuple[Path, ...]:
        """All of these files with SQLite's companions; no command writes its output over one."""
        databases = (
            self.gallery,
            self.checkins,
            self.pin,
            self.codes,
            self.outbox,
            self.inbox,
            self.impostors,
            self.refusals,
        )
        companions = (
            path.with_name(path.name + ending) for path in databases for ending in ("-wal", "-shm")
        )
        return (
            self.settings,
            self.key,
            self.protection,
            self.backups,
            self.figures,
            *self.figures.glob("*.json"),
            self.pairs,
            self.classifiers,
            *self.classifiers.glob("*.npz"),
            self.calibrations,
            *self.calibrations.glob("*.json"),
            *databases,
            *companions,
        )


def user_home(folder: Path | None = None) -> Home:
    """Return the given folder, else FACEDESK_HOME, else the system's place for such data.

    FACEDESK_CACHE moves the cache, which all homes share. A ~ means the account's home folder,
    also where no shell has expanded it. Raises SettingsError where one is needed and there is none.
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
