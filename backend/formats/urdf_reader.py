"""URDF in: links and joints of the Unified Robot Description Format, at their zero pose."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

import msgspec
import numpy as np
from numpy.typing import NDArray
from trimesh.transformations import euler_matrix

from backend.formats import meshes
from backend.formats.files import Files, missing, parsed
from backend.formats.model import Link, Model, Shape, moved, placed, turned
from backend.formats.tidy import Coupling, about_zero, fixed_at, tidied
from backend.geometry.mesh import Mesh
from protocol.errors import TugError, failure
from protocol.joint import Joint, motion

most_turns = 4.0  # a hinge that turns further than that has no stop


@dataclass(frozen=True, eq=False)
class _Placed:
    """A link's frame in world at rest, and the joint it hangs on."""

    name: str
    frame: NDArray[np.float64]
    parent: int
    joint: Joint | None


def read(files: Files, proceed: Callable[[], None] = lambda: None) -> Model:
    """Return the model of a URDF file, in a z-up world where its root's frame is the world's.

    What one sees is read; only where the whole file shows nothing, what is there for
    collisions. `proceed` is called between links and may raise. Raises TugError:
    bad_input, too_large.
    """
    root = parsed(files.text(), files.main)
    if root.tag != "robot":
        raise failure("bad_input", f"{files.main} is no URDF: it has <{root.tag}>, not <robot>.")
    notes: list[str] = []
    elements = {_named(link): link for link in root.findall("link")}
    frames = _placed(root, list(elements), notes)
    what = "visual" if root.find("link/visual") is not None else "collision"
    library = _Library(files)
    links = []
    for place in frames:
        proceed()
        shapes = library.shapes(elements[place.name], what, place.frame)
        links.append(Link(place.name, shapes, place.parent, place.joint))
    if library.lost:
        raise missing(library.lost)
    if what == "collision":
        notes.append("The file shows nothing, so the shapes for collisions were read.")
    name = root.get("name") or "model"
    return tidied(Model(name, tuple(links), tuple(notes)), _couplings(root))


def _placed(root: Element, names: list[str], notes: list[str]) -> list[_Placed]:
    """All links, parents first."""
    joints: dict[str, list[Element]] = {}
    for joint in root.findall("joint"):
        joints.setdefault(_end(joint, "parent", names), []).append(joint)
    below = [_end(joint, "child", names) for some in joints.values() for joint in some]
    if len(set(below)) < len(below):
        twice = next(name for name in below if below.count(name) > 1)
        raise failure("bad_input", f"The link {twice!r} hangs on two joints: URDF is a tree.")
    roots = [name for name in names if name not in set(below)]
    found = [_Placed(name, np.eye(4), -1, None) for name in roots]
    starts = _starts(root)
    for i, place in enumerate(found):  # grows on the way
        for element in joints.get(place.name, []):
            found.append(_child(element, place, i, starts, notes))
    if len(found) < len(names):
        raise failure("bad_input", "The joints of the URDF form a ring: it must be a tree.")
    return found


def _child(
    element: Element, parent: _Placed, index: int, starts: dict[str, float], notes: list[str]
) -> _Placed:
    frame = parent.frame @ _origin(element)
    joint = _joint(element, frame, notes)
    start = starts.get(_named(element), 0.0)
    if start:  # the zero of what it follows is not its own
        frame = motion(joint, start) @ frame
        joint = _shifted(joint, -start)
    name = _end(element, "child", None)
    return _Placed(name, frame, index, joint)


def _joint(element: Element, frame: NDArray[np.float64], notes: list[str]) -> Joint:
    name, kind = _named(element), element.get("type", "")
    origin = placed(frame, (0.0, 0.0, 0.0))
    if kind in ("floating", "planar"):
        notes.append(f"The {kind} joint {name!r} is taken as fixed.")
        return fixed_at(origin)
    if kind == "fixed":
        return fixed_at(origin)
    if kind not in ("revolute", "continuous", "prismatic"):
        raise failure("bad_input", f"The joint {name!r} has the unknown type {kind[:40]!r}.")
    axis = np.array(_floats(element.find("axis"), "xyz", (1.0, 0.0, 0.0)))
    if not np.linalg.norm(axis) > 1e-9:
        raise failure("bad_input", f"The joint {name!r} has an axis without length.")
    lower, upper = _limits(element, name, kind, notes)
    if kind == "revolute" and upper - lower > most_turns * math.tau:
        if math.isfinite(upper):
            notes.append(f"{name!r} turns by {upper - lower:.3g} radians, so it has no stops here.")
        kind = "continuous"
    if kind == "continuous":
        lower, upper = 0.0, math.tau
    if kind == "revolute":
        lower, upper = about_zero(lower, upper)
    return Joint(
        type=kind,
        axis=turned(frame, axis),
        origin=origin,
        lower=lower,
        upper=upper,
        confidence=1.0,
    )


