"""`articulate`: the joint of a part of a mesh file, without Blender and gateway."""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path

import msgspec
import numpy as np

from protocol import version
from protocol.errors import failure
from protocol.joint import Joint, Vector
from protocol.tasks import ArticulateResult

ups: dict[str, Vector] = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0)}
y_up_formats = (".glb", ".gltf")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("mesh", type=Path, help="GLB, OBJ, PLY or STL file, or an .npz case")
    parser.add_argument(
        "--part",
        action="append",
        default=[],
        metavar="SPEC",
        help="what moves: name of a node, object, group or material, faces:0-11,40, or @FILE "
        "of triangle indices; a case knows its own; may be given several times",
    )
    parser.add_argument(
        "--all", action="store_true", help="each node or object is a part, but for the body"
    )
    parser.add_argument(
        "--body",
        metavar="NAME",
        help="with --all: what stands still; default: body, or the largest",
    )
    parser.add_argument(
        "--drag",
        type=float,
        nargs=6,
        action="append",
        default=[],
        metavar=("SX", "SY", "SZ", "EX", "EY", "EZ"),
        help="a pull from a point on the part to where it goes; may be given several times",
    )
    parser.add_argument(
        "--prompt",
        default=None,
        metavar="TEXT",
        help="what the part does, in words; without --part they say which part, too",
    )
    parser.add_argument("--up", choices=ups, help="default: y for glTF, z otherwise")
    parser.add_argument("--alternatives", type=int, choices=range(1, 33), default=3, metavar="N")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    if options.all or len(options.part) > 1:
        from .objects import run as run_object

        return run_object(options)
    result = solve(options)
    if options.json:
        print(msgspec.json.format(msgspec.json.encode(result)).decode())
    else:
        print("\n\n".join(in_words(n, joint) for n, joint in enumerate(result.joints, 1)))
        for note in result.notes:
            print(f"\nNote: {note}")
    return 0


def solve(options: argparse.Namespace) -> ArticulateResult:
    """Read the file and find the joints, in the file's frame and units. Raises TugError."""
    from backend.articulation.engine import articulate
    from backend.articulation.problem import Problem

    from .meshes import part_and_body
    from .propose import part_by_words

    _complete(options)
    if options.part:
        part, body = part_and_body(options.mesh, options.part[0])
    else:
        part, body = part_by_words(options.mesh, options.prompt, options.up, options.seed)
    problem = Problem(
        part=part,
        body=body,
        drags=np.array(options.drag, float).reshape(-1, 2, 3),
        prompt=options.prompt,
        up=ups[options.up],
        seed=options.seed,
    )
    answer = articulate(problem, alternatives=options.alternatives, progress=Teller())
    return ArticulateResult(
        joints=answer.joints,
        seconds=answer.seconds,
        choices=answer.choices,
        notes=answer.notes,
        revision=version.software,
        seed=options.seed,
    )


class Teller:
    """Says on standard error what is being done."""

    def stage(self, name: str, step: int = 0, total: int = 0) -> None:
        if step == 0:
            print(f"{name} ...", file=sys.stderr)

    def check(self) -> None:
        pass


def in_words(number: int, joint: Joint) -> str:
    """A joint as a few lines of text."""
    lines = [
        f"{number}. {joint.type}, {percent(joint.confidence)} sure",
        *(f"   {line}" for line in measures(joint)),
        *(f"   {reason.score:4.0%}  {reason.name}: {reason.text}" for reason in joint.evidence),
    ]
    return "\n".join(lines)


def measures(joint: Joint) -> list[str]:
    """A joint's axis, origin, range and what else its type has, a line each."""
    unit, factor = (" units", 1.0) if joint.type == "prismatic" else ("°", math.degrees(1.0))
    lower, upper = joint.lower * factor + 0.0, joint.upper * factor + 0.0  # never "-0"
    lines = [
        f"axis    {_numbers(joint.axis)}",
        f"origin  {_numbers(joint.origin)}",
        f"range   {lower:.4g} to {upper:.4g}{unit}",
    ]
    if joint.type == "screw":
        lines.append(f"pitch   {joint.pitch:.4g} units a turn")
    if joint.type == "cylindrical":
        lines.append("slide   {:.4g} to {:.4g} units".format(*joint.slide))
    return lines


def _complete(options: argparse.Namespace) -> None:
    """Fill in what the file itself says."""
    options.up = options.up or usual_up(options.mesh)
    if options.mesh.suffix.lower() == ".npz":
        _complete_from_case(options)
    options.prompt = options.prompt or ""
    if not options.part and not options.prompt:
        raise failure("bad_input", "Which part moves? Name it with --part, or say it in --prompt.")


def usual_up(path: Path) -> str:
    """Return the name of the axis that is up in files of this format."""
    return "y" if path.suffix.lower() in y_up_formats else "z"


def _complete_from_case(options: argparse.Namespace) -> None:
    from backend.datasets import load_case

    case = load_case(options.mesh)
    options.part = options.part or ["moving"]
    options.drag = options.drag or [[*case.drag_start, *case.drag_end]]
    options.prompt = case.prompt if options.prompt is None else options.prompt


def percent(confidence: float) -> str:
    return f"{confidence:.0%}" if confidence >= 0.01 else "under 1%"


def _numbers(vector: Vector) -> str:
    return "  ".join(f"{round(value, 4) + 0.0:9.4f}" for value in vector)  # never "-0"
