"""glTF out with motion: movers at every frame, and the scene they move in."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import msgspec
import numpy as np
import trimesh
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation
from trimesh.exchange.gltf import export_glb

from backend.formats.gltf_writer import accessor, largest_turn, plain, visible, y_up
from backend.geometry.mesh import Mesh
from protocol.joint import Joint

clip = "motion"
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class MovingLink:
    """A rigid part: its mesh in the z-up world at rest, parent (-1: the world) and joint."""

    name: str
    mesh: Mesh
    parent: int = -1
    joint: Joint | None = None


@dataclass(frozen=True, eq=False)
class Moving:
    """What moves: its first link is moved by `poses` (T, 4, 4) from rest at whole frames from
    `first` on, and the links' joints are at `joints` (T, L) then. Links come parents first.
    """

    links: tuple[MovingLink, ...]
    first: int
    poses: Floats
    joints: Floats


def write(
    movers: Sequence[Moving],
    scene: Sequence[tuple[str, Mesh]],
    fps: float,
    proceed: Callable[[], None] = lambda: None,
) -> bytes:
    """Return a .glb file with a clip that begins at the first frame of all.

    Links hang on each other and stand on their joints, as `gltf_writer` has them; y is up.
    """
    whole, material = trimesh.Scene(), plain()
    taken: set[str] = set()
    for name, mesh in scene:
        proceed()
        if len(mesh.faces):
            own = _unused(name, taken)
            whole.add_geometry(visible(mesh, material), node_name=own, geom_name=own)
    names = [_add(whole, mover, taken, material, proceed) for mover in movers]
    first = min((mover.first for mover in movers), default=0)

    def animate(buffers: Any, tree: Any) -> None:
        nodes = {node.get("name"): i for i, node in enumerate(tree["nodes"])}
        samplers: list[dict[str, Any]] = []
        channels: list[dict[str, Any]] = []
        for mover, own in zip(movers, names, strict=True):
            for index, name in enumerate(own):
                node = tree["nodes"][nodes[name]]
                link = mover.links[index]
                if link.joint is not None:
                    node["extras"] = {"joint": msgspec.to_builtins(link.joint)}
                for path, times, values in _tracks(mover, index, first, fps):
                    node.pop("matrix", None)  # which nodes that are animated may not have
                    node["translation"] = (y_up @ _offset(mover, index)).tolist()
                    channels.append(
                        {"sampler": len(samplers), "target": {"node": nodes[name], "path": path}}
                    )
                    samplers.append(
                        {
                            "input": accessor(buffers, tree, times),
                            "output": accessor(buffers, tree, values),
                            "interpolation": "LINEAR",
                        }
                    )
        if channels:
            tree["animations"] = [{"name": clip, "samplers": samplers, "channels": channels}]

    return export_glb(whole, buffer_postprocessor=animate)


def _add(
    scene: trimesh.Scene, mover: Moving, taken: set[str], material: Any, proceed: Callable[[], None]
) -> list[str]:
    names: list[str] = []
    for index, link in enumerate(mover.links):
        proceed()
        name = _unused(link.name, taken)
        names.append(name)
        parent = names[_parent(mover, index)] if index else scene.graph.base_frame
        frame = trimesh.transformations.translation_matrix(y_up @ _offset(mover, index))
        scene.graph.update(frame_from=parent, frame_to=name, matrix=frame)
        if len(link.mesh.faces):
            local = Mesh(link.mesh.vertices - _place(mover, index), link.mesh.faces)
            own = _unused(f"{name}_mesh", taken)
            scene.add_geometry(
                visible(local, material), node_name=own, geom_name=own, parent_node_name=name
            )
    return names


def _parent(mover: Moving, index: int) -> int:
    return max(mover.links[index].parent, 0)


def _place(mover: Moving, index: int) -> Floats:
    """Where a link's frame is at rest: on its joint."""
    joint = mover.links[index].joint
    if joint is not None:
        return np.asarray(joint.origin, np.float64)
    if index:
        return _place(mover, _parent(mover, index))
    points = mover.links[0].mesh.vertices
    return 0.5 * (points.min(axis=0) + points.max(axis=0)) if len(points) else np.zeros(3)


def _offset(mover: Moving, index: int) -> Floats:
    """A link's frame at rest in that of the one it hangs on."""
    place = _place(mover, index)
    return place - _place(mover, _parent(mover, index)) if index else place


def _tracks(
    mover: Moving, index: int, first: int, fps: float
) -> list[tuple[str, NDArray[np.float32], NDArray[np.float32]]]:
    """What of a link's node is animated: path, times (K,) in seconds, values (K, 3 or 4)."""
    frames = mover.first - first + np.arange(len(mover.poses), dtype=np.float64)
    if index == 0:
        return _root_tracks(mover, frames / fps)
    joint, values = mover.links[index].joint, mover.joints[:, index]
    if joint is None or joint.type == "fixed" or not values.any():
        return []
    frames, values = _dense(frames, values, joint)
    times = (frames / fps).astype(np.float32)
    axis = y_up @ np.asarray(joint.axis)
    tracks = []
    if joint.type != "prismatic":
        half = 0.5 * values
        turns = np.column_stack([np.outer(np.sin(half), axis), np.cos(half)])
        tracks.append(("rotation", times, turns.astype(np.float32)))
    along = {"prismatic": 1.0, "screw": joint.pitch / math.tau}.get(joint.type, 0.0)
    if along:
        places = y_up @ _offset(mover, index) + np.outer(along * values, axis)
        tracks.append(("translation", times, places.astype(np.float32)))
    return tracks


def _root_tracks(
    mover: Moving, times: Floats
) -> list[tuple[str, NDArray[np.float32], NDArray[np.float32]]]:
    places = mover.poses[:, :3, :3] @ _place(mover, 0) + mover.poses[:, :3, 3]
    rotation = y_up @ mover.poses[:, :3, :3] @ y_up.T
    turns = Rotation.from_matrix(rotation).as_quat()
    flips = np.where((turns[1:] * turns[:-1]).sum(axis=1) < 0.0, -1.0, 1.0)
    turns[1:] *= np.cumprod(flips)[:, None]
    seconds = times.astype(np.float32)
    return [
        ("translation", seconds, (places @ y_up.T).astype(np.float32)),
        ("rotation", seconds, turns.astype(np.float32)),
    ]


def _dense(frames: Floats, values: Floats, joint: Joint) -> tuple[Floats, Floats]:
    """More keys where a joint turns far from one frame to the next: between two, the shorter way
    is taken.
    """
    if joint.type == "prismatic" or len(frames) < 2:
        return frames, values
    parts = max(1, math.ceil(float(np.abs(np.diff(values)).max()) / largest_turn))
    dense = np.linspace(frames[0], frames[-1], parts * (len(frames) - 1) + 1)
    return dense, np.interp(dense, frames, values)


def _unused(name: str, taken: set[str]) -> str:
    for number in count(1):
        wanted = (name or "part") if number == 1 else f"{name}_{number}"
        if wanted not in taken:
            taken.add(wanted)
            return wanted
    raise AssertionError("numbers do not end")
