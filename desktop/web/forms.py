"""Reads the pictures and texts that a request sends, in memory alone."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from common.errors import PictureError
from common.sentence import Sentence
from desktop.web.tasks import Upload

MOST_PICTURES = 20
"""Of one request: more than an enrollment has any use for."""

MOST_BYTES = 64_000_000
"""Of one request: twenty photographs of a phone."""

MOST_TEXT_BYTES = 4096


class TooLargeError(Exception):
    """The request has more than MOST_BYTES."""


class MalformedError(Exception):
    """The request is not the form that is asked for. The message says what was expected."""


class _MemoryParser(MultiPartParser):
    """Never writes a picture to the disk."""

    spool_max_size = MOST_BYTES


@asynccontextmanager
async def read_form(request: Request) -> AsyncIterator[FormData]:
    """Give the request's multipart form.

    Raises MalformedError and TooLargeError.
    """
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise MalformedError("Expected a multipart form")
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > MOST_BYTES:
        raise TooLargeError  # before a client that asks first has sent it
    parser = _MemoryParser(
        request.headers,
        _bounded(request),
        max_files=MOST_PICTURES,
        max_fields=MOST_PICTURES,
        max_part_size=MOST_TEXT_BYTES,
    )
    try:
        form = await parser.parse()
    except (KeyError, MultiPartException) as error:  # the former without a boundary
        raise MalformedError(f"Expected a sound multipart form, but: {error}") from error
    try:
        yield form
    finally:
        await form.close()


async def pictures_of(form: FormData, field: str) -> list[Upload]:
    """Return the pictures of a field. Raises MalformedError where there is none."""
    uploads = [
        Upload(value.filename or field, await value.read())
        for value in form.getlist(field)
        if isinstance(value, UploadFile)
    ]
    if not uploads:
        raise MalformedError(f"Expected a file in the field {field!r}, but there is none")
    return uploads


async def picture_of(form: FormData, field: str) -> Upload:
    """Return the one picture of a field. Raises MalformedError and PictureError."""
    first, *others = await pictures_of(form, field)
    if others:
        raise PictureError(
            "one picture", Sentence("there are {}", len(others) + 1), "Send one at a time"
        )
    return first


def text_of(form: FormData, field: str) -> str:
    """Return the text of a field. Raises MalformedError where there is none."""
    text = form.get(field)
    if not isinstance(text, str):
        raise MalformedError(f"Expected a text in the field {field!r}, but there is none")
    return text


def text_if_any(form: FormData, field: str) -> str:
    """Return the text of a field; "" where there is none."""
    text = form.get(field)
    return text if isinstance(text, str) else ""


async def _bounded(request: Request) -> AsyncGenerator[bytes, None]:
    total = 0
    async for chunk in request.stream():
        total += len(chunk)
        if total > MOST_BYTES:
            raise TooLargeError
        yield chunk
