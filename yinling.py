"""银铃: the command line, and the only place that knows every room."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import click
import redis
from flask import Flask
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from backend.console.blueprint import console_blueprint
from backend.console.feed import Feed
from backend.db.databases import Addresses, databases, make_engine, make_sessions
from backend.db.migrate import migrate
from backend.domain.console import Role
from backend.domain.errors import DomainError
from backend.jobs.tasks import make_app
from backend.logs import configure_logging
from backend.seed.catalogue import load_catalogue
from backend.seed.duty import OnDuty, put_on_duty
from backend.services.bind import RELATIONS, make_family_code, make_worker_code
from backend.services.console_users import make_console_user
from backend.services.count_misunderstandings import count_misunderstandings
from backend.services.export_misunderstandings import export_misunderstandings
from backend.services.label_misunderstandings import label_misunderstandings, labelled
from backend.services.lookup import dish_names
from backend.services.unit_of_work import unit_of_work
from backend.services.work import Actor, Work
from backend.settings import TIMEZONE, Settings, get_settings
from bot.app import make_web, man_lifeboat
from bot.channel import WeChatChannel
from bot.client import WeChatClient
from bot.inbox import Inbox
from bot.lifeboat import Lifeboat
from bot.menu import MENU
from bot.settings import WeChatSettings
from bot.voice_message import Hears
from ivr.desk import Desk
from nlu.hearing import choose, hearings_of
from nlu.learning import LEARNED, BadLabels, exported_line, read_labels, write_learned
from nlu.rasa_client import RasaClient
from nlu.rasa_server import CATALOGUE, ensure_trained
from nlu.understand import Understander, make_gazetteer
from nlu.values.dishes import Dishes
from ops.ears import NoRecipe, build_graph, finetune, in_words, model_in_use
from ops.house import environment_of, rasa_process, web_process, worker_process
from ops.inboxes import VOICE, Inboxes
from ops.leaving import when_told_to_end
from ops.processes import House, free_port, wanted_port

WORKER_THREADS = 8
MENUS_READ_EVERY_S = 600
CALLERS_VOICE = "f3"
"""Of `yinling call`: another than the line's own."""


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
                return dish_names(session, datetime.now(TIMEZONE).date())
        except OperationalError:
            return None

    @cached_property
    def wechat(self) -> WeChatSettings:
        return WeChatSettings()

    @cached_property
    def client(self) -> WeChatClient:
        return WeChatClient(self.wechat, redis.Redis.from_url(self.addresses.redis_url))

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
        return Desk(self.sessions, self.understander)

    @cached_property
    def inboxes(self) -> Inboxes:
        return Inboxes(self.sessions, {"wechat": self.inbox, VOICE: self.desk})

    @cached_property
    def lifeboat(self) -> Lifeboat:
        return Lifeboat(self.settings.data_dir / "lifeboat")


def make_understander(
    settings: Settings, rasa_url: str | None = None, dishes: Dishes | None = None
) -> Understander:
    """Understanding over a running Rasa, the city's catalogue and its menus' dishes."""
    gazetteer = make_gazetteer(settings.catalogue_path, dishes)
    return Understander(RasaClient(rasa_url or settings.rasa_url), gazetteer)


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
    settings = parts.settings
    memory = redis.Redis.from_url(
        parts.addresses.redis_url, socket_timeout=0.5, socket_connect_timeout=0.5
    )
    feed = Feed(parts.addresses.database_url, settings.console_seats)
    when_told_to_end(feed.close)
    console = console_blueprint(parts.sessions, memory, feed)
    return make_web(
        parts.wechat,
        parts.sessions,
        parts.inbox,
        parts.client,
        parts.lifeboat,
        console,
        settings.web_threads,
    )


def logs_of(settings: Settings) -> Path:
    """Where the processes of this machine write their logs."""
    return settings.data_dir.resolve() / "log"


def trained_model(settings: Settings) -> Path:
    """Rasa's model of the city's catalogue and of what was learnt from use."""
    return ensure_trained(settings.catalogue_path or CATALOGUE, settings.data_dir / LEARNED)


