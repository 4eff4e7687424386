"""`place`: stand objects of GLB files in the scene of another."""

from __future__ import annotations

import argparse
import json
import math
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from protocol.errors import failure

if TYPE_CHECKING:
    from backend.formats.gltf_reader import GlbScene
    from backend.formats.model import Link, Model
    from backend.placement.engine import Outcome, Placed
    from backend.placement.item import Item, Part

columns = ("name", "support", "penetration", "gap", "stability", "free", "drift", "size", "seconds")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("scene", type=Path, help="a .glb file: what stays as it is")
    parser.add_argument(
        "objects", type=Path, nargs="+", help=".glb files; joints of Tug's export are kept"
    )
    each = "; given once it holds for all objects, else once for each"
    parser.add_argument(
        "--at",
        type=float,
        nargs=3,
        action="append",
        default=[],
        metavar=("X", "Y", "Z"),
        help="a point of the scene to stand at, z up; default: where the object is" + each,
    )
    parser.add_argument(
        "--turn", type=float, action="append", default=[], metavar="DEG", help="about up" + each
    )
    parser.add_argument(
        "--size",
        type=float,
        nargs=3,
        action="append",
        default=[],
        metavar=("X", "Y", "Z"),
        help="a box to fit into" + each,
    )
    parser.add_argument("--lie", action="store_true", help="lie as the surface does, not upright")
    parser.add_argument("--against-wall", action="store_true", help="with the back at a wall")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="the .glb to write")


def run(options: argparse.Namespace) -> int:
    from backend.formats.gltf_reader import read
    from backend.placement.engine import place

    if options.out.suffix.lower() != ".glb":
        raise failure("bad_input", f"{options.out} is no .glb file: name one to write.")
    scene = read(options.scene)
    links = _links(scene)
    items = _items(options)
    found = place(items, _parts(links), seed=options.seed, progress=_Teller())
    _write(options.out, links, items, found)
    report(found, as_json=options.json)
    print(options.out, file=sys.stderr if options.json else sys.stdout)
    return 0


def report(found: Outcome, *, as_json: bool) -> None:
    """Print where things came to stand, as a table or as JSON."""
    rows = [row(placed) for placed in found.placed]
    if as_json:
        print(json.dumps({"placements": rows, "notes": found.notes, "seconds": found.seconds}))
        return
    lines = [[_cell(r[c]) for c in columns] for r in rows]
    widths = [max(map(len, column)) for column in zip(columns, *lines, strict=True)]
    for line in [columns, *lines]:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)))
    for note in found.notes:
        print(f"Note: {note}")


def row(placed: Placed) -> dict[str, Any]:
    """The numbers of a placement, lengths in the scene's unit."""
    return {
        "name": placed.name,
        "support": placed.support,
        "penetration": placed.penetration,
        "gap": placed.gap,
        "stability": placed.stability,
        "free": placed.free,
        "drift": placed.drift,
        "size": placed.size,
        "contact_area": placed.contact_area,
        "seconds": placed.seconds,
        "pose": placed.pose.tolist(),
    }


class _Teller:
    def stage(self, name: str, step: int = 0, total: int = 0) -> None:
        more = f" {step + 1} of {total}" if total else ""
        print(f"{name}{more} ...", file=sys.stderr)

    def check(self) -> None:
        pass


def _links(scene: GlbScene) -> list[Link]:
    """A link for each node of a file; the only mesh below an empty node belongs to that."""
    from backend.formats.model import Link, Shape

    links: list[Link] = []
    owner: dict[int, int] = {}
    for i, node in enumerate(scene.nodes):
        shapes = (Shape(node.name, node.mesh),) if len(node.mesh.faces) else ()
        above = owner.get(node.parent, -1)
        siblings = sum(other.parent == node.parent for other in scene.nodes)
        alone = siblings == 1 and not any(other.parent == i for other in scene.nodes)
        if above >= 0 and alone and node.joint is None and not links[above].shapes:
            owner[i] = above
            links[above] = replace(links[above], shapes=shapes)
        else:
            owner[i] = len(links)
            links.append(Link(node.name, shapes, above, node.joint))
    return links


def _parts(links: list[Link]) -> list[Part]:
    from backend.placement.item import Part

    return [Part(link.name, shape.mesh) for link in links for shape in link.shapes]


def _items(options: argparse.Namespace) -> list[Item]:
    from backend.formats.gltf_reader import read
    from backend.placement.item import Item
    from protocol.placement import Wish

    count = len(options.objects)
    spots = _each(options.at, count, "--at")
    turns = _each(options.turn, count, "--turn")
    sizes = _each(options.size, count, "--size")
    items = []
    for path, spot, turn, size in zip(options.objects, spots, turns, sizes, strict=True):
        half = math.radians(turn or 0.0) / 2.0
        wish = Wish(
            spot=tuple(spot) if spot else None,
            size=tuple(size) if size else None,
            turn=None if turn is None else (math.cos(half), 0.0, 0.0, math.sin(half)),
        )
        model = _model(read(path), path.stem)
        items.append(Item(model, wish, upright=not options.lie, against_wall=options.against_wall))
    return items


def _each(given: list[Any], count: int, option: str) -> list[Any]:
    if len(given) in (0, 1):
        return (given or [None]) * count
    if len(given) != count:
        raise failure("bad_input", f"There are {count} objects and {len(given)} times {option}.")
    return given


def _model(scene: GlbScene, name: str) -> Model:
    """All of a file as one model, a link at least for each node that hangs on none."""
    from backend.formats.model import Model

    links: list[Link] = []
    for node in scene.nodes:
        if node.parent < 0:
            own = scene.model(node.name).links
            links += [_behind(link, len(links)) for link in own]
    return Model(name, tuple(links))


def _behind(link: Link, start: int) -> Link:
    return replace(link, parent=link.parent + start if link.parent >= 0 else -1)


def _write(path: Path, links: list[Link], items: list[Item], found: Outcome) -> None:
    """The scene and the objects where they stand as one file; their joints stay."""
    from backend.formats.gltf_writer import write
    from backend.formats.model import Model
    from backend.formats.writing import prepared

    links = list(links)
    for item, placed in zip(items, found.placed, strict=True):
        start = len(links)
        links += [_behind(_moved(link, placed.pose), start) for link in item.model.links]
    model = prepared(Model(path.stem, tuple(links)))
    content, _ = write(model, lambda: None)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(next(iter(content.values())))


def _moved(link: Link, pose: Any) -> Link:
    import numpy as np

    from backend.formats.model import Shape, moved
    from backend.placement.thing import carried

    scale = float(np.cbrt(abs(np.linalg.det(pose[:3, :3]))))
    shapes = tuple(Shape(s.name, moved(s.mesh, pose)) for s in link.shapes)
    joint = carried(link.joint, pose, scale) if link.joint else None
    return replace(link, shapes=shapes, joint=joint)


def _cell(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
