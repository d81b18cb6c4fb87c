"""What can go wrong between us and WeChat, with a type for each answer we give to it.

Two directions, two families:

* :class:`CallbackRefused`: WeChat (or somebody pretending to be) called us and we will not take
  the call; ``status`` is the HTTP status to answer with. The messages carry no personal data, so
  they may be logged.
* :class:`TransportError`: we called WeChat and it did not do what we asked; ``kind`` says what a
  caller can do about it.
"""

from __future__ import annotations

from typing import ClassVar, Literal

Kind = Literal[
    "window_closed",  # nobody spoke to us in time: use a template message
    "count_used_up",  # the allowed number of messages since then is spent: template message
    "blocked",  # unfollowed, refused or blacklisted us: another channel
    "unknown_user",  # no such openid with this account
    "unknown_template",  # the template id is not in this account
    "bad_content",  # too long, empty, not matching the template: write it differently
    "duplicate",  # WeChat has this client_msg_id already
    "media_gone",  # unknown or older than three days
    "bad_code",  # an OAuth code that is wrong, used or older than five minutes
    "token",  # the access token is refused, and refreshing did not mend it
    "quota",  # today's allowance of calls is used up (it renews at midnight, Shanghai)
    "busy",  # WeChat says: later
    "ip",  # this machine's address is not on the account's list
    "config",  # wrong app id or secret, or an interface this account has no right to
    "network",  # no answer, a broken one, or an HTTP error
    "unknown",  # a code we have no line for
]

_ROUTE_CLOSED: frozenset[Kind] = frozenset(
    {
        "window_closed",
        "count_used_up",
        "blocked",
        "unknown_user",
        "unknown_template",
        "bad_content",
        "duplicate",
        "media_gone",
        "bad_code",
    }
)

# https://developers.weixin.qq.com/doc/service/guide/dev/error_code.html (全局返回码)
KIND_OF_CODE: dict[int, Kind] = {
    -1: "busy",
    40001: "token",
    40014: "token",
    41001: "token",
    42001: "token",
    40002: "config",
    40013: "config",
    40125: "config",
    40200: "config",  # msgmenu from an account that is not a verified service account
    40243: "config",  # AppSecret frozen
    41002: "config",
    41004: "config",
    48001: "config",
    48004: "config",
    50002: "config",
    40003: "unknown_user",
    40031: "unknown_user",
    40037: "unknown_template",
    40007: "media_gone",
    40029: "bad_code",
    40163: "bad_code",
    42003: "bad_code",
    40164: "ip",
    61004: "ip",
    43004: "blocked",
    43019: "blocked",
    43101: "blocked",
    50005: "blocked",
    45015: "window_closed",
    45047: "count_used_up",
    45009: "quota",
    45011: "busy",  # too many calls in this minute
    45065: "duplicate",
    45066: "duplicate",
    40008: "bad_content",
    40033: "bad_content",
    40035: "bad_content",
    40053: "bad_content",
    44002: "bad_content",
    44004: "bad_content",
    45001: "bad_content",
    45002: "bad_content",
    45008: "bad_content",
    47001: "bad_content",
    47003: "bad_content",
    **dict.fromkeys(range(40015, 40028), "bad_content"),  # the account menu's limits
}

TOKEN_REFUSED = frozenset({40001, 40014, 42001})
"""The codes after which a fresh token may help (41001, no token sent, would be our own bug)."""


class TransportError(Exception):
    """WeChat did not carry out a call.

    ``code`` is WeChat's errcode, or 0 when there was none (network, our own length checks).
    ``permanent`` means that the same call will never work for this person and content: take
    another route now. Otherwise the same call may work later.
    ``maybe_sent`` is true when the request may have reached WeChat although no answer came back;
    sending it again might show the message twice.
    """

    def __init__(
        self,
        code: int,
        message: str,
        permanent: bool | None = None,
        kind: Kind | None = None,
        *,
        maybe_sent: bool = False,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.kind: Kind = kind or KIND_OF_CODE.get(code, "unknown")
        self.permanent = self.kind in _ROUTE_CLOSED if permanent is None else permanent
        self.maybe_sent = maybe_sent

    def __repr__(self) -> str:
        return f"TransportError({self.code}, {self.message!r}, {self.kind}, {self.permanent})"


class CallbackRefused(Exception):  # noqa: N818
    """A call to our WeChat address that is not taken. ``status`` is the HTTP status to give."""

    status: ClassVar[int] = 400


class BadSignature(CallbackRefused):
    """Not signed with our token, not encrypted with our key, or meant for another app."""

    status = 403


class Stale(CallbackRefused):
    """Signed, but its timestamp is too far from now: an old recording may be being replayed."""

    status = 403


class Malformed(CallbackRefused):
    """Not the XML that WeChat writes."""

    status = 400


class TooLarge(CallbackRefused):
    """A body longer than any message of WeChat."""

    status = 413
