"""MJCF in: bodies and joints of a MuJoCo model, in the pose the file describes.

MuJoCo itself compiles what is left of the file once all is gone that says nothing of shape and
motion, so that defaults, frames and units mean what they mean there. Mesh files are read here:
MuJoCo sees neither paths nor the bytes of strangers.
"""

from __future__ import annotations

import importlib
import math
import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

import numpy as np
from numpy.typing import NDArray

from backend.formats import meshes
from backend.formats.files import Files, inside, missing, parsed
from backend.formats.model import Link, Model, Shape, moved, vector
from backend.formats.tidy import Coupling, about_zero, fixed_at, tidied
from backend.geometry.mesh import Mesh
from protocol.errors import failure
from protocol.joint import Joint

mujoco: Any = importlib.import_module("mujoco")  # has no types that a checker could read
mujoco.set_mju_user_warning(lambda text: None)  # or it writes a log where we stand
joint_kinds = mujoco.mjtJoint
geom_kinds = mujoco.mjtGeom

pose = ("pos", "quat", "axisangle", "euler", "xyaxes", "zaxis")
kept: dict[str, tuple[str, ...]] = {  # element -> attributes that say where things are
    "mujoco": ("model",),
    "compiler": ("angle", "eulerseq", "autolimits", "coordinate"),
    "default": ("class",),
    "asset": (),
    "mesh": ("name", "class", "vertex", "face", "scale", "refpos", "refquat", "builtin", "params"),
    "worldbody": ("childclass",),
    "body": ("name", "childclass", *pose),
    "frame": ("name", "childclass", *pose),
    "replicate": ("count", "offset", "euler", "sep", "childclass"),
    "joint": ("name", "class", "type", "pos", "axis", "range", "limited", "ref"),
    "freejoint": ("name",),
    "geom": (
        *("name", "class", "type", "size", "fromto", "mesh", "fitscale", *pose),
        *("group", "contype", "conaffinity", "rgba"),
    ),
    "equality": (),
}
ignored = ("composite", "flexcomp", "attach")  # would be seen, and are left out
most_includes = 200
most_copies = 10_000
most_turns = 4.0  # a hinge that turns further than that has no stop
hidden_group = 3  # MuJoCo's viewer shows the groups below


@dataclass
class _Source:
    """The file with all it includes, reduced; meshes by the names it gives them."""

    root: Element
    meshes: dict[str, Mesh]
    notes: list[str] = field(default_factory=list)


def read(files: Files, proceed: Callable[[], None] = lambda: None) -> Model:
    """Return the model of an MJCF file. What one sees is read, not what is there for collisions.

    `proceed` is called between meshes and may raise. Raises TugError: bad_input, too_large.
    """
    source = _source(files, proceed)
    spec, compiled = _compiled(source, files.main)
    data = mujoco.MjData(compiled)
    mujoco.mj_kinematics(compiled, data)
    links, owners = _links(compiled, data, source.notes)
    name = spec.modelname if spec.modelname != "MuJoCo Model" else ""
    stem = posixpath.splitext(posixpath.basename(files.main))[0]
    model = Model(name or stem, tuple(links), tuple(source.notes))
    return tidied(model, list(_couplings(compiled, owners)))


def _source(files: Files, proceed: Callable[[], None]) -> _Source:
    whole = parsed(files.text(), files.main)
    if whole.tag not in ("mujoco", "mujocoinclude"):
        raise failure("bad_input", f"{files.main} is no MJCF: it has <{whole.tag}>, not <mujoco>.")
    _include(whole, files, [0])
    whole.tag = "mujoco"
    _rename_main(whole)
    notes = [f"<{tag}> is left out." for tag in ignored if next(whole.iter(tag), None) is not None]
    _check_copies(whole, 1)
    loaded = _meshes(whole, files, proceed)
    root = _reduced(whole)
    for equality in whole.findall("equality/joint"):
        if equality.get("joint2"):
            SubElement(_section(root, "equality"), "joint", _chosen(equality, _coupling))
    SubElement(root, "compiler", boundmass="1", boundinertia="1", balanceinertia="true")
    return _Source(root, loaded, notes)


_coupling = ("name", "joint1", "joint2", "polycoef", "active")


def _include(element: Element, files: Files, count: list[int]) -> None:
    """Put what is included in its place, everywhere in the element."""
    for i in reversed(range(len(element))):
        child = element[i]
        if child.tag != "include":
            _include(child, files, count)
            continue
        count[0] += 1
        reference = child.get("file", "")
        found = files.find(reference)
        if found is None:
            raise missing([reference])
        if count[0] > most_includes:
            raise failure("bad_input", f"{files.main} includes over {most_includes} files.")
        included = parsed(found[1], found[0])
        _include(included, files, count)
        element[i : i + 1] = list(included)


