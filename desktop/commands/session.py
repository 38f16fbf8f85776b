"""What the commands share: where files are, how models are loaded, how results are printed."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

from common.errors import EnrollmentError, FacedeskError, SettingsError
from common.sentence import Sentence
from desktop.home import Home

if TYPE_CHECKING:
    from common.sentence import Language
    from desktop.settings.file import Settings
    from desktop.settings.threshold_choice import ThresholdChoice
    from gallery.consents import Consent
    from gallery.gallery import Gallery
    from gallery.identity import Identity
    from models.conversion.preparation import Preparation, PreparationProgress
    from recognition.assembly import RecognizerSpec
    from recognition.learning.classifier import Staleness
    from recognition.recognizer import Recognizer
    from station.backups.schedule import BackupPlan
    from station.ledger.audit import Audit
    from station.ledger.ledger import Ledger
    from station.liveness_modes import LivenessMode
    from station.operation.protection import ChosenGuards
    from station.people.retention import RetentionRule

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print machine-readable lines instead of text."
)

consent_option = click.option(
    "--consent",
    "has_agreed",
    is_flag=True,
    help="They have read the settings' consent text and agreed; it is kept with them.",
)

consent_language_option = click.option(
    "--consent-language", default="", help="Which language's text it was, such as vi."
)

classifier_option = click.option(
    "--classifier",
    metavar="NAME|FILE",
    help="A trained classifier that says who is meant; none for '', else as the settings say.",
)


@dataclass(frozen=True)
class Session:
    """One run of a command, with the home that it uses.

    liveness: in place of what the settings say, where it is given.
    """

    home: Home
    liveness: LivenessMode | None = None

    @cached_property
    def settings(self) -> Settings:
        from desktop.settings.file import load_settings
        from desktop.settings.specs import with_liveness

        return with_liveness(load_settings(self.home.settings), self.liveness)

    @property
    def language(self) -> Language:
        """The language of reports and diagrams, as the settings say."""
        from desktop.i18n.catalogue import spoken

        return spoken(self.settings.language)

    def told_consent(self, has_agreed: bool, language: str = "") -> Consent | None:
        """Return that somebody has agreed to the settings' text, as whoever enrolls them may say;
        None where the settings name no text and do not ask for consent.

        has_agreed: whether it is said of everybody, for which there must be a text. language: of
        the text; the settings' own for "". Raises EnrollmentError where there is no such text.
        """
        settings = self.settings
        if not (has_agreed or settings.ask_consent or settings.consent_text):
            return None
        return self.consent(language)

    def consent(self, language: str = "") -> Consent:
        """Return a consent to the settings' text, told now; see told_consent()."""
        from gallery.consents import ConsentWay
        from recognition.enrollment.consent import consent_forms, form_in

        forms = consent_forms(self.settings.consent_text)
        wanted = language or self.language.code
        form = form_in(forms, wanted)
        if language and form.language != language:
            raise EnrollmentError(
                Sentence("the text that people agree to in the language {}", language),
                Sentence("there is none beside {}", self.settings.consent_text),
                "Write one, or leave out --consent-language",
            )
        return form.agreed(ConsentWay.TOLD)

    def change_settings(self, values: Mapping[tuple[str, ...], object]) -> None:
        """Write other values of settings, by their paths; all else in the file stays as it is.

        Raises SettingsError where the file cannot be read or written, or a value cannot stand.
        """
        from desktop.settings.fields import change_settings

        change_settings(self.home.settings, values)

    @property
    def threshold_choice(self) -> ThresholdChoice:
        """Finds, adopts and takes back the threshold."""
        from desktop.settings.threshold_choice import ThresholdChoice

        return ThresholdChoice(self.home, self.audit)

    def recognizer_spec(self, smallest_face_px: float | None = None) -> RecognizerSpec:
        """Return the specification of the recognizer that the settings ask for.

        smallest_face_px: used in place of the one in the settings.
        """
        from desktop.settings.specs import recognizer_spec

        return recognizer_spec(
            self.settings,
            smallest_face_px,
            adopted=self.home.figures,
            calibrations=self.home.calibrations,
            impostors=self.home.impostors,
        )

    @property
    def retention_rule(self) -> RetentionRule:
        """How long people are kept according to the settings."""
        from desktop.settings.specs import retention_rule

        return retention_rule(self.settings)

    @property
    def chosen_guards(self) -> ChosenGuards:
        """What is to guard the station according to the settings."""
        from desktop.settings.specs import chosen_guards

        return chosen_guards(self.settings)

    @property
    def backup_plan(self) -> BackupPlan | None:
        """When and where backups are made according to the settings; None where none are."""
        from desktop.settings.specs import backup_plan

        return backup_plan(self.settings)

    @cached_property
    def preparation(self) -> Preparation:
        """The preparation of the models at a first start; its progress is printed on stderr."""
        from models.conversion.preparation import Preparation

        return Preparation(_tell_preparation)

    @contextmanager
    def recognizer(
        self, smallest_face_px: float | None = None, classifier: str | None = None
    ) -> Iterator[Recognizer]:
        """Give the user's recognizer; its gallery is closed at the end.

        smallest_face_px, classifier: used in place of those in the settings.
        """
        from dataclasses import replace

        from recognition.assembly import load_recognizer

        choice = self.recognizer_spec(smallest_face_px)
        if classifier is not None:
            choice = replace(choice, classifier=classifier)
        recognizer = load_recognizer(choice, self.home.cache, self.home.gallery, self.preparation)
        try:
            self._finish_erasures(recognizer.gallery)
            if recognizer.order is not None:
                _tell_stale(recognizer.order.staleness)
            yield recognizer
        finally:
            recognizer.gallery.close()

    @contextmanager
    def gallery(self) -> Iterator[Gallery]:
        """Give the user's gallery without loading a model; it is closed at the end."""
        from gallery.gallery import Gallery
        from gallery.store import Store
        from models.embedders.adopted import adopted_scale

        store = Store(self.home.gallery)
        try:
            model_id, dimension = store.model() or ("", 1)
            scale = adopted_scale(model_id, self.home.figures)
            gallery = Gallery(store, model_id, dimension, scale=scale)
            self._finish_erasures(gallery)
            yield gallery
        finally:
            store.close()

    def note_other_model(self, model_id: str) -> None:
        """Say so where the gallery is not of the embedder that the settings name."""
        try:
            names = self.settings.embedder.split("+")
        except SettingsError:  # whatever needs the settings says so
            return
        ids = model_id.split("+")
        is_its = len(names) == len(ids) and all(
            one.startswith(f"{name}-") for name, one in zip(names, ids, strict=True)
        )
        if model_id and not is_its:
            from gallery.store import OtherModelError

            note(str(OtherModelError(self.home.gallery, model_id, self.settings.embedder)))

    def _finish_erasures(self, gallery: Gallery) -> None:
        """Erase what an interrupted removal has left, in this program or in another one."""
        try:
            if gallery.due_erasures():
                from station.people.erasure import finish_erasures

                finish_erasures(gallery, self.home)
        except FacedeskError as error:
            note(str(error))

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """Give the user's check-in ledger; it is closed at the end."""
        from station.ledger.ledger import Ledger

        ledger = Ledger(self.home.checkins)
        try:
            yield ledger
        finally:
            ledger.close()

    @cached_property
    def audit(self) -> Audit:
        """Writes down what administrators do, also while the settings file is damaged."""
        from station.ledger.audit import Audit

        try:
            station = self.settings.station.name
        except SettingsError:
            station = ""
        return Audit(self.home.checkins, station, note)


