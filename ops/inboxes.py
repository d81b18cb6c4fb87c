"""Jobs about messages and calls, given to the channel they came by."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session, sessionmaker

from backend.db.models import Message
from backend.jobs.tasks import Inbox

VOICE = "voice"


class Inboxes:
    """`backend.jobs.tasks.Inbox` over those of all channels."""

    def __init__(self, sessions: sessionmaker[Session], inboxes: Mapping[str, Inbox]) -> None:
        """`inboxes` by the channel of their messages; there is one for VOICE."""
        self._sessions = sessions
        self._inboxes = inboxes

    def answer_held(self, message_id: int) -> None:
        """Answer a message that could not be answered at once."""
        self._of(message_id).answer_held(message_id)

    def push_answer(self, message_id: int) -> None:
        """Send an answer that the quick way did not carry."""
        self._of(message_id).push_answer(message_id)

    def raise_unanswered(self, account_id: int, source_id: str) -> None:
        """Silence is a yes whatever the channel."""
        self._inboxes[VOICE].raise_unanswered(account_id, source_id)

    def end_lost_call(self, call_id: int) -> None:
        """End a call whose process has died."""
        self._inboxes[VOICE].end_lost_call(call_id)

    def _of(self, message_id: int) -> Inbox:
        with self._sessions() as session:
            return self._inboxes[session.get_one(Message, message_id).channel]
