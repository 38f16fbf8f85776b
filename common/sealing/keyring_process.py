"""Asks the account's keyring, in a process of its own that may be ended: get, set or delete a slot.

It is run as a script. What it is to keep comes by its input; what it finds goes to its output.
Keyrings that keep secrets in plain files are refused: a file of our own is as good, and known.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys

_SERVICE = "facedesk"


def main(what: str, slot: str) -> int:
    import keyring
    from keyring.errors import KeyringError, PasswordDeleteError

    backend = keyring.get_keyring()
    if backend.priority < 1 or "keyrings.alt" in type(backend).__module__:
        return 1
    try:
        if what == "set":
            backend.set_password(_SERVICE, slot, sys.stdin.read().strip())
        elif what == "get":
            os.write(1, (backend.get_password(_SERVICE, slot) or "").encode())
        else:
            with contextlib.suppress(PasswordDeleteError):
                backend.delete_password(_SERVICE, slot)
    except KeyringError:
        return 1
    return 0


if __name__ == "__main__":
    with contextlib.redirect_stdout(io.StringIO()):
        code = main(*sys.argv[1:3])
    sys.exit(code)
