"""`python -m backend.workers`: started by the gateway, never by hand."""

from __future__ import annotations

import faulthandler
import logging
import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path

import msgspec

from backend import logs

from .messages import WorkerConfig
from .worker import Worker


def main() -> None:
    config = msgspec.json.decode(sys.stdin.buffer.readline(), type=WorkerConfig)
    faulthandler.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the gateway, which tells us
    _be_first_to_go()
    threading.Thread(target=_end_with_gateway, daemon=True).start()
    logs.start(Path(config.data) / "logs", config.name)
    try:
        Worker(config).run()
    except Exception as error:
        logging.exception("worker failed")
        sys.exit(f"{type(error).__name__}: {error}")


def _end_with_gateway() -> None:
    """The gateway holds the other end of our standard input: when it closes, we go."""
    while os.read(0, 1):
        pass
    os._exit(0)


def _be_first_to_go() -> None:
    """Ask Linux to take this process, not the gateway or Blender, when memory runs out."""
    with suppress(OSError):  # not Linux, or not allowed: the default order is good enough
        Path("/proc/self/oom_score_adj").write_text("500")


if __name__ == "__main__":
    main()
