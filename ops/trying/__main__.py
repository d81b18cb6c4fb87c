"""`python -m ops.trying`: the page to try a house on, as a process of its own."""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import urlsplit

import redis
import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.serving import WSGIRequestHandler, make_server

from backend.db.databases import make_engine, make_sessions
from backend.db.models import ConsoleUser
from backend.logs import configure_logging
from backend.settings import get_settings
from bot.client import WeChatClient
from bot.errors import TransportError
from bot.menu import menu
from bot.settings import LOOPBACK, WeChatSettings
from ivr.voice import Voice, open_voice
from ivr.voice.settings import VoiceSettings
from ops.trying.app import AWAY, Trying, make_app
from ops.trying.news import Chats, News
from ops.trying.people import People
from ops.trying.phone import PhonePad
from ops.trying.settings import TryingSettings

log = structlog.get_logger()


class _Quiet(WSGIRequestHandler):
    """Keeps connections open, which streams and a microphone ask for; logs no address."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log(self, type: str, message: str, *args: object) -> None:
        pass


def main() -> None:
    """Serve until told to end."""
    configure_logging("trying")
    house, wechat, settings = get_settings(), WeChatSettings(), TryingSettings()
    place = urlsplit(settings.url)
    if not wechat.speaks_with_standin or place.hostname not in LOOPBACK or not place.port:
        sys.exit("only a house with a stand-in for WeChat, on this machine, can be tried")
    if house.database_url is None or house.redis_url is None:
        sys.exit("DATABASE_URL and REDIS_URL must be set; `yinling up` starts everything by itself")
    sessions = make_sessions(make_engine(house.database_url))
    news = News()
    trying = Trying(
        people=People(sessions, wechat.api_base_url),
        news=news,
        voice=_voice(house.data_dir / "voice-trying"),
        phone=PhonePad(settings.line, sessions, news) if settings.line else None,
        standin_url=wechat.api_base_url,
        web_url=wechat.public_base_url,
        logins=_logins(sessions),
        password=settings.password,
    )
    try:
        client = WeChatClient(wechat, redis.Redis.from_url(house.redis_url))
        client.create_menu(menu(wechat.public_base_url))
    except TransportError as error:
        log.warning("menu_not_made", kind=error.kind, code=error.code)
    _bring_in(trying.people)
    Chats(trying.standin_url, news).start()
    if trying.phone is not None:
        trying.phone.start()
    server = make_server(
        place.hostname, place.port, make_app(trying), threaded=True, request_handler=_Quiet
    )
    server.daemon_threads = True  # type: ignore[attr-defined]
    server.serve_forever()


def _bring_in(people: People) -> None:
    """So that whoever opens the page first need not wait for it; else it is done then."""
    try:
        people.bring_in()
    except AWAY as error:
        log.warning("nobody_brought_in", error=type(error).__name__)


def _voice(folder: Path) -> Voice:
    """Who speaks what is typed. Recorded prompts are the line's alone."""
    return open_voice(folder, VoiceSettings().model_copy(update={"recordings": None}))


def _logins(sessions: sessionmaker[Session]) -> tuple[tuple[str, str], ...]:
    with sessions() as session:
        rows = session.execute(
            select(ConsoleUser.login, ConsoleUser.role)
            .where(ConsoleUser.is_active)
            .order_by(ConsoleUser.id)
            .limit(8)
        )
        return tuple((login, str(role)) for login, role in rows)


if __name__ == "__main__":
    main()
