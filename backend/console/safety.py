"""What every page of ours carries, and whether a form comes from one of ours: for the console's
door and for that of the pages in WeChat."""

from __future__ import annotations

import secrets

from flask import Response, request

CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})

HEADERS = {
    # Scripts, styles and pictures of our own house only, and none written into a page.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

LASTS = {"Cache-Control": "private, max-age=31536000, immutable"}
"""For what its address names by its content, and only some may see."""
LASTS_FOR_ALL = {"Cache-Control": "public, max-age=31536000, immutable"}
"""For what its address names by its content, and is the same for everybody."""


def is_secure() -> bool:
    """Whether the visitor's browser speaks TLS, with us or with the proxy before us."""
    return request.is_secure or request.headers.get("X-Forwarded-Proto") == "https"


def from_our_site() -> bool:
    """What the browser itself says of where a request was made."""
    return request.headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none")


def brings(expected: str) -> bool:
    """Whether the form brings the key that we gave with it. Another site can make a browser send a
    form, but can read neither our key nor our cookie."""
    brought = request.headers.get("X-Form-Key") or request.form.get("form_key", "")
    return bool(expected) and secrets.compare_digest(brought.encode(), expected.encode())


def dress(response: Response, *, lasts: bool) -> Response:
    """Put the headers on. `lasts`: a file that may be kept, no page about people."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if not lasts:
        # People's files must not stay in a browser that somebody else uses next.
        response.headers.setdefault("Cache-Control", "no-store")
    return response
