"""The gallery in memory: who is known, searched, kept in step with the store."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from common.collation import sort_key
from common.errors import GalleryError
from common.picture import RgbImage
from common.sentence import Sentence
from gallery.consents import Consent
from gallery.history.log import GalleryVersion, PersonChange
from gallery.identity import Candidate, Identity, Template
from gallery.journal import PendingErasure
from gallery.kept_pictures import KeptPicture
from gallery.names import normalized_name, normalized_note
from gallery.search.identity_rows import EXACT_UP_TO, NOTHING_REPRESENTED, IdentityRows, Ranking
from gallery.search.unit_rows import unit_rows
from gallery.store import Store, unknown_identity
from gallery.stored_identities import StoredIdentity

_SHORTEST_ID_PREFIX = 6


@dataclass(frozen=True, slots=True)
class _Entry:
    """is_searched: whether there is a template of the gallery's model."""

    identity: Identity
    template_count: int
    is_searched: bool


class Gallery:
    """Everyone enrolled, with each template and each identity's mean template as one row.

    One thread owns a gallery. A change goes to the store first, then to memory; where the
    store raises GalleryError, memory is as it was. The gallery closes its store.

    Raises OtherModelError where the store's embeddings are another model's; see
    recognition/reembedding.py.
    """

    def __init__(
        self,
        store: Store,
        model_id: str,
        dimension: int,
        exact_up_to: int = EXACT_UP_TO,
        represented: float = NOTHING_REPRESENTED,
        scale: NDArray[np.float32] | None = None,
    ) -> None:
        """exact_up_to, represented: see IdentityRows.

        scale: (d,) float32, above 0: the file has embeddings divided by it, and scaled to unit
        length. So what the parts of a fused embedder weigh may change, and the file need not.
        """
        self.model_id = model_id
        self._store = store
        self.dimension = dimension
        """The length of its embeddings."""
        self._exact_up_to = exact_up_to
        self._represented = represented
        self._scale = scale
        self._uncommitted: list[StoredIdentity | str] | None = None
        """Identities that the running change has put (as stored) or dropped (their ids)."""
        self.revision = 0
        """A number that grows with every change of the gallery, whoever made it."""
        self.reload()

    def close(self) -> None:
        self._store.close()

    # -- who is known ----------------------------------------------------------------------

    def __len__(self) -> int:
        """The number of identities."""
        return len(self._entries)

    @property
    def identities(self) -> tuple[Identity, ...]:
        """Return everyone, sorted by name (common.collation), then by time of enrollment."""
        known = (entry.identity for entry in self._entries.values())
        return tuple(sorted(known, key=lambda i: (sort_key(i.name), i.enrolled_at)))

    def identity(self, identity_id: str) -> Identity:
        """Return the identity with this id. Raises UnknownIdentityError."""
        return self._entry(identity_id).identity

    def knows(self, identity_id: str) -> bool:
        """Return whether somebody with this id is enrolled."""
        return identity_id in self._entries

    def find(self, text: str) -> list[Identity]:
        """Return everyone with exactly this name.

        Where nobody has it, `text` is taken as an id, or as the first 6 digits or more of one.
        """
        name = unicodedata.normalize("NFC", text).strip()
        named = [i for i in self.identities if i.name == name]
        if named or len(name) < _SHORTEST_ID_PREFIX:
            return named
        begun = [i for i in self.identities if i.id.startswith(name.lower())]
        return begun if len(begun) == 1 else []

    def template_count(self, identity_id: str) -> int:
        """Return how many templates an identity has. Raises UnknownIdentityError."""
        return self._entry(identity_id).template_count

    def embeddings(self, identity_id: str) -> NDArray[np.float32]:
        """Return a copy of an identity's embeddings, oldest first, (n, d) float32 unit rows.

        There may be none of this model. Raises UnknownIdentityError.
        """
        if not self._entry(identity_id).is_searched:
            return np.empty((0, self.dimension), np.float32)
        return self._rows.templates(identity_id)

    def crops(self, identity_id: str) -> list[RgbImage]:
        """Return the crops of an identity's templates, oldest first, each (h, w, 3) uint8 RGB.

        Templates that came without one are left out.
        """
        return self._store.crops(identity_id)

    @property
    def is_guarded(self) -> bool:
        """Whether a station has run with it: there is to be a record of what guards it."""
        return self._store.is_guarded

    def begin_guarding(self) -> None:
        """Note that a station runs with it, for good."""
        self._store.begin_guarding()

    def portrait(self, identity_id: str) -> RgbImage:
        """Return an identity's chosen crop, or that of the best quality, (h, w, 3) uint8 RGB.

        Where no template has one, it is an outline.
        """
        return self._store.portrait(identity_id)

    def templates(self, identity_id: str) -> list[Template]:
        """Return an identity's templates, oldest first. Raises UnknownIdentityError."""
        return self._store.templates(identity_id)

    def pictures(self, identity_id: str) -> list[KeptPicture]:
        """Return an identity's pictures, oldest first. Raises UnknownIdentityError."""
        pictures = self._store.pictures(identity_id)
        if (scale := self._scale) is None:
            return pictures
        return [
            replace(one, embedding=_unit(one.embedding * scale)) if one.is_compared else one
            for one in pictures
        ]

    def consents(self, identity_id: str) -> list[Consent]:
        """Return what an identity has agreed to, oldest first. Raises UnknownIdentityError."""
        return self._store.consents(identity_id)

    def without_consent(self) -> list[Identity]:
        """Return everybody of whom no consent is kept, in the order of enrollment."""
        ids = self._store.without_consent()
        return [self._entries[one].identity for one in ids if one in self._entries]

    def asked_since(self) -> dict[str, datetime]:
        """Return since when it is asked whether somebody stays, by id."""
        return _times(self._store.times("asked_since"))

    def ask_since(self, identity_id: str, at: datetime | None) -> None:
        """Write down since when it is asked whether somebody stays; None where it is not."""
        with self.changing():
            told = at.isoformat() if at is not None else None
            self._store.set_time(identity_id, "asked_since", told)

    def kept_since(self) -> dict[str, datetime]:
        """Return from when on people are kept anew, of whom somebody has said so, by id."""
        return _times(self._store.times("kept_since"))

    def keep_from(self, identity_id: str, at: datetime) -> None:
        """Write down that somebody is kept anew from an aware datetime on."""
        with self.changing():
            self._store.set_time(identity_id, "kept_since", at.isoformat())
            self._store.set_time(identity_id, "asked_since", None)

    def newest_pictures(self) -> dict[str, datetime]:
        """Return when everybody's newest picture was added, as far as it is known, by id."""
        return _times(self._store.newest_pictures())

    # -- searching -------------------------------------------------------------------------

    def search(self, embeddings: NDArray[np.float32], k: int = 2) -> list[list[Candidate]]:
        """Return, for each probe, the k most similar identities, best first.

        Where there are fewer than k identities, it returns all.
        embeddings: the probes, (n, d) float32 unit rows; raises ValueError for anything else.
        """
        if k < 1:
            raise ValueError(f"k must be at least 1: {k}")
        probes = unit_rows(embeddings, self.dimension)
        return [self._candidates(self._rows.best(probe, k)) for probe in probes]

    def mates(self, embeddings: NDArray[np.float32], threshold: float) -> list[Candidate]:
        """Return everyone whom any of the embeddings resembles by more than `threshold`.

        The most similar come first. At enrollment this tells who is enrolled already under
        another name, or looks alike.
        embeddings: (n, d) float32 unit rows; raises ValueError for anything else.
        """
        probes = unit_rows(embeddings, self.dimension)
        return self._candidates(self._rows.above(probes, threshold)) if len(probes) else []

    def _candidates(self, ranking: Ranking) -> list[Candidate]:
        return [Candidate(self._entries[i].identity, similarity) for i, similarity in ranking]

    def likeness(self, one_id: str, other_id: str) -> float:
        """Return the mean cosine between two identities' templates. Raises UnknownIdentityError.

        It is -1 where one of them has none of this model: nothing says that they look alike.
        """
        one, other = self.embeddings(one_id), self.embeddings(other_id)
        return float((one @ other.T).mean()) if len(one) and len(other) else -1.0

    def alike(self, identity_id: str) -> list[Candidate]:
        """Return everybody else with their `likeness` to an identity, the most alike first.

        Raises UnknownIdentityError.
        """
        templates = self.embeddings(identity_id)
        if not len(templates):
            return []
        ranking = self._rows.mean_similarities(templates.mean(axis=0))
        return self._candidates([(i, found) for i, found in ranking if i != identity_id])

    def similarity(self, identity_id: str, embedding: NDArray[np.float32]) -> float:
        """Return the similarity of a probe and one identity, as search() tells it.

        embedding: the probe, (d,) float32, unit length. Raises UnknownIdentityError. It is -1 for
        somebody who has no template of this model.
        """
        if not self._entry(identity_id).is_searched:
            return -1.0
        return self._rows.similarity(identity_id, embedding)

    # -- changing --------------------------------------------------------------------------

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Make all changes of the `with` block as one: where it raises, none of them is made.

        First it takes over what other programs have changed. No other program changes anything
        until the block ends, so that what the block has read still holds when it writes. Others
        wait for it, so it has to be short. Searches see the block's changes once it has ended.
        """
        if self._uncommitted is not None:
            yield
            return
        changes: list[StoredIdentity | str] = []
        self.catch_up()  # without the lock, as far as that goes: a large gallery takes a while
        try:
            with self._store.changing():
                self.catch_up()
                self._uncommitted = changes
                yield
        finally:
            self._uncommitted = None
        for changed in changes:
            self._take_in(changed)

    def enroll(
        self,
        name: str,
        templates: Sequence[Template],
        note: str = "",
        consent: Consent | None = None,
    ) -> Identity:
        """Add a new identity; another one with the same name stays another person.

        consent: what the person has agreed to, which is kept with them. Raises GalleryError for a
        name that cannot stand, ValueError for unsound templates.
        """
        identity = Identity(
            uuid.uuid4().hex, normalized_name(name), datetime.now(UTC), normalized_note(note)
        )
        with self.changing():
            added = self._put(self._store.add(identity, self._as_stored(templates)))
            if consent is not None:
                self._store.add_consent(identity.id, consent)
            return added

    def add_consent(self, identity_id: str, consent: Consent) -> None:
        """Keep what an identity has agreed to, beside what is kept already."""
        with self.changing():
            self._store.add_consent(identity_id, consent)

    def restore_copy(
        self,
        identity: Identity,
        templates: Sequence[Template],
        consents: Sequence[Consent] = (),
    ) -> Identity:
        """Add an identity with the id and the time of enrollment that it has in a copy.

        consents: what the person has agreed to. templates: as `templates` returns them, with the
        embeddings as the file has them.
        Raises GalleryError for a name or note that cannot stand, or where the gallery still has
        somebody with this id, removed or not; ValueError for unsound templates.
        """
        sound = replace(
            identity, name=normalized_name(identity.name), note=normalized_note(identity.note)
        )
        with self.changing():
            if self._store.has_id(identity.id):
                raise GalleryError(
                    Sentence("an id that the gallery does not have, for {}", sound.name),
                    Sentence("somebody has {} already", identity.id),
                    "If they were removed a moment ago, try again once that is finished",
                )
            added = self._put(self._store.add(sound, templates, is_copy=True))
            for consent in consents:
                self._store.add_consent(identity.id, consent)
            return added

    def add_templates(self, identity_id: str, templates: Sequence[Template]) -> Identity:
        """Add templates to an identity. Raises ValueError for unsound templates."""
        with self.changing():
            stored = self._store.add_templates(identity_id, self._as_stored(templates))
            return self._put(stored)

    def rename(self, identity_id: str, name: str) -> Identity:
        """Change an identity's name. Raises GalleryError for a name that cannot stand."""
        with self.changing():
            return self._put(self._store.rename(identity_id, normalized_name(name)))

    def set_note(self, identity_id: str, note: str) -> Identity:
        """Change an identity's note; it may be empty. Raises GalleryError for one that cannot
        stand."""
        with self.changing():
            return self._put(self._store.set_note(identity_id, normalized_note(note)))

    def choose_portrait(self, identity_id: str, template_id: int) -> None:
        """Let one of an identity's pictures be the one that is shown.

        Raises GalleryError where that template is not the identity's, or came without a picture.
        """
        with self.changing():
            self._store.choose_portrait(identity_id, template_id)
        self.revision += 1

    def remove_picture(self, identity_id: str, template_id: int) -> str:
        """Remove one of an identity's pictures at once; return the id of the removal.

        `restore` can undo it by that id until `erase` is called, as it can undo a person's removal.
        Raises GalleryError for a template that is not the identity's, and for the last one by which
        somebody is recognized.
        """
        removal = Identity(uuid.uuid4().hex, "", datetime.now(UTC))
        with self.changing():
            self._put(self._store.remove_picture(identity_id, template_id, removal))
        return removal.id

    def split(self, identity_id: str, template_ids: Sequence[int], name: str) -> Identity:
        """Make a new identity of some of a person's templates, and return it.

        The person keeps id, note, code and the others. `merge` undoes it.
        Raises GalleryError where one of them is not the person's, where none would be left by which
        either is recognized, and for a name that cannot stand.
        """
        new = Identity(uuid.uuid4().hex, normalized_name(name), datetime.now(UTC))
        with self.changing():
            made, *others = self._store.split(identity_id, template_ids, new)
            for other in others:
                self._put(other)
            return self._put(made)

    def merge(self, into_id: str, from_id: str) -> Identity:
        """Join two identities of one person: `into_id` keeps its id and name, `from_id` ends.

        `restore` can undo this until `erase` is called.
        """
        with self.changing():
            merged = self._store.merge(into_id, from_id)
            self._drop(from_id)
            return self._put(merged)

    def remove(self, identity_id: str, *, is_final: bool = False) -> None:
        """Remove an identity at once. `restore` can undo this until `erase` is called.

        is_final: whether nobody is to undo it, so that it is due at once.
        """
        with self.changing():
            self._store.remove(identity_id, is_final=is_final)
            self._drop(identity_id)

    def restore(self, identity_id: str) -> Identity:
        """Bring back a removed or merged identity as it was, or a removed picture: then the
        identity that has it is returned.

        Raises UnknownIdentityError once it is erased.
        """
        with self.changing():
            restored, *givers = self._store.restore(identity_id)
            for giver in givers:
                self._put(giver)
            return self._put(restored)

    def return_to(self, number: int) -> None:
        """Let everybody be again what they were once the version of this number was made.

        It is a version of its own, which may be returned from. What was erased is not brought back.
        Raises GalleryError where that is no version, or one that is not kept any more.
        """
        with self.changing():
            for identity_id, stored in self._store.return_to(number).items():
                if stored is not None:
                    self._put(stored)
                elif identity_id in self._entries:
                    self._drop(identity_id)

    def preview_return(self, number: int) -> list[PersonChange]:
        """Return what `return_to` would make of whom; nothing is changed. It raises the same."""
        return self._store.preview_return(number)

    def versions(self, after: int = 0) -> list[GalleryVersion]:
        """Return the versions that are kept, with a number above `after`, the oldest first."""
        return self._store.versions.versions(after)

    def since(self, number: int) -> list[GalleryVersion]:
        """Return the versions after the one of this number. Raises GalleryError where some of them
        are not kept any more, or it is none."""
        return self._store.since(number)

    @property
    def newest_version(self) -> int:
        """The number of the last change; 0 before the first one."""
        return self._store.versions.newest()

    # -- erasing ---------------------------------------------------------------------------

    def pending_erasures(self) -> list[PendingErasure]:
        """Return all removed or merged people whose data may be left anywhere, oldest first."""
        return self._store.pending_erasures()

    def due_erasures(self, own: bool = False) -> list[PendingErasure]:
        """Return the pending erasures that nobody may undo any more.

        own: whether to include those that this gallery has begun and could still undo.
        """
        return self._store.due_erasures(own)

    def erase(self, items: Sequence[PendingErasure]) -> list[PendingErasure]:
        """Erase these people from the gallery's file for good, as `Store.erase` describes."""
        erased = self._store.erase(items)
        if any(item.merged_into for item in erased):
            self.reload()  # a note has moved
        return erased

    def end_erasure(self, item: PendingErasure) -> None:
        """Make the journal forget a person, once nothing is left of them anywhere else."""
        self._store.end_erasure(item)

    # -- in step with the store ------------------------------------------------------------

    def changed_elsewhere(self) -> bool:
        """Return whether another process has changed the store since this gallery was loaded."""
        return self._store.data_version() != self._loaded_version

    def catch_up(self) -> bool:
        """Take over what another process has changed; return whether it has changed anything."""
        changed = self.changed_elsewhere()
        if changed:
            self.reload()
        return changed

    def reload(self) -> None:
        """Load everything from the store again."""
        version = self._store.data_version()
        self._store.adopt_model(self.model_id, self.dimension)
        rows = IdentityRows(self.dimension, self._exact_up_to, represented=self._represented)
        entries: dict[str, _Entry] = {}
        for stored in self._store.load_all():
            entries[stored.identity.id] = self._searched_in(rows, stored)
        self._loaded_version = version
        self._rows = rows
        self._entries = entries
        self.revision += 1

    def _put(self, stored: StoredIdentity) -> Identity:
        """Keep the identity in memory as the store has it now, once the store has committed it."""
        assert self._uncommitted is not None
        self._uncommitted.append(stored)
        return stored.identity

    def _drop(self, identity_id: str) -> None:
        assert self._uncommitted is not None
        self._uncommitted.append(identity_id)

    def _take_in(self, changed: StoredIdentity | str) -> None:
        self.revision += 1
        if isinstance(changed, str):
            self._rows.drop(changed)
            del self._entries[changed]
            return
        self._entries[changed.identity.id] = self._searched_in(self._rows, changed)

    def _searched_in(self, rows: IdentityRows, stored: StoredIdentity) -> _Entry:
        """Let rows have an identity's templates; return what else is known of it."""
        identity, embeddings = stored.identity, stored.embeddings
        if len(embeddings):
            rows.put(
                identity.id, embeddings if self._scale is None else _unit(embeddings * self._scale)
            )
        else:
            rows.drop(identity.id)
        return _Entry(identity, stored.template_count, bool(len(embeddings)))

    def _as_stored(self, templates: Sequence[Template]) -> Sequence[Template]:
        if self._scale is None:
            return templates
        return [replace(t, embedding=_unit(t.embedding / self._scale)) for t in templates]

    def _entry(self, identity_id: str) -> _Entry:
        if identity_id not in self._entries:
            raise unknown_identity(identity_id)
        return self._entries[identity_id]


def _times(written: dict[str, str]) -> dict[str, datetime]:
    return {one: datetime.fromisoformat(at) for one, at in written.items()}


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), np.float32)