@contextmanager
def running_rasa(settings: Settings) -> Iterator[str]:
    """The URL of a Rasa that answers: the one the settings name, or our own for the while."""
    if RasaClient(settings.rasa_url).is_ready():
        yield settings.rasa_url
        return
    trained_model(get_settings())
    with House() as house:
        process, url = rasa_process(logs_of(settings), free_port())
        house.start(process)
        house.wait()
        yield url


@click.group()
def main() -> None:
    """银铃: home care for old people, ordered by talking."""


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
    channels = {"wechat": WeChatChannel(parts.client, parts.wechat)}
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
    from ops.ears import model_in_use

    configure_logging("ivr")
    parts = given_parts()
    settings = parts.settings
    try:
        serve(
            parts.desk,
            parts.sessions,
            IvrSettings(),
            model_in_use(settings),
            settings.data_dir,
        )
    except (BadModel, VoiceError) as error:
        raise click.ClickException(str(error)) from error


@main.command("call")
@click.argument("said", nargs=-1)
@click.option("--to", default=None, help="SIP address; default: the line on this machine.")
@click.option("--from", "number", default=None, help="Our number; default: withheld.")
def call_command(said: tuple[str, ...], to: str | None, number: str | None) -> None:
    """Ring the line over real SIP and speak each of SAID when it has asked something.

    SAID are recordings (.wav, .mp3, .amr, .ogg; a .txt beside one tells what is said in it),
    keys (figures, * and #), or words, which a made voice speaks:

    yinling call --from 13800138000 明天中午送一份午餐 1
    """
    from ivr.endpoint import NotReached
    from ivr.settings import IvrSettings
    from ivr.voice import Voice
    from ivr.voice.espeak import Espeak
    from ops.pieces import BadPiece, pieces_of
    from ops.ring import CannotRing, line_here, ring

    if not said:
        click.echo(click.get_current_context().get_help())
        return
    configure_logging("call")
    settings = get_settings()
    voice = Voice(settings.data_dir / "voice", [Espeak(CALLERS_VOICE)])
    with ExitStack() as stack:
        try:
            pieces = pieces_of(said, voice.say)
            address = to or line_here(IvrSettings())
            sessions = None
            if to is None or settings.database_url is not None:  # a line elsewhere has its own
                addresses = stack.enter_context(databases(settings))
                sessions = make_sessions(make_engine(addresses.database_url))
            rung = asyncio.run(ring(address, number, pieces, sessions, click.echo))
        except (BadPiece, CannotRing) as bad:
            raise click.ClickException(str(bad)) from bad
        except NotReached as nobody:
            raise click.ClickException(f"{address} was not reached: {nobody.why}") from nobody
    came_to = f"; what came of it: {rung.outcome}" if rung.outcome else ""
    click.echo(f"over: {rung.why}{came_to}")
    sys.exit(0 if rung.all_said else 1)


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
        _until_told()


@main.command()
def up() -> None:
    """Run all processes on this machine until Ctrl-C."""
    settings = get_settings()
    with databases(settings) as addresses, House() as house:
        migrate(addresses.database_url)
        with unit_of_work(make_sessions(make_engine(addresses.database_url))) as work:
            _update_learned(work)
        trained_model(settings)
        logs = logs_of(settings)
        process, rasa_url = rasa_process(logs, wanted_port(settings.rasa_url))
        environment = environment_of(addresses, rasa_url, settings.data_dir.resolve())
        house.start(process)
        house.start(web_process(logs, environment, settings.web_port))
        house.start(worker_process(logs, environment))
        house.wait()
        house.watch()
        click.echo(
            f"Yinling is up at http://{settings.web_host}:{settings.web_port}, its console at "
            "/console/; Ctrl-C ends it"
        )
        _until_told()


@main.command("migrate")
def migrate_command() -> None:
    """Bring the database's tables to the present shape."""
    with databases(get_settings()) as addresses:
        migrate(addresses.database_url)
    click.echo("the tables are up to date")


