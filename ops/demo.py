"""`yinling demo`: set the stage, play the story, sum it up."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from backend import clock
from backend.db.databases import Addresses, databases, make_engine, make_sessions
from backend.db.migrate import migrate
from backend.seed.console import DEMO_PASSWORD, seed_console_users
from backend.seed.past import seed_past
from backend.seed.town import FULL, Seeded, seed_town
from backend.services.unit_of_work import unit_of_work
from backend.settings import Settings
from ops.house import rasa_process
from ops.phone_scene import NUMBER, PhoneScene
from ops.processes import House, NotReady, free_port
from ops.stage import Stage, stage
from ops.story import Story
from ops.transcript import Transcript
from ops.trying.house import trying_process


def play(folder: Path, keep: bool, until_told: Callable[[], None]) -> None:
    """Play the story on databases of its own in `folder`, which are made anew each time.

    Raises AssertionError when the story does not go as told. With `keep` everything stays up
    until the process is told to end.
    """
    console = Console(highlight=False)
    began = time.monotonic()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    settings = Settings(data_dir=folder, database_url=None, redis_url=None)
    with House() as house:
        rasa, rasa_url = rasa_process(folder.resolve() / "log", free_port())
        house.start(rasa)  # the slowest to wake; the rest is done meanwhile
        with databases(settings) as addresses:
            console.print("[bold]PostgreSQL and Redis are up[/]", addresses.database_url)
            migrate(addresses.database_url)
            sessions = make_sessions(make_engine(addresses.database_url))
            with unit_of_work(sessions) as work:
                seeded = seed_town(work.session, clock.now(), FULL)
                seed_console_users(work.session, clock.now(), DEMO_PASSWORD)
            _describe(console, seeded)
            house.wait()
            console.print("[bold]Rasa is up[/]", rasa_url)
            with stage(
                addresses, rasa_url, folder / "stage", settings={"YINLING_ESCALATE_AFTER_S": "5"}
            ) as set_up:
                console.print(
                    f"[bold]Web, worker and WeChat's stand-in are up[/] "
                    f"after {time.monotonic() - began:.0f} s\n"
                )
                telephone = PhoneScene(set_up, sessions, seeded.li_guilan, console)
                telephone.set_up()
                told = Transcript(set_up, console)
                story = Story(set_up, sessions, seeded, told, telephone)
                story.play(console)
                console.print(_summary(story, time.monotonic() - began))
                if keep:
                    with unit_of_work(sessions) as work:
                        seed_past(work.session, clock.now())
                    tried = _open_trying(set_up, telephone.address)
                    _say_where(console, set_up, telephone.address, addresses, tried)
                    set_up.house.watch()
                    until_told()


def _describe(console: Console, seeded: Seeded) -> None:
    counted = ", ".join(f"{count} {what}" for what, count in seeded.counts.items())
    console.print(f"[bold]A made-up town:[/] {counted}")


def _summary(story: Story, seconds: float) -> Table:
    table = Table(title="The story in figures", title_justify="left")
    table.add_column("what")
    table.add_column("figure", justify="right")
    for what, figure in story.figures():
        table.add_row(what, figure)
    table.add_row("told in", str(timedelta(seconds=round(seconds))))
    return table


def _open_trying(stage: Stage, rings: str) -> str:
    """Open the page to try the house on; its address, or why there is none."""
    web = f"http://127.0.0.1:{stage.web_ports[0]}"
    url = f"http://127.0.0.1:{stage.trying_port}"
    logs = stage.folder / "log"
    try:
        stage.house.try_on(trying_process(logs, stage.environment, url, rings, DEMO_PASSWORD))
    except NotReady as dead:
        return escape(f"(does not open: {dead})")
    return f"{web}/try"


def _say_where(
    console: Console, stage: Stage, rings: str, addresses: Addresses, tried: str
) -> None:
    standin, web = stage.standin_url, f"http://127.0.0.1:{stage.web_ports[0]}"
    say = """-d '{"openid": "o-wang-fang", "text": "我妈的订单到哪了"}'"""
    for line in (
        "",
        "[bold]Still running; Ctrl-C ends it.[/]",
        f"[bold]try it               {tried}[/]  chats and a telephone, in your browser",
        f"console              {web}/console/  as linhe (agent), zhoulan (dispatcher), "
        f"hexiang (supervisor), …; password {DEMO_PASSWORD}",
        f"health and metrics   {web}/healthz  /metrics",
        f"王芳's phone          {standin}/_standin/inbox/o-wang-fang",
        f"database             {addresses.database_url}",
        "say something as 王芳:",
        f"  curl -s {standin}/_standin/say -H 'Content-Type: application/json' {say}",
        "ring as 李桂兰, with any SIP telephone of this machine or by",
        f"  DATABASE_URL='{addresses.database_url}' REDIS_URL='{addresses.redis_url}' \\",
        f"    .venv/bin/yinling call --to {rings} --from {NUMBER} 我的补贴还有多少",
    ):
        console.print(line, soft_wrap=True)
