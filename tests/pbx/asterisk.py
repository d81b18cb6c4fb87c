"""Asterisk 16 on loopback, as a city's PBX before the line: its settings, its life, its console."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from ops.processes import free_port, free_ports
from tests.pbx.making import PLACE
from tests.pbx.waiting import eventually

LINE = "yinling"
"""What the line registers as."""
NUMBER = "96993"
"""What people dial."""
DESK = "8009"
"""The telephone on a desk that rings when the line does not answer."""

# docs/operations.md shows these settings: what changes here changes there.
_PJSIP = """\
[global]
type = global
endpoint_identifier_order = username,ip

[udp]
type = transport
protocol = udp
bind = 127.0.0.1:{port}
"""
_ENDPOINT = """
[{name}]
type = endpoint
context = {context}
disallow = all
allow = alaw,ulaw
dtmf_mode = rfc4733
auth = {name}
aors = {name}
direct_media = no
rtp_symmetric = yes
force_rport = yes
rewrite_contact = yes
send_pai = yes
allow_transfer = {transfers}

[{name}]
type = auth
auth_type = userpass
username = {name}
password = {password}

[{name}]
type = aor
max_contacts = 1
remove_existing = yes
qualify_frequency = {qualify_s}
qualify_timeout = 2
"""
_DIALPLAN = f"""\
[people]
exten => {NUMBER},1,Dial(PJSIP/{LINE},20,b(dialled^s^1(${{EXTEN}})))
 same => n,Dial(PJSIP/{DESK},20)
 same => n,Hangup()

[dialled]
exten => s,1,Set(PJSIP_HEADER(add,P-Called-Party-ID)=<sip:${{ARG1}}@pbx>)
 same => n,Return()

[bells]
exten => {NUMBER},1,Dial(PJSIP/{LINE},20,b(alarm^s^1(${{CALLERID(num)}})))
 same => n,Dial(PJSIP/{DESK},20)
 same => n,Hangup()

[alarm]
exten => s,1,Set(PJSIP_HEADER(add,X-Alarm)=${{ARG1}})
 same => n,Return()

[line]
exten => _X.,1,Dial(PJSIP/${{EXTEN}},40)
 same => n,GotoIf($["${{BLINDTRANSFER}}" != ""]?people,{NUMBER},1)
 same => n,Hangup(${{HANGUPCAUSE}})
"""
# Joining two calls natively changes SSRC in mid-call: Debian's baresip 1.0 is deaf after that.
_MODULES = """\
[modules]
autoload = yes
noload = chan_sip.so
noload = bridge_native_rtp.so
"""
_ASTERISK = """\
[directories]
astetcdir => {here}
astmoddir => /usr/lib/asterisk/modules
astvarlibdir => /var/lib/asterisk
astdatadir => /usr/share/asterisk
astdbdir => {here}
astkeydir => {here}
astagidir => {here}
astspooldir => {here}
astrundir => {here}
astlogdir => {here}

[options]
verbose = 3
"""
_LOGGER = "[general]\n[logfiles]\nmessages => notice,warning,error,verbose\n"
QUALIFY_S = 2
PASSWORDS = "s3cret-{name}"


def password_of(name: str) -> str:
    return PASSWORDS.format(name=name)


class Asterisk:
    """One PBX. The line and each of `phones`, by number, may register with a password; those of
    `bells` are alarm devices, and it says so of them."""

    def __init__(
        self, phones: Iterable[str], bells: Iterable[str] = (), transfers: bool = True
    ) -> None:
        """Without `transfers` it refuses every REFER (603)."""
        self.port = free_port()
        self._here = f"/run/pbx-{self.port}"
        self._folder = PLACE / self._here[1:]
        self._folder.mkdir()
        rtp = free_ports(100)
        endpoints = {
            LINE: "line",
            **dict.fromkeys([*phones, DESK], "people"),
            **dict.fromkeys(bells, "bells"),
        }
        pjsip = _PJSIP.format(port=self.port) + "".join(
            _ENDPOINT.format(
                name=name,
                context=context,
                password=password_of(name),
                qualify_s=QUALIFY_S,
                transfers="yes" if transfers else "no",
            )
            for name, context in endpoints.items()
        )
        files = {
            "asterisk.conf": _ASTERISK.format(here=self._here),
            "modules.conf": _MODULES,
            "logger.conf": _LOGGER,
            "pjsip.conf": pjsip,
            "rtp.conf": f"[general]\nrtpstart = {rtp[0]}\nrtpend = {rtp[-1]}\n",
            "extensions.conf": _DIALPLAN,
        }
        for name, text in files.items():
            (self._folder / name).write_text(text)

    @property
    def address(self) -> str:
        """Where to register, and ring."""
        return f"127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._output = (self._folder / "output").open("wb")
        self._process = subprocess.Popen(
            self._argv("-f"), stdin=subprocess.DEVNULL, stdout=self._output, stderr=self._output
        )
        eventually(self._is_up, self.log)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._output.close()
        shutil.rmtree(self._folder)

    def _argv(self, *more: str) -> list[str]:
        return ["chroot", str(PLACE), "asterisk", "-C", f"{self._here}/asterisk.conf", *more]

    def _is_up(self) -> bool:
        assert self._process.poll() is None, self.log()
        return "fully booted" in self.console("core waitfullybooted")

    def console(self, command: str) -> str:
        """What its console prints."""
        asked = subprocess.run(
            self._argv("-rx", command), capture_output=True, text=True, timeout=30, check=False
        )
        return asked.stdout

    def state_of(self, name: str) -> str:
        """Of a contact: Avail and Unavail by its answers to OPTIONS, NonQual before; empty when
        it has not registered."""
        for line in self.console("pjsip show contacts").splitlines():
            words = line.split()
            if words[:1] == ["Contact:"] and words[1].startswith(f"{name}/"):
                return words[3]
        return ""

    @property
    def legs(self) -> int:
        """Channels that are on: two for two people who talk."""
        return int(self.console("core show channels count").split(maxsplit=1)[0])

    def log(self) -> str:
        """What it has done of late."""
        file = self._folder / "messages"
        file = file if file.exists() else self._folder / "output"
        return "\n".join(file.read_text("utf-8", "replace").splitlines()[-60:])
