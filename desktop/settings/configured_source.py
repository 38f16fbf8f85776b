"""Opens a source of frames as the settings ask for it."""

from __future__ import annotations

from capture.opening import open_source
from capture.source import FrameSource
from desktop.settings.file import Settings


def open_configured(settings: Settings, spec: str) -> FrameSource:
    """Open the source that `spec` names; a camera is asked for the settings' size and rate.

    Raises SourceError as capture.opening.open_source does.
    """
    return open_source(spec, size=(settings.width, settings.height), fps=settings.fps)
