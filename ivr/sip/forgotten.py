"""What baresip's binding was told and no longer reads.

A call that ends just as it is to be transferred ends the transfer as well; the binding, having
failed at sending it, never looks at that second news. asyncio would print it without a word of
where it came from, as if something of ours had been lost. The call's own end tells us all of it.
"""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from baresip.errors import BaresipError

log = structlog.get_logger()


def read_forgotten(loop: asyncio.AbstractEventLoop) -> None:
    """From now on such news are a line in the log; whatever else nobody reads is reported as
    before."""
    before = loop.get_exception_handler()

    def tell(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        forgotten = isinstance(context.get("future"), asyncio.Future) and not isinstance(
            context["future"], asyncio.Task
        )
        if forgotten and isinstance(error, BaresipError):
            log.info("outcome_not_awaited", error=type(error).__name__, words=str(error))
        elif before is not None:
            before(loop, context)
        else:
            loop.default_exception_handler(context)

    loop.set_exception_handler(tell)
