"""Files of a model: written all or none, and found by what their main file names."""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

from ..protocol.errors import TugError, failure

Content = bytes | memoryview | Callable[[], bytes]
File = tuple[str, Content]


def write_files(main: Path, files: Sequence[File]) -> list[Path]:
    """Write files beside and below `main`; return their paths.

    The first of `files` becomes `main` itself, the others keep their paths, which are relative
    with `/`; content may be a function that returns it. Everything is written elsewhere first and
    then moved, the main file last, so that a full disk leaves what was there. Files of another
    model are not replaced: those of the same are, when `main` is there already. Raises TugError
    `bad_input`, `storage_full`.
    """
    targets = [main, *(main.parent / inside(path) for path, _ in files[1:])]
    try:
        _refuse_folders(targets)
        _refuse_others(targets)
        with tempfile.TemporaryDirectory(dir=main.parent, prefix=".tug-") as scratch:
            fresh = [Path(scratch) / str(number) for number in range(len(files))]
            for path, (_, content) in zip(fresh, files, strict=True):
                path.write_bytes(content() if callable(content) else content)
            for path, target in reversed(list(zip(fresh, targets, strict=True))):
                target.parent.mkdir(parents=True, exist_ok=True)
                path.replace(target)
    except OSError as problem:
        raise _refusal(main, problem) from problem
    return targets


def inside(path: str) -> PurePosixPath:
    """Return a relative path. Raises TugError `malformed` where it leads elsewhere."""
    relative = PurePosixPath(path)
    strange = "\\" in path or ":" in path or "\0" in path or not relative.parts
    if relative.is_absolute() or ".." in relative.parts or strange:
        raise failure("malformed", f"The backend named a file outside its folder: {path}.")
    return relative


def _refuse_folders(targets: Sequence[Path]) -> None:
    for target in targets:
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, "there is a folder of that name", str(target))


def _refuse_others(targets: Sequence[Path]) -> None:
    if not targets[0].exists():
        for target in targets[1:]:
            if target.exists():
                raise FileExistsError(errno.EEXIST, f"another model has a file {target.name} there")


def _refusal(main: Path, problem: OSError) -> TugError:
    full = problem.errno in (errno.ENOSPC, errno.EDQUOT)
    return failure(
        "storage_full" if full else "bad_input",
        f"'{main.name}' cannot be written to {main.parent} ({problem.strerror or problem}); "
        f"{'make room' if full else 'choose another place'} and export again.",
    )
