"""``python -m tests.standin.wechat``: the stand-in as a process of its own."""

from __future__ import annotations

import signal
import threading

import click

from tests.standin.wechat.standin import WeChatStandIn


@click.command()
@click.option("--port", default=0, help="0: any free one; it is printed.")
@click.option("--callback", default=None, help="Where the bot takes callbacks.")
@click.option("--app-id", required=True)
@click.option("--secret", required=True)
@click.option("--token", required=True)
@click.option("--aes-key", default=None, help="43 characters: safe mode.")
@click.option("--retries", default=3, help="How often an unanswered message comes again.")
@click.option("--retry-pause", default=0.2, help="Seconds between those.")
@click.option(
    "--template",
    "templates",
    multiple=True,
    metavar="ID[=TITLE[:FIELD,FIELD]]",
    help="A template of the account; without fields it takes any.",
)
def main(
    port: int,
    callback: str | None,
    app_id: str,
    secret: str,
    token: str,
    aes_key: str | None,
    retries: int,
    retry_pause: float,
    templates: tuple[str, ...],
) -> None:
    """A stand-in for WeChat on a loopback port, until SIGTERM."""
    standin = WeChatStandIn(
        callback,
        app_id=app_id,
        secret=secret,
        token=token,
        aes_key=aes_key,
        port=port,
        retries=retries,
        retry_pause_s=retry_pause,
    )
    for template in templates:
        template_id, _, rest = template.partition("=")
        title, _, fields = rest.partition(":")
        standin.add_template(template_id, title or None, fields.split(",") if fields else None)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with standin:
        click.echo(f"WeChat stand-in at {standin.base_url}")
        stop.wait()


if __name__ == "__main__":
    main()
