"""Files of `static` go out packed to browsers that take them so: `make assets` has packed them."""

from __future__ import annotations

from mimetypes import guess_type

from flask import Response, request, send_from_directory

from backend.console.showing import STATIC


def packed() -> Response | None:
    """The packed form of the file that is asked for, if there is one."""
    if request.endpoint != "console.static":
        return None
    return packed_form(str((request.view_args or {})["filename"]))


def packed_form(name: str) -> Response | None:
    """The packed form of a file of `static`; None where there is none or the browser takes none."""
    if not request.accept_encodings["gzip"]:
        return None
    if not name.endswith((".css", ".js", ".svg")) or not (STATIC / f"{name}.gz").is_file():
        return None
    kind = guess_type(name)[0] or "application/octet-stream"
    sent = send_from_directory(STATIC, f"{name}.gz", mimetype=kind)
    sent.headers["Content-Encoding"] = "gzip"
    sent.headers["Vary"] = "Accept-Encoding"
    return sent