@main.command()
@click.option("--small", is_flag=True, help="A dozen elders instead of 300.")
def seed(small: bool) -> None:
    """Fill an empty database with a made-up town."""
    from backend.seed.console import seed_console_users
    from backend.seed.town import FULL, SMALL, seed_town

    with databases(get_settings()) as addresses:
        migrate(addresses.database_url)
        sessions = make_sessions(make_engine(addresses.database_url))
        with sessions() as session, session.begin():
            seeded = seed_town(session, datetime.now(UTC), SMALL if small else FULL)
            password = secrets.token_urlsafe(12)
            logins = seed_console_users(session, datetime.now(UTC), password)
    click.echo(", ".join(f"{count} {what}" for what, count in seeded.counts.items()))
    if logins:
        click.echo(f"at the console: {', '.join(logins)}; password of all, shown once: {password}")


@main.command()
@click.option("--now", default=None, help="ISO 8601; default: this moment.")
@click.option("--channel", type=click.Choice(["wechat", "voice"]), default="wechat")
@click.option("--nbest", is_flag=True, help='A line may be [{"text", "confidence"}, …]: hearings.')
def understand(now: str | None, channel: str, nbest: bool) -> None:
    """Read a sentence a line; print what is understood, a JSON line each."""
    at = _moment(now)
    settings = get_settings()
    with running_rasa(settings) as rasa_url:
        understander = make_understander(settings, rasa_url)
        for line in sys.stdin.buffer:  # bytes: one damaged line must not end the others
            text = line.decode("utf-8", errors="replace").rstrip("\r\n")
            if nbest:
                found = choose(hearings_of(text), understander, at, channel).understanding
            else:
                found = understander.understand(text, at, channel)
            click.echo(json.dumps(found.to_json(), ensure_ascii=False))


@main.command()
@click.option(
    "--as", "role", type=click.Choice(["elder", "family", "worker"], case_sensitive=False)
)
def chat(role: str) -> None:
    """Talk with Yinling in this terminal, in the made-up town."""
    from ops.chat import talk

    settings = get_settings()
    with databases(settings) as addresses, running_rasa(settings) as rasa_url:
        migrate(addresses.database_url)
        os.environ["YINLING_RASA_URL"] = rasa_url
        sessions = make_sessions(make_engine(addresses.database_url))
        talk(sessions, make_understander(settings, rasa_url), role or "family", addresses)


@main.command()
@click.option("--keep", is_flag=True, help="Leave everything running at the end.")
def demo(keep: bool) -> None:
    """Play the story of one order, from a sentence to the ledger, through real sockets."""
    from ops.demo import play

    settings = get_settings()
    trained_model(get_settings())
    play(settings.data_dir / "demo", keep, _until_told)


@main.group()
def bench() -> None:
    """Measure, each against a baseline in the same run."""


@bench.command("chat")
@click.option("--seconds", default=20, help="How long at each rate.")
def bench_chat(seconds: int) -> None:
    """A chat turn against Rasa's own parse of the same texts."""
    from ops.bench import chat as bench

    trained_model(get_settings())
    bench.run(seconds)


@bench.command("orders")
def bench_orders() -> None:
    """Orders placed a second against pgbench's simple update."""
    from ops.bench import orders

    orders.run(get_settings())


@bench.command("console")
def bench_console() -> None:
    """The console's pages, and alarms on fifty agents' screens."""
    from ops.bench import console

    console.run(get_settings())


@bench.command("nlu")
@click.option("--lines", type=click.Path(path_type=Path, exists=True), help="File or folder.")
@click.option("--seed", type=int, default=3, help="Of the noised copies.")
@click.option("--quick", is_flag=True, help="Neither ablation nor latency nor a second training.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Report's folder.")
def bench_nlu(lines: Path | None, seed: int, quick: bool, out: Path | None) -> None:
    """The understanding on held-out lines; the report goes into docs/ (or, when quick or on other
    lines, into the data folder). The last line is JSON."""
    from nlu.corpus.lines import HELDOUT
    from ops.bench.nlu import report
    from ops.bench.nlu import run as bench

    whole_run = lines is None and not quick
    folder = out or (bench.DOCS if whole_run else get_settings().data_dir / "bench")
    try:
        found = bench.run(lines or HELDOUT, folder, seed, quick, click.echo)
    except bench.NoLines as nothing:
        raise click.ClickException(str(nothing)) from nothing
    except ImportError as missing:
        raise click.ClickException(f"{missing}; run `make bench-nlu`") from missing
    click.echo(json.dumps(report.to_json(found), ensure_ascii=False))


