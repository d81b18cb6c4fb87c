"""Consents, and what is kept under them: from the first question to the label."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, select, text
from sqlalchemy.exc import IntegrityError

from backend.db.databases import Addresses, sqlalchemy_url
from backend.db.migrate import alembic_config, migrate
from backend.db.models import Account, Base, Consent, Misunderstanding
from backend.domain.errors import NotFound
from backend.domain.learning import WhyKept
from backend.services.answer_consent import answer_consent
from backend.services.ask_consent import ask_consent
from backend.services.consents import asked_before, standing_consent
from backend.services.count_misunderstandings import count_misunderstandings
from backend.services.export_misunderstandings import export_misunderstandings
from backend.services.keep_misunderstanding import (
    LEARNING,
    Misunderstood,
    keep_misunderstanding,
)
from backend.services.label_misunderstandings import label_misunderstandings, labelled
from backend.services.withdraw_consent import withdraw_consent
from backend.services.work import Work
from tests.backend.people import Cast


@pytest.fixture
def daughter(cast: Cast) -> Account:
    return cast.account("王芳")


@pytest.fixture
def hers(cast: Cast, daughter: Account) -> Work:
    """She has agreed and is at work."""
    work = cast.as_(daughter)
    ask_consent(work, daughter.id, LEARNING, "1")
    answer_consent(work, daughter.id, LEARNING, agrees=True)
    return work


def missed(work: Work, message: str = "m1", why: WhyKept = WhyKept.MISSED) -> Misunderstood:
    return Misunderstood(
        message=message,
        text=f"那个{message}",
        channel="wechat",
        intent="out_of_scope",
        confidence=0.2,
        expected="order:date",
        why=why,
        said_at=work.now,
    )


def kept(work: Work) -> list[Misunderstanding]:
    return list(
        work.session.scalars(
            select(Misunderstanding)
            .order_by(Misunderstanding.id)
            .execution_options(populate_existing=True)
        )
    )


def label(said: str) -> dict[str, object]:
    return {"text": said, "intent": "inform"}


# ------------------------------------------------------------------ consent


def test_a_question_without_an_answer_is_no_consent(cast: Cast, daughter: Account) -> None:
    work = cast.as_(daughter)
    ask_consent(work, daughter.id, LEARNING, "1")
    assert standing_consent(work, daughter.id, LEARNING) is None
    assert not keep_misunderstanding(work, daughter.id, missed(work))
    assert kept(work) == []


def test_a_consent_without_a_question_is_none_either(cast: Cast, daughter: Account) -> None:
    with pytest.raises(NotFound):
        answer_consent(cast.as_(daughter), daughter.id, LEARNING, agrees=True)


def test_the_proof_names_wording_channel_and_time(hers: Work, daughter: Account) -> None:
    consent = standing_consent(hers, daughter.id, LEARNING)
    assert consent is not None
    assert (consent.text_version, consent.asked_through) == ("1", "wechat")
    assert consent.asked_at == consent.given_at == hers.now
    # Saying yes twice leaves one consent.
    assert answer_consent(hers, daughter.id, LEARNING, agrees=True) is consent


def test_a_refusal_is_kept_and_nothing_else(cast: Cast, daughter: Account) -> None:
    work = cast.as_(daughter)
    ask_consent(work, daughter.id, LEARNING, "1")
    answer_consent(work, daughter.id, LEARNING, agrees=False)
    assert [one.refused_at for one in asked_before(work, daughter.id, LEARNING)] == [work.now]
    assert not keep_misunderstanding(work, daughter.id, missed(work))


def test_a_consent_is_for_one_purpose(hers: Work, daughter: Account) -> None:
    assert standing_consent(hers, daughter.id, "recordings") is None
    assert withdraw_consent(hers, daughter.id, "recordings") is None


def test_two_consents_to_one_purpose_cannot_stand(hers: Work, daughter: Account) -> None:
    again = ask_consent(hers, daughter.id, LEARNING, "2")
    with pytest.raises(IntegrityError), hers.session.begin_nested():
        again.given_at = hers.now
        hers.session.flush()


def test_withdrawing_deletes_what_was_kept_labels_and_all(
    cast: Cast, hers: Work, daughter: Account
) -> None:
    keep_misunderstanding(hers, daughter.id, missed(hers, "m1"))
    keep_misunderstanding(hers, daughter.id, missed(hers, "m2"))
    label_misunderstandings(cast.house, {kept(hers)[0].id: label("那个m1")})
    later = Work(hers.session, hers.actor, hers.now + timedelta(days=3))
    assert withdraw_consent(later, daughter.id, LEARNING) == 2
    assert kept(hers) == []
    assert labelled(cast.house) == []
    (proof,) = asked_before(hers, daughter.id, LEARNING)
    assert (proof.withdrawn_at, proof.withdrawn_through) == (later.now, "wechat")
    assert not keep_misunderstanding(later, daughter.id, missed(later, "m3"))


def test_nobody_elses_sentences_go_with_it(cast: Cast, hers: Work, daughter: Account) -> None:
    son = cast.account("王强")
    his = cast.as_(son)
    ask_consent(his, son.id, LEARNING, "1")
    answer_consent(his, son.id, LEARNING, agrees=True)
    keep_misunderstanding(his, son.id, missed(his, "his"))
    keep_misunderstanding(hers, daughter.id, missed(hers, "hers"))
    withdraw_consent(hers, daughter.id, LEARNING)
    assert [row.text for row in kept(his)] == ["那个his"]


# ------------------------------------------------------------------ keeping


def test_a_message_is_kept_once(hers: Work, daughter: Account) -> None:
    for _ in range(2):
        assert keep_misunderstanding(hers, daughter.id, missed(hers))
    assert len(kept(hers)) == 1


@pytest.mark.parametrize(("first", "then", "stays"), [
    (WhyKept.UNSURE, WhyKept.CORRECTED, WhyKept.CORRECTED),
    (WhyKept.MISSED, WhyKept.UNSURE, WhyKept.MISSED),
    (WhyKept.CORRECTED, WhyKept.MISSED, WhyKept.CORRECTED),
])  # fmt: skip
def test_what_says_most_stays(
    hers: Work, daughter: Account, first: WhyKept, then: WhyKept, stays: WhyKept
) -> None:
    for why in (first, then):
        keep_misunderstanding(hers, daughter.id, missed(hers, why=why))
    assert [row.why for row in kept(hers)] == [stays]


def test_a_row_names_no_message_of_wechats(hers: Work, daughter: Account) -> None:
    keep_misunderstanding(hers, daughter.id, missed(hers, "6054768590064713728"))
    assert "6054768590064713728" not in kept(hers)[0].message_key


# ------------------------------------------------------------------ labels


def test_export_gives_what_has_no_label_and_says_so(hers: Work, daughter: Account) -> None:
    for message in ("m1", "m2", "m3"):
        keep_misunderstanding(hers, daughter.id, missed(hers, message))
    first, second, _ = kept(hers)
    label_misunderstandings(hers, {second.id: label("那个m2")})
    assert [row.text for row in export_misunderstandings(hers)] == ["那个m1", "那个m3"]
    assert first.exported_at == hers.now
    # A file may have been lost: it comes again until it has its label.
    assert len(export_misunderstandings(hers)) == 2
    counts = count_misunderstandings(hers)
    assert (counts.consents, counts.waiting, counts.exported, counts.labelled) == (1, 2, 2, 1)
    assert counts.reasons == {"missed": 2}


def test_labels_are_taken_once(hers: Work, daughter: Account) -> None:
    keep_misunderstanding(hers, daughter.id, missed(hers))
    (row,) = kept(hers)
    given = {row.id: label("那个m1"), 10**12: label("不在了")}
    taken = label_misunderstandings(hers, given)
    assert (taken.labelled, taken.unchanged, taken.gone) == (1, 0, 1)
    later = Work(hers.session, hers.actor, hers.now + timedelta(hours=1))
    taken = label_misunderstandings(later, given)
    assert (taken.labelled, taken.unchanged) == (0, 1)
    assert kept(hers)[0].labelled_at == hers.now


def test_what_whoever_labels_masks_is_masked_here_too(hers: Work, daughter: Account) -> None:
    said = missed(hers)
    keep_misunderstanding(
        hers, daughter.id, Misunderstood(**{**said.__dict__, "alternatives": ("阿娇那个",)})
    )
    label_misunderstandings(hers, {kept(hers)[0].id: label("{name}那个")})
    (row,) = kept(hers)
    assert (row.text, row.alternatives) == ("{name}那个", [])


def test_what_is_discarded_is_gone(hers: Work, daughter: Account) -> None:
    keep_misunderstanding(hers, daughter.id, missed(hers))
    taken = label_misunderstandings(hers, {}, [kept(hers)[0].id, 10**12])
    assert taken.discarded == 1
    assert kept(hers) == []


# ------------------------------------------------------------------ the tables


def test_the_tables_are_what_the_models_say(engine: object, town: tuple[str, object]) -> None:
    made = create_engine(sqlalchemy_url(town[0]))
    with made.connect() as connection:
        ours = {
            "include_name": lambda name, kind, _: kind != "table" or name in Base.metadata.tables
        }
        context = MigrationContext.configure(connection, opts=ours)
        assert compare_metadata(context, Base.metadata) == []
    made.dispose()


def test_a_house_of_the_first_revision_is_brought_forward_with_all_in_it(
    addresses: Addresses, own_database: Callable[[], str]
) -> None:
    url = own_database()
    command.downgrade(alembic_config(url), "0001")
    made = create_engine(sqlalchemy_url(url))
    with made.begin() as connection:
        assert not inspect(connection).has_table("consents")
        accounts = connection.scalar(text("SELECT count(*) FROM accounts"))
    migrate(url)
    migrate(url)
    with made.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM accounts")) == accounts
        assert connection.scalar(select(Consent.id)) is None
    made.dispose()
