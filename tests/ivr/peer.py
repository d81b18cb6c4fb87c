"""The other telephone: rings the line over real SIP, presses keys, records what it hears.

A program, since baresip allows one endpoint a process: reads a call as JSON from its arguments,
writes what happened as JSON to its standard output. Runs until its call is over.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from typing import Any

from baresip import Account, Config, Runtime, UserAgent
from baresip.errors import BaresipError
from baresip.events import Event


async def ring(port: int, number: str, keys: str, hang_up_after_s: float | None) -> dict[str, Any]:
    runtime = Runtime()
    await runtime.start(
        Config(net_interface="127.0.0.1", extra_config_text="sip_listen 127.0.0.1:0\n")
    )
    agent = await UserAgent.create(
        runtime,
        Account(
            user=number,
            domain="127.0.0.1",
            password="",
            reg_interval=0,
            extra_params=("video_codecs=none",),
        ),
    )
    # Subscribed before dialling: an answer that is quicker than dial() itself passes its Call by.
    answered, over = asyncio.Event(), asyncio.Event()
    means = {Event.CALL_ESTABLISHED: answered, Event.CALL_CLOSED: over}
    runtime.subscribe(lambda event: means[event.event].set() if event.event in means else None)
    call = await agent.dial(f"sip:96993@127.0.0.1:{port}")
    await asyncio.wait_for(answered.wait(), 60)
    print("answered", flush=True)
    loop = asyncio.get_running_loop()
    began, heard, pressed = loop.time(), bytearray(), not keys
    while not over.is_set():
        with contextlib.suppress(BaresipError):
            heard += call.audio.read(16000)
        since = loop.time() - began
        if not pressed and since > 1:
            await call.send_dtmf(keys)
            pressed = True
        if hang_up_after_s is not None and since > hang_up_after_s:
            await call.hangup()
            break
        await asyncio.sleep(0.05)
    seconds = loop.time() - began
    await runtime.close()
    return {"seconds": seconds, "heard": heard.hex()}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(ring(**json.loads(sys.argv[1])))))