@bench.command("asr")
@click.option("--model", type=click.Path(path_type=Path, file_okay=False), help="Vosk's folder.")
@click.option(
    "--people",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Recordings of real people with a README.md that tells what is said.",
)
@click.option("--seed", type=int, default=4, help="Of the sample.")
@click.option("--quick", is_flag=True, help="Few utterances, two conditions.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Report's folder.")
def bench_asr(
    model: Path | None, people: Path | None, seed: int, quick: bool, out: Path | None
) -> None:
    """The ears on held-out speech through the telephone; the report goes into docs/ (or, when
    quick or with another model, into the data folder). The last line is JSON."""
    from ivr.ears import BadModel
    from ivr.model.people import NoPeople
    from ops.bench.asr import report
    from ops.bench.asr import run as bench
    from ops.bench.asr.spoken import NothingToHear
    from ops.bench.asr.trials import BadTrial

    whole_run = model is None and not quick
    folder = out or (bench.DOCS if whole_run else get_settings().data_dir / "bench")
    try:
        found = bench.run(
            model or model_in_use(get_settings()), folder, seed, quick, people, click.echo
        )
    except (BadModel, NothingToHear, NoPeople, BadTrial) as nothing:
        raise click.ClickException(str(nothing)) from nothing
    except ImportError as missing:
        raise click.ClickException(f"{missing}; run `make bench-asr`") from missing
    click.echo(json.dumps(report.to_json(found), ensure_ascii=False))


@bench.command("voice")
@click.option("--model", type=click.Path(path_type=Path, file_okay=False), help="Vosk's folder.")
@click.option("--seed", type=int, default=5, help="Of the moments at which callers hang up.")
@click.option("--quick", is_flag=True, help="A handful of calls, two at once at most.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Report's folder.")
def bench_voice(model: Path | None, seed: int, quick: bool, out: Path | None) -> None:
    """The phone line under callers with made voices; the report goes into docs/ (or, when quick or
    with another model, into the data folder). The last line is JSON."""
    from ivr.ears import BadModel
    from ops.bench.voice import report
    from ops.bench.voice import run as bench
    from ops.bench.voice.sounds import NothingToSay
    from ops.bench.voice.town import NobodyCanHaveIt
    from ops.processes import NotReady

    settings = get_settings()
    whole_run = model is None and not quick
    folder = out or (bench.DOCS if whole_run else settings.data_dir / "bench")
    listens = model or model_in_use(settings)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # nothing it started stays behind
    try:
        with running_rasa(settings) as rasa_url:
            found = bench.run(listens, rasa_url, folder, seed, quick, click.echo)
    except (BadModel, NothingToSay, NobodyCanHaveIt, NotReady) as nothing:
        raise click.ClickException(str(nothing)) from nothing
    except ImportError as missing:
        raise click.ClickException(f"{missing}; run `make bench-voice`") from missing
    click.echo(json.dumps(report.to_json(found), ensure_ascii=False))


@main.group("model")
def model_group() -> None:
    """The model that listens on the telephone."""


@model_group.command("show")
def model_show() -> None:
    """Say which model is in use and what it knows."""
    from ivr.ears import BadModel

    try:
        click.echo(in_words(get_settings()))
    except BadModel as bad:
        raise click.ClickException(str(bad)) from bad


@model_group.command("fetch")
@click.argument("name", default="vosk-model-small-cn-0.22")
def model_fetch(name: str) -> None:
    """Download one of Vosk's own models, or go on with what broke off."""
    from rich.progress import DownloadColumn, Progress

    from ivr.fetching import NotFetched, fetch, offered

    try:
        offer = offered(name)
        with Progress(*Progress.get_default_columns(), DownloadColumn()) as bars:
            bar = bars.add_task(name, total=offer.size)
            place = fetch(
                offer,
                get_settings().data_dir / "models",
                lambda done, of: bars.update(bar, completed=done, total=of),
            )
    except NotFetched as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{place}: set YINLING_VOSK_MODEL to it")


