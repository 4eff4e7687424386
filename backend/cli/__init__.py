"""The command line: one file a command."""

from __future__ import annotations

import argparse
import importlib
import logging
import sys
import traceback
from collections.abc import Sequence

from protocol import version
from protocol.errors import Error, TugError

commands = {
    "serve": "run the backend that Blender talks to",
    "animate": "move nodes of a GLB scene along ways",
    "articulate": "find the joint of a part of a mesh file",
    "propose": "list the regions of a mesh file that may be parts",
    "generate": "write objects with known joints",
    "dataset": "write pictures that learned models are trained and measured on",
    "export": "write a model with its joints as URDF, MJCF, USD or GLB",
    "import": "turn URDF and MJCF models into cases to evaluate on",
    "place": "stand objects in a scene, both GLB files",
    "render_controls": "show the motion of a GLB scene to cameras: tracks, masks, depth and flow",
    "evaluate": "measure the answers on objects with known joints",
    "train": "fit the weights of the reasons, or a learned model, on objects with known joints",
    "models": "list the learned models, fetch and check them",
    "doctor": "say what is installed, what works and how to fix what does not",
    "keys": "let clients on other machines in, or out",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit code: 0, 1 for an error, 2 for wrong usage, 130 for Ctrl-C."""
    logging.getLogger().addHandler(logging.NullHandler())  # or stacks go to standard error
    options = _parser().parse_args(
        _with_negatives(sys.argv[1:] if arguments is None else arguments)
    )
    try:
        return _module(options.command).run(options)
    except TugError as problem:
        _tell(problem.error)
        _show_stack(options.verbose)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()  # nobody reads any more: nothing to say
        return 1
    except OSError as error:
        print(f"{error.filename or 'Tug'}: {error.strerror or error}.", file=sys.stderr)
        _show_stack(options.verbose)
        return 1
    except Exception as error:
        logging.exception("the command failed")
        print(
            f"Tug failed because of a defect ({type(error).__name__}: {error}); "
            "run it again with --verbose for the stack and report it.",
            file=sys.stderr,
        )
        _show_stack(options.verbose)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "tug", description="The backend of Tug: pull a part and it moves."
    )
    parser.add_argument("--version", action="version", version=f"Tug {version.software}")
    chosen = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in commands.items():
        command = chosen.add_parser(name, help=text, description=text.capitalize() + ".")
        command.add_argument("--verbose", action="store_true", help="show stacks of errors")
        _module(name).add_arguments(command)
    return parser


def _with_negatives(arguments: Sequence[str]) -> list[str]:
    """Keep argparse from taking -1e-3 for an option, as it does before Python 3.14."""
    return [f" {word}" if _is_negative(word) else word for word in arguments]


def _is_negative(word: str) -> bool:
    try:
        return word.startswith("-") and float(word) <= 0.0
    except ValueError:
        return False


def _module(command: str):
    return importlib.import_module(f"{__name__}.{command}")


def _tell(error: Error) -> None:
    print(error.message, file=sys.stderr)
    if error.fix:
        print(f"Fix: {error.fix}", file=sys.stderr)


def _show_stack(verbose: bool) -> None:
    if verbose:
        traceback.print_exc()
