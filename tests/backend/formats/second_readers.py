"""Other people's readers: where does each link's surface go when the joints are set?

Each takes a folder with the files that were written, and joint values and slides by link
name, and returns the vertices (V, 3) of each link in the world.
"""

from __future__ import annotations

import importlib
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import trimesh
import yourdfpy
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation, Slerp

from protocol.tasks import ExportFormat

mujoco: Any = importlib.import_module("mujoco")
Gf, Usd, UsdGeom, UsdPhysics = (
    importlib.import_module(f"pxr.{name}") for name in ("Gf", "Usd", "UsdGeom", "UsdPhysics")
)
Values = dict[str, float]
Points = dict[str, NDArray[np.float64]]


def by_yourdfpy(folder: Path, values: Values, slides: Values) -> Points:
    path = next(folder.glob("*.urdf"))
    robot = yourdfpy.URDF.load(str(path), load_meshes=False, build_scene_graph=True)
    wanted = {f"{link}_joint": value for link, value in values.items()}
    wanted |= {f"{link}_slide_joint": value for link, value in slides.items()}
    robot.update_cfg({name: wanted[name] for name in robot.actuated_joint_names})
    return {
        name: _together(
            robot.get_transform(name), [_obj(path, v.geometry.mesh.filename) for v in link.visuals]
        )
        for name, link in robot.link_map.items()
    }


def by_mujoco(folder: Path, values: Values, slides: Values) -> Points:
    model = mujoco.MjModel.from_xml_path(str(next(folder.glob("*.xml"))))
    data = mujoco.MjData(model)
    for number in range(model.njnt):
        name = model.joint(number).name.removesuffix("_joint")
        value = values.get(name, slides.get(name.removesuffix("_slide"), 0.0))
        data.qpos[model.jnt_qposadr[number]] = value
    for i in range(model.neq):  # kinematics alone does not look at them
        slide, turn = (model.jnt_qposadr[j[i]] for j in (model.eq_obj1id, model.eq_obj2id))
        data.qpos[slide] = np.polyval(model.eq_data[i][4::-1], data.qpos[turn])
    mujoco.mj_kinematics(model, data)
    found: Points = {}
    for body in range(1, model.nbody):
        own = [np.zeros((0, 3))]
        for geom in np.flatnonzero(model.geom_bodyid == body):
            mesh = model.mesh(int(model.geom_dataid[geom]))
            first, count = int(mesh.vertadr[0]), int(mesh.vertnum[0])
            turn = data.geom_xmat[geom].reshape(3, 3)
            own.append(model.mesh_vert[first : first + count] @ turn.T + data.geom_xpos[geom])
        found[model.body(body).name] = np.concatenate(own)
    return found


def by_usd(folder: Path, values: Values, slides: Values) -> Points:
    stage = Usd.Stage.Open(str(next(folder.glob("*.usd"))))
    assert UsdGeom.GetStageUpAxis(stage) == "Z"
    frames: dict[str, NDArray[np.float64]] = {}
    for prim in stage.Traverse():  # joints in the order of the links: parents first
        if prim.IsA(UsdPhysics.Joint):
            joint = UsdPhysics.Joint(prim)
            body = str(joint.GetBody1Rel().GetTargets()[0])
            parents = joint.GetBody0Rel().GetTargets()
            before = frames[str(parents[0])] if parents else np.eye(4)
            link = body.rpartition("/")[2]
            frame = before @ _side(joint, 0) @ _usd_motion(prim, link, values, slides)
            frames[body] = frame @ np.linalg.inv(_side(joint, 1))
    return {
        path.rpartition("/")[2]: _together(frame, _usd_meshes(stage, path))
        for path, frame in frames.items()
    }


def _usd_motion(prim: Any, link: str, values: Values, slides: Values) -> NDArray[np.float64]:
    value, turn, along = values.get(link, 0.0), 0.0, 0.0
    if prim.IsA(UsdPhysics.RevoluteJoint):
        turn = value
        _within(math.degrees(value), UsdPhysics.RevoluteJoint(prim))
    elif prim.IsA(UsdPhysics.PrismaticJoint):
        along = value
        _within(value, UsdPhysics.PrismaticJoint(prim))
    elif not prim.IsA(UsdPhysics.FixedJoint):
        pitch = prim.GetAttribute("tug:pitch").Get()
        turn = value
        along = slides.get(link, 0.0) if pitch is None else pitch * value / math.tau
        assert UsdPhysics.LimitAPI(prim, "rotX").GetHighAttr().Get() >= math.degrees(value) - 1e-3
        assert UsdPhysics.LimitAPI(prim, "transX").GetHighAttr().Get() >= along - 1e-5
        assert UsdPhysics.LimitAPI(prim, "transY").GetHighAttr().Get() < 0.0
    moved = np.array(trimesh.transformations.rotation_matrix(turn, (1, 0, 0)), float)
    moved[0, 3] = along
    return moved


