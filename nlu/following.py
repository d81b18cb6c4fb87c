"""Take up what a city changes, in every process, without a restart.

A thread asks each second for the number of the last change (the end of an index); only when it is
another one everything is read again and laid over. Whatever goes wrong, what stood stands: with the
database away, words do not matter most.
"""

from __future__ import annotations

import threading
import time

import structlog
from sqlalchemy.orm import Session, sessionmaker

from backend.services.setting_versions import newest, overrides
from nlu.own_words import lay_over

log = structlog.get_logger()

LOOK_EVERY_S = 1.0


class Following:
    """What this process knows of the settings."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions
        self._number = 0

    def look(self) -> bool:
        """Look once; whether something new was laid over. Raises the database's errors."""
        with self._sessions() as session:
            if newest(session) == self._number:
                return False
            kept = overrides(session)
        lay_over(kept)
        self._number = kept.number
        log.info("settings_taken_up", number=kept.number)
        return True

    def start(self) -> None:
        """Go on looking, in a thread that ends with the process. What stands already is taken up
        before this returns, unless the database is away."""
        self._try()
        threading.Thread(target=self._go_on, name="settings", daemon=True).start()

    def _go_on(self) -> None:
        while True:
            time.sleep(LOOK_EVERY_S)
            self._try()

    def _try(self) -> None:
        try:
            self.look()
        except Exception as error:
            log.warning("settings_not_read", error=type(error).__name__)
