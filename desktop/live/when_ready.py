"""Gives a slot of the worker's thread the recognizer, once there is one."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from common.errors import FacedeskError
from gallery.store import OtherModelError
from recognition.recognizer import Recognizer


class Ready(Protocol):
    """What such a slot's object has: where the recognizer is, and whom to tell what."""

    @property
    def _recognizer(self) -> Recognizer | None: ...

    @property
    def failed(self) -> Any: ...

    def _leave(self, error: OtherModelError) -> None: ...

    def _tell_changes(self, recognizer: Recognizer) -> None: ...


Self = TypeVar("Self", bound=Ready)
P = ParamSpec("P")


def when_ready(
    method: Callable[Concatenate[Self, Recognizer, P], None],
) -> Callable[Concatenate[Self, P], None]:
    """Give a slot the recognizer; a FacedeskError that it raises is told by `failed`.

    Before the recognizer is loaded the slot does nothing.
    """

    @functools.wraps(method)
    def slot(self: Self, /, *args: P.args, **kwargs: P.kwargs) -> None:
        recognizer = self._recognizer
        if recognizer is None:
            return
        try:
            method(self, recognizer, *args, **kwargs)
        except OtherModelError as error:  # another program has embedded the gallery again
            self._leave(error)
        except FacedeskError as error:
            self.failed.emit(error.sentence)
            # Another program may have changed what is shown here.
            self._tell_changes(recognizer)

    return slot