def _within(value: float, joint: Any) -> None:
    low, high = joint.GetLowerLimitAttr().Get(), joint.GetUpperLimitAttr().Get()
    assert low - 1e-3 <= value <= high + 1e-3


def _side(joint: Any, side: int) -> NDArray[np.float64]:
    position = getattr(joint, f"GetLocalPos{side}Attr")().Get()
    rotation = getattr(joint, f"GetLocalRot{side}Attr")().Get()
    frame = Gf.Matrix4d().SetRotate(Gf.Quatd(rotation))
    return np.array(frame.SetTranslateOnly(Gf.Vec3d(position))).T


def _usd_meshes(stage: Any, path: str) -> list[NDArray[np.float64]]:
    return [
        np.array(UsdGeom.Mesh(child).GetPointsAttr().Get(), float)
        for child in stage.GetPrimAtPath(path).GetChildren()
    ]


class Clip:
    """A GLB and its animation, sampled as the specification says."""

    def __init__(self, folder: Path) -> None:
        data = next(folder.glob("*.glb")).read_bytes()
        size = int.from_bytes(data[12:16], "little")
        self.tree = json.loads(data[20 : 20 + size])
        self.binary = data[28 + size :]

    def points(self, seconds: float) -> Points:
        """Vertices of each link's meshes at a time of the clip, with z up again."""
        local = [self._frame(i, seconds) for i in range(len(self.tree["nodes"]))]
        found: Points = {}
        for root in self.tree["scenes"][0]["nodes"]:
            self._gather(root, np.eye(4), "", local, found)
        return {name: points @ [[1, 0, 0], [0, 0, 1], [0, -1, 0]] for name, points in found.items()}

    @property
    def seconds(self) -> float:
        samplers = self.tree["animations"][0]["samplers"]
        return max(float(self._array(sampler["input"])[-1]) for sampler in samplers)

    def _gather(
        self, index: int, above: NDArray, link: str, local: list[NDArray], found: Points
    ) -> None:
        node = self.tree["nodes"][index]
        frame = above @ local[index]
        if "mesh" in node:
            for primitive in self.tree["meshes"][node["mesh"]]["primitives"]:
                points = self._array(primitive["attributes"]["POSITION"])
                world = points @ frame[:3, :3].T + frame[:3, 3]
                found[link] = np.concatenate([found.get(link, np.zeros((0, 3))), world])
        for child in node.get("children", []):
            self._gather(child, frame, link if "mesh" in node else node["name"], local, found)

    def _frame(self, index: int, seconds: float) -> NDArray[np.float64]:
        node = self.tree["nodes"][index]
        frame = np.array(node.get("matrix", np.eye(4).ravel()), float).reshape(4, 4).T
        if "translation" in node:
            frame[:3, 3] = node["translation"]
        for channel in self.tree.get("animations", [{}])[0].get("channels", []):
            if channel["target"]["node"] != index:
                continue
            assert "matrix" not in node, "the specification forbids it where there is an animation"
            sampler = self.tree["animations"][0]["samplers"][channel["sampler"]]
            times, keys = self._array(sampler["input"]), self._array(sampler["output"])
            if channel["target"]["path"] == "rotation":
                turn = Slerp(times, Rotation.from_quat(keys))(seconds)
                frame[:3, :3] = turn.as_matrix()
            else:
                frame[:3, 3] = [np.interp(seconds, times, keys[:, k]) for k in range(3)]
        return frame

    def _array(self, index: int) -> NDArray[np.float64]:
        accessor = self.tree["accessors"][index]
        view = self.tree["bufferViews"][accessor["bufferView"]]
        width = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}[accessor["type"]]
        assert accessor["componentType"] == 5126
        start = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
        values = np.frombuffer(self.binary, "<f4", accessor["count"] * width, start)
        return (values if width == 1 else values.reshape(-1, width)).astype(float)


readers: dict[ExportFormat, Callable[[Path, Values, Values], Points]] = {
    "urdf": by_yourdfpy,
    "mjcf": by_mujoco,
    "usd": by_usd,
}


def _obj(path: Path, name: str) -> NDArray[np.float64]:
    mesh = trimesh.load_mesh(path.parent / name, process=False, maintain_order=True)
    return np.asarray(mesh.vertices)


def _together(frame: NDArray, meshes: list[NDArray]) -> NDArray[np.float64]:
    points = np.concatenate([np.zeros((0, 3)), *meshes])
    return points @ frame[:3, :3].T + frame[:3, 3]
