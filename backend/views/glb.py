"""An animated binary glTF file as a scene of bodies and parts."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from backend.formats.gltf_reader import GlbScene
from backend.geometry.mesh import Mesh, Points
from backend.tasks.geometry import merged
from backend.views.scene import Body, Part, Scene
from protocol.errors import failure

same = 1e-9  # two motions that differ by less are one


def scene_of(
    glb: GlbScene, frames: tuple[int, int], fps: float, tracked: Collection[str] = ()
) -> Scene:
    """The scene at frames from the first to the last; frame 1 is at 0 seconds.

    A body is a node with all that hangs on it; nodes that only group others are none. What
    moves as its parent does belongs to the parent's part. Bodies that move are tracked, or
    those that are named. Raises TugError bad_input.
    """
    first, last = frames
    motions = glb.poses((np.arange(first, last + 1) - 1) / fps)
    heads = _heads(glb)
    names = [glb.nodes[head].name for head in heads]
    if missing := set(tracked) - set(names):
        raise failure(
            "bad_input", f"There is no object {sorted(missing)[0]!r}; there are {', '.join(names)}."
        )
    bodies = []
    for head, name in zip(heads, names, strict=True):
        below = glb.below(name)
        if any(len(glb.nodes[i].mesh.faces) for i in below):
            moves = any(_moves(motions[:, i]) for i in below)
            parts = _parts(glb, below, head, motions)
            bodies.append(Body(name, parts, name in tracked if tracked else moves))
    return Scene(tuple(bodies), last - first + 1, first, fps)


def _heads(glb: GlbScene) -> list[int]:
    """The nodes that are bodies with all below them."""
    moving = glb.moving()
    children: dict[int, list[int]] = {}
    for i, node in enumerate(glb.nodes):
        children.setdefault(node.parent, []).append(i)
    found, waiting = [], list(children.get(-1, []))
    while waiting:
        i = waiting.pop(0)
        below = children.get(i, [])
        groups = not len(glb.nodes[i].mesh.faces) and not moving[i] and below
        if groups and all(glb.nodes[child].joint is None for child in below):
            waiting = [*below, *waiting]
        else:
            found.append(i)
    return found


def _parts(
    glb: GlbScene, below: list[int], head: int, motions: NDArray[np.float64]
) -> tuple[Part, ...]:
    owner = {head: head}
    for i in below:
        if i == head:
            continue
        node = glb.nodes[i]
        with_parent = np.abs(motions[:, i] - motions[:, node.parent]).max() < same
        own = node.joint is not None or not with_parent
        owner[i] = i if own else owner[node.parent]
    parts = []
    for i in dict.fromkeys(owner.values()):
        meshes = [glb.nodes[k].mesh for k in below if owner[k] == i]
        mesh = merged([mesh for mesh in meshes if len(mesh.faces)])
        if len(mesh.faces):
            parts.append(_part(glb.nodes[i].name, mesh, motions[:, i]))
    return tuple(parts)


def _part(name: str, mesh: Mesh, motion: NDArray[np.float64]) -> Part:
    if _moves(motion):
        return Part(name, mesh, motion)
    there: Points = mesh.vertices @ motion[0, :3, :3].T + motion[0, :3, 3]
    return Part(name, Mesh(there, mesh.faces))


def _moves(motion: NDArray[np.float64]) -> bool:
    return bool(np.abs(motion - motion[:1]).max() > same)
