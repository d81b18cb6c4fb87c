"""`yinling admin`, `code`, `duty`, `menu`: who may talk with us, and by what."""

from __future__ import annotations

from collections.abc import Callable

import click

from backend.domain.console import Role
from backend.seed.duty import OnDuty, put_on_duty
from backend.services.bind import RELATIONS, make_family_code, make_worker_code
from backend.services.console_users import make_console_user
from bot.client import WeChatClient
from bot.menu import menu as menu_of
from bot.settings import WeChatSettings
from ops.terminal import one_transaction

Client = Callable[[], WeChatClient]
"""The account at WeChat, made when it is needed; yinling.py hands it on."""


@click.group()
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
    with one_transaction() as work:
        make_console_user(work, login, name, password, Role(role), towns, provider)
    click.echo(f"{name} can sign in as {login.strip().lower()} ({role})")


@click.group()
def code() -> None:
    """Make a code that binds a WeChat account."""


@code.command("family")
@click.argument("elder_id", type=int)
@click.option("--relation", type=click.Choice(sorted(RELATIONS)), default=None)
def family_code(elder_id: int, relation: str | None) -> None:
    """Six digits for the family of an elder, good for two days."""
    with one_transaction() as work:
        click.echo(make_family_code(work, elder_id, relation))


@code.command("worker")
@click.argument("worker_id", type=int)
@click.option("--qr", is_flag=True, help="Also make the QR code at WeChat; prints its address.")
@click.pass_obj
def worker_code(wechat: Client, worker_id: int, qr: bool) -> None:
    """A code for a worker of a provider, good for thirty days."""
    with one_transaction() as work:
        made = make_worker_code(work, worker_id)
        click.echo(made)
        if qr:
            click.echo(wechat().create_qr(made).url)


@click.command()
@click.argument("openid")
@click.argument("name")
@click.option("--role", type=click.Choice(["agent", "dispatcher", "supervisor"]), default="agent")
@click.option("--town", default=None, help="Only for this town; default: the whole city.")
def duty(openid: str, name: str, role: str, town: str | None) -> None:
    """Put a WeChat account on duty for calls for help and dispatch."""
    with one_transaction() as work:
        put_on_duty(work.session, work.now, [OnDuty("wechat", openid, name, role, town)])
    click.echo(f"{name} is on duty")


@click.command()
@click.pass_obj
def menu(wechat: Client) -> None:
    """Put our menu under the chat of the WeChat account."""
    wechat().create_menu(menu_of(WeChatSettings().public_base_url))
    click.echo("the menu is set")
