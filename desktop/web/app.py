"""The application of `facedesk web`: one page, and the same as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from common.errors import FacedeskError, UnknownIdentityError
from desktop.web import tasks
from desktop.web.forms import (
    MOST_BYTES,
    MalformedError,
    TooLargeError,
    picture_of,
    pictures_of,
    read_form,
    text_if_any,
    text_of,
)
from desktop.web.guard import RequestGuard
from desktop.web.openapi import DESCRIPTION
from desktop.web.page import PAGE, PAGE_POLICY
from desktop.web.recognition_thread import BusyError, RecognitionThread
from recognition.recognizer import Recognizer
from station.ledger.audit import Audit


def web_app(
    thread: RecognitionThread, audit: Audit, token: str | None, consent_text: str | None = None
) -> Starlette:
    """Return the application. audit: writes down who was enrolled. token: see RequestGuard.

    consent_text: path of the text that people agree to before they are enrolled; None where they
    are not asked.
    """
    endpoints = _Endpoints(thread, audit, consent_text)
    return Starlette(
        routes=[
            Route("/", endpoints.page),
            Route("/openapi.json", endpoints.description),
            Route("/identify", endpoints.identify, methods=["POST"]),
            Route("/verify", endpoints.verify, methods=["POST"]),
            Route("/consent", endpoints.consent),
            Route("/people", endpoints.people),
            Route("/people", endpoints.enroll, methods=["POST"]),
            Route("/people/{identity}/pictures/{number:int}", endpoints.picture),
        ],
        middleware=[Middleware(RequestGuard, token=token)],
        exception_handlers=_HANDLERS,
    )


class _Endpoints:
    def __init__(self, thread: RecognitionThread, audit: Audit, consent_text: str | None) -> None:
        self._thread = thread
        self._audit = audit
        self._consent_text = consent_text

    async def page(self, request: Request) -> Response:
        return HTMLResponse(PAGE, headers={"Content-Security-Policy": PAGE_POLICY})

    async def description(self, request: Request) -> Response:
        return JSONResponse(DESCRIPTION)

    async def identify(self, request: Request) -> Response:
        async with read_form(request) as form:
            picture = await picture_of(form, "picture")
        return await self._answered(lambda recognizer: tasks.identify(recognizer, picture))

    async def verify(self, request: Request) -> Response:
        async with read_form(request) as form:
            first, second = await picture_of(form, "first"), await picture_of(form, "second")
        return await self._answered(lambda recognizer: tasks.verify(recognizer, first, second))

    async def people(self, request: Request) -> Response:
        return await self._answered(tasks.people)

    async def enroll(self, request: Request) -> Response:
        async with read_form(request) as form:
            name, pictures = text_of(form, "name"), await pictures_of(form, "pictures")
            consent = tasks.agreed(self._consent_text, text_if_any(form, "consent"))
        return await self._answered(
            lambda recognizer: tasks.enroll(recognizer, self._audit, name, pictures, consent), 201
        )

    async def consent(self, request: Request) -> Response:
        return JSONResponse([asdict(one) for one in tasks.consent_texts(self._consent_text)])

    async def picture(self, request: Request) -> Response:
        identity, number = request.path_params["identity"], request.path_params["number"]
        png = await self._thread.run(lambda recognizer: tasks.picture(recognizer, identity, number))
        if png is None:
            raise HTTPException(404, "Expected a picture of that person, but there are fewer")
        return Response(png, media_type="image/png")

    async def _answered(self, task: Callable[[Recognizer], object], status: int = 200) -> Response:
        answer: Any = await self._thread.run(task)
        told = [asdict(one) for one in answer] if isinstance(answer, list) else asdict(answer)
        return JSONResponse(told, status)


async def _told(status: int, request: Request, error: Exception) -> Response:
    """Answer what the world did wrong, in the same three parts as everywhere."""
    told: dict[str, str] = {"error": str(error)}
    if isinstance(error, FacedeskError):
        told |= {"expected": error.expected, "found": error.found, "remedy": error.remedy}
    return JSONResponse(told, status)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, error.status_code, headers=error.headers)


async def _too_large(request: Request, error: Exception) -> Response:
    told = f"Expected at most {MOST_BYTES // 1_000_000} MB in a request, but there is more"
    # The rest is not read.
    return JSONResponse({"error": told}, 413, headers={"Connection": "close"})


async def _busy(request: Request, error: Exception) -> Response:
    told = "Too many requests at once. Try again in a moment"
    return JSONResponse({"error": told}, 503, headers={"Retry-After": "2"})


_HANDLERS: Mapping[Any, Any] = {
    UnknownIdentityError: partial(_told, 404),
    FacedeskError: partial(_told, 422),
    MalformedError: partial(_told, 400),
    HTTPException: _http,
    TooLargeError: _too_large,
    BusyError: _busy,
}