_WORDS = click.Path(path_type=Path, exists=True, dir_okay=False)


@model_group.command("build-graph")
@click.option("--dishes", type=_WORDS, multiple=True, help="A file, a word a line.")
@click.option("--places", type=_WORDS, multiple=True, help="Streets, communities, towns.")
@click.option("--names", type=_WORDS, multiple=True)
@click.option("--city", is_flag=True, help="Dishes, places and workers of the database.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False))
def model_build_graph(
    dishes: tuple[Path, ...],
    places: tuple[Path, ...],
    names: tuple[Path, ...],
    city: bool,
    out: Path | None,
) -> None:
    """Teach the model a city's words: seconds, without training."""
    from ivr.model.building import NotAModel

    kinds = {"dish": dishes, "place": places, "name": names}
    files = [(kind, path) for kind, paths in kinds.items() for path in paths]
    settings, today = get_settings(), datetime.now(TIMEZONE).date()
    try:
        if not city:
            build_graph(settings, None, today, files, out, click.echo)
            return
        with databases(settings) as addresses:
            migrate(addresses.database_url)
            with make_sessions(make_engine(addresses.database_url))() as session:
                build_graph(settings, session, today, files, out, click.echo)
    except (NotAModel, OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error


@model_group.command("finetune")
@click.argument("recordings", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False))
def model_finetune(recordings: Path, out: Path | None) -> None:
    """Adapt the model to recordings of a city's own elders, with their consent."""
    settings = get_settings()
    place = out or settings.data_dir / "model-of-our-own"
    try:
        ended = finetune(recordings, model_in_use(settings), place, click.echo)
    except NoRecipe as missing:
        raise click.ClickException(str(missing)) from missing
    sys.exit(ended)


@main.group()
def admin() -> None:
    """People at the console."""


@admin.command("create")
@click.argument("login")
@click.argument("name")
@click.option("--role", type=click.Choice([role.value for role in Role]), default="admin")
@click.option("--town", "towns", multiple=True, help="Only for this town; default: the whole city.")
@click.option("--provider", type=int, default=None, help="The provider's id, for its people.")
@click.password_option(help="At least ten characters; asked for when not given.")
def admin_create(
    login: str, name: str, role: str, towns: tuple[str, ...], provider: int | None, password: str
) -> None:
    """Let NAME sign in at the console as LOGIN; the first of them is an admin."""
    with _one_transaction() as work:
        make_console_user(work, login, name, password, Role(role), towns, provider)
    click.echo(f"{name} can sign in as {login.strip().lower()} ({role})")


@main.group()
def code() -> None:
    """Make a code that binds a WeChat account."""


@code.command("family")
@click.argument("elder_id", type=int)
@click.option("--relation", type=click.Choice(sorted(RELATIONS)), default=None)
def family_code(elder_id: int, relation: str | None) -> None:
    """Six digits for the family of an elder, good for two days."""
    with _one_transaction() as work:
        click.echo(make_family_code(work, elder_id, relation))


@code.command("worker")
@click.argument("worker_id", type=int)
@click.option("--qr", is_flag=True, help="Also make the QR code at WeChat; prints its address.")
def worker_code(worker_id: int, qr: bool) -> None:
    """A code for a worker of a provider, good for thirty days."""
    with _one_transaction() as work:
        made = make_worker_code(work, worker_id)
        click.echo(made)
        if qr:
            click.echo(given_parts().client.create_qr(made).url)


@main.command()
@click.argument("openid")
@click.argument("name")
@click.option("--role", type=click.Choice(["agent", "dispatcher", "supervisor"]), default="agent")
@click.option("--town", default=None, help="Only for this town; default: the whole city.")
def duty(openid: str, name: str, role: str, town: str | None) -> None:
    """Put a WeChat account on duty for calls for help and dispatch."""
    with _one_transaction() as work:
        put_on_duty(work.session, work.now, [OnDuty("wechat", openid, name, role, town)])
    click.echo(f"{name} is on duty")


@main.command()
def menu() -> None:
    """Put our menu under the chat of the WeChat account."""
    given_parts().client.create_menu(MENU)
    click.echo("the menu is set")


@main.group()
def learn() -> None:
    """Learn from what was misunderstood, with its speakers' consent."""


@learn.command("export")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Default: the screen.")
def learn_export(out: Path | None) -> None:
    """Write the sentences that wait for a label, a JSON line each."""
    with _one_transaction() as work:
        gazetteer = make_gazetteer(get_settings().catalogue_path)
        lines = [
            json.dumps(exported_line(row, gazetteer), ensure_ascii=False)
            for row in export_misunderstandings(work)
        ]
        # Before the transaction ends: what could not be written was not exported.
        if out is not None:
            try:
                out.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            except OSError as error:
                raise click.ClickException(f"{out} cannot be written: {error.strerror}") from error
        else:
            click.echo("\n".join(lines), nl=bool(lines))
        _update_learned(work)
    click.echo(f"{len(lines)} sentences wait for a label", err=True)


@learn.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def learn_import(file: Path) -> None:
    """Take labels in: all of a file, or, if a line is wrong, nothing."""
    codes = {item.code for item in load_catalogue(get_settings().catalogue_path)}
    try:
        found = read_labels(file, codes)
    except BadLabels as bad:
        raise click.ClickException(
            f"nothing was taken in; please put {len(bad.problems)} things right in {file.name} "
            "and import it once more:\n  " + "\n  ".join(bad.problems)
        ) from bad
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file.name} is not UTF-8: {error.reason}") from error
    with _one_transaction() as work:
        taken = label_misunderstandings(work, found.labels, found.discarded)
        _update_learned(work)
    click.echo(
        f"{taken.labelled} labelled, {taken.unchanged} known before, {taken.discarded} discarded, "
        f"{found.untouched} still open, {taken.gone} taken back by their speakers meanwhile"
    )


