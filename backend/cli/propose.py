"""`propose`: regions of a mesh file that may be parts, and which of them the words mean."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from protocol.errors import failure

from .articulate import Teller, percent, ups, usual_up

if TYPE_CHECKING:
    from backend.geometry.mesh import Mesh
    from backend.segmentation.propose import Answer, Proposal

close = 0.7  # of the best fit: the runner-up is worth a word


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("mesh", type=Path, help="GLB, OBJ, PLY or STL file, or an .npz case")
    parser.add_argument(
        "--prompt", default="", metavar="TEXT", help="which part is meant: open the left door"
    )
    parser.add_argument(
        "--point",
        type=float,
        nargs=3,
        metavar=("X", "Y", "Z"),
        help="only what holds this point of the surface, the smallest first",
    )
    parser.add_argument("--up", choices=ups, help="default: y for glTF, z otherwise")
    parser.add_argument("--most", type=int, choices=range(1, 513), default=16, metavar="N")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="print the proposals as JSON")


def run(options: argparse.Namespace) -> int:
    from backend.segmentation.propose import propose

    from .meshes import whole

    mesh, owner = whole(options.mesh)
    answer = propose(
        mesh,
        prompt=options.prompt,
        seed_point=options.point,
        up=ups[options.up or usual_up(options.mesh)],
        most=options.most,
        seed=options.seed,
        owner=owner,
        progress=Teller(),
    )
    print(as_json(answer) if options.json else "\n".join(in_words(answer)))
    return 0


def as_json(answer: Answer) -> str:
    """The proposals with their triangles, in the order of the file."""
    proposals = [
        {"name": p.name, "score": p.score, "fits": p.fits, "faces": p.faces.tolist()}
        for p in answer.proposals
    ]
    told = {"proposals": proposals, "seconds": answer.seconds, "notes": answer.notes}
    return msgspec.json.encode(told).decode()


def in_words(answer: Answer) -> list[str]:
    """A line for each proposal: what it looks like, how likely, and its triangles."""
    lines = [
        f"{number:3d}. {p.name:24s} part {percent(p.score):>8s}  fits {percent(p.fits):>8s}  "
        f"{spans(p)}"
        for number, p in enumerate(answer.proposals, 1)
    ]
    return lines + [f"\nNote: {note}" for note in answer.notes]


def spans(proposal: Proposal, most: int = 6) -> str:
    """The triangles as `--part` takes them; cut short after `most` spans."""
    told, rest = [], proposal.faces.tolist()
    while rest and len(told) < most:
        end = next((k for k in range(1, len(rest)) if rest[k] != rest[k - 1] + 1), len(rest))
        told.append(f"{rest[0]}-{rest[end - 1]}" if end > 1 else f"{rest[0]}")
        rest = rest[end:]
    return "faces:" + ",".join(told) + (" ..." if rest else "")


def part_by_words(path: Path, prompt: str, up: str, seed: int) -> tuple[Mesh, Mesh]:
    """Return the part that the words mean, and the rest; says on standard error which it took.

    Raises TugError bad_input where nothing fits the words.
    """
    from backend.segmentation.propose import propose
    from protocol.tasks import least_fit

    from .meshes import split, whole

    mesh, owner = whole(path)
    answer = propose(mesh, prompt=prompt, up=ups[up], seed=seed, owner=owner)
    best = answer.proposals[0]
    if not best.fits >= least_fit:
        raise failure(
            "bad_input",
            f"No part of {path} fits {prompt[:80]!r}: name the part with --part; "
            "`propose` lists what there is.",
        )
    print(f"The part is the {best.name} ({percent(best.fits)}), {spans(best)}.", file=sys.stderr)
    runner_up = next((p for p in answer.proposals[1:] if p.fits > close * best.fits), None)
    if runner_up is not None:
        print(
            f"It may be the {runner_up.name} ({percent(runner_up.fits)}), {spans(runner_up)}.",
            file=sys.stderr,
        )
    return split(mesh, best.faces)
