"""Files of `static` go out packed to browsers that take them so: `make assets` has packed them. A
browser keeps them for as long as their address stays the same."""

from __future__ import annotations

from mimetypes import guess_type

from flask import Response, request, send_from_directory

from backend.console.safety import LASTS_FOR_ALL
from backend.console.showing import STATIC, version_of


def packed() -> Response | None:
    """The file of `static` that is asked for, if one is."""
    if request.endpoint != "console.static":
        return None
    return shipped(str((request.view_args or {})["filename"]))


def shipped(name: str) -> Response:
    """A file of `static`, packed where the browser takes it so; 404 where there is none.

    Only under the version that it has here may it be kept: while a new version is brought in, one
    process may be asked for what only another has.
    """
    sent = _packed_form(name) or send_from_directory(STATIC, name)
    sent.headers["Vary"] = "Accept-Encoding"
    if request.args.get("v") == version_of(name):
        sent.headers.update(LASTS_FOR_ALL)
    return sent


def _packed_form(name: str) -> Response | None:
    """None where there is none or the browser takes none."""
    if not request.accept_encodings["gzip"]:
        return None
    if not name.endswith((".css", ".js", ".svg")) or not (STATIC / f"{name}.gz").is_file():
        return None
    kind = guess_type(name)[0] or "application/octet-stream"
    sent = send_from_directory(STATIC, f"{name}.gz", mimetype=kind)
    sent.headers["Content-Encoding"] = "gzip"
    return sent
