"""What each command prints in a line of --json, as types; docs/json is made of them.

A command has one kind of line, or several. Dataclasses whose fields a command prints as they are
stand for themselves.
"""

from __future__ import annotations

from dataclasses import fields, make_dataclass
from typing import Any, NotRequired, TypedDict, get_type_hints

from bench.adoption import Effect
from bench.classifiers import WayFigures, WayVerdict
from bench.devices import DeviceSpeed, RefusedDevice
from bench.gallery import GalleryMeasure
from bench.live.outcomes import LiveFigures
from bench.live.watching import EnrolledFrame
from bench.liveness.filmed.presenting import FilmedFigures, FilmedPresentation
from bench.liveness.presentation import ErrorRate
from bench.peers import Peer
from bench.start import Start
from desktop.commands.doctor.findings import Finding
from desktop.commands.models.converting import ConvertedRow
from desktop.commands.models.listing import ModelRow
from desktop.shared.answers import FaceAnswer, PersonAnswer
from models.embedders.figures import EmbedderFigures
from recognition.learning.logistic import ReliabilityBin
from recognition.learning.metric import MetricReport


def _extended(base: type[Any], name: str, about: str, **more: Any) -> type[Any]:
    """Return a dataclass with the fields of another one, which may have properties of the new
    fields' names, and more."""
    hints = get_type_hints(base)
    own = [(field.name, hints[field.name]) for field in fields(base)]
    namespace = {"__doc__": about}
    return make_dataclass(name, [*own, *more.items()], frozen=True, namespace=namespace)


Record = dict[str, Any]
"""Figures of an evaluation, which docs/accuracy.md explains."""


class EnrolledName(TypedDict):
    identity: str
    name: str


class SkippedFile(TypedDict):
    """why: one of few words, for programs. reason: a sentence, for people."""

    path: str
    why: str
    reason: str


class Enrolled(TypedDict):
    identities: list[EnrolledName]
    templates: int
    skipped: list[SkippedFile]


class Imported(Enrolled):
    """counts: how many were skipped, by `why`. lost: people of whom nothing was enrolled."""

    counts: dict[str, int]
    lost: list[str]
    dry_run: NotRequired[bool]


class RestoredPerson(EnrolledName):
    outcome: str
    templates: int
    reason: str | None


class RestoredArchive(TypedDict):
    dry_run: bool
    people: list[RestoredPerson]


class Exported(TypedDict):
    people: int
    templates: int
    path: str


class IdentifiedPicture(TypedDict):
    """error: why the picture could not be looked at; then elapsed_ms is absent."""

    path: str
    faces: list[FaceAnswer]
    elapsed_ms: NotRequired[float]
    error: NotRequired[str]


class Verified(TypedDict):
    same: bool
    similarity: float
    threshold: float
    probability: float | None
    flaws: list[str]


WatchedFace = _extended(
    FaceAnswer,
    "WatchedFace",
    "track: the same number from frame to frame as long as it is followed; null in a picture.",
    track=int | None,
)


class WatchedFrame(TypedDict):
    """t: seconds from the first frame."""

    frame: int
    t: float
    faces: list[WatchedFace]  # type: ignore[valid-type]


class WatchTotals(TypedDict):
    """Times are means for a processed frame. people: in how many frames each name was seen."""

    frames: int
    processed: int
    dropped: int
    fps: float
    detect_ms: float
    embed_ms: float
    search_ms: float
    people: dict[str, int]


class WatchSummary(TypedDict):
    summary: WatchTotals


class KeyShown(TypedDict):
    key: str
    home: str
    holder: str
    rotation_unfinished: bool


class ShortfallLine(TypedDict):
    name: str
    pictures: int
    reason: str
    left_out: bool


class GalleryChanged(TypedDict):
    done: bool
    before: str
    model_id: str
    embedded: int
    shortfalls: list[ShortfallLine]


class InboxPicture(TypedDict):
    """at: ISO 8601."""

    number: int
    at: str


class LookAlikePair(TypedDict):
    one: str
    other: str
    similarity: float


class RaisedBarLine(EnrolledName):
    needed: float
    examples: int
    nearest: float
    at_limit: bool


class BarErased(TypedDict):
    identity: str
    erased: int


class PictureLine(TypedDict):
    """quality: 0 to 1. compared: whether the embedder in use compares faces with it."""

    number: int
    added_at: str
    quality: float
    portrait: bool
    compared: bool
    has_picture: bool


class VisitLine(TypedDict):
    arrived: str | None
    left: str | None


PersonPage = _extended(
    PersonAnswer,
    "PersonPage",
    "",
    has_code=bool,
    pictures=list[PictureLine],
    visits=list[VisitLine],
)


class NoteLine(EnrolledName):
    note: str


class PortraitChosen(EnrolledName):
    portrait: int


class PicturesRemoved(EnrolledName):
    removed: list[int]
    templates: int


class SplitDone(EnrolledName):
    new_identity: str | None
    stays: list[PictureLine]
    goes: list[PictureLine]
    likeness: float | None
    looks_like_one: bool
    dry_run: NotRequired[bool]


