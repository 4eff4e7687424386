"""GLB in: what the writer wrote comes back, seen by a second reader too."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest
import trimesh
from trimesh.exchange.gltf import export_glb

from backend.datasets import generate
from backend.formats.export import write
from backend.formats.gltf_reader import GlbScene, parse, read
from backend.formats.model import Model, from_object
from protocol.errors import TugError
from protocol.joint import motion


def glb(model: Model) -> bytes:
    files, _ = write(model, "glb")
    return next(iter(files.values()))


@pytest.fixture(scope="module")
def cart() -> tuple[Model, GlbScene]:
    model = from_object(generate("cart", 3))
    return model, parse(glb(model), "cart.glb")


def test_a_model_comes_back_with_its_joints_and_meshes(cart: tuple[Model, GlbScene]) -> None:
    model, scene = cart
    back = scene.model(model.links[0].name)
    assert [link.name for link in back.links] == [link.name for link in model.links]
    for was, now in zip(model.links, back.links, strict=True):
        assert now.parent == was.parent
        assert (now.joint is None) == (was.joint is None)
        if was.joint and now.joint:
            assert now.joint.type == was.joint.type
            np.testing.assert_allclose(now.joint.origin, was.joint.origin, atol=1e-6)
        points = np.concatenate([shape.mesh.corners.reshape(-1, 3) for shape in was.shapes])
        again = np.concatenate([shape.mesh.corners.reshape(-1, 3) for shape in now.shapes])
        np.testing.assert_allclose(again, points, atol=1e-5)


def test_the_clip_opens_each_joint_to_its_limit_and_back(cart: tuple[Model, GlbScene]) -> None:
    model, scene = cart
    times = np.linspace(0.0, scene.seconds, 41)
    poses = scene.poses(times)
    for index, link in enumerate(model.links):
        if link.joint is None or link.parent != 0 or link.joint.lower < 0.0:
            continue
        found = poses[:, scene.index(link.name)]
        np.testing.assert_allclose(found[0], np.eye(4), atol=1e-5)
        np.testing.assert_allclose(found[-1], np.eye(4), atol=1e-5)
        opened = motion(link.joint, link.joint.upper)
        np.testing.assert_allclose(found[20], opened, atol=1e-4, err_msg=f"{index} {link.name}")


def test_places_agree_with_trimesh(tmp_path: Path) -> None:
    scene = trimesh.Scene()
    box = trimesh.creation.box((1.0, 2.0, 3.0))
    turn = trimesh.transformations.euler_matrix(0.3, -0.4, 1.1)
    turn[:3, 3] = (1.0, -2.0, 0.5)
    scene.add_geometry(box, node_name="outer", transform=turn)
    inner = trimesh.transformations.scale_and_translate(0.5, (0.0, 1.0, 0.0))
    scene.add_geometry(box, node_name="inner", parent_node_name="outer", transform=inner)
    path = tmp_path / "boxes.glb"
    path.write_bytes(export_glb(scene))
    found = read(path)
    y_up = trimesh.load_scene(path)
    for name in ("outer", "inner"):
        matrix, geometry = y_up.graph[name]
        x, y, z = trimesh.transform_points(y_up.geometry[geometry].vertices, matrix).T
        expected = np.stack([x, -z, y], axis=1)
        mesh = found.nodes[found.index(name)].mesh
        np.testing.assert_allclose(mesh.vertices, expected, atol=1e-6)
    assert len(found.below("outer")) == 2


def test_what_is_no_glb_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "scene.glb"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(TugError, match=r"scene\.glb cannot be read as binary glTF"):
        read(path)
    with pytest.raises(TugError, match=r"no \.glb file"):
        read(tmp_path / "scene.obj")
    with pytest.raises(TugError, match="cannot be read"):
        read(tmp_path / "missing.glb")


def test_data_that_ends_too_early_is_refused(cart: tuple[Model, GlbScene]) -> None:
    content = glb(cart[0])
    size = struct.unpack_from("<I", content, 12)[0]
    tree = json.loads(content[20 : 20 + size])
    cut = content[: 20 + size] + struct.pack("<II", 8, 0x004E4942) + bytes(8)
    assert tree["accessors"]
    with pytest.raises(TugError, match="ends too early"):
        parse(cut, "cut.glb")


def test_an_unknown_node_is_named_with_those_there_are(cart: tuple[Model, GlbScene]) -> None:
    with pytest.raises(TugError, match="no node 'sofa'"):
        cart[1].below("sofa")
