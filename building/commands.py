"""The commands of build.py."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable

from . import extension, live, machine, suite
from .environments import SetupError, blenders, ensure, find_python, root, run, say, use_cuda

smallest_batch = 5


def demo(arguments: argparse.Namespace) -> None:
    """Show in real Blender, through a real backend, what Tug does; see out/."""
    version = next((name for name, python in blenders().items() if find_python(python)), None)
    if version is None:
        wanted = " or ".join(sorted(set(blenders().values())))
        raise SetupError(f"The demo runs Blender as a Python module and needs Python {wanted}.")
    machine.require_libraries()
    backend, inside = ensure("backend"), ensure(f"blender-{version}")
    package = extension.zip_for_this_machine()
    script, said = _demo_script(arguments)
    say(f"Blender {version}: {said}")
    program = [backend, root / "demo" / script[0], *script[1:], "--blender", inside]
    ran = subprocess.run([*program, "--extension", package, "--out", arguments.out], check=False)
    raise SystemExit(ran.returncode)


def _demo_script(arguments: argparse.Namespace) -> tuple[list[str], str]:
    """Return the script of the chosen demo with its arguments, and what it does in words."""
    if many := arguments.batch:
        return ["batch.py", "--count", str(many)], f"opening {many} objects"
    if arguments.scene == "kitchen":
        return ["kitchen.py"], "driving a trolley round a kitchen"
    if arguments.scene == "imagined":
        return ["imagined.py"], "asking a model what three objects look like when pulled"
    return ["run.py"], "opening a cabinet"


def test(arguments: argparse.Namespace) -> None:
    """Run the whole suite: style, types, and tests here and inside every Blender there is."""
    if not suite.run_suite():
        raise SystemExit(1)


def package(arguments: argparse.Namespace) -> None:
    """Build the extension: a validated zip per platform and a static repository of them."""
    for path in extension.build():
        print(f"  {path.relative_to(root)}  {path.stat().st_size / 1e6:.1f} MB")
    print("Install one in Blender: Preferences > Get Extensions > Install from Disk.")
    print("Or serve dist/extensions/ and add the address of its index.json as a repository.")


def backend(arguments: argparse.Namespace) -> None:
    """Install the backend on this machine and tell the add-on where it is."""
    if arguments.accelerator == "cuda":
        say(f"GPU: {machine.cuda_device()}")
    python = ensure("backend")
    if arguments.accelerator == "cuda":
        use_cuda()
    note = json.dumps({"python": str(python), "root": str(root)}, indent=2)
    program = (
        "import sys; from protocol.keys import data_folder; folder = data_folder(); "
        "folder.mkdir(parents=True, exist_ok=True); "
        "(folder / 'backend.json').write_text(sys.argv[1], encoding='utf-8'); print(folder)"
    )
    folder = run([python, "-c", program, note], quiet=True).strip()
    say(f"noted in {folder}")
    print("In Blender: sidebar of the 3D viewport (N) > Tug > Start.")
    print(f"Or start it here: {python} -m backend serve")


def dev(arguments: argparse.Namespace) -> None:
    """Link this working tree into an installed Blender, so that edits are live."""
    live.link_into(arguments.blender)


def _parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="build.py", description="Set up, try, test and package Tug.")
    commands = top.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, action: Callable[[argparse.Namespace], None]) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=action.__doc__, description=action.__doc__)
        added.set_defaults(action=action)
        return added

    shown = command("demo", demo)
    shown.add_argument(
        "--out", default=str(root / "out"), help="folder for the results (default: out)"
    )
    shown.add_argument(
        "--scene",
        choices=("cabinet", "kitchen", "imagined"),
        default="cabinet",
        help="cabinet: its parts open; kitchen: a trolley is placed and driven; imagined: a model "
        "imagines three objects being pulled (default: cabinet)",
    )
    shown.add_argument(
        "--batch",
        type=_count,
        nargs="?",
        const=50,
        metavar="COUNT",
        help="instead, many objects in one batch, one of them bad (default: 50)",
    )
    command("test", test)
    command("extension", package)
    command("backend", backend).add_argument(
        "--accelerator",
        choices=("cpu", "cuda"),
        default="cpu",
        help="cuda checks that an NVIDIA driver is there and installs torch for it (default: cpu)",
    )
    command("dev", dev).add_argument(
        "--blender", default="blender", help="the Blender program (default: blender)"
    )
    return top


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < smallest_batch:
        raise argparse.ArgumentTypeError(f"a number from {smallest_batch} up is needed")
    return int(text)


def main() -> None:
    """Run the command on the command line; what is wrong on this machine ends it in words."""
    try:
        chosen = _parser().parse_args()
        chosen.action(chosen)
    except SetupError as error:
        sys.exit(f"\n{error}")
    except KeyboardInterrupt:
        sys.exit("\nStopped. The next run goes on from here.")
