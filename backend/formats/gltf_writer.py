"""glTF out: a binary file with a node a link and a clip that opens and closes all joints."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
import trimesh
from numpy.typing import NDArray
from trimesh.exchange.gltf import export_glb
from trimesh.visual.material import PBRMaterial
from trimesh.visual.texture import TextureVisuals

from backend.formats.model import Link, Model
from backend.formats.writing import local, origins, travel
from backend.geometry.mesh import Mesh
from protocol.joint import Joint

clip = "open"
seconds = 4.0  # from rest over the whole range and back
largest_turn = math.radians(45)  # between two keys: what is between follows the shorter way
y_up = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
float_type = 5126


def write(model: Model, proceed: Callable[[], None]) -> tuple[dict[str, bytes], list[str]]:
    """Return the one .glb file of a prepared model, and no notes.

    Nodes hang on each other like the links and stand on their joints; y is up, as glTF wants
    it. The clip goes from rest to the upper limit and back, and so to a lower limit that
    is not at rest. Each
    node's `extras.joint` has the joint itself, in the z-up world at rest.
    """
    scene, material = trimesh.Scene(), plain()
    places = origins(model)
    for link, place in zip(model.links, places, strict=True):
        proceed()
        _add(scene, model, link, place, places, material)

    def animate(buffers: Any, tree: Any) -> None:
        _animate(model, places, buffers, tree)

    return {f"{model.name}.glb": export_glb(scene, buffer_postprocessor=animate)}, []


def _add(
    scene: trimesh.Scene,
    model: Model,
    link: Link,
    place: NDArray[np.float64],
    places: NDArray[np.float64],
    material: PBRMaterial,
) -> None:
    parent = model.links[link.parent].name if link.parent >= 0 else scene.graph.base_frame
    offset = place - places[link.parent] if link.parent >= 0 else place
    frame = trimesh.transformations.translation_matrix(y_up @ offset)
    scene.graph.update(frame_from=parent, frame_to=link.name, matrix=frame)
    for name, mesh in local(link, place):
        if not len(mesh.faces):
            continue
        scene.add_geometry(
            visible(mesh, material),
            node_name=name,
            geom_name=name,
            parent_node_name=link.name,
        )


def plain() -> PBRMaterial:
    """The material of what has none: light grey."""
    return PBRMaterial(
        name="plain",
        baseColorFactor=[204, 204, 204, 255],
        metallicFactor=0.0,
        roughnessFactor=0.8,
        doubleSided=True,
    )


def visible(mesh: Mesh, material: PBRMaterial) -> trimesh.Trimesh:
    """A mesh of the z-up world as files have it."""
    visual = TextureVisuals(material=material)
    return trimesh.Trimesh(mesh.vertices @ y_up.T, mesh.faces, visual=visual, process=False)


def _animate(model: Model, places: NDArray[np.float64], buffers: Any, tree: Any) -> None:
    """Add the clip and the joints to a file that is about to be written."""
    nodes = {node.get("name"): i for i, node in enumerate(tree["nodes"])}
    samplers: list[dict[str, Any]] = []
    channels: list[dict[str, Any]] = []
    for link in model.links:
        joint = link.joint
        if joint is None:
            continue
        node = nodes[link.name]
        base = places[link.parent] if link.parent >= 0 else np.zeros(3)
        rest = np.asarray(joint.origin) - base
        tree["nodes"][node].pop("matrix", None)  # which nodes that are animated may not have
        tree["nodes"][node]["translation"] = (y_up @ rest).tolist()
        tree["nodes"][node]["extras"] = {"joint": msgspec.to_builtins(joint)}
        for path, times, values in _tracks(joint, rest):
            channels.append({"sampler": len(samplers), "target": {"node": node, "path": path}})
            samplers.append(
                {
                    "input": accessor(buffers, tree, times),
                    "output": accessor(buffers, tree, values),
                    "interpolation": "LINEAR",
                }
            )
    if channels:
        tree["animations"] = [{"name": clip, "samplers": samplers, "channels": channels}]


def _tracks(
    joint: Joint, rest: NDArray[np.float64]
) -> list[tuple[str, NDArray[np.float32], NDArray[np.float32]]]:
    """What of a node is animated: path, times (K,) in seconds, values (K, 3) or (K, 4)."""
    axis = y_up @ np.asarray(joint.axis)
    turn = (0.0, 0.0) if joint.type in ("prismatic", "fixed") else (joint.lower, joint.upper)
    slide = travel(joint)
    shares = _shares(turn if turn != (0.0, 0.0) else slide)
    if joint.type == "screw" and joint.pitch < 0.0:
        slide = slide[1], slide[0]
    times = np.linspace(0.0, seconds, len(shares)).astype(np.float32)
    tracks = []
    if turn != (0.0, 0.0):
        half = _spread(shares, turn) / 2.0
        values = np.column_stack([np.outer(np.sin(half), axis), np.cos(half)])
        tracks.append(("rotation", times, values.astype(np.float32)))
    if slide != (0.0, 0.0):
        values = y_up @ rest + np.outer(_spread(shares, slide), axis)
        tracks.append(("translation", times, values.astype(np.float32)))
    return tracks


def _shares(span: tuple[float, float]) -> NDArray[np.float64]:
    """Where the keys are, (K,): 0 is rest, 1 the upper limit, -1 the lower one."""
    corners = [0.0, 1.0, 0.0, -1.0, 0.0] if span[0] < 0.0 else [0.0, 1.0, 0.0]
    steps = max(1, math.ceil(max(abs(span[0]), abs(span[1])) / largest_turn))
    legs = [np.linspace(a, b, steps, endpoint=False) for a, b in pairwise(corners)]
    return np.concatenate([*legs, [0.0]])


def _spread(shares: NDArray[np.float64], span: tuple[float, float]) -> NDArray[np.float64]:
    return np.where(shares >= 0.0, shares * span[1], -shares * span[0])


def accessor(buffers: Any, tree: Any, values: NDArray[np.float32]) -> int:
    """Add numbers (K,) or (K, 3 or 4) to the file; return the index of their accessor."""
    key = f"clip {len(buffers)}"
    buffers[key] = values.astype("<f4").tobytes()
    kind = "SCALAR" if values.ndim == 1 else f"VEC{values.shape[1]}"
    tree["accessors"][key] = {
        "bufferView": len(buffers) - 1,
        "componentType": float_type,
        "type": kind,
        "count": len(values),
        "min": np.atleast_1d(values.min(axis=0)).tolist(),
        "max": np.atleast_1d(values.max(axis=0)).tolist(),
    }
    return len(tree["accessors"]) - 1
