"""A job about a message goes to the channel that the message came by."""

from __future__ import annotations

from sqlalchemy import Engine
from sqlalchemy.orm import sessionmaker

from nlu.dialogue.messages import write_down
from ops.inboxes import VOICE, Inboxes
from tests.conftest import NOW


class Noted:
    """An inbox that notes what it is given."""

    def __init__(self) -> None:
        self.did: list[tuple[object, ...]] = []

    def answer_held(self, message_id: int) -> None:
        self.did.append(("answer", message_id))

    def push_answer(self, message_id: int) -> None:
        self.did.append(("push", message_id))

    def raise_unanswered(self, account_id: int, source_id: str) -> None:
        self.did.append(("raise", account_id, source_id))

    def end_lost_call(self, call_id: int) -> None:
        self.did.append(("end", call_id))


def test_words_from_a_call_are_never_answered_in_wechat(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.begin()
        sessions = sessionmaker(connection, join_transaction_mode="create_savepoint")
        wechat, voice = Noted(), Noted()
        inboxes = Inboxes(sessions, {"wechat": wechat, VOICE: voice})
        with sessions() as session, session.begin():
            said = {"kind": "text", "text": "你好"}
            typed, _ = write_down(session, "wechat", "openid", "1", said, NOW)
            spoken, _ = write_down(session, VOICE, "13800138000", "1", said, NOW)
        for message_id in (typed, spoken):
            inboxes.answer_held(message_id)
            inboxes.push_answer(message_id)
        inboxes.raise_unanswered(3, "wechat:1")
        inboxes.end_lost_call(9)
        assert wechat.did == [("answer", typed), ("push", typed)]
        assert voice.did == [
            ("answer", spoken),
            ("push", spoken),
            ("raise", 3, "wechat:1"),
            ("end", 9),
        ]
