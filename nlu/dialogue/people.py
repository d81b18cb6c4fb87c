"""Whom a sentence is about, among the elders an account is bound to."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import select

from backend.db.models import Account, Elder, Link
from nlu.dialogue.listen import bare
from nlu.dialogue.talk import Talk
from nlu.prompts.wording import words


def who(links: Sequence[Link], person: str | None) -> list[Link]:
    """The bindings that a person word can mean: one is clear, several must be asked about,
    none is somebody this account is not bound to.

    Without a person word an account that is the elder means itself.
    """
    own = [link for link in links if link.relation == "self"]
    said = bare(person or "")
    if not said:
        return own or list(links)
    if said in words()["oneself"]:
        return own or list(links)
    if means_everyone(said) or said in words()["anyone"]:
        return list(links)
    if named := _by_name(links, said):
        return named
    return _by_kinship(links, said)


def means_everyone(text: str) -> bool:
    """爸妈, 二老: more than one elder at once."""
    return any(listed in text for listed in words()["everyone"])


def _by_name(links: Sequence[Link], said: str) -> list[Link]:
    full = [link for link in links if link.elder.name in said]
    if full:
        return full
    given = [link for link in links if len(said) >= 2 and said in link.elder.name]
    if given:
        return given
    return [
        link
        for link in links
        for title in words()["titles"].get(link.elder.sex, ())
        if f"{link.elder.name[:1]}{title}" in said
    ]


def names_of(link: Link) -> list[str]:
    """How people name the elder: 李桂兰, 桂兰, 李奶奶, 李阿姨, …"""
    name = link.elder.name
    titles = words()["titles"].get(link.elder.sex, ())
    return [name, *([name[1:]] if len(name) > 2 else []), *(name[:1] + one for one in titles)]


def _by_kinship(links: Sequence[Link], said: str) -> list[Link]:
    for row in words()["kin"]:
        if not any(listed in said for listed in row["words"]):
            continue
        fits = [link for link in links if row["sex"] in (None, link.elder.sex)]
        for relation in row["relations"]:
            if closest := [link for link in fits if link.relation == relation]:
                return closest
        return [link for link in fits if link.relation == "other"]
    return []


def labels(links: Sequence[Link]) -> list[str]:
    """A label each for the question 给哪位, told apart by town and address when names agree."""
    names = [link.elder.name for link in links]
    return [
        link.elder.name if names.count(link.elder.name) == 1 else _with_place(link.elder)
        for link in links
    ]


def _with_place(elder: Elder) -> str:
    home = next((a for a in elder.addresses if a.is_default), None)
    return f"{elder.name}({elder.town}{home.community or home.street if home else ''})"


def named_by_place(links: Sequence[Link], text: str) -> list[Link]:
    """The bindings whose elder lives where the text says (two elders of one name)."""
    plain = bare(text)
    return [
        link
        for link in links
        if bare(link.elder.town).removesuffix("镇").removesuffix("街道") in plain
        or any(_community(a.community) in plain for a in link.elder.addresses if a.community)
    ]


def _community(name: str) -> str:
    """As people say it: 北隅 for 北隅社区."""
    short = re.sub("(?:社区|居委会|村委会)$", "", bare(name))
    return short if len(short) > 1 else bare(name)


def is_known_by_name(talk: Talk) -> bool:
    """Whether a caller has only named an elder and a town: private facts are not for them."""
    return any(link.known_by == "name" for link in talk.links)


def who_may_order(talk: Talk, elder_id: int) -> list[tuple[str | None, str]]:
    """Names and relations of those who may order for the elder, at most three."""
    query = (
        select(Account.name, Link.relation)
        .join(Link, Link.account_id == Account.id)
        .where(Link.elder_id == elder_id, Link.ended_at.is_(None), Link.may_order)
        .order_by(Link.id)
        .limit(3)
    )
    return [(name, relation) for name, relation in talk.work.session.execute(query)]
