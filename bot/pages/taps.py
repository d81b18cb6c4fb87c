"""Taps that change something: each carries a word of its own and is carried out once."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import abort, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from backend.domain.errors import DomainError
from backend.services.take_tap import keep_outcome, tap_before
from backend.services.work import Work
from bot.pages.door import PageDoor, guest, told, wants_json
from bot.pages.showing import page, refusal

_TAP = re.compile(r"[A-Za-z0-9_-]{8,64}")

Answer = AnyResponse | tuple[str, int]
OnRefusal = Callable[[Work, DomainError], None]


def tap_of_form() -> str:
    """The word of the tap that is being carried out; 400 for none."""
    tap = request.form.get("tap", "")
    if not _TAP.fullmatch(tap) or not guest().account_id:
        abort(400)
    return tap


def take(
    door: PageDoor,
    act: Callable[[Work], str],
    back: str,
    counted: frozenset[str] = frozenset(),
    on_refusal: OnRefusal | None = None,
) -> Answer:
    """Carry out a tap: `act` says to which page it leads. `back`: where a refused one goes on.

    A refusal whose code is in `counted` is kept as well, with what `on_refusal` writes: its second
    copy must not count again.
    """
    tap, account_id = tap_of_form(), guest().account_id
    try:
        with door.work() as work:
            earlier = tap_before(work, account_id, tap)
            if earlier is not None:
                return _outcome(earlier.leads_to, earlier.said)
            leads_to = act(work)
            keep_outcome(work, account_id, tap, leads_to)
        return _outcome(leads_to, "")
    except DomainError as refused:
        said = refusal(refused)
        if refused.code in counted and on_refusal is not None:
            with door.work() as work:
                earlier = tap_before(work, account_id, tap)
                if earlier is not None:
                    return _outcome(earlier.leads_to, earlier.said)
                on_refusal(work, refused)
                keep_outcome(work, account_id, tap, back, said)
        return _outcome(back, said)


def _outcome(leads_to: str, said: str) -> Answer:
    if wants_json():
        return told(422 if said else 200, go=leads_to, said=said)
    if said:
        return page("refused", said=said, back=leads_to), 422
    return redirect(leads_to, 303)
