"""USD out: rigid bodies and joints of UsdPhysics, beside each other under one articulation."""

from __future__ import annotations

import importlib
import math
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from trimesh.geometry import align_vectors
from trimesh.transformations import quaternion_from_matrix

from backend.formats.model import Link, Model
from backend.formats.writing import inertia, local, origins, travel
from backend.geometry.mesh import Mesh
from protocol.joint import Joint


def _module(name: str) -> Any:
    return importlib.import_module(f"pxr.{name}")  # has no types that a checker could read


Gf, Sdf, Usd, UsdGeom, UsdPhysics, Vt = map(
    _module, ("Gf", "Sdf", "Usd", "UsdGeom", "UsdPhysics", "Vt")
)
free = ("transX", "transY", "transZ", "rotX", "rotY", "rotZ")


def write(model: Model, proceed: Callable[[], None]) -> tuple[dict[str, bytes], list[str]]:
    """Return the one binary .usd file of a prepared model, and notes.

    Links are siblings whose frames stand on their joints, turned as the world is at rest;
    joints turn about and slide along the X of their own frames. Cylindrical joints and screws
    are generic joints with limits; a screw's pitch is the attribute `tug:pitch`. The root is
    fixed to the world by `world_joint`.
    """
    stage = Usd.Stage.CreateInMemory()
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    UsdPhysics.SetStageKilogramsPerUnit(stage, 1.0)
    top = UsdGeom.Xform.Define(stage, f"/{model.name}").GetPrim()
    stage.SetDefaultPrim(top)
    UsdPhysics.ArticulationRootAPI.Apply(top)
    _without_inner_collisions(stage, top)
    UsdGeom.Scope.Define(stage, f"{top.GetPath()}/joints")
    places = origins(model)
    notes = []
    for link, place in zip(model.links, places, strict=True):
        proceed()
        _body(stage, f"{top.GetPath()}/{link.name}", link, place)
        parent = model.links[link.parent] if link.parent >= 0 else None
        offset = place - places[link.parent] if parent else place
        _joint(stage, str(top.GetPath()), link, parent, offset)
        if link.joint and link.joint.type == "screw":
            notes.append(
                f"UsdPhysics has no screws: {link.name} turns and slides by itself within its "
                "range, and its pitch is written as tug:pitch."
            )
    return {f"{model.name}.usd": _bytes(stage)}, notes


def _without_inner_collisions(stage: Any, top: Any) -> None:
    """Parts touch where they are joined: a group of all of them that ignores itself."""
    group = UsdPhysics.CollisionGroup.Define(stage, f"{top.GetPath()}/collisions")
    group.GetCollidersCollectionAPI().GetIncludesRel().AddTarget(top.GetPath())
    group.CreateFilteredGroupsRel().AddTarget(group.GetPath())


def _body(stage: Any, path: str, link: Link, place: NDArray[np.float64]) -> None:
    body = UsdGeom.Xform.Define(stage, path)
    body.AddTranslateOp().Set(Gf.Vec3d(*place.tolist()))
    UsdPhysics.RigidBodyAPI.Apply(body.GetPrim())
    shapes = local(link, place)
    _mass(body.GetPrim(), [mesh for _, mesh in shapes])
    for name, mesh in shapes:
        prim = _mesh(stage, f"{path}/{name}", mesh)
        UsdPhysics.CollisionAPI.Apply(prim)
        UsdPhysics.MeshCollisionAPI.Apply(prim).CreateApproximationAttr("convexDecomposition")


def _mass(prim: Any, meshes: list[Mesh]) -> None:
    own = inertia(meshes)
    moments, axes = np.linalg.eigh(own.tensor)
    if np.linalg.det(axes) < 0.0:
        axes[:, 0] = -axes[:, 0]
    api = UsdPhysics.MassAPI.Apply(prim)
    api.CreateMassAttr(own.mass)
    api.CreateCenterOfMassAttr(Gf.Vec3f(*own.centre.tolist()))
    api.CreateDiagonalInertiaAttr(Gf.Vec3f(*moments.tolist()))
    api.CreatePrincipalAxesAttr(_quaternion(axes))