@learn.command("status")
def learn_status() -> None:
    """Say how much was kept, labelled and handed to training."""
    with _one_transaction() as work:
        facts = count_misunderstandings(work)
        _update_learned(work)
    click.echo(f"consents: {facts.consents}")
    click.echo(f"waiting for a label: {facts.waiting}, of them exported: {facts.exported}")
    for why, count in facts.reasons.items():
        click.echo(f"  {why}: {count}")
    click.echo(f"labelled: {facts.labelled}; Rasa is trained on them at its next start")


def _update_learned(work: Work) -> None:
    """What training will read is always what is labelled and still allowed."""
    labels = [row.label for row in labelled(work) if row.label is not None]
    write_learned(get_settings().data_dir, labels)


@contextmanager
def _one_transaction() -> Iterator[Work]:
    """A transaction of whoever sits at the command line; refusals become plain sentences."""
    actor = Actor("command line", "terminal")
    try:
        with databases(get_settings()) as addresses:
            sessions = make_sessions(make_engine(addresses.database_url))
            with unit_of_work(sessions, actor) as work:
                yield work
    except DomainError as refusal:
        raise click.ClickException(str(refusal)) from refusal
    except OperationalError as away:
        raise click.ClickException("the database does not answer; see `yinling doctor`") from away


@main.command()
def doctor() -> None:
    """Say what is configured, reachable and missing."""
    from ops.doctor import examine

    sick = False
    for finding in examine(get_settings(), WeChatSettings()):
        click.echo(f"{'✓' if finding.well else '✗'} {finding.what}: {finding.says}")
        sick = sick or not finding.well
    sys.exit(1 if sick else 0)


def _moment(text: str | None) -> datetime:
    if text is None:
        return datetime.now(TIMEZONE)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is not an ISO 8601 time", param_hint="--now") from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=TIMEZONE)


def _until_told() -> None:
    """Wait for SIGINT or SIGTERM."""
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())
    told.wait()


if __name__ == "__main__":
    main()
