"""`yinling migrate`, `seed`: the tables, and a made-up town in them."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

import click

from backend.db.databases import databases, make_engine, make_sessions
from backend.db.migrate import migrate
from backend.settings import get_settings


@click.command("migrate")
def migrate_command() -> None:
    """Bring the database's tables to the present shape."""
    with databases(get_settings()) as addresses:
        migrate(addresses.database_url)
    click.echo("the tables are up to date")


@click.command()
@click.option("--small", is_flag=True, help="A dozen elders instead of 300.")
def seed(small: bool) -> None:
    """Fill an empty database with a made-up town."""
    from backend.seed.console import seed_console_users
    from backend.seed.orders import seed_orders
    from backend.seed.past import seed_past
    from backend.seed.town import FULL, SMALL, seed_town

    with databases(get_settings()) as addresses:
        migrate(addresses.database_url)
        sessions = make_sessions(make_engine(addresses.database_url))
        with sessions() as session, session.begin():
            seeded = seed_town(session, datetime.now(UTC), SMALL if small else FULL)
            orders = seed_orders(session, datetime.now(UTC))
            password = secrets.token_urlsafe(12)
            logins = seed_console_users(session, datetime.now(UTC), password)
            seed_past(session, datetime.now(UTC))
    click.echo(", ".join(f"{count} {what}" for what, count in seeded.counts.items()))
    if orders:
        click.echo(f"{orders} orders of today and tomorrow")
    if logins:
        click.echo(f"at the console: {', '.join(logins)}; password of all, shown once: {password}")
