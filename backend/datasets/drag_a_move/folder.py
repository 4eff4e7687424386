"""Samples on disk: shards of arrays, and an index of JSON lines.

    DIR/recipe.json        what was asked for
    DIR/index.jsonl        a line for each sample: where it is, what it shows, drags, camera
    DIR/shards/00000.npz   arrays of up to 256 samples, as `pool` has them
    DIR/sheet-00000.png    pictures to look at, where they were asked for

A shard is on disk whole or not at all, and does not depend on the others, so that a run that
was stopped goes on with the first that is missing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import msgspec
import numpy as np

from backend.datasets.drag_a_move import sheet
from backend.datasets.drag_a_move.pool import Arrays, Task, each, room, shards_of, together
from backend.datasets.drag_a_move.sample import Sample
from backend.datasets.drag_a_move.stream import Recipe, shard
from backend.views import cameras
from protocol.errors import failure
from protocol.views import Camera

recipe_file, index_file = "recipe.json", "index.jsonl"


def write(
    folder: Path,
    recipe: Recipe,
    count: int,
    *,
    jobs: int = 1,
    sheets: bool = False,
    done: Callable[[int, int], None] = lambda *_: None,
) -> None:
    """Write the first `count` samples of a recipe; what is there already stays.

    A folder of fewer samples of that recipe is continued. `done` hears how many of how many
    there are. Raises TugError bad_input where the folder holds those of another recipe.
    """
    _prepare(folder, recipe)
    tasks = shards_of(count)
    kept = [_lines(folder, number, some) for number, some in tasks]
    todo: list[Task] = [
        (recipe, number, some)
        for (number, some), lines in zip(tasks, kept, strict=True)
        if not lines or (sheets and not _sheet(folder, number).exists())
    ]
    there = sum(some for (_, some), lines in zip(tasks, kept, strict=True) if lines)
    done(there, count)
    try:
        for part in each(partial(_write, folder, sheets), todo, jobs):
            number = int(part["number"])
            there += 0 if kept[number] else tasks[number][1]
            kept[number] = _lines(folder, number, tasks[number][1])
            done(there, count)
    finally:
        lines = "".join(line for lines in kept for line in lines)
        _replace(folder / index_file, lines.encode())


def read(folder: str | Path) -> Iterator[Sample]:
    """The samples of a folder, in their order. Raises TugError bad_input where it is none."""
    for number, rows in _by_shard(Path(folder)):
        with np.load(_shard(Path(folder), number)) as stored:
            arrays = {name: stored[name] for name in stored.files if name != "lines"}
        for row in rows:
            yield _sample(arrays, row)


def arrays(folders: Sequence[Path]) -> Arrays:
    """The samples of folders, one after the other, as arrays of `pool`.

    Only these and a shard are in memory. Raises TugError bad_input for a folder that is none or
    does not read, for different sizes, and where there is no sample at all.
    """
    shards = [(where, *each) for where in folders for each in _by_shard(where)]
    count = sum(len(rows) for _, _, rows in shards)
    found: Arrays = {}
    start = 0
    for where, number, rows in shards:
        path, at = _shard(where, number), [row["row"] for row in rows]
        try:
            with np.load(path) as stored:
                size = stored["before"].shape[1]
                found = found or room(count, size)
                for name, array in found.items():
                    array[start : start + len(at)] = stored[name][at]
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise failure(
                "bad_input",
                f"{path} cannot be read with those before it ({error}).",
                fix="run `tug dataset drag_a_move` again: it draws what is broken anew",
            ) from None
        start += len(at)
    if not count:
        raise failure("bad_input", "There are no pairs to train on; render some first.")
    return found


def _by_shard(folder: Path) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    path = folder / index_file
    if not path.is_file():
        raise failure(
            "bad_input",
            f"{folder} has no {index_file}: it is no data set, or its writing was stopped.",
            fix="run `tug dataset drag_a_move` with the same settings again: it goes on",
        )
    rows: list[dict[str, Any]] = []
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        if rows and row["shard"] != rows[0]["shard"]:
            yield rows[0]["shard"], rows
            rows = []
        rows.append(row)
    if rows:
        yield rows[0]["shard"], rows


def _sample(arrays: Arrays, row: dict[str, Any]) -> Sample:
    at = row["row"]
    return Sample(
        before=arrays["before"][at],
        after=arrays["after"][at],
        drags=arrays["drags"][at],
        moving_before=arrays["moving_before"][at],
        moving_after=arrays["moving_after"][at],
        flow=arrays["flow"][at].astype(np.float32),
        family=row["family"],
        seed=row["seed"],
        look=row["look"],
        camera=cameras.read(msgspec.convert(row["camera"], Camera)),
        names=tuple(row["names"]),
    )


def _prepare(folder: Path, recipe: Recipe) -> None:
    """Make the folder. Raises TugError bad_input where it is of another recipe."""
    (folder / "shards").mkdir(parents=True, exist_ok=True)
    path, written = folder / recipe_file, msgspec.json.encode(recipe)
    if path.is_file() and path.read_bytes() != written:
        raise failure(
            "bad_input",
            f"{folder} holds samples of other settings ({path.read_text('utf-8')}).",
            fix="choose another folder, or the settings it was begun with",
        )
    _replace(path, written)


def _write(folder: Path, sheets: bool, task: Task) -> Arrays:
    """Write a shard, and its sheet; in a process of its own perhaps."""
    recipe, number, count = task
    samples = list(shard(recipe, number, count))
    arrays = together(samples)
    arrays["lines"] = np.array([_line(sample, number, row) for row, sample in enumerate(samples)])
    if sheets:
        sheet.write(_sheet(folder, number), samples[: sheet.shown])
    path = _shard(folder, number)
    part = path.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    part.replace(path)
    return {"number": np.array(number)}


def _line(sample: Sample, number: int, row: int) -> str:
    said = {
        "shard": number,
        "row": row,
        "family": sample.family,
        "seed": sample.seed,
        "look": sample.look,
        "names": sample.names,
        "drags": sample.drags[: len(sample.names)].tolist(),
        "camera": msgspec.to_builtins(cameras.written(sample.camera)),
    }
    return json.dumps(said) + "\n"


def _lines(folder: Path, number: int, count: int) -> list[str]:
    """The lines of a shard's samples; none where it is not there or has fewer."""
    try:
        with np.load(_shard(folder, number)) as stored:
            lines = stored["lines"].tolist()
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return []
    return lines[:count] if len(lines) >= count else []


def _shard(folder: Path, number: int) -> Path:
    return folder / "shards" / f"{number:05d}.npz"


def _sheet(folder: Path, number: int) -> Path:
    return folder / f"sheet-{number:05d}.png"


def _replace(path: Path, content: bytes) -> None:
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    part.replace(path)
