"""What `yinling doctor` finds of the phone line. Changes nothing, rings nobody."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

from ivr.health import where_well
from ivr.settings import IvrSettings
from ivr.voice import VoiceError
from ivr.voice.opening import ESPEAK, engine_in_use, recordings_in_use
from ivr.voice.settings import VoiceSettings
from ops.finding import Finding
from ops.telephone import is_port_free, where

LOOK_S = 1.0


def examine_line() -> Iterator[Finding]:
    """The line itself, whom it can ring, who speaks."""
    try:
        line, voice = IvrSettings(), VoiceSettings()
    except ValidationError as bad:
        yield Finding("phone line", False, _in_words(bad))
        return
    yield _line(line)
    yield _ways_out(line)
    yield _agents(line)
    yield _voice(voice)


def _line(line: IvrSettings) -> Finding:
    with_whom = f", registered with {line.registrar}" if line.registrar else ", no registrar"
    host = where_well(line, LOOK_S)
    if host is not None:
        says = f"answers at {host}:{line.sip_port}{with_whom}, {line.max_calls} calls at a time"
        return Finding("phone line", True, says)
    port = f"port {line.sip_port} of {where(line)}"
    if is_port_free(line):
        says = f"nothing is at {port}: `yinling up` or `yinling ivr` starts a line"
    elif line.registrar:
        says = f"what is at {port} takes no calls: `not_registered` in its log says why"
    else:
        says = f"what is at {port} is no line, or takes no calls: set YINLING_IVR_SIP_PORT"
    return Finding("phone line", False, says)


def _ways_out(line: IvrSettings) -> Finding:
    way = line.outbound_proxy or line.registrar
    says = f"through {way}" if way else (
        "nobody can be rung, neither elders nor agents: set YINLING_IVR_REGISTRAR or "
        "YINLING_IVR_OUTBOUND_PROXY"
    )  # fmt: skip
    return Finding("calls out", way is not None, says)


def _agents(line: IvrSettings) -> Finding:
    count = len(line.agent_numbers)
    says = f"{count} telephones are rung" if count else (
        "none but those of people at the console; otherwise who wants a human is rung back; set "
        "YINLING_IVR_AGENTS"
    )  # fmt: skip
    return Finding("agents", count > 0, says)


def _voice(settings: VoiceSettings) -> Finding:
    try:
        name, spoken = engine_in_use(settings), len(recordings_in_use(settings))
    except VoiceError as missing:
        return Finding("voice", False, str(missing).splitlines()[0])
    says = name + (f", {spoken} prompts spoken by a person" if spoken else "")
    if name == ESPEAK and settings.voice is None:
        return Finding("voice", False, f"{says}: `make voice` makes a better one")
    return Finding("voice", True, says)


def _in_words(bad: ValidationError) -> str:
    one = bad.errors()[0]
    name = "".join(f"YINLING_IVR_{part}: ".upper() for part in one["loc"])
    return f"{name}{one['msg'].removeprefix('Value error, ')}"
