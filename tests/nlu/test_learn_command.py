"""`yinling learn`: out, labelled, in, and on to the next training."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

import yinling
from backend.db.databases import make_engine, make_sessions
from backend.db.models import Account, Misunderstanding
from backend.domain.learning import WhyKept
from backend.services.answer_consent import answer_consent
from backend.services.ask_consent import ask_consent
from backend.services.keep_misunderstanding import (
    LEARNING,
    Misunderstood,
    keep_misunderstanding,
)
from backend.services.unit_of_work import unit_of_work
from backend.services.withdraw_consent import withdraw_consent
from backend.settings import get_settings
from tests.conftest import NOW

SAID = ("{who}明天想洗个澡", "就那个咯", "乱七八糟")


@pytest.fixture
def house(
    own_database: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Engine]:
    """A house with three kept sentences of one person."""
    url = own_database()
    monkeypatch.setenv("YINLING_DATABASE_URL", url)
    monkeypatch.setenv("YINLING_REDIS_URL", "redis://nowhere")
    monkeypatch.setenv("YINLING_DATA_DIR", str(tmp_path / "var"))
    get_settings.cache_clear()
    engine = make_engine(url)
    with unit_of_work(make_sessions(engine), now=NOW) as work:
        account = Account(channel="wechat", identifier="her")
        work.session.add(account)
        work.session.flush()
        ask_consent(work, account.id, LEARNING, "1")
        answer_consent(work, account.id, LEARNING, agrees=True)
        for text in SAID:
            said = Misunderstood(
                text, text, "wechat", "order_home_help", 0.3, "", WhyKept.UNSURE, work.now
            )
            keep_misunderstanding(work, account.id, said)
    yield engine
    engine.dispose()
    get_settings.cache_clear()


def learn(*words: str | Path) -> Result:
    return CliRunner().invoke(yinling.main, ["learn", *map(str, words)])


def exported(path: Path) -> list[dict[str, object]]:
    done = learn("export", "--out", path)
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def put(path: Path, lines: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    return path


def in_state(line: dict[str, object], state: str, **labels: object) -> dict[str, object]:
    kept = line["kept"]
    assert isinstance(kept, dict)
    return {**line, **labels, "kept": {**kept, "state": state}}


def rows(engine: Engine) -> list[Misunderstanding]:
    with Session(engine) as session:
        return list(session.scalars(select(Misunderstanding).order_by(Misunderstanding.id)))


def test_from_a_misunderstanding_to_the_next_training(house: Engine, tmp_path: Path) -> None:
    file, learned = tmp_path / "out.jsonl", tmp_path / "var" / "learned.yml"
    bath, that, mess = exported(file)
    assert (bath["text"], bath["services"]) == (SAID[0], [["home.bath", 1]])
    assert all(row.exported_at for row in rows(house))

    # Labelled once: one right, one thrown away, one left for tomorrow.
    put(file, [in_state(bath, "done"), that, in_state(mess, "discard")])
    done = learn("import", file)
    assert done.exit_code == 0, done.output
    assert done.output == (
        "1 labelled, 0 known before, 1 discarded, 1 still open, 0 taken back by their speakers "
        "meanwhile\n"
    )
    assert "{who}明天想洗个澡" in learned.read_text("utf-8")
    assert "1 known before" in learn("import", file).output
    assert [line["text"] for line in exported(file)] == [SAID[1]]
    assert learn("status").output.splitlines() == [
        "consents: 1",
        "waiting for a label: 1, of them exported: 1",
        "  unsure: 1",
        "labelled: 1; Rasa is trained on them at its next start",
    ]


def test_one_wrong_line_and_nothing_is_taken_in(house: Engine, tmp_path: Path) -> None:
    file = tmp_path / "out.jsonl"
    bath, that, mess = exported(file)
    put(file, [in_state(bath, "done"), in_state(that, "done", intent="order_dinner"), mess])
    done = learn("import", file)
    assert done.exit_code == 1
    assert "nothing was taken in" in done.output
    assert "line 2: unknown intent order_dinner" in done.output
    assert not any(row.label for row in rows(house))
    assert not (tmp_path / "var" / "learned.yml").exists()


def test_who_takes_the_consent_back_takes_the_lesson_back(house: Engine, tmp_path: Path) -> None:
    file, learned = tmp_path / "out.jsonl", tmp_path / "var" / "learned.yml"
    lines = [in_state(line, "done") for line in exported(file)]
    learn("import", put(file, lines))
    assert learned.exists()
    with unit_of_work(make_sessions(house), now=NOW) as work:
        her = work.session.scalars(select(Account.id).where(Account.identifier == "her")).one()
        withdraw_consent(work, her, LEARNING)
    assert "3 taken back" in learn("import", file).output
    assert not learned.exists()
    assert rows(house) == []


def test_on_the_screen_when_no_file_is_named(house: Engine) -> None:
    done = learn("export")
    assert [json.loads(line)["text"] for line in done.stdout.splitlines()] == list(SAID)
    assert done.stderr == "3 sentences wait for a label\n"


def test_what_could_not_be_written_was_not_exported(house: Engine, tmp_path: Path) -> None:
    done = learn("export", "--out", tmp_path / "missing" / "out.jsonl")
    assert "cannot be written" in done.output
    assert not any(row.exported_at for row in rows(house))


def test_a_file_in_another_encoding_is_refused_kindly(house: Engine, tmp_path: Path) -> None:
    file = tmp_path / "labels.jsonl"
    file.write_bytes('{"text": "我妈"}'.encode("gb18030"))
    done = learn("import", file)
    assert done.exit_code == 1
    assert "not UTF-8" in done.output