def _tell_stale(stale: Staleness) -> None:
    """Print in what the classifier differs from the gallery, if in anything."""
    parts = [
        f"{what} {counted(count, 'person', 'people')}"
        for count, what in (
            (stale.unknown, "does not know"),
            (stale.changed, "knows other pictures of"),
            (stale.gone, "was trained with pictures, now gone, of"),
        )
        if count
    ]
    if parts:
        note(
            f"The classifier {', '.join(parts)}: whom it does not know the gallery's similarity "
            "alone decides on. To bring it in step: facedesk train update"
        )


def _tell_preparation(progress: PreparationProgress) -> None:
    """Print one line for each step that counts; on a terminal the line counts up."""
    from models.conversion.preparation import PreparationStep

    if progress.step is PreparationStep.COMPILING:
        return
    is_fetching = progress.step is PreparationStep.FETCHING
    doing, what = ("Fetching", "package") if is_fetching else ("Preparing", "model")
    number, total = progress.number, progress.total
    if sys.stderr.isatty():
        note(f"\r{doing} the models, once: {number} of {total}", newline=number == total)
    elif number == 1:
        note(f"{doing} the models, once: {counted(total, what)}.")


def print_json(value: dict[str, Any]) -> None:
    """Print one line on stdout, without buffering: a reader may be waiting for it.

    It is UTF-8 whatever the locale says, as RFC 8259 wants it.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    sys.stdout.write(f"{json.dumps(value, ensure_ascii=False)}\n")
    sys.stdout.flush()


def counted(number: int, one: str, several: str = "") -> str:
    """Return a number with its noun: "1 template", "2 templates".

    several: the plural, where it does not just add an s.
    """
    return f"{number} {one if number == 1 else several or one + 's'}"


def note(message: str, newline: bool = True) -> None:
    """Print a line for the person on stderr, where it is never mixed with results."""
    click.echo(message, err=True, nl=newline)


def last_word(message: str) -> None:
    """Print what matters most after all other lines, so that it stands out."""
    click.echo(err=True)
    click.secho(message, err=True, bold=True)


def tell_namesakes(gallery: Gallery, identity: Identity) -> None:
    """Print that other people have the same name, which is allowed but should surprise nobody."""
    name = identity.name.casefold()
    for other in gallery.identities:
        if other.name.casefold() == name and other.id != identity.id:
            note(
                f"Somebody else is called {other.name}, too: {other.id[:8]}, beside "
                f"{identity.id[:8]}."
            )


def the_one(gallery: Gallery, who: str) -> Identity:
    """Return the identity of that name or id.

    Raises FacedeskError where there is none, or several.
    """
    found = gallery.find(who)
    if len(found) == 1:
        return found[0]
    if not found:
        raise FacedeskError(
            "a person in the gallery, by name or id",
            f"nobody there is {who!r}",
            "facedesk people list shows everyone",
        )
    raise FacedeskError(
        "one person",
        f"{len(found)} are called {who!r}: " + ", ".join(i.id[:8] for i in found),
        "Give one of these ids instead of the name",
    )