class CheckinLine(TypedDict):
    """An entry of the ledger; docs/station.md says what each means. Times are ISO 8601."""

    number: int
    at: str
    kind: str
    station: str
    identity_id: str
    name: str
    means: str
    similarity: float | None
    threshold: float | None
    liveness: str
    refers_to: int | None
    counts_as: str | None
    note: str
    happened_at: str | None
    picture_sha256: str
    previous_hash: str
    hash: str
    amended_by: int | None


class AlignedFolder(TypedDict):
    pictures: int
    aligned: int
    there: int
    without_face: int
    damaged: int
    faces: int


class ClassifierTrained(TypedDict):
    classifier: str
    file: str
    method: str
    model_id: str
    people: int
    templates: int
    penalty: float | None
    width: float | None
    neighbours: int | None
    errors: int
    left_out: int
    log_loss: float


class ClassifierUpdated(TypedDict):
    classifier: str
    new: int
    changed: int
    gone: int
    machines_trained: int


class PairsTrained(TypedDict):
    model_id: str
    slope: float
    intercept: float
    people: int
    same: int
    different: int
    reliability: list[ReliabilityBin]
    expected_calibration_error: float


MetricTrained = _extended(
    MetricReport,
    "MetricTrained",
    "kept_as: the name of the embedder with the head; null where it is no better.",
    model_id=str,
    kept_as=str | None,
)


class ScoreLaw(TypedDict):
    mean: float
    std: float


class ShiftLine(TypedDict):
    found: float
    low: float
    high: float
    at: float


class CalibrationFound(TypedDict):
    model_id: str
    fpir: float
    people: int
    compared: int
    pairs: int
    supported_rate: float
    law: ScoreLaw
    law_threshold: float
    shift: ShiftLine | None
    strangers: int
    stranger_shift: ShiftLine | None
    adjustment: float
    threshold: float
    threshold_in_use: float
    maybe_one_person: list[list[str]]


class CalibrationUndone(TypedDict):
    model_id: str
    undone: bool


class StrangersForgotten(TypedDict):
    forgotten: int


class UnreadablePath(TypedDict):
    path: str
    reason: str


class UnreadableFilm(TypedDict):
    film: str
    reason: str


class PicturesEvaluated(TypedDict):
    model_id: str
    settings: dict[str, str]
    people: int
    pictures: int
    without_face: list[str]
    unreadable: list[UnreadablePath]
    verification: Record
    identification: Record | None
    nonmated: Record
    groups: list[Record]
    confusions: list[Record]
    worst_matches: list[Record]
    worst_misses: list[Record]
    warnings: list[str]


class FilmVisitLine(TypedDict):
    outcome: str
    seconds_until_named: float | None


class FilmLine(TypedDict):
    film: str
    person: str
    stranger: bool
    frames: dict[str, int]
    visits: list[FilmVisitLine]


class FilmsEvaluated(TypedDict):
    settings: dict[str, str]
    enrolled: Any
    figures: Record | None
    groups: list[Record]
    films: list[FilmLine]
    unreadable: list[UnreadableFilm]
    notes: list[str]
    warnings: list[str]


class DegradedEvaluated(TypedDict):
    model_id: str
    people: int
    pictures: int
    unreadable: list[UnreadablePath]
    defects: list[Record]
    worst: str
    warnings: list[str]


class FiguresAdopted(TypedDict):
    model_id: str
    people: int
    probes: int
    weights: list[float]
    figures: EmbedderFigures
    before: Effect
    after: Effect


class GalleryChecked(TypedDict):
    """wrong: in sentences; empty where all is well."""

    people: int
    templates: int
    records: int
    crops: int
    views: int
    embeddings: int
    wrong: list[str]


class FiguresForgotten(TypedDict):
    model_id: str
    forgotten: bool


class CacheErased(TypedDict):
    erased: int


RateLine = _extended(
    ErrorRate,
    "RateLine",
    "",
    rate=float | None,
)


class LivenessTested(TypedDict):
    mode: str
    rates: list[RateLine]  # type: ignore[valid-type]


RenderedRate = _extended(
    FilmedFigures,
    "RenderedRate",
    "",
    mode=str,
    share=float | None,
)


class Percentiles(TypedDict):
    p50_ms: float
    p99_ms: float


class SpeedVariant(Percentiles):
    name: str
    fps: float
    ratio: float
    cpu_ms: float


class SpeedAgreement(TypedDict):
    recall: float
    mean_iou: float
    extra_per_frame: float


class SpeedLive(TypedDict):
    fps: float
    dropped: int
    cores: float
    latency: Percentiles
    embeddings_per_frame: float


class SpeedMeasured(TypedDict):
    size: list[int]
    frames: int
    variants: list[SpeedVariant]
    agreement: SpeedAgreement
    live: SpeedLive


VerdictLine = _extended(
    WayVerdict,
    "VerdictLine",
    "",
    is_better=bool,
)


