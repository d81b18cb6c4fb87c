"""银铃: the command line, and the place that puts the rooms together.

The processes of a house stand here; the other commands are in `ops/commands`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import click
import redis
from flask import Flask
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from backend import clock
from backend.console.blueprint import console_blueprint
from backend.console.feed import Feed
from backend.db.databases import Addresses, databases, make_engine, make_sessions
from backend.db.migrate import migrate
from backend.jobs.tasks import make_app
from backend.logs import configure_logging
from backend.services.lookup import dish_names
from backend.services.unit_of_work import unit_of_work
from backend.settings import TIMEZONE, Settings, get_settings
from bot.app import make_web, man_lifeboat
from bot.channel import WeChatChannel
from bot.client import WeChatClient
from bot.inbox import Inbox
from bot.lifeboat import Lifeboat
from bot.pages.blueprint import pages_blueprint
from bot.pages.links import Links, page_secret
from bot.scan import scanner
from bot.settings import WeChatSettings
from bot.trying import trying_blueprint
from bot.voice_message import Hears
from ivr.desk import Desk
from nlu.following import Following
from nlu.foresight import Foresight
from nlu.own_words import OwnWords
from nlu.understand import Understander
from nlu.values.dishes import Dishes
from ops.commands import bench, call, learn, look, model, people, talk, town
from ops.ears import model_in_use
from ops.house import environment_of, logs_of, rasa_process, web_process, worker_process
from ops.inboxes import VOICE, Inboxes
from ops.leaving import when_told_to_end
from ops.processes import House, NotReady, wanted_port
from ops.rasa import make_understander, trained_model, update_learned
from ops.terminal import until_told
from ops.trying.house import trial_of

WORKER_THREADS = 8
MENUS_READ_EVERY_S = 20
"""So soon a dish is known by its name once a kitchen has published it."""


@dataclass
class Parts:
    """Everything a process may need, made when first asked for."""

    settings: Settings
    addresses: Addresses

    @cached_property
    def sessions(self) -> sessionmaker[Session]:
        return make_sessions(make_engine(self.addresses.database_url, self.settings.db_pool_size))

    @cached_property
    def understander(self) -> Understander:
        return make_understander(self.settings, dishes=Dishes(self._dishes, MENUS_READ_EVERY_S))

    def _dishes(self) -> list[str] | None:
        """The dishes on the menus from today on; None while the database cannot be asked."""
        try:
            with self.sessions() as session:
                return dish_names(session, clock.now().astimezone(TIMEZONE).date())
        except OperationalError:
            return None

    @cached_property
    def wechat(self) -> WeChatSettings:
        return WeChatSettings()

    @cached_property
    def client(self) -> WeChatClient:
        return WeChatClient(self.wechat, redis.Redis.from_url(self.addresses.redis_url))

    @cached_property
    def page_secret(self) -> str:
        return page_secret(self.settings.secret_key, self.wechat.app_secret)

    @cached_property
    def links(self) -> Links:
        return Links(self.wechat.public_base_url, self.page_secret, self.settings.link_ttl_s)

    def follow_settings(self) -> None:
        """Say and hear what the city has changed, from now on without a restart."""
        Following(self.sessions).start()

    @cached_property
    def inbox(self) -> Inbox:
        return Inbox(self.sessions, self.understander, self.client, self.hears)

    @cached_property
    def hears(self) -> Hears | None:
        """Ears for voice messages; None where there is no model to listen with."""
        model = model_in_use(self.settings)
        if not model.is_dir():
            return None
        from ivr.recorded import RecordingEars

        return RecordingEars(model)

    @cached_property
    def desk(self) -> Desk:
        return Desk(self.sessions, self.understander.through(Foresight))

    @cached_property
    def inboxes(self) -> Inboxes:
        return Inboxes(self.sessions, {"wechat": self.inbox, VOICE: self.desk})

    @cached_property
    def lifeboat(self) -> Lifeboat:
        return Lifeboat(self.settings.data_dir / "lifeboat")


def given_parts() -> Parts:
    """The parts of a process whose databases its settings name (`yinling up` names them)."""
    settings = get_settings()
    if settings.database_url is None or settings.redis_url is None:
        raise click.ClickException(
            "DATABASE_URL and REDIS_URL must be set; `yinling up` starts everything by itself"
        )
    return Parts(settings, Addresses(settings.database_url, settings.redis_url))


def web_app() -> Flask:
    """The WSGI application of the web process."""
    configure_logging("web")
    parts = given_parts()
    man_lifeboat(parts.sessions, parts.inbox, parts.lifeboat)
    parts.follow_settings()
    settings = parts.settings
    memory = redis.Redis.from_url(
        parts.addresses.redis_url, socket_timeout=0.5, socket_connect_timeout=0.5
    )
    feed = Feed(parts.addresses.database_url, settings.console_seats)
    when_told_to_end(feed.close)
    scan = scanner(parts.client, parts.wechat)
    console = console_blueprint(
        parts.sessions, memory, feed, scan, OwnWords(), settings.console_proxies
    )
    app = make_web(
        parts.wechat,
        parts.sessions,
        parts.inbox,
        parts.client,
        parts.lifeboat,
        console,
        settings.web_threads,
        pages_blueprint(parts.sessions, parts.client, parts.wechat, parts.links, parts.page_secret),
    )
    app.register_blueprint(trying_blueprint(parts.wechat, settings.trying_url))
    return app


@click.group()
@click.pass_context
def main(context: click.Context) -> None:
    """银铃: home care for old people, ordered by talking."""
    context.obj = lambda: given_parts().client


@main.command()
@click.option("--host", default=None)
@click.option("--port", type=int, default=None)
def web(host: str | None, port: int | None) -> None:
    """Run the web process (WeChat's callback, the console)."""
    from granian import Granian
    from granian.constants import Interfaces

    given_parts()  # says what is missing before anything is started
    settings = get_settings()
    Granian(
        "yinling:web_app",
        factory=True,
        interface=Interfaces.WSGI,
        address=host or settings.web_host,
        port=port or settings.web_port,
        blocking_threads=settings.web_threads + settings.console_seats,
        backlog=1024,
        log_access=False,
    ).serve()


@main.command()
@click.option("--ready-file", type=click.Path(path_type=Path), default=None)
def worker(ready_file: Path | None) -> None:
    """Run the worker process (jobs)."""
    configure_logging("worker")
    parts = given_parts()
    parts.follow_settings()
    channels = {"wechat": WeChatChannel(parts.client, parts.wechat, parts.links)}
    app = make_app(parts.addresses.database_url, parts.sessions, channels, parts.inboxes)
    with app.open():
        pass
    if ready_file is not None:
        ready_file.parent.mkdir(parents=True, exist_ok=True)
        ready_file.write_text(str(os.getpid()))
    app.run_worker(concurrency=WORKER_THREADS, fetch_job_polling_interval=1.0)


@main.command("ivr")
def ivr_command() -> None:
    """Run the phone line (SIP)."""
    from ivr.ears import BadModel
    from ivr.line import serve
    from ivr.settings import IvrSettings
    from ivr.voice import VoiceError
    from ops.telephone import is_port_free, port_is_taken

    configure_logging("ivr")
    parts, line = given_parts(), IvrSettings()
    parts.follow_settings()
    if not is_port_free(line):
        raise click.ClickException(port_is_taken(line))
    model, data_dir = model_in_use(parts.settings), parts.settings.data_dir
    try:
        serve(parts.desk, parts.sessions, line, model, data_dir)
    except (BadModel, VoiceError) as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.option("--port", type=int, default=5005)
def rasa(port: int) -> None:
    """Run Rasa's HTTP server, trained first if need be."""
    trained_model(get_settings())
    process, url = rasa_process(logs_of(get_settings()), port)
    with House() as house:
        house.start(process)
        house.wait()
        click.echo(f"Rasa at {url}")
        house.watch()
        until_told()


@main.command()
def up() -> None:
    """Run all processes on this machine until Ctrl-C."""
    settings = get_settings()
    with databases(settings) as addresses, House() as house:
        migrate(addresses.database_url)
        with unit_of_work(make_sessions(make_engine(addresses.database_url))) as work:
            update_learned(work)
        trained_model(settings)
        logs = logs_of(settings)
        process, rasa_url = rasa_process(logs, wanted_port(settings.rasa_url))
        environment = environment_of(addresses, rasa_url, settings.data_dir.resolve())
        house.start(process)
        trial = trial_of(settings, WeChatSettings())
        if trial is not None:
            environment |= trial.environment()
            house.start(trial.standin.process(logs, [settings.web_port]))
        house.start(web_process(logs, environment, settings.web_port))
        house.start(worker_process(logs, environment))
        house.wait()
        click.echo(
            f"Yinling is up at http://{settings.web_host}:{settings.web_port}, its console at "
            "/console/; Ctrl-C ends it"
        )
        click.echo(_open_line(house, logs, environment))
        if trial is not None:
            from ivr.settings import IvrSettings
            from ops.telephone import line_of_house

            line = line_of_house(IvrSettings())
            click.echo(trial.open(house, logs, environment, line))
        house.watch()
        until_told()


def _open_line(house: House, logs: Path, environment: dict[str, str]) -> str:
    """Open the phone line of a house; a house without one goes on. Says what came of it."""
    from ivr.settings import IvrSettings
    from ops.telephone import is_port_free, line_of_house, line_process, port_is_taken, where

    line = line_of_house(IvrSettings())
    if not is_port_free(line):
        return f"There is no phone line: {port_is_taken(line)}"
    try:
        house.try_on(line_process(logs, environment, line))
    except NotReady as dead:
        return f"There is no phone line; all else runs. {dead}"
    return f"The phone line is open on port {line.sip_port} of {where(line)}: `yinling call`"


for command in (
    *(town.migrate_command, town.seed),
    *(talk.understand, talk.chat, call.call),
    *(look.demo, look.doctor, bench.bench),
    *(model.model, learn.learn),
    *(people.admin, people.code, people.duty, people.menu),
):
    main.add_command(command)

if __name__ == "__main__":
    main()
