"""The managed local backend: found, started, watched and stopped."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

install_command = "python build.py backend"
log_tail_bytes = 2000


@dataclass(frozen=True)
class Installation:
    """Where a backend is installed: its Python and the folder that holds the `backend` package."""

    python: str
    root: str

    def command(self, *arguments: str) -> list[str]:
        """Return the command line for `python -m backend ARGUMENTS`."""
        return [self.python, "-m", "backend", *arguments]


def find_installation(python: str = "", root: str = "") -> Installation:
    """Return the backend to start: the given one, else what `build.py backend` noted down.

    Raises TugError (`unreachable`) with the command to run when none is installed.
    """
    from ..protocol.errors import failure

    if not (python and root):
        noted = _noted()
        python, root = python or noted.python, root or noted.root
    if not (Path(root) / "backend" / "__main__.py").is_file():
        raise failure(
            "unreachable",
            f"There is no backend in the folder {root}. Choose the folder of the Tug sources in "
            f"the add-on's preferences, or run `{install_command}` there.",
            fix=install_command,
        )
    return Installation(python, root)


def _noted() -> Installation:
    from ..protocol.errors import failure
    from ..protocol.keys import data_folder

    note = data_folder() / "backend.json"
    try:
        fields = json.loads(note.read_text(encoding="utf-8"))
        return Installation(str(fields["python"]), str(fields["root"]))
    except (OSError, ValueError, KeyError, TypeError):
        raise failure(
            "unreachable",
            "The backend is not installed on this machine yet. "
            f"Run `{install_command}` in the folder of the Tug sources, then try again.",
            fix=install_command,
        ) from None


class BackendProcess:
    """A backend that this Blender started."""

    def __init__(self, installation: Installation, *options: str) -> None:
        from ..protocol.keys import data_folder

        self.log = data_folder() / "managed.log"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._log_start = log.tell()
            self._process = subprocess.Popen(
                installation.command("serve", *options),
                cwd=installation.root,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                **_apart(),
            )

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs."""
        return self._process.poll()

    def last_words(self) -> str:
        """Return the end of what this process printed."""
        with self.log.open("rb") as log:
            end = log.seek(0, 2)
            log.seek(max(self._log_start, end - log_tail_bytes))
            return log.read().decode("utf-8", "replace").strip()

    def stop(self, grace: float = 5.0) -> None:
        """Ask it to end, wait up to `grace` seconds, then end it."""
        if self.exit_code is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(grace)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _apart() -> dict[str, Any]:
    """Keep Ctrl-C in Blender's console from reaching the backend, and its window away."""
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
        return {"creationflags": flags}
    return {"start_new_session": True}
