"""`serve`: the gateway and its workers."""

from __future__ import annotations

import argparse
import signal
from pathlib import Path
from typing import get_args

from backend import logs
from backend.workers.messages import Null, Outcome
from protocol import keys, version


def add_arguments(parser: argparse.ArgumentParser) -> None:
    home = keys.data_folder()
    parser.add_argument("--data", type=Path, default=home / "store", help="folder of jobs and logs")
    parser.add_argument(
        "--connection",
        type=Path,
        default=keys.default_connection_file(),
        help="file to write for clients on this machine",
    )
    parser.add_argument("--control", default="tcp://127.0.0.1:*", help="address; * is a free port")
    parser.add_argument("--bulk", default="tcp://127.0.0.1:*", help="address for arrays")
    parser.add_argument(
        "--authorised",
        type=Path,
        default=keys.default_authorised_folder(),
        help="folder of the public keys of other machines",
    )
    parser.add_argument("--workers", type=_count, default=1, help="jobs at a time")
    parser.add_argument(
        "--capacity", type=float, default=20.0, metavar="GB", help="most arrays to keep stored"
    )
    parser.add_argument("--null", action="store_true", help="made-up instant answers, for tests")
    parser.add_argument("--null-seconds", type=float, default=0.0, metavar="S")
    parser.add_argument(
        "--null-outcome",
        choices=get_args(Outcome),
        default="done",
        help='how null jobs end; one job may ask by itself with engine "null:OUTCOME=SECONDS"',
    )


def run(options: argparse.Namespace) -> int:
    from backend.gateway.gateway import Gateway
    from backend.gateway.settings import Settings

    options.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    logs.start(options.data / "logs", "gateway")
    settings = Settings(
        data=options.data,
        connection=options.connection,
        authorised=options.authorised,
        control=options.control,
        bulk=options.bulk,
        workers=options.workers,
        capacity=int(options.capacity * 1e9),
        null=_null(options),
    )
    gateway = Gateway(settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: gateway.stop())
    _greet(gateway.connection, options.connection)
    gateway.run()
    return 0


def _greet(connection: keys.Connection, file: Path) -> None:
    print(
        f"Tug {version.software} listens on {connection.control} and {connection.bulk}; "
        f"clients read {file}. Ctrl-C stops it.",
        flush=True,
    )


def _null(options: argparse.Namespace) -> Null | None:
    if not options.null:
        return None
    return Null(outcome=options.null_outcome, seconds=options.null_seconds)


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return count
