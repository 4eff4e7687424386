"""`articulate` with several parts: the tree they hang in and the joint of each."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from protocol import version
from protocol.errors import failure
from protocol.tasks import ArticulateObjectResult, PartAnswer

from .articulate import Teller, measures, percent, ups, usual_up

if TYPE_CHECKING:
    from backend.assembly.whole import Whole


def run(options: argparse.Namespace) -> int:
    result = solve(options)
    if options.json:
        print(msgspec.json.format(msgspec.json.encode(result)).decode())
    else:
        print("\n".join(["the body", *tree_in_words(result.parts)]))
        for note in result.notes:
            print(f"\nNote: {note}")
    return 0


def solve(options: argparse.Namespace) -> ArticulateObjectResult:
    """Read the file and find tree and joints, in the file's frame and units. Raises TugError."""
    from backend.assembly.engine import assemble
    from backend.assembly.whole import Mark, Whole, check
    from backend.tasks.articulate_object import answers

    from .meshes import every_part, parts_and_body

    if options.prompt:
        raise failure("bad_input", "A prompt is about one part: leave it out, or name one part.")
    if options.all and options.part:
        raise failure("bad_input", "Name the parts with --part, or take --all; not both.")
    if options.all:
        mesh, owner, names = every_part(options.mesh, options.body)
    else:
        names = list(dict.fromkeys(options.part))
        mesh, owner = parts_and_body(options.mesh, names)
    whole = Whole(
        mesh=mesh,
        owner=owner,
        marks=tuple(Mark(name) for name in names),
        up=ups[options.up or usual_up(options.mesh)],
        seed=options.seed,
    )
    whole = _pulled(check(whole), np.array(options.drag, float).reshape(-1, 2, 3))
    found = assemble(whole, alternatives=options.alternatives, progress=_Teller())
    return ArticulateObjectResult(
        parts=answers(names, found),
        seconds=found.seconds,
        notes=found.notes,
        revision=version.software,
        seed=options.seed,
    )


def tree_in_words(parts: tuple[PartAnswer, ...], parent: int = -1, indent: str = "  ") -> list[str]:
    """Each part below what it hangs on, with its best joint."""
    lines = []
    for index, part in enumerate(parts):
        if part.parent == parent:
            best = part.joints[0]
            like = ", ".join(parts[k].name for k in part.like)
            lines.append(
                f"{indent}{part.name}: {best.type}, {percent(best.confidence)} sure"
                + (f", like {like}" if like else "")
            )
            lines += [f"{indent}  {line}" for line in measures(best)]
            lines += tree_in_words(parts, index, indent + "    ")
    return lines


class _Teller(Teller):
    def stage(self, name: str, step: int = 0, total: int = 0) -> None:
        if name == "part" and step:
            print(f"part {step} of {total} ...", file=sys.stderr)
        elif name != "part":
            super().stage(name, step, total)


def _pulled(whole: Whole, drags: NDArray[np.float64]) -> Whole:
    """The object with each drag at the part that it starts on."""
    from backend.geometry.mesh import Mesh
    from backend.geometry.surface import Surface

    corners = whole.mesh.corners
    middle, size = corners.mean(axis=(0, 1)), float(np.ptp(corners, axis=(0, 1)).max())
    sides = [whole.side([k]) for k in range(len(whole.marks))]
    surfaces = [Surface(Mesh((side.vertices - middle) / size, side.faces)) for side in sides]
    marks = list(whole.marks)
    for drag in drags:
        start = (drag[:1] - middle) / size
        nearest = int(np.argmin([surface.closest(start)[0][0] for surface in surfaces]))
        mark = marks[nearest]
        marks[nearest] = replace(mark, drags=np.concatenate([mark.drags, drag[None]]))
    return replace(whole, marks=tuple(marks))
