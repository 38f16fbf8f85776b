"""Measures galleries of several sizes: times to search, add and remove; memory; what is found."""

from __future__ import annotations

import gc
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from common.sealing.key_ring import begin_briefly
from common.sqlite_file import open_database, transaction
from gallery.crops import to_png
from gallery.embedding_sets import blob
from gallery.gallery import Gallery
from gallery.identity import Template
from gallery.schema import GALLERY
from gallery.store import Store
from models.embedders.sface import FIGURES

SIZES = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
"""Sizes of galleries, in templates."""

TEMPLATES_EACH = 5

_MODEL = "synthetic"
_NONMATED = 0.17
_SAME_PERSON = 0.55
_TO_CENTRE = (0.5, 0.6)
_CHUNK = 1_000
_CHANGES = 20


@dataclass(frozen=True)
class GalleryMeasure:
    """What was measured on one gallery of so many templates, searched in one way.

    exact: True where all templates are compared; False where those that the sketch found are.
    The gallery itself changes from one to the other by its size.
    search_p50_ms, search_p99_ms: time to find the two most similar identities of one probe.
    right: share of the probes whose most similar identity is their own.
    agreement: of the probes that the exact search gets right, the share answered with the same
    identity here.
    add_ms: median time to enroll a person of five templates, until it is on the disk.
    remove_ms: median time to remove a person, until it is on the disk.
    load_s: time to load a gallery that answers, its file being in the system's cache.
    raw_mib: size of the templates alone, as float32.
    memory_mib, peak_mib: resident memory that the gallery takes, with names and all else: once
    it is loaded, and the most until all is measured. None where the system does not tell.
    """

    templates: int
    exact: bool
    search_p50_ms: float
    search_p99_ms: float
    right: float
    agreement: float
    add_ms: float
    remove_ms: float
    load_s: float
    raw_mib: float
    memory_mib: float | None
    peak_mib: float | None


@dataclass(frozen=True, eq=False)
class Probes:
    """Probes to search for.

    rows: (n, d) float32 unit rows. identity_ids: the identity that each row shows.
    """

    rows: NDArray[np.float32]
    identity_ids: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _GalleryRun:
    """What one process measured: milliseconds, seconds, bytes, and each probe's identity found."""

    found: tuple[str, ...]
    searches_ms: NDArray[np.float64]
    add_ms: float
    remove_ms: float
    load_s: float
    memory: tuple[int, int] | None


