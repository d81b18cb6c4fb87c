"""Both sides of all chats, as the phones show them."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from ops.stage import Stage
from tests.standin.wechat.phone import Message, Phone

VIA = {"customer": "push", "template": "template", "system": "system"}


class Transcript:
    """Prints what is new since the last look."""

    def __init__(self, stage: Stage, console: Console) -> None:
        self._stage, self._console, self._seen = stage, console, 0

    @property
    def seen(self) -> int:
        """The number of the last message that was looked at."""
        return self._seen

    def note(self, line: str) -> None:
        """Print what no telephone shows."""
        self._console.print(f"  {line}")

    def look(self) -> list[Message]:
        """Print and return what was said since the last look."""
        new = Phone.everyone(self._stage.standin_url, after=self._seen)
        for message in new:
            self._seen = max(self._seen, message.seq)
            who = self._stage.name_of(message.openid)
            if message.via == "sent":
                line = Text.assemble((f"  {who}", "bold cyan"), " ▶ ", message.text)
            else:
                way = f" ({VIA[message.via]})" if message.via in VIA else ""
                text = message.text or "; ".join(f"{k}: {v}" for k, v in message.data.items())
                indented = text.replace("\n", "\n      ")
                line = Text.assemble(("  银铃", "bold green"), f" ▶ {who}{way}: ", indented)
            self._console.print(line)
        return new
