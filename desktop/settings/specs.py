"""Says what the settings ask of the parts, each in the part's own terms."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop.settings.file import Settings
    from recognition.assembly import RecognizerSpec
    from station.backups.schedule import BackupPlan
    from station.liveness_modes import LivenessMode
    from station.operation.protection import ChosenGuards
    from station.people.retention import RetentionRule


def recognizer_spec(
    settings: Settings,
    smallest_face_px: float | None = None,
    *,
    adopted: Path | None = None,
    calibrations: Path | None = None,
    impostors: Path | None = None,
) -> RecognizerSpec:
    """Return the specification of the recognizer that the settings ask for.

    smallest_face_px: used in place of the one in the settings. adopted: the folder of the figures
    that the user has adopted, calibrations: that of the calibrations, impostors: the
    file of those who were taken for somebody else.
    """
    from recognition.assembly import RecognizerSpec

    weights = settings.embedder_weights
    return RecognizerSpec(
        detector=settings.detector,
        smallest_face_px=smallest_face_px or settings.smallest_face,
        embedder=settings.embedder,
        embedder_weights=Path(weights) if weights else None,
        device=settings.device,
        fpir=settings.fpir,
        adopted=adopted,
        classifier=settings.classifier,
        calibrations=calibrations,
        impostors=impostors,
        asks_consent=settings.ask_consent,
    )


def backup_plan(settings: Settings) -> BackupPlan | None:
    """Return when and where backups are made; None where none are."""
    from station.backups.schedule import BackupPlan

    if not settings.backup_folder.strip():
        return None
    folder = Path(settings.backup_folder.strip()).expanduser()
    return BackupPlan(folder, settings.backup_every, settings.backup_keep)


def with_liveness(settings: Settings, liveness: LivenessMode | None) -> Settings:
    """Return the settings with another liveness; as they are for None."""
    import msgspec

    if liveness is None:
        return settings
    station = msgspec.structs.replace(settings.station, liveness=liveness)
    return msgspec.structs.replace(settings, station=station)


def retention_rule(settings: Settings) -> RetentionRule:
    """Return how long people are kept according to the settings."""
    from station.people.retention import RetentionRule

    return RetentionRule(
        settings.retention_days,
        settings.retention_since == "last seen",
        settings.retention_erases,
        settings.retention_grace_days,
    )


def chosen_guards(settings: Settings) -> ChosenGuards:
    """Return what is to guard the station according to the settings."""
    import msgspec

    from station.operation.protection import ChosenGuards

    station = settings.station
    return ChosenGuards(
        liveness=station.liveness,
        fpir=settings.fpir,
        opening_hours=bool(station.opening_hours),
        keep_pictures=station.keep_pictures,
        webhook=bool(station.webhook),
        command=bool(station.command),
        liveness_network=bool(station.liveness_network),
        look_alikes_code=station.look_alikes_code,
        texts={
            name: msgspec.json.encode(getattr(station, name)).decode()
            for name in (
                *("opening_hours", "webhook", "webhook_secret", "command", "liveness_network"),
                *("stranger_scores", "enroll_strangers", "unknown_inbox"),
            )
        },
    )
