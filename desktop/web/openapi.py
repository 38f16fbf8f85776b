"""The OpenAPI description of `facedesk web`, from the types of its answers."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import msgspec

from desktop.shared.answers import PersonAnswer
from desktop.web.tasks import ConsentAnswer, EnrollAnswer, IdentifyAnswer, VerifyAnswer


@dataclass(frozen=True)
class ErrorAnswer:
    """What was expected, what came instead, and what to do: as one text, and apart where known."""

    error: str
    expected: str | None = None
    found: str | None = None
    remedy: str | None = None


_PICTURE = {"type": "string", "format": "binary", "description": "JPEG, PNG, WebP, TIFF or BMP"}
_NAME = {"type": "string", "description": "The person's name, in any script"}
_AGREED = {
    "type": "string",
    "description": "The sha256 of the text of /consent that the person agrees to, where one is"
    " asked for",
}
_SEVERAL = {"type": "array", "items": _PICTURE, "minItems": 1}

_TYPES = (
    IdentifyAnswer,
    VerifyAnswer,
    EnrollAnswer,
    list[PersonAnswer],
    list[ConsentAnswer],
    ErrorAnswer,
)
_schemas, _components = msgspec.json.schema_components(
    _TYPES, ref_template="#/components/schemas/{name}"
)
_IDENTIFIED, _VERIFIED, _ENROLLED, _PEOPLE, _CONSENTS, _ERROR = _schemas


def _form(optional: dict[str, Any] | None = None, **fields: dict[str, Any]) -> dict[str, Any]:
    properties = {**fields, **(optional or {})}
    schema = {"type": "object", "properties": properties, "required": list(fields)}
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}


def _json(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


_ERRORS = {
    "400": _json("The request is not the form that is asked for", _ERROR),
    "401": _json("The token is missing or wrong", _ERROR),
    "403": _json("Another site asks", _ERROR),
    "413": _json("More than 64 MB", _ERROR),
    "422": _json("A picture or a name cannot be used; nothing was changed", _ERROR),
    "503": _json("Too many requests at once", _ERROR),
}


def _operation(
    summary: str, answer: tuple[str, dict[str, Any]], *errors: str, **others: Any
) -> dict[str, Any]:
    status, told = answer
    responses = {status: told} | {code: _ERRORS[code] for code in errors}
    return {"summary": summary, **others, "responses": responses}


_FORM_ERRORS = ("400", "401", "403", "413", "422", "503")
_READ_ERRORS = ("401", "403", "503")

DESCRIPTION: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {
        "title": "Facedesk",
        "version": version("facedesk"),
        "description": "Who is on a picture, on this computer alone. A photograph of a person is "
        "taken for the person: this is no lock.",
    },
    "paths": {
        "/identify": {
            "post": _operation(
                "Say who is on a picture",
                ("200", _json("All faces, the largest first", _IDENTIFIED)),
                *_FORM_ERRORS,
                requestBody=_form(picture=_PICTURE),
            )
        },
        "/verify": {
            "post": _operation(
                "Say whether two pictures show the same person",
                ("200", _json("The comparison", _VERIFIED)),
                *_FORM_ERRORS,
                requestBody=_form(first=_PICTURE, second=_PICTURE),
            )
        },
        "/consent": {
            "get": _operation(
                "List the texts of which whoever is enrolled agrees to one; none where that is not"
                " asked for",
                ("200", _json("The texts", _CONSENTS)),
                "401",
                "403",
                "422",
            )
        },
        "/people": {
            "get": _operation(
                "List everyone enrolled", ("200", _json("By name", _PEOPLE)), *_READ_ERRORS
            ),
            "post": _operation(
                "Enroll a person from pictures, or add to the same person of that name",
                ("201", _json("The person has the pictures", _ENROLLED)),
                *_FORM_ERRORS,
                requestBody=_form({"consent": _AGREED}, name=_NAME, pictures=_SEVERAL),
            ),
        },
        "/people/{identity}/pictures/{number}": {
            "get": _operation(
                "Show an enrolled picture",
                (
                    "200",
                    {
                        "description": "The face as it is compared",
                        "content": {
                            "image/png": {"schema": {"type": "string", "format": "binary"}}
                        },
                    },
                ),
                *_READ_ERRORS,
                parameters=[
                    {
                        "name": "identity",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "string"},
                    },
                    {
                        "name": "number",
                        "in": "path",
                        "required": True,
                        "description": "From 0, the oldest",
                        "schema": {"type": "integer", "minimum": 0},
                    },
                ],
            )
        },
    },
    "components": {
        "schemas": _components,
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
    },
    # Without a token on a loopback address, with one everywhere else.
    "security": [{}, {"token": []}],
}
DESCRIPTION["paths"]["/people/{identity}/pictures/{number}"]["get"]["responses"]["404"] = _json(
    "There is no such person or picture", _ERROR
)
