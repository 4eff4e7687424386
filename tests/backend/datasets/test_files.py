from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image
from scipy.spatial import KDTree

from backend.datasets import categories, generate, sample, write_glb, write_obj
from backend.datasets.files import corner_normals
from backend.datasets.shapes import box


def tree_of(path: Path) -> dict:
    """The JSON chunk of a GLB file."""
    data = path.read_bytes()
    (length,) = struct.unpack_from("<I", data, 12)
    return json.loads(data[20 : 20 + length])


def z_up(points: np.ndarray) -> np.ndarray:
    return np.stack([points[:, 0], -points[:, 2], points[:, 1]], axis=1)


def farthest(triangles: np.ndarray, others: np.ndarray) -> float:
    """How far from the centre of each triangle (N, 3, 3) the nearest centre of the others is."""
    return float(KDTree(others.mean(axis=1)).query(triangles.mean(axis=1))[0].max())


@pytest.mark.parametrize("category", categories)
def test_a_glb_has_one_named_node_a_link_with_its_parent(tmp_path: Path, category: str) -> None:
    item = generate(category, 1)
    write_glb(item, tmp_path / "a.glb")
    nodes = tree_of(tmp_path / "a.glb")["nodes"]
    parents = {
        nodes[child]["name"]: node["name"] for node in nodes for child in node.get("children", [])
    }
    for link in item.links:
        assert [node["name"] for node in nodes].count(link.name) == 1
        if link.parent >= 0:
            assert parents[link.name] == item.links[link.parent].name


def test_a_glb_has_a_textured_primitive_for_each_material(tmp_path: Path) -> None:
    item = sample()
    write_glb(item, tmp_path / "a.glb")
    tree = tree_of(tmp_path / "a.glb")
    assert len(tree["meshes"]) == len(item.links)
    by_name = {node["name"]: node for node in tree["nodes"]}
    for link in item.links:
        primitives = tree["meshes"][by_name[link.name]["mesh"]]["primitives"]
        materials = [tree["materials"][primitive["material"]] for primitive in primitives]
        assert [m["name"] for m in materials] == [m.name for m in link.materials]
        assert all("baseColorTexture" in m["pbrMetallicRoughness"] for m in materials)
        assert all("TEXCOORD_0" in p["attributes"] for p in primitives)


@pytest.mark.parametrize("category", categories)
def test_a_glb_read_back_is_the_same_surface(tmp_path: Path, category: str) -> None:
    item = generate(category, 2)
    write_glb(item, tmp_path / "a.glb")
    scene = trimesh.load_scene(tmp_path / "a.glb")
    read = z_up(scene.to_mesh().triangles.reshape(-1, 3)).reshape(-1, 3, 3)
    vertices, faces, _ = item.mesh()
    assert len(read) == len(faces)
    assert max(farthest(read, vertices[faces]), farthest(vertices[faces], read)) < 2e-6
    area = np.linalg.norm(np.cross(read[:, 1] - read[:, 0], read[:, 2] - read[:, 0]), axis=1)
    assert np.isclose(area.sum() / 2, trimesh.Trimesh(vertices, faces).area, rtol=1e-4)


def test_an_obj_read_back_has_the_links_as_objects_and_their_textures(tmp_path: Path) -> None:
    item = sample()
    path = tmp_path / "a.obj"
    write_obj(item, path)
    names = [line[2:] for line in path.read_text().splitlines() if line.startswith("o ")]
    assert names == [link.name for link in item.links]
    scene = trimesh.load_scene(path)
    mesh = scene.to_mesh()
    assert len(mesh.faces) == len(item.mesh()[1])
    assert np.allclose(np.sort(np.ptp(item.mesh()[0], axis=0)), np.sort(mesh.extents), atol=1e-4)
    for line in path.with_suffix(".mtl").read_text().splitlines():
        if line.startswith("map_Kd "):
            assert Image.open(tmp_path / line.split()[1]).size == (256, 256)


def test_normals_are_flat_on_flats_and_bend_over_bevels() -> None:
    shape = box((0, 0, 0), (1, 1, 1), bevel=0.05)
    normals = corner_normals(shape.vertices, shape.faces)
    flat = np.abs(shape.normals()).max(axis=1) > 0.999
    assert np.allclose(np.linalg.norm(normals, axis=2), 1.0)
    large = flat & (trimesh.triangles.area(shape.vertices[shape.faces]) > 0.1)
    assert large.sum() == 12
    assert np.abs(normals[large]).max(axis=2).min() > 0.99
    assert not np.allclose(normals[~flat][:, 0], normals[~flat][:, 1])
