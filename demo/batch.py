"""The demo of `api.batch`: many objects, one of them bad, and a crash on the way.

Run by `python build.py demo --batch`, in the backend's environment. The objects are seeds 100,
101, ... of every family in turn, one part of each: the largest or the second largest.
"""

from __future__ import annotations

import math
import shutil
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from pictures import write_sheet
from processes import arguments, in_blender, running_backend

from backend.datasets import ArticulatedObject, Link, categories, generate, write_glb
from backend.metrics.joints import axis_error, line_distance
from protocol.joint import Joint
from protocol.tasks import ArticulateResult

first_seed = 100
turned = math.radians(35.0)
tilt = math.radians(38.0)
cell_height = 1.12
filled = 0.84
caption_room = 0.04
widest_guess = math.radians(105.0)  # what is found may open further than what was built
pixels = 160
close_axis = 5.0  # degrees


class Item:
    """An object in its cell of the grid and the part of it that is asked about."""

    def __init__(self, index: int, columns: int) -> None:
        seed, family = divmod(index, len(categories))
        self.made = generate(categories[family], first_seed + seed)
        self.part = _part(self.made, seed % 2)
        self.name = f"{self.made.category} {self.made.seed} {self.part.name}"
        self.caption = f"{self.made.category}: {self.part.name.replace('_', ' ')}"
        self.place = _place(self.made, self.part, index % columns, index // columns)
        assert self.part.joint is not None and self.part.drag is not None
        self.drag = _moved(self.place, self.part.drag)
        self.joint = _moved_joint(self.place, self.part.joint)
        corners = np.ptp(np.concatenate([link.vertices for link in self.made.links]), axis=0)
        scale = np.linalg.norm(self.place[:3, 0])
        self.diagonal = float(scale * np.linalg.norm(corners))

    def task(self, folder: Path) -> dict[str, Any]:
        """Write the object as a file and say what Blender is to do with it."""
        file = folder / f"{self.made.category}-{self.made.seed}.glb"
        write_glb(self.made, file)
        return {
            "file": str(file),
            "name": self.name,
            "part": self.part.name,
            "place": self.place.tolist(),
            "drag": self.drag.tolist(),
            "prompt": self.part.prompt,
        }


def main() -> None:
    """Run it and exit with 1 unless all items but the bad one are done, and most are right."""
    parser = arguments(__doc__)
    parser.add_argument("--count", type=int, required=True, help="how many objects")
    chosen = parser.parse_args()
    out = Path(chosen.out).resolve()
    out.mkdir(parents=True, exist_ok=True)
    columns = math.ceil(math.sqrt(2 * chosen.count))
    items = [Item(index, columns) for index in range(chosen.count)]
    bad = items[len(items) // 2].name
    with tempfile.TemporaryDirectory(prefix="tug-batch-") as name:
        folder = Path(name)
        task = {
            "extension": str(Path(chosen.extension).resolve()),
            "out": str(folder),
            "models": [item.task(folder) for item in items],
            "bad": bad,
            **_sheet(len(items), columns),
        }
        results = _run_with_a_crash(chosen.blender, task)
        captions = [item.caption if item.name in results else "refused" for item in items]
        write_sheet(folder / "sheet.png", out / "batch.png", columns, captions)
        shutil.move(folder / "batch.blend", out / "batch.blend")
    print()
    _print_table(items, results)
    misses = _misses(items, results)
    _print_misses(misses, len(results))
    if wrong := [item.name for item in items if (item.name in results) == (item.name == bad)]:
        sys.exit(f"Not as expected: {', '.join(wrong)}.")
    if 2 * len(misses) > len(results):
        sys.exit("Most joints are not as built.")
    print(f"\nLook at {out / 'batch.png'},")
    print(f"then open {out / 'batch.blend'} in Blender and press the space bar.")


def _part(made: ArticulatedObject, rank: int) -> Link:
    moving = [link for link in made.links if link.joint]
    by_size = sorted(moving, key=lambda link: -np.ptp(link.vertices, axis=0).max())
    return by_size[min(rank, len(by_size) - 1)]


def _place(made: ArticulatedObject, part: Link, column: int, row: int) -> NDArray[np.float64]:
    """Return the (4, 4) that turns an object and puts it on the floor, filling its cell.

    The camera looks down at `tilt` and without perspective: in its picture a point is as far
    to the right as its x and as high as its y sin(tilt) + z cos(tilt).
    """
    assert part.joint is not None
    turn = np.eye(4)
    turn[:2, :2] = [np.cos(turned), -np.sin(turned)], [np.sin(turned), np.cos(turned)]
    swing = 0.0 if part.joint.type == "prismatic" else widest_guess
    values = np.linspace(0.0, max(1.5 * part.joint.upper, swing), 7)
    poses = [turn @ made.pose({part.name: value}) for value in values]
    points = np.concatenate(
        [
            _moved(m, link.vertices)
            for pose in poses
            for m, link in zip(pose, made.links, strict=True)
        ]
    )
    seen = points @ np.array([[1, 0], [0, math.sin(tilt)], [0, math.cos(tilt)]])
    low, high = seen.min(axis=0), seen.max(axis=0)
    scale = filled * float(min(np.array([1.0, cell_height]) / (high - low)))
    centre = np.array([column + 0.5, caption_room - (row + 0.5) * cell_height])
    right, up = centre - scale * (low + high) / 2
    place = np.diag([scale, scale, scale, 1.0]) @ turn
    place[:2, 3] = right, up / math.sin(tilt)
    return place


def _moved(matrix: NDArray, points: NDArray) -> NDArray[np.float64]:
    return points @ matrix[:3, :3].T + matrix[:3, 3]


def _moved_joint(place: NDArray, joint: Joint) -> Joint:
    axis, origin = place[:3, :3] @ joint.axis, _moved(place, np.array(joint.origin))
    axis = axis / np.linalg.norm(axis)
    return msgspec.structs.replace(joint, axis=tuple(axis), origin=tuple(origin))


def _sheet(count: int, columns: int) -> dict[str, Any]:
    """Say how large the picture is, in the world and in pixels."""
    width, height = columns, math.ceil(count / columns) * cell_height
    view = {"width": width, "height": height, "tilt": tilt}
    return {"view": view, "size": [pixels * width, round(pixels * height)]}


def _run_with_a_crash(python: str, task: dict[str, Any]) -> dict[str, ArticulateResult]:
    """Kill Blender when two fifths are done, and start it again with the same journal."""
    stop = f"{2 * len(task['models']) // 5} of "
    out = Path(task["out"])
    with running_backend(out) as connection:
        task = {**task, "connection": str(connection)}
        with closing(in_blender(python, "grid.py", task, "batch.blend")) as lines:
            for line in lines:
                print(f"  {line}", flush=True)
                if line.startswith(stop):
                    break
        print("Blender was killed here. Starting it again with the same journal.")
        for line in in_blender(python, "grid.py", task, "batch.blend"):
            print(f"  {line}", flush=True)
    return msgspec.json.decode((out / "found.json").read_bytes(), type=dict[str, ArticulateResult])


def _print_table(items: list[Item], results: dict[str, ArticulateResult]) -> None:
    row = "  {:13} {:>5} {:>7} {:>11} {:>15} {:>15} {:>8}"
    print(row.format("family", "done", "failed", "type right", "axis off", "line off", "seconds"))
    for family in [*categories, "all"]:
        chosen = [item for item in items if family in (item.made.category, "all")]
        done = [(item, results[item.name]) for item in chosen if item.name in results]
        if done:
            print(row.format(family, len(done), len(chosen) - len(done), *_figures(done)))
    print("  off: median and worst, of the axis in degrees, of its line in % of the object's size")


def _misses(items: list[Item], results: dict[str, ArticulateResult]) -> dict[str, str]:
    """Say by name what is wrong with the joints that are not as built."""
    misses = {}
    for item in items:
        if item.name not in results:
            continue
        found, true = results[item.name].joints[0], item.joint
        off = axis_error(found, true)
        if found.type != true.type:
            misses[item.name] = f"found {found.type}, built {true.type}"
        elif off > close_axis:
            misses[item.name] = f"its axis is {off:.0f}° off"
    return misses


def _print_misses(misses: dict[str, str], done: int) -> None:
    print(
        f"\n{done - len(misses)} of {done} have the type and, to {close_axis:g}°, the axis built."
    )
    for name, miss in misses.items():
        print(f"  {name}: {miss}")


def _figures(done: list[tuple[Item, ArticulateResult]]) -> list[str]:
    pairs = [(item, result.joints[0]) for item, result in done]
    axes = [axis_error(joint, item.joint) for item, joint in pairs]
    lines = [
        100 * line_distance(joint, item.joint, joint.origin) / item.diagonal
        for item, joint in pairs
        if item.joint.type != "prismatic"  # a slide has no line
    ]
    return [
        f"{sum(joint.type == item.joint.type for item, joint in pairs)} of {len(done)}",
        _spread(axes),
        _spread(lines),
        f"{np.mean([sum(result.seconds.values()) for _, result in done]):.2f}",
    ]


def _spread(values: list[float]) -> str:
    return f"{np.median(values):.2f} .. {max(values):.2f}" if values else "-"


if __name__ == "__main__":
    main()
