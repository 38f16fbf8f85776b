from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from recognition.side_by_side import side_by_side

END_S = 10.0


class Worker:
    """Fails where two threads call it at a time; waits for the others where it is told to."""

    def __init__(self, together: threading.Barrier | None = None) -> None:
        self._busy, self._together = threading.Lock(), together
        self.items: list[int] = []

    def __call__(self, item: int) -> int:
        assert self._busy.acquire(blocking=False), "two threads at a time"
        try:
            self.items.append(item)
            if self._together is not None:
                self._together.wait(END_S)
            return item * item
        finally:
            self._busy.release()


def test_results_come_in_the_items_order() -> None:
    workers = [Worker() for _ in range(3)]
    assert list(side_by_side(range(100), workers)) == [i * i for i in range(100)]
    assert sorted(item for worker in workers for item in worker.items) == list(range(100))


def test_workers_work_at_the_same_time() -> None:
    together = threading.Barrier(2)
    workers = [Worker(together), Worker(together)]
    assert list(side_by_side(range(20), workers)) == [i * i for i in range(20)]
    assert all(worker.items for worker in workers)


@pytest.mark.parametrize("ahead", [1, 4])
def test_few_items_are_held_however_slowly_they_are_taken(ahead: int) -> None:
    """What bounds the memory: of 1,000 items never more than `ahead` are on their way."""
    begun = 0

    def items() -> Iterator[int]:
        nonlocal begun
        while begun < 1000:
            begun += 1
            yield begun

    most = 0
    for taken, result in enumerate(side_by_side(items(), [Worker(), Worker()], ahead)):
        assert result == (taken + 1) ** 2
        most = max(most, begun - taken)
    assert most == ahead


def test_what_a_worker_raises_comes_in_its_place() -> None:
    def work(item: int) -> int:
        return 10 // (item - 3)

    results = side_by_side(range(10), [work, work])
    assert [next(results) for _ in range(3)] == [-4, -5, -10]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_whoever_stops_asking_leaves_no_thread() -> None:
    results = side_by_side(range(1000), [abs])
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert not [t for t in threading.enumerate() if t.name.startswith("side-by-side")]
