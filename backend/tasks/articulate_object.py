"""Articulate an object: from its meshes and marked parts to the tree of their joints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from backend.tasks import geometry
from protocol import version
from protocol.errors import failure
from protocol.messages import Device, Limits
from protocol.tasks import (
    ArticulateObjectRequest,
    ArticulateObjectResult,
    PartAnswer,
    PartQuestion,
)

if TYPE_CHECKING:
    from backend.assembly.engine import Assembly
    from backend.assembly.whole import Mark, Whole
    from backend.workers.context import Context


def check(request: ArticulateObjectRequest, limits: Limits) -> None:
    """Refuse arrays of the wrong kind. Raises TugError: bad_input, too_large."""
    geometry.check(request.geometry, limits)
    if not request.parts:
        raise failure("bad_input", "No part is marked: mark the parts that move first.")
    for part in request.parts:
        geometry.check_pieces(part.pieces, request.geometry, f"the part '{part.name[:80]}'")


def run(request: ArticulateObjectRequest, context: Context) -> ArticulateObjectResult:
    """Find the tree and the joints. Raises TugError: bad_input, too_large; Cancelled."""
    from backend.assembly.engine import assemble

    whole = build(request, context.array, context.check)
    answer = assemble(whole, alternatives=request.alternatives, progress=context)
    return ArticulateObjectResult(
        parts=answers([part.name for part in request.parts], answer),
        seconds=answer.seconds,
        notes=answer.notes,
        engine=request.engine,
        revision=version.software,
        seed=request.seed,
    )


def answers(names: Sequence[str], found: Assembly) -> tuple[PartAnswer, ...]:
    """Return what was found as messages, for parts of these names in their order."""
    return tuple(
        PartAnswer(
            name=name,
            parent=part.parent,
            joints=part.joints,
            choices=part.choices,
            like=part.like,
        )
        for name, part in zip(names, found.parts, strict=True)
    )


def build(
    request: ArticulateObjectRequest,
    array: geometry.Read,
    proceed: Callable[[], None] = lambda: None,
) -> Whole:
    """Return the object as one mesh in the world, and who owns each face.

    `array` gives a blob's content; `proceed` is called between meshes and may raise. Raises
    TugError bad_input where parts share faces.
    """
    from backend.assembly.whole import Whole, body

    meshes = []
    for mesh in request.geometry:
        proceed()
        meshes.append(geometry.read(mesh, array))
    owners = [np.full(len(mesh.faces), body, np.int32) for mesh in meshes]
    marks = tuple(_mark(part, number) for number, part in enumerate(request.parts, 1))
    for index, part in enumerate(request.parts):
        for piece in part.pieces:
            owner = owners[piece.geometry]
            name = geometry.called(request.geometry[piece.geometry])
            mask = geometry.chosen(piece.selection, len(owner), array, name=name)
            taken = owner[mask & (owner != index) & (owner != body)]
            if len(taken):
                raise _shared(marks[int(taken[0])], marks[index])
            owner[mask] = index
    return Whole(
        mesh=geometry.merged(meshes),
        owner=np.concatenate(owners),
        marks=marks,
        up=request.up,
        joint_types=request.joint_types,
        seed=request.seed,
    )


def warm_up() -> None:
    """Nothing beyond what `articulate` warms up."""


def devices() -> list[Device]:
    """None beyond those of `articulate`."""
    return []


def _mark(part: PartQuestion, number: int) -> Mark:
    from backend.assembly.whole import Mark

    drags = np.array([[d.start, d.end] for d in part.drags], float).reshape(-1, 2, 3)
    return Mark(name=part.name[:80] or f"part {number}", drags=drags, prompt=part.prompt)


def _shared(one: Mark, other: Mark) -> Exception:
    return failure(
        "bad_input",
        f"The parts '{one.name}' and '{other.name}' share faces: "
        "let each face belong to one of them.",
    )
