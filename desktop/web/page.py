"""The one page of `facedesk web`, and what a browser may do for it."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files

PAGE = files("desktop.web").joinpath("page.html").read_text("utf-8")


def _hashed(element: str) -> str:
    """Return the hash of the page's one style or script element, as a policy names it."""
    found = re.search(f"<{element}>(.*?)</{element}>", PAGE, re.DOTALL)
    assert found is not None
    return f"'sha256-{b64encode(sha256(found[1].encode()).digest()).decode()}'"


PAGE_POLICY = (
    f"default-src 'none'; script-src {_hashed('script')}; style-src {_hashed('style')};"
    " img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
"""The page's Content-Security-Policy: its own style and script alone, and no other address."""
