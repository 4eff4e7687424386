"""MJCF out: bodies nested like the links, their frames on their joints."""

from __future__ import annotations

import math
from collections.abc import Callable
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import numpy as np
from numpy.typing import NDArray

from backend.formats.model import Link, Model
from backend.formats.writing import inertia, local, meshes_folder, numbers, obj, origins, travel
from backend.geometry.mesh import Mesh
from protocol.joint import Joint


def write(model: Model, proceed: Callable[[], None]) -> tuple[dict[str, bytes], list[str]]:
    """Return the files of a prepared model, the .xml first, and notes.

    Meshes are OBJ files beside it. The object stands fixed in the world; its parts collide
    with other things but not with each other, since MuJoCo takes each for its convex hull. A
    screw is a slide and a hinge of one body coupled by an equality.
    """
    root, folder = Element("mujoco", model=model.name), meshes_folder(model, "mjcf")
    SubElement(root, "compiler", angle="radian", meshdir=folder, autolimits="true")
    default = SubElement(root, "default")
    SubElement(default, "mesh", inertia="shell")  # or thin and open ones are refused
    SubElement(default, "geom", type="mesh", contype="0", conaffinity="1", rgba="0.8 0.8 0.8 1")
    assets, world = SubElement(root, "asset"), SubElement(root, "worldbody")
    files: dict[str, bytes] = {f"{model.name}.xml": b""}
    notes: list[str] = []
    bodies: list[Element] = []
    equality = Element("equality")
    places = origins(model)
    for link, place in zip(model.links, places, strict=True):
        proceed()
        parent = bodies[link.parent] if link.parent >= 0 else world
        offset = place - places[link.parent] if link.parent >= 0 else place
        body = SubElement(parent, "body", name=link.name, pos=numbers(offset))
        bodies.append(body)
        shapes = [(name, mesh) for name, mesh in local(link, place) if _spans(mesh)]
        if len(shapes) < len(link.shapes):
            notes.append(f"{link.name} has meshes without any area, which MuJoCo does not take.")
        _inertial(body, [mesh for _, mesh in shapes])
        _joints(body, equality, link, notes)
        for name, mesh in shapes:
            files[f"{folder}/{name}.obj"] = obj(mesh)
            SubElement(assets, "mesh", name=name, file=f"{name}.obj")
            SubElement(body, "geom", name=name, mesh=name)
    if len(equality):
        root.append(equality)
    indent(root)
    files[f"{model.name}.xml"] = tostring(root, encoding="utf-8", xml_declaration=True)
    return files, notes


def _spans(mesh: Mesh) -> bool:
    """Whether MuJoCo takes the mesh: at least four points and some area."""
    return len(np.unique(mesh.vertices.astype(np.float32), axis=0)) >= 4 and len(mesh.faces) > 0


def _inertial(body: Element, meshes: list[Mesh]) -> None:
    own = inertia(meshes)
    tensor: NDArray[np.float64] = own.tensor
    order = [(0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)]
    SubElement(
        body,
        "inertial",
        pos=numbers(own.centre),
        mass=numbers(own.mass),
        fullinertia=numbers([tensor[pair] for pair in order]),
    )


def _joints(body: Element, equality: Element, link: Link, notes: list[str]) -> None:
    joint = link.joint
    if joint is None or joint.type == "fixed":
        return
    name, slider = f"{link.name}_joint", f"{link.name}_slide_joint"
    low, high = travel(joint)
    endless = joint.type == "continuous"
    turns = endless or (joint.type != "prismatic" and joint.lower < joint.upper)
    if low < high:
        _joint(body, name if joint.type == "prismatic" else slider, "slide", joint, (low, high))
    if turns:
        _joint(body, name, "hinge", joint, None if endless else (joint.lower, joint.upper))
    if joint.type == "screw" and low < high:
        advance = numbers([0.0, joint.pitch / math.tau, 0.0, 0.0, 0.0])
        SubElement(equality, "joint", joint1=slider, joint2=name, polycoef=advance)
        notes.append(
            f"MJCF has no screws: the slide of {link.name} is coupled to its turn by an equality, "
            "which is a little soft."
        )
    if not turns and not low < high:
        notes.append(f"The joint of {link.name} has no range, so it is fixed here.")


def _joint(
    body: Element, name: str, kind: str, joint: Joint, span: tuple[float, float] | None
) -> None:
    element = SubElement(body, "joint", name=name, type=kind, axis=numbers(joint.axis))
    if span is not None:
        element.set("range", numbers(span))