def _mesh(stage: Any, path: str, mesh: Mesh) -> Any:
    geometry = UsdGeom.Mesh.Define(stage, path)
    points = mesh.vertices.astype(np.float32)
    geometry.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(points))
    geometry.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(mesh.faces.ravel()))
    counts = np.full(len(mesh.faces), 3, np.int32)
    geometry.CreateFaceVertexCountsAttr(Vt.IntArray.FromNumpy(counts))
    geometry.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    geometry.CreateDoubleSidedAttr(True)
    geometry.CreateDisplayColorAttr([Gf.Vec3f(0.8, 0.8, 0.8)])
    if len(points):
        ends = np.stack([points.min(axis=0), points.max(axis=0)])
        geometry.CreateExtentAttr(Vt.Vec3fArray.FromNumpy(ends))
    return geometry.GetPrim()


def _joint(
    stage: Any, top: str, link: Link, parent: Link | None, offset: NDArray[np.float64]
) -> None:
    """The joint between a link and its parent, or the world; frames on both sides."""
    joint = link.joint
    name = f"{link.name}_joint" if parent else "world_joint"
    path = f"{top}/joints/{name}"
    if joint is None or joint.type == "fixed":
        prim = UsdPhysics.FixedJoint.Define(stage, path)
    elif joint.type in ("screw", "cylindrical"):
        prim = _generic(stage, path, joint)
    else:
        prim = _simple(stage, path, joint)
    if parent:
        prim.CreateBody0Rel().SetTargets([f"{top}/{parent.name}"])
    prim.CreateBody1Rel().SetTargets([f"{top}/{link.name}"])
    axis = joint.axis if joint else (1.0, 0.0, 0.0)
    turn = _quaternion(np.asarray(align_vectors((1.0, 0.0, 0.0), axis), np.float64))
    prim.CreateLocalPos0Attr(Gf.Vec3f(*offset.tolist()))
    prim.CreateLocalPos1Attr(Gf.Vec3f(0.0, 0.0, 0.0))
    prim.CreateLocalRot0Attr(turn)
    prim.CreateLocalRot1Attr(turn)


def _simple(stage: Any, path: str, joint: Joint) -> Any:
    slides = joint.type == "prismatic"
    kind = UsdPhysics.PrismaticJoint if slides else UsdPhysics.RevoluteJoint
    prim = kind.Define(stage, path)
    prim.CreateAxisAttr(UsdPhysics.Tokens.x)
    if joint.type != "continuous":
        unit = 1.0 if slides else math.degrees(1.0)
        prim.CreateLowerLimitAttr(joint.lower * unit)
        prim.CreateUpperLimitAttr(joint.upper * unit)
    return prim


def _generic(stage: Any, path: str, joint: Joint) -> Any:
    prim = UsdPhysics.Joint.Define(stage, path)
    limits = {
        "transX": travel(joint),
        "rotX": (math.degrees(joint.lower), math.degrees(joint.upper)),
    }
    for freedom in free:
        low, high = limits.get(freedom, (1.0, -1.0))  # low above high is how a freedom is locked
        api = UsdPhysics.LimitAPI.Apply(prim.GetPrim(), freedom)
        api.CreateLowAttr(low)
        api.CreateHighAttr(high)
    if joint.type == "screw":
        pitch = prim.GetPrim().CreateAttribute("tug:pitch", Sdf.ValueTypeNames.Float, custom=True)
        pitch.Set(joint.pitch)
    return prim


def _quaternion(matrix: NDArray[np.float64]) -> Any:
    rotation = np.eye(4)
    rotation[:3, :3] = matrix[:3, :3]
    w, x, y, z = quaternion_from_matrix(rotation).tolist()
    return Gf.Quatf(w, x, y, z)


def _bytes(stage: Any) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.usdc"
        stage.GetRootLayer().Export(str(path))
        return path.read_bytes()