def _limits(element: Element, name: str, kind: str, notes: list[str]) -> tuple[float, float]:
    limit = element.find("limit")
    if kind == "continuous":
        return 0.0, math.tau
    if limit is not None:
        lower, upper = (_float(limit, key) for key in ("lower", "upper"))
        if math.isfinite(upper - lower):
            return min(lower, upper), max(lower, upper)
    if kind == "revolute":
        notes.append(f"{name!r} has no limits, so it turns freely here.")
        return 0.0, math.inf
    notes.append(f"{name!r} has no limits, so it cannot slide here.")
    return 0.0, 0.0


def _shifted(joint: Joint, by: float) -> Joint:
    if joint.type == "continuous":
        return joint
    return msgspec.structs.replace(joint, lower=joint.lower + by, upper=joint.upper + by)


def _couplings(root: Element) -> list[Coupling]:
    """Which links follow which, from <mimic>."""
    child = {_named(j): _end(j, "child", None) for j in root.findall("joint")}
    return [
        Coupling(child[_named(joint)], child[leader], _float(mimic, "multiplier", 1.0))
        for joint in root.findall("joint")
        if (mimic := joint.find("mimic")) is not None
        and (leader := mimic.get("joint", "")) in child
    ]


def _starts(root: Element) -> dict[str, float]:
    """The values of following joints where those they follow are at zero."""
    mimics = {
        _named(joint): mimic
        for joint in root.findall("joint")
        if (mimic := joint.find("mimic")) is not None
    }
    values: dict[str, float] = {}

    def value(name: str, depth: int) -> float:
        if name not in mimics or depth > 50:
            return 0.0
        mimic = mimics[name]
        led = value(mimic.get("joint", ""), depth + 1)
        return _float(mimic, "multiplier", 1.0) * led + _float(mimic, "offset")

    for name in mimics:
        values[name] = value(name, 0)
    return values


class _Library:
    """The meshes of a file, each read once; `lost` names those that are not there."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.lost: list[str] = []
        self.known: dict[str, Mesh] = {}

    def shapes(self, link: Element, what: str, frame: NDArray[np.float64]) -> tuple[Shape, ...]:
        """What a link shows, in the world."""
        found = []
        for element in link.findall(what):
            mesh = self._mesh(element)
            if mesh is not None and len(mesh.faces):
                name = element.get("name") or _named(link)
                found.append(Shape(name, moved(mesh, frame @ _origin(element))))
        return tuple(found)

    def _mesh(self, element: Element) -> Mesh | None:
        geometry = element.find("geometry")
        shape = geometry[0] if geometry is not None and len(geometry) else None
        match None if shape is None else shape.tag:
            case "mesh":
                assert shape is not None
                mesh = self._file(shape.get("filename", ""))
                scale = _floats(shape, "scale", (1.0, 1.0, 1.0))
                return None if mesh is None else moved(mesh, np.diag([*scale, 1.0]))
            case "box":
                return meshes.box(_floats(shape, "size", (1.0, 1.0, 1.0)))
            case "cylinder" | "capsule" as kind:
                assert shape is not None
                make = meshes.cylinder if kind == "cylinder" else meshes.capsule
                return make(_float(shape, "radius"), _float(shape, "length"))
            case "sphere":
                assert shape is not None
                return meshes.ellipsoid([_float(shape, "radius")] * 3)
            case _:
                return None

    def _file(self, reference: str) -> Mesh | None:
        if reference not in self.known:
            found = self.files.find(reference)
            if found is None:
                self.lost.append(reference)
                return None
            self.known[reference] = meshes.read(*found)
        return self.known[reference]


def _origin(element: Element) -> NDArray[np.float64]:
    """The (4, 4) frame of an <origin>: roll, pitch, yaw about fixed axes, then a shift."""
    origin = element.find("origin")
    frame = euler_matrix(*_floats(origin, "rpy", (0.0, 0.0, 0.0)), "sxyz")
    frame[:3, 3] = _floats(origin, "xyz", (0.0, 0.0, 0.0))
    return frame


def _named(element: Element) -> str:
    return element.get("name", "")


def _end(joint: Element, which: str, names: list[str] | None) -> str:
    end = joint.find(which)
    name = "" if end is None else end.get("link", "")
    if names is not None and name not in names:
        raise failure(
            "bad_input", f"The joint {_named(joint)!r} names a {which} link {name!r} there is not."
        )
    return name


def _floats(
    element: Element | None, key: str, default: tuple[float, float, float]
) -> tuple[float, float, float]:
    text = element.get(key) if element is not None else None
    if element is None or text is None:
        return default
    try:
        words = text.split()
        x, y, z = (float(word) for word in (words * 3 if len(words) == 1 else words))
        if all(math.isfinite(value) for value in (x, y, z)):
            return x, y, z
    except ValueError:
        pass
    raise _no_number(element, key)


def _float(element: Element, key: str, default: float = 0.0) -> float:
    try:
        value = float(element.get(key, default))
    except ValueError as error:
        raise _no_number(element, key) from error
    if math.isnan(value):
        raise _no_number(element, key)
    return value


def _no_number(element: Element, key: str) -> TugError:
    text = element.get(key, "")[:80]
    return failure("bad_input", f"<{element.tag}> has {key} {text!r}, which is not what it needs.")
