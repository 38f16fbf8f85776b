"""A child process that says what it does, until it ends or is ended."""

from __future__ import annotations

import gc
import os
import pickle
import select
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from common.errors import FacedeskError

SILENT_S = 60.0
"""A child that says nothing for so long hangs."""


class ForkedChild:
    """A forked process, of which every error is told.

    signal: which one ended it; 0 where none did, and until `messages` is exhausted.
    """

    def __init__(self, run: Callable[[Callable[[object], None]], None]) -> None:
        self._reads, writes = os.pipe()
        self.signal = 0
        gc.freeze()
        self.pid = os.fork()
        if self.pid:
            os.close(writes)
            return
        os.close(self._reads)
        status = 0
        try:
            run(lambda message: _send(writes, message))
        except FacedeskError as error:
            _send(writes, ("refused", str(error)))
        except BaseException:
            _send(writes, ("bug", traceback.format_exc()[-3000:]))
        finally:
            os._exit(status)

    def messages(
        self, kill_after_s: float | None = None, *, once_it_speaks: bool = False
    ) -> Iterator[Any]:
        """Yield what it says until it ends.

        kill_after_s: when it is killed; None: once it has said nothing for SILENT_S.
        once_it_speaks: whether that time begins with its first message.
        """
        if once_it_speaks:
            select.select([self._reads], [], [], SILENT_S)
        end = time.monotonic() + (SILENT_S if kill_after_s is None else kill_after_s)
        unread, was_killed = b"", False
        while True:
            if (
                not was_killed
                and not select.select([self._reads], [], [], max(0.0, end - time.monotonic()))[0]
            ):
                self.kill()
                was_killed = True
                if kill_after_s is None:
                    yield ("bug", f"it said nothing for {SILENT_S:.0f} s")
            got = os.read(self._reads, 65536)
            if not got:
                break
            unread += got
            if kill_after_s is None:
                end = time.monotonic() + SILENT_S
            while len(unread) >= 4 and len(unread) >= 4 + (size := int.from_bytes(unread[:4])):
                yield pickle.loads(unread[4 : 4 + size])
                unread = unread[4 + size :]
        os.close(self._reads)
        _, status = os.waitpid(self.pid, 0)
        self.signal = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


def _send(handle: int, message: object) -> None:
    content = pickle.dumps(message)
    content = len(content).to_bytes(4) + content
    while content:
        content = content[os.write(handle, content) :]
