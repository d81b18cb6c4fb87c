"""Runs Rasa's own HTTP server (`rasa run --enable-api`), without TensorFlow (see lean.py).

.venv/bin/python serve.py --model models/nlu.tar.gz --port 5005
"""

from __future__ import annotations

import argparse
import logging
import os
import warnings
from pathlib import Path

import lean

lean.leave_out()
warnings.filterwarnings("ignore")

HERE = Path(__file__).resolve().parent


def serve(model: Path, interface: str, port: int) -> None:
    """Serves until stopped; /status tells the model once it is loaded and its engines are warm."""
    os.chdir(HERE)
    os.environ["SANIC_WORKERS"] = "1"
    import rasa.core.run
    import rasa.utils.common
    import rasa.utils.log_utils
    from rasa.core.utils import AvailableEndpoints

    # At its default level Rasa writes what people say into the log.
    rasa.utils.log_utils.configure_structlog(logging.WARNING)
    rasa.utils.common.configure_logging_and_warnings(log_level=logging.WARNING)
    rasa.core.run.serve_application(
        model_path=str(model),
        channel="rest",
        interface=interface,
        port=port,
        enable_api=True,
        endpoints=AvailableEndpoints(),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=HERE / "models" / "nlu.tar.gz")
    parser.add_argument("--interface", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5005)
    args = parser.parse_args()
    serve(args.model.resolve(), args.interface, args.port)


if __name__ == "__main__":
    main()
