"""The durable store: one SQLite file that holds who is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from common.errors import GalleryError, UnknownIdentityError
from common.picture import RgbImage
from common.sentence import Sentence
from common.sqlite_file import BUSY_S, damaged, explained, file_mark, open_database, transaction
from gallery.consents import Consent, add_consent, consents_of, without_consent
from gallery.crops import from_png, no_portrait
from gallery.embedding_sets import EmbeddingSet, EmbeddingSets
from gallery.history.log import GalleryVersion, PersonChange, VersionLog
from gallery.history.returning import return_to
from gallery.identity import Identity, Template
from gallery.journal import ErasureJournal, PendingErasure
from gallery.kept_pictures import (
    PORTRAIT_FIRST,
    KeptPicture,
    check_removable,
    choose_portrait,
    kept_pictures,
    move_pictures,
    put_back,
)
from gallery.lease import Lease
from gallery.schema import GALLERY
from gallery.stored_identities import StoredIdentity, identity_of, stored_identities
from gallery.whole_templates import whole_templates, write_templates

_SHOWN = "NOT EXISTS (SELECT 1 FROM erasure WHERE identity_id = i.id)"

_TEMPLATES_OF = """
    template AS t LEFT JOIN crop AS c ON c.template_id = t.id
    WHERE t.is_genuine AND t.identity_number = (SELECT number FROM identity WHERE id = ?)"""


class Store:
    """The gallery's file. Each change is one transaction, on the disk when the call returns.

    One thread at a time uses a store; other processes may use the same file meanwhile. Every
    method raises GalleryError where the file, the disk or another program is at fault, and
    where an id is not (or no longer) that of a shown identity; nothing is changed then.

    busy_timeout_s: how long to wait for another program's change to end.
    """

    def __init__(self, path: Path, busy_timeout_s: float = BUSY_S) -> None:
        self._path = path
        self._busy_timeout_s = busy_timeout_s
        self._lease = Lease(path)
        self._open()

    def _open(self) -> None:
        self._db = open_database(self._path, self._busy_timeout_s, GALLERY)
        self.versions = VersionLog(self._db, self._path)
        self.sets = EmbeddingSets(self._db, self._path, self.versions)
        self._journal = ErasureJournal(self._db, self._path, self.sets, self.versions)
        self._mark = file_mark(self._path)

    def close(self) -> None:
        """Close the file. Removals made with this store cannot be undone after that."""
        self._db.close()
        self._lease.release()

    # -- reading ---------------------------------------------------------------------------

    def data_version(self) -> tuple[object, int]:
        """Return a value that differs once another connection has changed the file.

        It differs, too, where another file has taken its place; that one is used from then on.
        """
        if file_mark(self._path) != self._mark and not self._db.in_transaction:
            self._db.close()
            self._open()
        return self._mark, int(self._rows("PRAGMA data_version")[0][0])

    def model(self) -> tuple[str, int] | None:
        """Return (model_id, dimension) of the embeddings; None where no model was adopted yet."""
        active = self.sets.active
        return (active.model_id, active.dimension) if active is not None else None

    @property
    def is_empty(self) -> bool:
        """Whether there is no template, not even of somebody who may still be brought back."""
        return not self._rows("SELECT 1 FROM template WHERE identity_number NOT NULL LIMIT 1")

    @property
    def is_guarded(self) -> bool:
        """Whether a station has run with it: there is to be a record of what guards it."""
        return bool(self._rows("SELECT 1 FROM meta WHERE key = 'guarded'"))

    def begin_guarding(self) -> None:
        """Note that a station runs with this gallery, for good."""
        if not self.is_guarded:
            with self.changing():
                self._db.execute("INSERT OR IGNORE INTO meta VALUES ('guarded', 'yes')")

    def load_all(self) -> Iterator[StoredIdentity]:
        """Yield every shown identity in the order of enrollment, each read when asked for."""
        return self._stored(f"WHERE {_SHOWN} ORDER BY i.number, t.id")

    def has_id(self, identity_id: str) -> bool:
        """Return whether an identity with this id is there, shown or removed and not erased yet."""
        return bool(self._rows("SELECT 1 FROM identity WHERE id = ?", identity_id))

    def crops(self, identity_id: str) -> list[RgbImage]:
        """Return the crops of an identity's templates, oldest first, each (h, w, 3) uint8 RGB.

        Templates that came without one are left out.
        """
        self._require_shown(identity_id)
        return self._decoded_crops("ORDER BY t.id", identity_id)

    def portrait(self, identity_id: str) -> RgbImage:
        """Return the crop of an identity's chosen template, (h, w, 3) uint8 RGB.

        It is that of the best quality where none was chosen, and where no template has one, an
        outline (no_portrait).
        """
        self._require_shown(identity_id)
        crops = self._decoded_crops(f"ORDER BY {PORTRAIT_FIRST} LIMIT 1", identity_id)
        return crops[0] if crops else no_portrait()

    def templates(self, identity_id: str) -> list[Template]:
        """Return an identity's templates, oldest first."""
        self._require_shown(identity_id)
        active = self.sets.active
        if active is None:
            return []
        with self._sound(Sentence("a template cannot be read")):
            return whole_templates(self._db, active, identity_id)

    def pictures(self, identity_id: str) -> list[KeptPicture]:
        """Return an identity's pictures, oldest first."""
        self._require_shown(identity_id)
        active = self.sets.active
        if active is None:
            return []
        with self._sound(Sentence("a picture cannot be read")):
            return kept_pictures(self._db, active, identity_id)

    def consents(self, identity_id: str) -> list[Consent]:
        """Return what an identity has agreed to, oldest first."""
        self._require_shown(identity_id)
        with self._sound(Sentence("a consent cannot be read")):
            return consents_of(self._db, identity_id)

    def without_consent(self) -> list[str]:
        """Return the ids of everybody, shown or not, of whom no consent is kept."""
        with explained(self._path, GALLERY):
            return without_consent(self._db)

    def times(self, column: str) -> dict[str, str]:
        """Return a time of everybody who has one, as it was written, by id.

        column: "asked_since", since when it is asked whether they stay, or "kept_since", from when
        on they are kept anew.
        """
        return dict(self._rows(f"SELECT id, {column} FROM identity WHERE {column} NOT NULL"))

    def newest_pictures(self) -> dict[str, str]:
        """Return when everybody's newest picture was added, as far as it is known, by id."""
        return dict(
            self._rows(
                "SELECT i.id, max(t.added_at) FROM identity AS i JOIN template AS t"
                " ON t.identity_number = i.number WHERE t.added_at NOT NULL GROUP BY i.number"
            )
        )

    # -- changing --------------------------------------------------------------------------

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Make all changes of the `with` block as one: where it raises, none of them is made.

        Nobody else changes the file meanwhile. A block within another one is a part of it. It is
        one version of the gallery.
        """
        if self._db.in_transaction:
            yield
            return
        with explained(self._path, GALLERY), transaction(self._db):
            self.versions.begin()
            yield
            self.versions.write()

    def adopt_model(self, model_id: str, dimension: int) -> None:
        """Make sure that the embeddings are this model's; a gallery without any adopts it.

        Raises OtherModelError where there are embeddings of another model.
        """
        if self.model() == (model_id, dimension):
            return
        with self.changing():
            # Read again: another program may have adopted it while this one waited for the lock.
            if self.model() == (model_id, dimension):
                return
            if not self.is_empty:
                raise self._other_model(model_id)
            self.sets.adopt(model_id, dimension)

    def add(
        self, identity: Identity, templates: Sequence[Template], *, is_copy: bool = False
    ) -> StoredIdentity:
        """Store a new identity; `templates` must be as `add_templates` asks.

        is_copy: whether embeddings may be zeros, as `templates` returns them.
        """
        with self.changing():
            self.versions.note(identity.id)
            self._insert_identity(identity)
            return self._insert_templates(identity.id, templates, is_copy=is_copy)

    def add_templates(self, identity_id: str, templates: Sequence[Template]) -> StoredIdentity:
        """Add templates to an identity.

        Raises ValueError where there is no template, or one is not sound.
        """
        with self.changing():
            self._require_shown(identity_id)
            self.versions.note(identity_id)
            return self._insert_templates(identity_id, templates)

    def rename(self, identity_id: str, name: str) -> StoredIdentity:
        with self.changing():
            self._require_shown(identity_id)
            self.versions.note(identity_id)
            self._db.execute("UPDATE identity SET name = ? WHERE id = ?", (name, identity_id))
            return self._one(identity_id)

    def set_note(self, identity_id: str, note: str) -> StoredIdentity:
        with self.changing():
            self._require_shown(identity_id)
            self.versions.note(identity_id)
            self._db.execute("UPDATE identity SET note = ? WHERE id = ?", (note, identity_id))
            return self._one(identity_id)

    def add_consent(self, identity_id: str, consent: Consent) -> None:
        """Keep what an identity has agreed to."""
        with self.changing():
            self._require_shown(identity_id)
            add_consent(self._db, self._number(identity_id), consent)

    def set_time(self, identity_id: str, column: str, at: str | None) -> None:
        """Write down one of the `times` of an identity; None where there is none any more."""
        with self.changing():
            self._require_shown(identity_id)
            self._db.execute(f"UPDATE identity SET {column} = ? WHERE id = ?", (at, identity_id))

    def choose_portrait(self, identity_id: str, template_id: int) -> None:
        """Let a template's crop be the one that is shown for the person."""
        with self.changing():
            identity = self._require_shown(identity_id)
            self.versions.note(identity_id)
            if not choose_portrait(self._db, identity_id, template_id):
                raise GalleryError(
                    Sentence("a picture of {}", identity.name),
                    Sentence("number {} is none, or not any more", template_id),
                    "Look at the list of the pictures again",
                )

    def remove_picture(
        self, identity_id: str, template_id: int, removal: Identity
    ) -> StoredIdentity:
        """Hide one picture of a person at once; `restore` with the removal's id undoes it.

        It is a pending erasure from then on, as a person's removal is. removal: an identity that
        has the picture meanwhile.
        """
        holder = self._lease.take()
        with self.changing():
            identity = self._require_shown(identity_id)
            check_removable(self._db, self._active(), identity, [template_id])
            self.versions.note(identity_id, removal.id)
            self._insert_identity(removal)
            move_pictures(self._db, [template_id], self._number(removal.id), for_good=False)
            self._journal.begin(removal.id, holder, part_of=identity_id)
            return self._one(identity_id)

    def split(
        self, identity_id: str, template_ids: Sequence[int], new: Identity
    ) -> list[StoredIdentity]:
        """Make a new identity of some of a person's templates; return both, the new one first."""
        with self.changing():
            identity = self._require_shown(identity_id)
            stay = check_removable(self._db, self._active(), identity, template_ids)
            check_removable(self._db, self._active(), identity, stay)
            self.versions.note(new.id, identity_id)
            self._insert_identity(new)
            move_pictures(self._db, template_ids, self._number(new.id), for_good=True)
            return [self._one(new.id), self._one(identity_id)]

    def merge(self, into_id: str, from_id: str) -> StoredIdentity:
        """Join two identities of one person: `into_id` gets the templates of `from_id`, which ends.

        `restore` undoes it. Like a removal it is a pending erasure from then on; when that is
        carried out, the note of `from_id` moves, too.
        """
        if into_id == from_id:
            raise ValueError("an identity cannot be merged into itself")
        holder = self._lease.take()
        with self.changing():
            for identity_id in (into_id, from_id):
                self._require_shown(identity_id)
            self.versions.note(from_id, into_id)
            self._db.execute(
                "UPDATE template SET identity_number = ? WHERE identity_number = ?",
                (self._number(into_id), self._number(from_id)),
            )
            self._journal.begin(from_id, holder, merged_into=into_id)
            return self._one(into_id)

    def remove(self, identity_id: str, *, is_final: bool = False) -> None:
        """Hide an identity at once, from every later `load_all` too; `restore` undoes it.

        The removal is a pending erasure from then on, which others may carry out once this
        store is closed, or its program has ended. is_final: whether anybody may at once.
        """
        holder = "" if is_final else self._lease.take()
        with self.changing():
            self._require_shown(identity_id)
            self.versions.note(identity_id)
            self._journal.begin(identity_id, holder)

    def restore(self, identity_id: str) -> list[StoredIdentity]:
        """Show a removed identity again as it was; a merged one gets its templates back.

        Returns this identity first, then those who had its templates. With the id of a picture's
        removal, it is the person who has the picture again.
        """
        with self.changing():
            self._require_hidden(identity_id)
            self.versions.note(identity_id)
            owner_id = put_back(self._db, identity_id)
            if owner_id is not None:
                self._require_shown(owner_id)
                return [self._one(owner_id)]
            holders = self._journal.give_back(identity_id)
            self._journal.undo(identity_id)
            if not self._rows(f"SELECT 1 FROM {_TEMPLATES_OF}", identity_id):
                raise GalleryError(
                    "the pictures of whoever was merged",
                    "they were removed or split off since",
                    "Bring these back first, or leave the merge as it is",
                )
            shown = f"WHERE i.number IN ({', '.join('?' * len(holders))}) AND {_SHOWN}"
            givers = self._stored(f"{shown} ORDER BY i.number, t.id", *holders)
            return [self._one(identity_id), *givers]

    # -- returning to earlier versions -----------------------------------------------------

    def return_to(self, number: int) -> Mapping[str, StoredIdentity | None]:
        """Let everybody be again what they were once the version of this number was made.

        It is a version of its own. Returns everybody concerned, by id; None for who is not shown
        then. What was erased is not brought back (gallery/history/returning.py). Raises
        GalleryError where the version is none, or not kept any more.
        """
        with self.changing():
            since = self.since(number)
            for version in since:
                self.versions.note(*self._ids(version.numbers))
            self.versions.note_return(number)
            ids = return_to(self._db, self._journal, self._active(), since)
            self.versions.note_new(*ids)
            shown: dict[str, StoredIdentity | None] = dict.fromkeys(ids)
            for identity_id in ids:
                for one in self._stored(f"WHERE i.id = ? AND {_SHOWN} ORDER BY t.id", identity_id):
                    shown[identity_id] = one
            return shown

    def preview_return(self, number: int) -> list[PersonChange]:
        """Return what `return_to` would make of whom; nothing is changed. It raises the same."""
        found: list[PersonChange] = []
        with suppress(_OnlyLookedAtError), self.changing():
            before = self.versions.newest()
            self.return_to(number)
            self.versions.write()
            found = [one for version in self.versions.versions(before) for one in version.people]
            raise _OnlyLookedAtError
        return found

    def since(self, number: int) -> list[GalleryVersion]:
        """Return the versions after the one of this number; at 0 nothing had been changed yet.

        Raises GalleryError where some of them are not kept any more, or it is none.
        """
        kept = self.versions.versions()
        first, last = (kept[0].number, kept[-1].number) if kept else (1, 0)
        if not first - 1 <= number <= last:
            raise GalleryError(
                Sentence("one of the versions {} to {}", first - 1, last),
                Sentence("version {} is none of the gallery's, or not kept any more", number),
                "facedesk gallery history lists them",
            )
        return [one for one in kept if one.number > number]

    # -- erasing ---------------------------------------------------------------------------

    def pending_erasures(self) -> list[PendingErasure]:
        """Return all removed or merged people whose data may be left anywhere, oldest first."""
        return self._journal.pending()

    def due_erasures(self, own: bool = False) -> list[PendingErasure]:
        """Return the pending erasures that nobody may undo any more.

        Those are the ones whose program has ended, and the ones that are begun already.
        own: whether to include those that this store has begun and could still undo.
        """
        return self._journal.due(self._lease.name if own else "")

    def erase(self, items: Sequence[PendingErasure]) -> list[PendingErasure]:
        """Erase these people from the gallery's files for good; other files are left alone.

        Returns the items without those whose removal was undone meanwhile.

        Once this returns, no byte of their names, embeddings and crops is left in the files,
        and they cannot be restored. It costs in proportion to their templates, and some 0.2 KB
        written for each person enrolled. Raises GalleryError where bytes may be left, in the
        log too, which another program reads; they cannot be restored then, and the next call
        goes on.
        """
        return self._journal.erase_here(items)

    def end_erasure(self, item: PendingErasure) -> None:
        """Make the journal forget a person, once nothing is left of them anywhere else."""
        self._journal.strike(item)

    # -- within ----------------------------------------------------------------------------

    @contextmanager
    def _sound(self, otherwise: Sentence) -> Iterator[None]:
        """Raise GalleryError for what SQLite raises, and with this reason for a ValueError: what is
        stored is not what was written."""
        try:
            with explained(self._path, GALLERY):
                yield
        except ValueError as error:
            raise damaged(self._path, otherwise, GALLERY) from error

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with explained(self._path, GALLERY):
            return self._db.execute(sql, values).fetchall()

    def _stored(self, where: str, *values: object) -> Iterator[StoredIdentity]:
        active = self.sets.active
        if active is None:  # nobody was ever enrolled
            return
        with self._sound(Sentence("an embedding cannot be read")):
            yield from stored_identities(self._db, active, where, values)

    def _one(self, identity_id: str) -> StoredIdentity:
        (stored,) = self._stored("WHERE i.id = ? ORDER BY t.id", identity_id)
        return stored

    def _decoded_crops(self, order: str, identity_id: str) -> list[RgbImage]:
        rows = self._rows(
            f"SELECT c.png FROM {_TEMPLATES_OF} AND length(c.png) IS NOT 0 {order}", identity_id
        )
        if (None,) in rows:
            raise damaged(self._path, Sentence("a crop is missing"), GALLERY)
        with self._sound(Sentence("a crop cannot be read")):
            return [from_png(png) for (png,) in rows]

    def _require_shown(self, identity_id: str) -> Identity:
        rows = self._rows(
            f"SELECT id, name, enrolled_at, note FROM identity AS i WHERE id = ? AND {_SHOWN}",
            identity_id,
        )
        if not rows:
            raise unknown_identity(identity_id)
        return identity_of(*rows[0])

    def _require_hidden(self, identity_id: str) -> None:
        """Raise GalleryError unless the identity is removed or merged, and not erased yet."""
        if not self._rows(
            "SELECT 1 FROM erasure JOIN identity ON id = identity_id WHERE id = ?", identity_id
        ):
            raise unknown_identity(identity_id)

    def _ids(self, numbers: Iterable[int]) -> list[str]:
        rows = (self._rows("SELECT id FROM identity WHERE number = ?", one) for one in numbers)
        return [str(row[0]) for found in rows for row in found]

    def _number(self, identity_id: str) -> int:
        ((number,),) = self._rows("SELECT number FROM identity WHERE id = ?", identity_id)
        return int(number)

    def _active(self) -> EmbeddingSet:
        """Return the set in use, which is there once somebody is enrolled."""
        active = self.sets.active
        if active is None:
            raise ValueError("the store has adopted no model yet")
        return active

    def _insert_identity(self, identity: Identity) -> None:
        self._db.execute(
            "INSERT INTO identity (id, name, enrolled_at, note) VALUES (?, ?, ?, ?)",
            (identity.id, identity.name, identity.enrolled_at.isoformat(), identity.note),
        )

    def _other_model(self, wanted: str) -> OtherModelError:
        stored, _ = self.model() or ("", 0)
        return OtherModelError(self._path, stored, wanted)

    def _insert_templates(
        self, identity_id: str, templates: Sequence[Template], *, is_copy: bool = False
    ) -> StoredIdentity:
        if not templates:
            raise ValueError("no templates")
        active = self._active()
        for template in templates:
            # Another process may have embedded the gallery again since this one opened it.
            if template.model_id != active.model_id:
                raise self._other_model(template.model_id)
        number = self._number(identity_id)
        write_templates(self._db, active, number, templates, is_copy=is_copy)
        return self._one(identity_id)


class _OnlyLookedAtError(Exception):
    """Takes back what was tried."""


class OtherModelError(GalleryError):
    """The gallery's embeddings are another model's than the one that is to search them.

    stored, wanted: the models' ids.
    """

    def __init__(self, path: Path, stored: str, wanted: str) -> None:
        super().__init__(
            Sentence("a gallery of the model {}", wanted),
            Sentence("{} is of the model {}", path, stored),
            Sentence(
                "Embed it again from its stored pictures with facedesk gallery reembed, or choose"
                " the embedder that it is of in the settings"
            ),
        )
        self.stored, self.wanted = stored, wanted


def unknown_identity(identity_id: str) -> UnknownIdentityError:
    return UnknownIdentityError(
        Sentence("a person with the id {} in the gallery", identity_id),
        "there is none, or not any more",
        "Look at the list of people again; another program may have changed it",
    )