class WaysCompared(TypedDict):
    model_id: str
    people: int
    pictures: int
    ways: list[WayFigures]
    verdicts: list[VerdictLine]  # type: ignore[valid-type]
    updates: list[Record]


class LiveEnrolled(TypedDict):
    enrolled: list[EnrolledFrame]


LiveWatched = _extended(
    LiveFigures,
    "LiveWatched",
    "",
    variant=str,
    watched=str,
    strangers=bool,
    never_named=int,
    median_until_named=float | None,
    longest_wrong=int,
    mean_wrong=float,
    films=list[Record],
)


class BackupFileLine(TypedDict):
    name: str
    bytes: int
    sha256: str


class BackupLine(TypedDict):
    file: str
    made_at: str
    home: str
    key: str
    files: list[BackupFileLine]


class BackupRun(TypedDict):
    """file: null where none was due."""

    file: str | None


class MadeBackupLine(TypedDict):
    file: str
    made_at: str


class BackupSchedule(TypedDict):
    folder: str | None
    every: str | None
    keep: int | None
    made: list[MadeBackupLine]
    elsewhere: list[str]


class PersonStateLine(TypedDict):
    """pictures: their numbers."""

    name: str
    note: str
    state: str
    pictures: list[int]
    portrait: int | None


class PersonChangeLine(TypedDict):
    """person: a number that stays the same; null for somebody who was erased since."""

    person: int | None
    erased: bool
    before: PersonStateLine | None
    after: PersonStateLine | None


class VersionLine(TypedDict):
    version: int
    made_at: str
    returned_to: int | None
    model_id: str | None
    changes: list[str]
    erased: int
    people: list[PersonChangeLine]


VersionsDiffer = TypedDict(
    "VersionsDiffer", {"from": int, "to": int, "people": list[PersonChangeLine]}
)


class RolledBack(TypedDict):
    """version: the new one; null with --dry-run."""

    returned_to: int
    version: int | None
    changes: list[str]
    not_brought_back: int


class OwnExported(TypedDict):
    identity: str
    path: str
    pictures: int
    entries: int


class ConsentLine(TypedDict):
    at: str
    language: str
    way: str
    sha256: str
    text: str


class ConsentsOfPerson(EnrolledName):
    consents: list[ConsentLine]


class OverduePerson(EnrolledName):
    since: str
    asked_since: str
    erased_from: str | None


ModelFacts = Record
"""What is known of a network; which keys there are depends on its kind."""

LINES: dict[str, tuple[Any, ...]] = {
    "align": (AlignedFolder,),
    "backup create": (BackupLine,),
    "backup run": (BackupRun,),
    "backup schedule": (BackupSchedule,),
    "backup verify": (BackupLine,),
    "bench": (SpeedMeasured,),
    "bench classifiers": (WaysCompared,),
    "bench devices": (DeviceSpeed, RefusedDevice),
    "bench gallery": (GalleryMeasure,),
    "bench live": (LiveEnrolled, LiveWatched),
    "bench peers": (Peer,),
    "bench start": (Start,),
    "calibrate": (CalibrationFound, CalibrationUndone, StrangersForgotten),
    "checkins list": (CheckinLine,),
    "doctor": (Finding,),
    "enroll": (Enrolled,),
    "evaluate": (
        PicturesEvaluated,
        FilmsEvaluated,
        DegradedEvaluated,
        FiguresAdopted,
        FiguresForgotten,
        CacheErased,
    ),
    "export": (Exported,),
    "gallery check": (GalleryChecked,),
    "gallery diff": (VersionsDiffer,),
    "gallery history": (VersionLine,),
    "gallery rollback": (RolledBack,),
    "gallery reembed": (GalleryChanged,),
    "gallery return": (GalleryChanged,),
    "identify": (IdentifiedPicture,),
    "import": (Imported, RestoredArchive),
    "inbox list": (InboxPicture,),
    "key show": (KeyShown,),
    "liveness rendered": (FilmedPresentation, RenderedRate, LivenessTested),
    "liveness test": (LivenessTested,),
    "models convert": (ConvertedRow,),
    "models describe": (ModelFacts,),
    "models list": (ModelRow,),
    "people bars": (RaisedBarLine, BarErased),
    "people consent": (ConsentsOfPerson, EnrolledName),
    "people export": (OwnExported,),
    "people overdue": (OverduePerson,),
    "people list": (PersonAnswer,),
    "people look-alikes": (LookAlikePair,),
    "people note": (NoteLine,),
    "people portrait": (PortraitChosen,),
    "people remove-picture": (PicturesRemoved,),
    "people show": (PersonPage,),
    "people split": (SplitDone,),
    "train knn": (ClassifierTrained,),
    "train metric": (MetricTrained,),
    "train pairs": (PairsTrained,),
    "train svm": (ClassifierTrained,),
    "train update": (ClassifierUpdated,),
    "verify": (Verified,),
    "watch": (WatchedFrame, WatchSummary),
}
"""For each command with --json the kinds of lines that it prints."""
