"""`doctor`: what is installed, what works, and how to fix what does not."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from protocol import keys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    home = keys.data_folder()
    parser.add_argument("--data", type=Path, default=home / "store", help="as for serve")
    parser.add_argument("--connection", type=Path, default=keys.default_connection_file())
    parser.add_argument("--json", action="store_true")


def run(options: argparse.Namespace) -> int:
    from backend.doctor import examine

    findings = examine(options.data, options.connection)
    if options.json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            print(f"{finding.state.upper():8}{finding.subject}: {finding.text}")
            if finding.fix:
                print(f"{'':8}Fix: {finding.fix}")
    return int(any(finding.state == "problem" for finding in findings))
