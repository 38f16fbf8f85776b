"""facedesk web: a small page in the browser, and the same as JSON."""

from __future__ import annotations

import socket
import sys
import webbrowser

import click

from common.errors import FacedeskError
from common.sentence import Sentence
from desktop.commands.session import Session, note

FEWEST = 16
"""Characters of a token: too many to try."""

END_S = 5
"""Seconds that requests under way have when the program is to end."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", default=8765, show_default=True, type=click.IntRange(0, 65535))
@click.option(
    "--token",
    envvar="FACEDESK_WEB_TOKEN",
    help="What others must know, 16 characters or more; rather in FACEDESK_WEB_TOKEN, since all "
    "users of this computer can read options. Without one only this computer is served.",
)
@click.option("--open", "opens", is_flag=True, help="Open the page in the browser.")
@click.pass_obj
def web(session: Session, host: str, port: int, token: str | None, opens: bool) -> None:
    """Serve a page in the browser, to register people and log in.

    It runs until Ctrl+C.

    The same is there as JSON: POST /identify, /verify and /people; /openapi.json describes it.
    """
    from common.extras import needing

    with needing("web", Sentence("which serves the page in the browser")):
        import python_multipart  # noqa: F401 - Starlette imports it when a form comes
        import uvicorn

        from desktop.web.app import web_app
    from desktop.web.guard import LOOPBACK
    from desktop.web.recognition_thread import RecognitionThread

    _check(host in LOOPBACK, token)
    listening = _listening(host, port)
    settings = session.settings
    consent_text = settings.consent_text if settings.ask_consent else None
    with listening:
        thread = RecognitionThread(session.recognizer)
        thread.start()
        try:
            config = uvicorn.Config(
                web_app(thread, session.audit, token, consent_text),
                access_log=False,
                log_level="warning",
                server_header=False,
                timeout_graceful_shutdown=END_S,
                ws="none",
            )
            address = _address(host, listening)
            click.echo(f"Facedesk is at {address} until Ctrl+C.")
            sys.stdout.flush()
            if opens and not webbrowser.open(address):
                note("No browser could be opened here.")
            uvicorn.Server(config).run([listening])
        finally:
            thread.close()


def _check(is_loopback: bool, token: str | None) -> None:
    """Raise FacedeskError unless the page is for this computer alone, or has a sound token."""
    if token is not None and (len(token) < FEWEST or not token.isascii() or " " in token):
        raise FacedeskError(
            f"a token of {FEWEST} or more letters, digits and signs",
            "this one is shorter, or has something else in it",
            "Make one, for example with: openssl rand -hex 16",
        )
    if is_loopback:
        return
    if token is None:
        raise FacedeskError(
            "a token, where others than this computer are served",
            "none is set",
            "Set FACEDESK_WEB_TOKEN, or leave out --host",
        )
    note(
        "Pictures and the token cross the network as they are: put a proxy with TLS before this, "
        "unless you trust everybody on it."
    )


def _listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens. Raises FacedeskError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise FacedeskError(
            "an address and a port that are free",
            f"{host} port {port} cannot be used ({error.strerror or error})",
            "Choose another one with --port or --host, or end the program that has it",
        ) from error


def _address(host: str, listening: socket.socket) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{listening.getsockname()[1]}/"