def measure(
    sizes: Sequence[int] = SIZES,
    probes: int = 1_000,
    dimension: int = 128,
    progress: Callable[[], None] = lambda: None,
) -> list[GalleryMeasure]:
    """Measure each size twice, exact and sketched, each time in a process of its own.

    progress: called after each measure.
    """
    spawn = multiprocessing.get_context("spawn")
    measures = []
    with (
        tempfile.TemporaryDirectory() as folder,
        ProcessPoolExecutor(1, spawn, max_tasks_per_child=1) as fresh,
    ):
        for templates in sizes:
            path = Path(folder) / f"{templates}.db"
            asked = write_gallery(path, templates, dimension, probes)
            exact = fresh.submit(_run, path, asked.rows, sys.maxsize).result()
            for run in (exact, fresh.submit(_run, path, asked.rows, templates // 2).result()):
                measures.append(_told(run, exact, asked, templates, dimension))
                progress()
            path.unlink()
    return measures


def write_gallery(path: Path, templates: int, dimension: int, probes: int) -> Probes:
    """Write a store of synthetic people to `path`; return probes of people chosen evenly.

    It uses the store's SQL itself, since a transaction for each of 200,000 people takes too long.
    """
    begin_briefly(path.parent)
    with closing(Store(path)) as store:
        store.adopt_model(_MODEL, dimension)
        active = store.sets.active
        assert active is not None
    people = max(templates // TEMPLATES_EACH, 1)
    shown = np.linspace(0, people - 1, probes).astype(int)
    now = datetime.now(UTC).isoformat()
    crop = to_png(np.zeros((1, 1, 3), np.uint8))
    rows, whose, template_id = [], [], 0
    with closing(open_database(path, busy_timeout_s=0, file=GALLERY)) as db, transaction(db):
        for first, centres, embeddings in _people(people, dimension):
            numbers = range(first, first + len(centres))
            db.executemany(
                "INSERT INTO identity (id, name, enrolled_at, note) VALUES (?, ?, ?, '')",
                [(_id(n), f"Person {n}", now) for n in numbers],
            )
            for n, of_one in zip(numbers, embeddings, strict=True):
                for embedding in of_one:
                    template_id += 1
                    db.execute(
                        "INSERT INTO template (id, identity_number, enrolled_as, quality, model_id)"
                        " SELECT ?, number, number, 1, ? FROM identity WHERE id = ?",
                        (template_id, _MODEL, _id(n)),
                    )
                    row = (template_id, blob(embedding))
                    db.execute(f"INSERT INTO {active.table} VALUES (?, ?)", row)
            here = shown[(shown >= first) & (shown < first + len(centres))]
            rows.append(_probes_of(centres[here - first], seed=first))
            whose += [_id(n) for n in here]
        db.execute("INSERT INTO crop SELECT id, ? FROM template", (crop,))
    return Probes(np.concatenate(rows), tuple(whose))


def _run(path: Path, probes: NDArray[np.float32], exact_up_to: int) -> _GalleryRun:
    before = _resident()
    started = time.perf_counter()
    store = Store(path)
    dimension = probes.shape[1]
    with closing(Gallery(store, _MODEL, dimension, exact_up_to, FIGURES.represented)) as gallery:
        gallery.search(probes[:1])
        load_s = time.perf_counter() - started
        gc.collect()
        loaded = _resident()
        found, searches = [], []
        for probe in probes:
            started = time.perf_counter()
            (candidates,) = gallery.search(probe[np.newaxis])
            searches.append(1e3 * (time.perf_counter() - started))
            found.append(candidates[0].identity.id)
        adds, removes = [], []
        for newcomer in _newcomers(dimension):
            started = time.perf_counter()
            identity = gallery.enroll("Newcomer", newcomer)
            gallery.search(probes[:1])  # what adding left for later counts, too
            adds.append(1e3 * (time.perf_counter() - started))
            started = time.perf_counter()
            gallery.remove(identity.id)
            removes.append(1e3 * (time.perf_counter() - started))
        memory = None
        if before is not None and loaded is not None:
            memory = (loaded - before, _peak() - before)
    return _GalleryRun(
        tuple(found),
        np.array(searches),
        float(np.median(adds)),
        float(np.median(removes)),
        load_s,
        memory,
    )


def _told(
    run: _GalleryRun, exact: _GalleryRun, probes: Probes, templates: int, dimension: int
) -> GalleryMeasure:
    truth = np.array(probes.identity_ids)
    by_exact, found = np.array(exact.found), np.array(run.found)
    right = by_exact == truth
    memory, peak = (None, None) if run.memory is None else (m / 2**20 for m in run.memory)
    return GalleryMeasure(
        templates=templates,
        exact=run is exact,
        search_p50_ms=float(np.percentile(run.searches_ms, 50)),
        search_p99_ms=float(np.percentile(run.searches_ms, 99)),
        right=float((found == truth).mean()),
        agreement=float((found == by_exact)[right].mean()) if right.any() else 1.0,
        add_ms=run.add_ms,
        remove_ms=run.remove_ms,
        load_s=run.load_s,
        raw_mib=4 * templates * dimension / 2**20,
        memory_mib=memory,
        peak_mib=peak,
    )


# -- people who look like SFace's -----------------------------------------------------------------


def _people(
    count: int, dimension: int
) -> Iterator[tuple[int, NDArray[np.float32], NDArray[np.float32]]]:
    """Yield synthetic people in blocks: (first, centres (n, d), templates (n, 5, d)).

    A block holds the people of the numbers first, first + 1, ...

    SFace's non-mated similarities have a mean of 0.17 and a standard deviation of 0.074. Vectors
    that share one component of length sqrt(0.17), and are otherwise spread evenly over the
    sphere, have just these: 0.83 / sqrt(127) = 0.074. So every vector here is that component
    (the first axis) and a direction in the other 127 axes. A person is a direction; a template
    is the person's direction with noise, so that two of one person have a similarity of 0.55,
    and a probe is another, with a similarity of 0.5 to 0.6 to the person's own direction.
    """
    for first in range(0, count, _CHUNK):
        rng = np.random.default_rng((1, first))
        centres = _directions(rng, (min(_CHUNK, count - first), 1), dimension)
        near = np.sqrt((_SAME_PERSON - _NONMATED) / (1 - _NONMATED))
        templates = _near(rng, np.repeat(centres, TEMPLATES_EACH, axis=1), near)
        yield first, centres[:, 0], templates


def _probes_of(centres: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    rng = np.random.default_rng((2, seed))
    near = (rng.uniform(*_TO_CENTRE, (len(centres), 1)) - _NONMATED) / (1 - _NONMATED)
    return _near(rng, centres, near)


def _near(
    rng: np.random.Generator, centres: NDArray[np.float32], near: NDArray[np.float64] | float
) -> NDArray[np.float32]:
    """Return unit vectors whose similarity to the centres' directions is about `near`."""
    noise = _directions(rng, centres.shape[:-1], centres.shape[-1])
    rows: NDArray[np.float64] = near * centres + np.sqrt(1 - np.square(near)) * noise
    rows *= np.sqrt(1 - _NONMATED) / np.linalg.norm(rows, axis=-1, keepdims=True)
    rows[..., 0] = np.sqrt(_NONMATED)
    return rows.astype(np.float32)


def _directions(
    rng: np.random.Generator, shape: tuple[int, ...], dimension: int
) -> NDArray[np.float32]:
    rows = rng.standard_normal((*shape, dimension), dtype=np.float32)
    rows[..., 0] = 0
    rows /= np.linalg.norm(rows, axis=-1, keepdims=True)
    return rows


def _newcomers(dimension: int) -> list[list[Template]]:
    """Return the templates of people to enroll, with crops as large as SFace's."""
    rng = np.random.default_rng(3)
    centres = _directions(rng, (_CHANGES, 1), dimension)
    rows = _near(rng, np.repeat(centres, TEMPLATES_EACH, axis=1), 0.7)
    crop = rng.integers(0, 256, (112, 112, 3), np.uint8)
    return [[Template(row, crop, 1.0, _MODEL) for row in of_one] for of_one in rows]


def _id(number: int) -> str:
    return f"{number:032x}"


# -- memory ---------------------------------------------------------------------------------------


def _resident() -> int | None:
    """Return this process's resident memory in bytes; None where the system is not Linux."""
    return _status("VmRSS")


def _peak() -> int:
    return _status("VmHWM") or 0


def _status(field: str) -> int | None:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return None
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith(field))