def _rename_main(whole: Element) -> None:
    """Old files call the class of all defaults as they like; now it is `main`."""
    for default in whole.findall("default"):
        name = default.attrib.pop("class", "main")
        if name != "main":
            SubElement(default, "default", {"class": name})


def _check_copies(element: Element, copies: int) -> None:
    """Refuse <replicate> that would fill the memory."""
    if element.tag == "replicate":
        text = element.get("count", "1")
        copies *= int(text) if text.isdecimal() and len(text) < 8 else most_copies + 1
        if copies > most_copies:
            raise failure("bad_input", f"The model repeats a body over {most_copies:,} times.")
    for child in element:
        _check_copies(child, copies)


def _meshes(whole: Element, files: Files, proceed: Callable[[], None]) -> dict[str, Mesh]:
    """Read the mesh files; each mesh gets the name that geoms know it by."""
    folder = ""
    for compiler in whole.findall("compiler"):
        folder = compiler.get("meshdir", compiler.get("assetdir", folder))
    loaded: dict[str, Mesh] = {}
    lost = []
    for mesh in whole.findall("asset/mesh"):
        proceed()
        reference = mesh.get("file")
        if reference is None:
            continue
        name = mesh.get("name") or posixpath.splitext(posixpath.basename(reference))[0]
        mesh.set("name", name)
        found = files.find(posixpath.join(folder, reference)) or files.find(reference)
        if found is None:
            lost.append(inside(posixpath.join(folder, reference)))
        else:
            loaded[name] = meshes.read(*found)
    if lost:
        raise missing(lost)
    return loaded


def _reduced(element: Element) -> Element:
    """A copy of what MuJoCo shall see."""
    copy = Element(element.tag, _chosen(element, kept[element.tag]))
    for child in element:
        if child.tag in kept and child.tag != "equality":
            copy.append(_reduced(child))
    return copy


def _chosen(element: Element, names: tuple[str, ...]) -> dict[str, str]:
    return {name: element.attrib[name] for name in names if name in element.attrib}


def _section(root: Element, tag: str) -> Element:
    found = root.find(tag)
    return SubElement(root, tag) if found is None else found


