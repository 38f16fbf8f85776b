"""Does one thing to many pictures in several threads, in their order and with few in memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 4
"""Items that are begun while another one's result is waited for: enough to wait for none."""


def side_by_side(
    items: Iterable[Item], workers: Sequence[Callable[[Item], Result]], ahead: int = AHEAD
) -> Iterator[Result]:
    """Yield what the workers make of the items, in the items' order.

    workers: do the same; each has a thread of its own, so that none is called by two at a time, and
    whatever is free takes the next item. ahead: as many items and results are held at a time. What
    a worker raises, this raises in its place.
    """
    free: SimpleQueue[Callable[[Item], Result]] = SimpleQueue()
    for worker in workers:
        free.put(worker)

    def done(item: Item) -> Result:
        worker = free.get()
        try:
            return worker(item)
        finally:
            free.put(worker)

    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(len(workers), thread_name_prefix="side-by-side") as threads:
        try:
            for item in items:
                waiting.append(threads.submit(done, item))
                if len(waiting) >= ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            threads.shutdown(cancel_futures=True)
