"""The same wishes without ears or mouth: `python -m ops.bench.voice.typed ROUND.json`.

Puts the texts themselves to the desk. What fails here fails for the understanding or the
conversation, not for the telephone.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

from backend import clock
from backend.db.databases import make_engine, make_sessions
from backend.services.open_call import Ring
from backend.settings import get_settings
from ivr.desk import Desk, Ending
from nlu.dialogue.turns import Alternative
from nlu.rasa_client import RasaClient
from nlu.understand import Understander, make_gazetteer
from ops.bench.voice.persona import Over, next_said
from ops.bench.voice.plans import Round, round_of_row
from ops.bench.voice.standing import standing
from ops.bench.voice.wishes import answers, wishes


def talk_all(made: Round) -> list[str]:
    """Why each conversation ended, in the order of the plans."""
    sessions = make_sessions(make_engine(made.database_url))
    rasa = RasaClient(get_settings().rasa_url)
    desk = Desk(sessions, Understander(rasa, make_gazetteer(get_settings().catalogue_path)))
    known = {one.number: one for one in wishes()}
    ended, words = [], answers()
    for number, plan in enumerate(made.plans):
        call = desk.open_call(Ring(f"typed-{number}", clock.now(), plan.number))
        said: str | Over = ""
        for turn in range(100):
            with sessions() as session:
                stands = standing(session, f"typed-{number}")
            said = next_said(known[plan.wish], stands, turn, date.fromisoformat(made.today), words)
            if isinstance(said, Over):
                break
            desk.utter(call, turn + 1, [Alternative(said)])
        assert isinstance(said, Over)
        desk.close_call(call, Ending("caller", clock.now(), None))
        ended.append(said.why)
    return ended


def main() -> None:
    made = round_of_row(json.loads(Path(sys.argv[1]).read_text("utf-8")))
    print(json.dumps(talk_all(made)))


if __name__ == "__main__":
    main()