def _compiled(source: _Source, name: str) -> tuple[Any, Any]:
    try:
        spec = mujoco.MjSpec.from_string(tostring(source.root, encoding="unicode"))
        for mesh in spec.meshes:
            mesh.inertia = mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL  # or flat ones are refused
            if mesh.name in source.meshes:
                own = source.meshes[mesh.name]
                mesh.uservert = own.vertices.ravel()
                mesh.userface = own.faces.ravel()
        for geom in spec.geoms:
            geom.priority = int(bool(geom.contype or geom.conaffinity))  # read again by _visible
            geom.contype = geom.conaffinity = 0  # nothing collides here: no convex hulls
        return spec, spec.compile()
    except (ValueError, mujoco.FatalError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "no reason given"
        raise failure("bad_input", f"MuJoCo does not read {name}: {reason}.") from error


def _links(model: Any, data: Any, notes: list[str]) -> tuple[list[Link], dict[int, str]]:
    """All links, and the name of the link that each joint moves."""
    shown = _visible(model)
    links: list[Link] = []
    index: dict[int, int] = {0: -1}
    owners: dict[int, str] = {}
    for body in range(model.nbody):
        shapes = tuple(_shapes(model, data, body, shown))
        if body == 0 and not shapes:
            continue
        name = (model.body(body).name or f"body_{body}") if body else "world"
        parent = index[int(model.body_parentid[body])] if body else -1
        joints = _joints(model, data, body, notes)
        for number, joint in joints[:-1]:
            owners[number] = f"{name}_{model.joint(number).name or number}"
            links.append(Link(owners[number], (), parent, joint))
            parent = len(links) - 1
        if joints:
            owners[joints[-1][0]] = name
        own = joints[-1][1] if joints else None
        if own is None and parent >= 0 and not _floats(model, body):
            own = fixed_at(vector(data.xpos[body]))
        index[body] = len(links)
        links.append(Link(name, shapes, -1 if _floats(model, body) else parent, own))
    return links, owners


def _joints(model: Any, data: Any, body: int, notes: list[str]) -> list[tuple[int, Joint]]:
    """A body's joints with their numbers, the one nearest to the parent first."""
    found = []
    first = int(model.body_jntadr[body])
    for number in range(first, first + int(model.body_jntnum[body])):
        name = model.joint(number).name or model.body(body).name or f"body_{body}"
        kind = joint_kinds(model.jnt_type[number])
        if kind == joint_kinds.mjJNT_FREE:
            notes.append(f"{name!r} may float freely, which is left out.")
        elif kind == joint_kinds.mjJNT_BALL:
            notes.append(f"The ball joint {name!r} is left out.")
        else:
            found.append((number, _joint(model, data, number, kind, name, notes)))
    return found


def _joint(
    model: Any,
    data: Any,
    number: int,
    kind: Any,
    name: str,
    notes: list[str],
) -> Joint:
    slides = kind == joint_kinds.mjJNT_SLIDE
    start = float(model.qpos0[model.jnt_qposadr[number]])
    lower, upper = (float(end) - start for end in model.jnt_range[number])
    if not model.jnt_limited[number] or not math.isfinite(upper - lower):
        lower, upper = (0.0, 0.0) if slides else (0.0, math.inf)
        if slides:
            notes.append(f"{name!r} has no limits, so it cannot slide here.")
    endless = not slides and upper - lower > most_turns * math.tau
    if not slides and not endless:
        lower, upper = about_zero(lower, upper)
    return Joint(
        type="prismatic" if slides else "continuous" if endless else "revolute",
        axis=vector(data.xaxis[number]),
        origin=vector(data.xanchor[number]),
        lower=0.0 if endless else lower,
        upper=math.tau if endless else upper,
        confidence=1.0,
    )


def _floats(model: Any, body: int) -> bool:
    first = int(model.body_jntadr[body])
    return first >= 0 and model.jnt_type[first] == joint_kinds.mjJNT_FREE


def _visible(model: Any) -> NDArray[np.bool_]:
    """Which geoms one sees, (G,): models often have a second set for collisions."""
    solid = np.isin(
        model.geom_type, [geom_kinds.mjGEOM_PLANE, geom_kinds.mjGEOM_HFIELD], invert=True
    ) & (model.geom_rgba[:, 3] > 0.0)
    shown = solid & (model.geom_group < hidden_group)
    collides = model.geom_priority > 0
    for body in range(model.nbody):
        own = shown & (model.geom_bodyid == body)
        seen = set(model.geom_group[own & ~collides].tolist())
        if seen:
            shown &= ~(own & collides & ~np.isin(model.geom_group, list(seen)))
    return shown if shown.any() else solid


def _shapes(model: Any, data: Any, body: int, shown: NDArray[np.bool_]) -> Iterator[Shape]:
    for geom in np.flatnonzero(shown & (model.geom_bodyid == body)).tolist():
        mesh = _mesh(model, geom)
        if mesh is None or not len(mesh.faces):
            continue
        frame = np.eye(4)
        frame[:3, :3] = data.geom_xmat[geom].reshape(3, 3)
        frame[:3, 3] = data.geom_xpos[geom]
        yield Shape(_shape_name(model, geom), moved(mesh, frame))


def _shape_name(model: Any, geom: int) -> str:
    number = int(model.geom_dataid[geom])
    mesh = model.mesh(number).name if number >= 0 else ""
    return model.geom(geom).name or mesh or model.body(model.geom_bodyid[geom]).name or "shape"


def _mesh(model: Any, geom: int) -> Mesh | None:
    """What a geom shows, in its own frame."""
    size = [float(value) for value in model.geom_size[geom]]
    match geom_kinds(model.geom_type[geom]):
        case geom_kinds.mjGEOM_MESH:
            return _asset(model, int(model.geom_dataid[geom]))
        case geom_kinds.mjGEOM_BOX:
            return meshes.box([2.0 * value for value in size])
        case geom_kinds.mjGEOM_SPHERE:
            return meshes.ellipsoid(size[:1] * 3)
        case geom_kinds.mjGEOM_ELLIPSOID:
            return meshes.ellipsoid(size)
        case geom_kinds.mjGEOM_CYLINDER:
            return meshes.cylinder(size[0], 2.0 * size[1])
        case geom_kinds.mjGEOM_CAPSULE:
            return meshes.capsule(size[0], 2.0 * size[1])
        case _:
            return None


def _asset(model: Any, number: int) -> Mesh:
    first, count = int(model.mesh_vertadr[number]), int(model.mesh_vertnum[number])
    start, faces = int(model.mesh_faceadr[number]), int(model.mesh_facenum[number])
    return Mesh(
        model.mesh_vert[first : first + count].astype(np.float64),
        model.mesh_face[start : start + faces].astype(np.int32),
    )


def _couplings(model: Any, owners: dict[int, str]) -> Iterator[Coupling]:
    """Which links follow which, from <equality><joint>: y = y0 + ratio (x - x0)."""
    for i in range(model.neq):
        pair = int(model.eq_obj1id[i]), int(model.eq_obj2id[i])
        if pair[0] in owners and pair[1] in owners:
            yield Coupling(owners[pair[0]], owners[pair[1]], float(model.eq_data[i][1]))
