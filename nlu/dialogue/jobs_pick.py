"""Which of several jobs a worker means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from backend.domain.matching import Place, distance_m
from backend.domain.orders import OrderState
from nlu.dialogue.jobs_cards import JobCard
from nlu.dialogue.jobs_words import JobWords
from nlu.dialogue.worker_state import Listed
from nlu.prompts.wording import words as all_words
from nlu.understanding import Understanding

CLOSE_IN_TIME = timedelta(minutes=30)
"""Two jobs that begin this close together are not told apart by time alone."""
SAME_HOUSE_M = 60


_NO_SURNAME = frozenset("老个位的家那这是接退")
"""Before a title, but nobody's name: 老奶奶, 那个爷爷."""


def named(
    cards: Sequence[JobCard],
    words: JobWords,
    u: Understanding,
    listed: Listed | None,
    *,
    strict: bool = False,
) -> list[JobCard] | None:
    """The jobs that the message picks out by number, name, service or time.

    None when it picks none out; an empty list when it names one that is not there. `strict`: an
    elder, day or hour that fits none of the cards names one that is not there.
    """
    if words.everything:
        return list(cards)
    if words.number is not None:
        return [card for card in cards if card.number == words.number]
    if words.ordinal is not None:
        return _by_position(cards, words.ordinal, listed)
    narrowed = list(cards)
    for fits in (_by_elder, _by_service, _by_time):
        if found := fits(narrowed, words.text, u):
            narrowed = found
    if strict and _names_another(narrowed, words.text, u):
        return []
    return narrowed if len(narrowed) < len(cards) else None


def nearest(cards: Sequence[JobCard], now: datetime) -> list[JobCard]:
    """The job whose time it is: the one under way, else the one that begins closest to now.

    More than one when time does not tell them apart. A meal round counts as one thing: all its
    jobs of the same window come back together.
    """
    if not cards:
        return []
    under_way = [card for card in cards if card.state != OrderState.ACCEPTED.value]
    waiting = list(under_way or cards)
    today = now.astimezone(waiting[0].start.tzinfo).date()
    waiting = [card for card in waiting if card.start.date() == today] or waiting
    first = min(waiting, key=lambda card: (abs(card.start - now), card.order_id))
    return [card for card in waiting if abs(card.start - first.start) < CLOSE_IN_TIME]


def is_one_round(cards: Sequence[JobCard]) -> bool:
    """Whether these jobs are carried out in one round, so that one word is about all."""
    return len(cards) > 1 and all(
        card.shared and abs(card.start - cards[0].start) < CLOSE_IN_TIME for card in cards
    )


def at_place(cards: Sequence[JobCard], place: Place) -> list[JobCard]:
    """The jobs at the address closest to a shared location."""
    known = [(distance_m(card.place, place), card) for card in cards if card.place is not None]
    if not known:
        return []
    least = min(metres for metres, _ in known)
    return [card for metres, card in known if metres - least <= SAME_HOUSE_M]


def _by_position(cards: Sequence[JobCard], ordinal: int, listed: Listed | None) -> list[JobCard]:
    ids = [card.id for card in cards]
    shown = listed.ids if listed is not None and set(listed.ids) & set(ids) else ids
    index = ordinal - 1 if ordinal > 0 else len(shown) + ordinal
    if not 0 <= index < len(shown):
        return []
    return [card for card in cards if card.id == shown[index]]


def _by_elder(cards: Sequence[JobCard], text: str, _: Understanding) -> list[JobCard]:
    if full := [card for card in cards if card.elder and card.elder in text]:
        return full
    return [
        card
        for card in cards
        if f"姓{card.surname}" in text
        or any(card.surname + title in text for title in (*_titles(), "家", "姓"))
    ]


def _titles() -> list[str]:
    return [title for titles in all_words()["titles"].values() for title in titles]


def _names_another(cards: Sequence[JobCard], text: str, u: Understanding) -> bool:
    """Whether the words name an elder, a day or an hour that none of the cards has."""
    surnames = set(re.findall(rf"([\u4e00-\u9fff])(?:{'|'.join(_titles())})", text))
    surnames = {said for said in surnames if said not in _NO_SURNAME}
    if surnames and not any(card.surname[-1] in surnames for card in cards):
        return True
    if u.date is not None and all(card.start.date() != u.date for card in cards):
        return True
    return (
        u.time is not None
        and re.search(r"[点时:]", text) is not None
        and not any(card.start.time() <= u.time <= card.end.time() for card in cards)
    )


def _by_service(cards: Sequence[JobCard], text: str, u: Understanding) -> list[JobCard]:
    codes = {wish.code for wish in u.services}
    return [card for card in cards if card.code in codes or card.item in text]


def _by_time(cards: Sequence[JobCard], _: str, u: Understanding) -> list[JobCard]:
    on_day = [card for card in cards if u.date is None or card.start.date() == u.date]
    if u.time is None:
        return on_day if u.date is not None else []
    exact = [card for card in on_day if card.start.time() == u.time]
    return exact or [card for card in on_day if card.start.hour == u.time.hour]
