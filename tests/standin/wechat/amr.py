"""Voice as phones send it to WeChat."""

from __future__ import annotations

import io

import av
import numpy as np
from numpy.typing import NDArray

RATE = 8000


def amr(pcm: NDArray[np.int16]) -> bytes:
    """Samples of RATE as AMR-NB at 12.2 kbit/s, in a file as of RFC 4867."""
    file = io.BytesIO()
    with av.open(file, "w", format="amr") as container:
        stream = container.add_stream("libopencore_amrnb", rate=RATE)
        stream.bit_rate, stream.layout = 12_200, "mono"
        sound = av.AudioFrame.from_ndarray(pcm[None, :], format="s16", layout="mono")
        sound.sample_rate = RATE
        for frame in (sound, None):
            for packet in stream.encode(frame):
                container.mux(packet)
    return file.getvalue()


def silent_speex(seconds: float) -> bytes:
    """Speex, wide band, behind a byte a frame for its length, as WeChat gives its 16 kHz voices;
    every frame is the shortest that there is (RFC 5574: nothing coded, padded with 0 and ones)."""
    return b"\x01\x03" * round(seconds * 50)
