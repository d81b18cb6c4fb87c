"""A process that is told to end, whatever its server does with the signal."""

import signal
import subprocess
import sys

PROGRAM = """
import signal, threading
from ops.leaving import when_told_to_end
told = threading.Event()
when_told_to_end(told.set)
signal.signal(signal.SIGTERM, lambda *_: None)  # the server's own, installed later
print("ready", flush=True)
print("heard" if told.wait(20) else "deaf", flush=True)
"""


def test_it_is_heard_though_the_server_handles_the_signal_itself() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        assert process.stdout.readline() == "heard\n"
