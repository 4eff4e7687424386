"""URDF out: links whose frames stand on their joints, turned as the world is at rest."""

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

colour = "0.8 0.8 0.8 1"


def write(model: Model, proceed: Callable[[], None]) -> tuple[dict[str, bytes], list[str]]:
    """Return the files of a prepared model, the .urdf first, and notes.

    A mesh is an OBJ beside the file. Screws and cylindrical joints are a slide and a turn with
    a link between that has no mesh; a screw's slide follows its turn by <mimic>.
    """
    root, folder = Element("robot", name=model.name), meshes_folder(model, "urdf")
    files: dict[str, bytes] = {f"{model.name}.urdf": b""}
    notes = []
    places = origins(model)
    for link, place in zip(model.links, places, strict=True):
        proceed()
        shapes = local(link, place)
        files |= {f"{folder}/{name}.obj": obj(mesh) for name, mesh in shapes}
        _link(root, link.name, shapes, folder)
        if link.parent >= 0:
            parent = model.links[link.parent]
            notes += _joints(root, link, parent.name, place - places[link.parent])
    indent(root)
    files[f"{model.name}.urdf"] = tostring(root, encoding="utf-8", xml_declaration=True)
    return files, notes


def _link(root: Element, name: str, shapes: list[tuple[str, Mesh]], folder: str = "") -> None:
    link = SubElement(root, "link", name=name)
    _inertial(link, [mesh for _, mesh in shapes])
    for what in ("visual", "collision"):
        for shape, _ in shapes:
            element = SubElement(link, what, name=shape)
            geometry = SubElement(element, "geometry")
            SubElement(geometry, "mesh", filename=f"{folder}/{shape}.obj")
            if what == "visual":
                SubElement(SubElement(element, "material", name="plain"), "color", rgba=colour)


def _inertial(link: Element, meshes: list[Mesh]) -> None:
    own = inertia(meshes)
    element = SubElement(link, "inertial")
    SubElement(element, "origin", xyz=numbers(own.centre), rpy="0 0 0")
    SubElement(element, "mass", value=numbers(own.mass))
    tensor = own.tensor
    SubElement(
        element,
        "inertia",
        {f"i{'xyz'[i]}{'xyz'[k]}": numbers(tensor[i, k]) for i in range(3) for k in range(i, 3)},
    )


def _joints(root: Element, link: Link, parent: str, offset: NDArray[np.float64]) -> list[str]:
    """The joint of a link, or the two that it takes; and notes."""
    joint = link.joint
    if joint is None or joint.type not in ("screw", "cylindrical"):
        _joint(root, f"{link.name}_joint", joint, parent, link.name, offset)
        return []
    between = f"{link.name}_slide"
    _link(root, between, [])
    low, high = travel(joint)
    slide = Joint(type="prismatic", axis=joint.axis, origin=joint.origin, lower=low, upper=high)
    turn = Joint(
        type="revolute", axis=joint.axis, origin=joint.origin, lower=joint.lower, upper=joint.upper
    )
    element = _joint(root, f"{between}_joint", slide, parent, between, offset)
    _joint(root, f"{link.name}_joint", turn, between, link.name, np.zeros(3))
    if joint.type == "cylindrical":
        return []
    advance = numbers(joint.pitch / math.tau)
    SubElement(element, "mimic", joint=f"{link.name}_joint", multiplier=advance, offset="0")
    return [
        f"URDF has no screws: {between}_joint follows {link.name}_joint by <mimic>, and programs "
        "that do not read that let it slide."
    ]


def _joint(
    root: Element,
    name: str,
    joint: Joint | None,
    parent: str,
    child: str,
    offset: NDArray[np.float64],
) -> Element:
    kind = joint.type if joint else "fixed"
    element = SubElement(root, "joint", name=name, type=kind)
    SubElement(element, "parent", link=parent)
    SubElement(element, "child", link=child)
    SubElement(element, "origin", xyz=numbers(offset), rpy="0 0 0")
    if joint is not None and kind != "fixed":
        SubElement(element, "axis", xyz=numbers(joint.axis))
        limit = SubElement(element, "limit", effort="100", velocity="10")
        if kind != "continuous":
            limit.set("lower", numbers(joint.lower))
            limit.set("upper", numbers(joint.upper))
    return element
