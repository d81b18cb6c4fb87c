"""A process is told to end, and something that waits in it must hear of it."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable

TOLD = frozenset({signal.SIGTERM, signal.SIGINT})


def when_told_to_end(do: Callable[[], None]) -> None:
    """Call `do`, in a thread of its own, at SIGTERM or SIGINT, whoever else handles them.

    A server that installs its own handlers later does not undo this. From the main thread, once a
    process.
    """
    hears, told = socket.socketpair()
    told.setblocking(False)
    signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)

    def wait() -> None:
        with told, hears:
            while not TOLD & set(hears.recv(64)):
                pass
            do()
            threading.Event().wait()  # the sockets are signal's as long as the process lives

    threading.Thread(target=wait, name="leaving", daemon=True).start()
