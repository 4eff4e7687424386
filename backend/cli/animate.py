"""`animate`: nodes of a GLB scene along ways, written as an animated GLB."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from numpy.typing import NDArray

from protocol.animation import Collisions, Ease, Orientation, Step
from protocol.errors import failure

if TYPE_CHECKING:
    from backend.formats.gltf_reader import GlbScene
    from backend.motion.bodies import Body
    from backend.motion.engine import Answer


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("scene", type=Path, help="a .glb file: ground, obstacles and what moves")
    parser.add_argument(
        "--mover", action="append", required=True, metavar="NODE", help="what moves; repeat it"
    )
    parser.add_argument(
        "--way",
        action="append",
        required=True,
        metavar="FILE|POINTS",
        help="of each mover: a JSON file with points (and closed, tilt, shares), or "
        "'x,y,z x,y,z ...' (z up)",
    )
    parser.add_argument(
        "--smooth", action="store_true", help="curves through the points instead of corners"
    )
    parser.add_argument("--closed", action="store_true", help="ways come back to their start")
    parser.add_argument(
        "--frames", action="append", metavar="START,END", help="of each mover (1,120)"
    )
    parser.add_argument("--ease", choices=get_args(Ease), default="constant")
    parser.add_argument("--orientation", choices=get_args(Orientation), default="follow")
    parser.add_argument("--target", metavar="X,Y,Z", help="what look_at looks at")
    parser.add_argument(
        "--forward", action="append", metavar="X,Y,Z", help="what looks ahead (0,-1,0)"
    )
    parser.add_argument(
        "--pivot",
        action="append",
        metavar="X,Y,Z",
        help="the point that goes along the way; default: low between fixed wheels, or the middle",
    )
    parser.add_argument("--on-ground", action="store_true", help="stay on what is below")
    parser.add_argument("--no-roll", action="store_true", help="wheels do not turn")
    parser.add_argument(
        "--step",
        action="append",
        default=[],
        metavar="NODE,START,END,VALUE",
        help="a joint moves to a value between two frames; repeat it",
    )
    parser.add_argument("--collisions", choices=get_args(Collisions), default="report")
    parser.add_argument("--fps", type=float, default=24.0)
    parser.add_argument(
        "--tolerance", type=float, default=0.001, help="of the keys, as a share of the size"
    )
    parser.add_argument("--json", action="store_true", help="print the tracks and keys as JSON")
    parser.add_argument("--out", type=Path, metavar="FILE.glb")


def run(options: argparse.Namespace) -> int:
    from backend.formats.gltf_reader import read
    from backend.motion.engine import Plan, animate

    _check(options)
    scene = read(options.scene)
    bodies = _bodies(options, scene)
    pieces = _pieces(options.mover, scene)
    plan = Plan(
        bodies=tuple(bodies),
        pieces=tuple(pieces),
        fps=options.fps,
        collisions=options.collisions,
        tolerance=options.tolerance,
    )
    answer = animate(plan, _Teller())
    if options.out:
        _write(options, bodies, pieces, answer)
    if options.json:
        print(json.dumps(_as_json(answer), indent=2))
    else:
        print(table(answer), end="")
        for note in answer.notes:
            print(f"Note: {note}")
    return 0


def table(answer: Answer) -> str:
    """The tracks in words and figures, a line each."""
    head = ("mover", "frames", "keys", "fewer", "strays", "slip", "gap", "waits", "comes into")
    rows: list[tuple[str, ...]] = [head]
    for track in answer.tracks:
        count = sum(len(curve.keys) for curve in track.curves)
        frames = len(track.poses)
        rows.append(
            (
                track.name,
                f"{track.first}-{track.first + frames - 1}",
                str(count),
                f"{frames * len(track.curves) / max(count, 1):.0f}x",
                f"{100 * track.strays:.3f} %",
                f"{100 * track.slip:.2f} %",
                f"{100 * track.gap:.2f} %",
                f"{track.late:.0f}",
                ", ".join(f"{m.other} ({m.first}-{m.last})" for m in track.collisions) or "-",
            )
        )
    widths = [max(len(row[k]) for row in rows) for k in range(len(head))]
    lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _check(options: argparse.Namespace) -> None:
    count = len(options.mover)
    for name in ("way", "frames", "forward", "pivot"):
        given = getattr(options, name)
        if given and len(given) not in (1, count):
            raise failure("bad_input", f"Give --{name} once, or once for each --mover.")
    if not (np.isfinite(options.fps) and options.fps > 0.0):
        raise failure("bad_input", "The frame rate must be above 0.")
    if not 0.0 < options.tolerance <= 0.1:
        raise failure("bad_input", "The tolerance is a share of the size: above 0, at most 0.1.")
    if options.orientation == "look_at" and not options.target:
        raise failure("bad_input", "look_at needs a --target.")


def _bodies(options: argparse.Namespace, scene: GlbScene) -> list[Body]:
    from backend.motion.bodies import Body, Part
    from backend.motion.timing import Timing
    from backend.motion.wheels import best_pivot
    from backend.tasks.geometry import merged

    found = []
    for index, node in enumerate(options.mover):
        model = scene.model(node)
        parts = tuple(
            Part(link.name, merged([s.mesh for s in link.shapes]), link.parent, link.joint)
            for link in model.links
        )
        way, shares = _way(_one(options.way, index), options)
        start, end = _numbers(_one(options.frames, index) or "1,120", 2, "--frames")
        if end <= start:
            raise failure("bad_input", "--frames must end after they start.")
        target = _numbers(options.target, 3, "--target") if options.target else None
        body = Body(
            name=node,
            parts=parts,
            way=way,
            timing=Timing(start, end, options.ease, shares),
            pivot=np.zeros(3),
            forward=_direction(_one(options.forward, index) or "0,-1,0"),
            up=np.array([0.0, 0.0, 1.0]),
            orientation=options.orientation,
            target=target,
            on_ground=options.on_ground,
            roll=not options.no_roll,
            steps=_steps(options.step, parts, node, options.mover),
        )
        pivot = _one(options.pivot, index)
        chosen = _numbers(pivot, 3, "--pivot") if pivot else best_pivot(body)
        found.append(replace(body, pivot=chosen))
    return found


def _direction(text: str) -> NDArray[np.float64]:
    direction = _numbers(text, 3, "--forward")
    if not np.linalg.norm(direction[:2]) > 1e-3 * np.linalg.norm(direction):
        raise failure("bad_input", "--forward must look somewhere else than up or down.")
    return direction


def _way(text: str, options: argparse.Namespace) -> tuple[Any, NDArray[np.float64] | None]:
    """The way, and the shares that its file may have."""
    from scipy.interpolate import CubicSpline

    from backend.motion.way import Way

    told = _file(Path(text)) if text.lower().endswith(".json") else {}
    try:
        points = np.array(
            told["points"] if told else [_triple(word) for word in text.split()], float
        )
        tilt = None if told.get("tilt") is None else np.array(told["tilt"], float)
        shares = None if told.get("shares") is None else np.array(told["shares"], float)
    except (KeyError, TypeError, ValueError) as error:
        raise failure(
            "bad_input", f"{text[:80]!r} is neither a JSON file with points nor 'x,y,z x,y,z ...'."
        ) from error
    if tilt is not None and tilt.shape != points.shape[:1]:
        raise failure("bad_input", f"{text[:80]} has {tilt.size} tilts for {len(points)} points.")
    if shares is not None and not (
        shares.ndim == 1 and len(shares) > 1 and (shares >= 0).all() and (shares <= 1).all()
    ):
        raise failure("bad_input", f"The shares in {text[:80]} are not numbers from 0 to 1.")
    closed = bool(told.get("closed", options.closed))
    if options.smooth and len(points) > 2 and points.ndim == 2:
        ring = np.concatenate([points, points[:1]]) if closed else points
        steps = np.linalg.norm(np.diff(ring, axis=0), axis=1)
        if not (steps > 0.0).all():
            raise failure("bad_input", "A smooth way has each point once.")
        along = np.concatenate([[0.0], np.cumsum(steps)])
        curve = CubicSpline(along, ring, bc_type="periodic" if closed else "not-a-knot")
        dense = np.linspace(0.0, along[-1], 64 * len(points))
        if tilt is not None:
            tilt = np.interp(dense, along[: len(tilt)], tilt)
        points = curve(dense)
    return Way(points, closed=closed, tilt=tilt), shares


def _file(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise failure("bad_input", f"{path} is no JSON ({error}).") from error
    return told if isinstance(told, dict) else {"points": told}


def _steps(
    told: Sequence[str], parts: Sequence[Any], node: str, movers: Sequence[str]
) -> tuple[Step, ...]:
    names = {part.name: index for index, part in enumerate(parts)}
    found = []
    for text in told:
        words = text.rsplit(",", 3)
        if len(words) != 4:
            raise failure("bad_input", f"--step {text!r} is not NODE,START,END,VALUE.")
        if words[0] not in names:
            if len(movers) == 1:
                known = ", ".join(names)
                raise failure("bad_input", f"{node!r} has no link {words[0]!r}; it has {known}.")
            continue
        start, end, value = _numbers(",".join(words[1:]), 3, "--step")
        if parts[names[words[0]]].joint is None:
            raise failure("bad_input", f"{words[0]!r} has no joint that could move.")
        found.append(Step(link=names[words[0]], start=start, end=end, value=value))
    return tuple(found)


def _pieces(movers: Sequence[str], scene: GlbScene) -> list[Any]:
    from backend.motion.stage import Piece

    gone = {index for name in movers for index in scene.below(name)}
    return [
        Piece(node.name, node.mesh)
        for index, node in enumerate(scene.nodes)
        if index not in gone and len(node.mesh.faces)
    ]


def _write(
    options: argparse.Namespace, bodies: list[Body], pieces: list[Any], answer: Answer
) -> None:
    from backend.formats.gltf_motion import Moving, MovingLink, write

    movers = [
        Moving(
            tuple(MovingLink(p.name, p.mesh, p.parent, p.joint) for p in body.parts),
            track.first,
            track.poses,
            track.joints,
        )
        for body, track in zip(bodies, answer.tracks, strict=True)
    ]
    content = write(movers, [(piece.name, piece.mesh) for piece in pieces], options.fps)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_bytes(content)
    print(options.out, file=sys.stderr)


def _as_json(answer: Answer) -> dict[str, Any]:
    return {
        "tracks": [
            {
                "name": track.name,
                "first": track.first,
                "frames": len(track.poses),
                "strays": track.strays,
                "slip": track.slip,
                "gap": track.gap,
                "late": track.late,
                "collisions": [
                    {"other": m.other, "first": m.first, "last": m.last, "depth": m.depth}
                    for m in track.collisions
                ],
                "channels": [
                    {
                        "path": curve.path,
                        "index": curve.index,
                        "link": curve.link,
                        "keys": np.round(curve.keys, 9).tolist(),
                    }
                    for curve in track.curves
                ],
            }
            for track in answer.tracks
        ],
        "notes": list(answer.notes),
        "seconds": answer.seconds,
    }


def _one(given: Sequence[str] | None, index: int) -> str:
    if not given:
        return ""
    return given[0] if len(given) == 1 else given[index]


def _triple(word: str) -> list[float]:
    numbers = [float(part) for part in word.split(",")]
    if len(numbers) != 3:
        raise ValueError(word)
    return numbers


def _numbers(text: str, count: int, option: str) -> NDArray[np.float64]:
    try:
        numbers = np.array([float(word) for word in text.split(",")])
    except ValueError:
        numbers = np.zeros(0)
    if len(numbers) != count or not np.isfinite(numbers).all():
        raise failure("bad_input", f"{option} takes {count} numbers with commas, not {text!r}.")
    return numbers


class _Teller:
    """Says on standard error what is being done."""

    def __init__(self) -> None:
        self.said = ""

    def __call__(self, stage: str, step: int, total: int) -> None:
        if stage != self.said:
            self.said = stage
            print(f"{stage} ...", file=sys.stderr)
