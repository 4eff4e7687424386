"""Writing articulated objects as GLB and OBJ, one named and textured node a link.

Both formats are y up by convention and readers (Blender's too) turn them back, so a point
(x, y, z) is written as (x, z, -y).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import trimesh
from numpy.typing import NDArray
from trimesh.exchange.gltf import export_glb
from trimesh.visual.material import PBRMaterial
from trimesh.visual.texture import TextureVisuals

from backend.datasets.materials import Material
from backend.datasets.object import ArticulatedObject, Link

_smooth_cosine = float(np.cos(np.radians(40)))
_y_up = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])


def write_glb(item: ArticulatedObject, path: str | Path) -> None:
    """Write a binary glTF: a node a link, parented like the links, its origin at its centre.

    Nodes carry the links' names and a mesh with one textured primitive for each material.
    """
    scene = trimesh.Scene()
    materials = {material: _pbr(material) for link in item.links for material in link.materials}
    centres = np.array([_centre(link) for link in item.links])
    for link, centre in zip(item.links, centres, strict=True):
        parent = item.links[link.parent].name if link.parent >= 0 else None
        offset = centre - (centres[link.parent] if link.parent >= 0 else 0.0)
        for i, material in enumerate(link.materials):
            mesh = _primitive(link, i, centre, materials[material])
            name = link.name if i == 0 else f"{link.name}/{i}"
            scene.add_geometry(
                mesh,
                node_name=name,
                geom_name=name,
                parent_node_name=parent if i == 0 else link.name,
                transform=trimesh.transformations.translation_matrix(_y_up @ offset)
                if i == 0
                else None,
            )
    data = export_glb(scene, include_normals=True, tree_postprocessor=_join_primitives)
    Path(path).write_bytes(data)


def write_obj(item: ArticulatedObject, path: str | Path) -> None:
    """Write a Wavefront OBJ, an object a link, with its .mtl and textures beside it."""
    path = Path(path)
    lines = [f"mtllib {path.stem}.mtl"]
    vertices = textures = 1
    for link in item.links:
        lines.append(f"o {link.name}")
        lines += [f"v {x:.7g} {y:.7g} {z:.7g}" for x, y, z in link.vertices @ _y_up.T]
        lines += [f"vt {u:.6g} {v:.6g}" for u, v in link.uv.reshape(-1, 2)]
        lines += _obj_faces(link, vertices, textures)
        vertices, textures = vertices + len(link.vertices), textures + 3 * len(link.faces)
    path.write_text("\n".join(lines) + "\n")
    _write_mtl(item, path)


def corner_normals(vertices: NDArray, faces: NDArray) -> NDArray[np.float64]:
    """Return (F, 3, 3) normals, smooth across edges flatter than 40 degrees.

    Weighted by area, so that a bevel bends the light and the flat beside it stays flat.
    """
    a, b, c = vertices[faces].transpose(1, 0, 2)
    weighted = np.cross(b - a, c - a)
    unit = weighted / np.maximum(np.linalg.norm(weighted, axis=1, keepdims=True), 1e-30)
    first, second = _corners_at_one_vertex(faces)
    near = (unit[first // 3] * unit[second // 3]).sum(axis=1) > _smooth_cosine
    normals = np.zeros((faces.size, 3))
    np.add.at(normals, first[near], weighted[second[near] // 3])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30)
    return normals.reshape(-1, 3, 3)


def _corners_at_one_vertex(faces: NDArray) -> tuple[NDArray, NDArray]:
    """All ordered pairs of face corners (indices into faces.ravel()) that share a vertex."""
    order = np.argsort(faces.ravel(), kind="stable")
    _, starts, counts = np.unique(faces.ravel()[order], return_index=True, return_counts=True)
    size = np.repeat(counts, counts)
    first = np.repeat(order, size)
    begin = np.repeat(np.repeat(starts, counts), size)
    within = np.arange(len(first)) - np.repeat(np.cumsum(size) - size, size)
    return first, order[begin + within]


def _primitive(
    link: Link, index: int, centre: NDArray[np.float64], material: PBRMaterial
) -> trimesh.Trimesh:
    """The faces of one material with a vertex for each different corner."""
    chosen = link.face_material == index
    normals = corner_normals(link.vertices, link.faces)[chosen].reshape(-1, 3)
    positions = link.vertices[link.faces[chosen].ravel()] - centre
    corners = np.hstack([positions @ _y_up.T, normals @ _y_up.T, link.uv[chosen].reshape(-1, 2)])
    rows, inverse = np.unique(corners.round(7), axis=0, return_inverse=True)
    return trimesh.Trimesh(
        vertices=rows[:, :3],
        faces=inverse.reshape(-1, 3),
        vertex_normals=rows[:, 3:6],
        visual=TextureVisuals(uv=rows[:, 6:8], material=material),
        process=False,
    )


def _pbr(material: Material) -> PBRMaterial:
    return PBRMaterial(
        name=material.name,
        baseColorTexture=material.image,
        metallicFactor=material.metallic,
        roughnessFactor=material.roughness,
        alphaMode="BLEND" if material.image.mode == "RGBA" else "OPAQUE",
        doubleSided=True,
    )


def _join_primitives(tree: dict[str, Any]) -> None:
    """Give each link's node one mesh: trimesh writes a node and mesh for each primitive."""
    nodes, meshes = tree["nodes"], tree["meshes"]
    for node in nodes:
        extra = [i for i in node.get("children", []) if "/" in nodes[i]["name"]]
        for child in extra:
            meshes[node["mesh"]]["primitives"] += meshes[nodes[child]["mesh"]]["primitives"]
        if extra:
            node["children"] = [i for i in node["children"] if i not in extra]
    _drop(tree, "meshes", [m["name"].find("/") < 0 for m in meshes], _mesh_users)
    _drop(tree, "nodes", [n["name"].find("/") < 0 for n in nodes], _node_users)


def _drop(tree: dict[str, Any], kind: str, keep: list[bool], users: Any) -> None:
    moved = np.cumsum(keep) - 1
    tree[kind] = [item for item, stays in zip(tree[kind], keep, strict=True) if stays]
    users(tree, moved)


def _mesh_users(tree: dict[str, Any], moved: NDArray) -> None:
    for node in tree["nodes"]:
        if "mesh" in node:
            node["mesh"] = int(moved[node["mesh"]])


def _node_users(tree: dict[str, Any], moved: NDArray) -> None:
    for holder, key in [(n, "children") for n in tree["nodes"]] + [
        (s, "nodes") for s in tree["scenes"]
    ]:
        if key in holder:
            holder[key] = [int(moved[i]) for i in holder[key]]
            if not holder[key]:
                del holder[key]


def _obj_faces(link: Link, vertices: int, textures: int) -> list[str]:
    lines = []
    corners = np.arange(3 * len(link.faces)).reshape(-1, 3) + textures
    for i, material in enumerate(link.materials):
        lines.append(f"usemtl {material.name}")
        chosen = link.face_material == i
        for face, corner in zip(link.faces[chosen] + vertices, corners[chosen], strict=True):
            pairs = zip(face, corner, strict=True)
            lines.append("f " + " ".join(f"{v}/{t}" for v, t in pairs))
    return lines


def _write_mtl(item: ArticulatedObject, path: Path) -> None:
    lines = []
    for material in dict.fromkeys(m for link in item.links for m in link.materials):
        image = f"{path.stem}_{material.name}.png"
        material.image.save(path.parent / image)
        shine = round(1000 * (1 - material.roughness) ** 2)
        lines += [f"newmtl {material.name}", "Kd 1 1 1", f"Ns {shine}", f"map_Kd {image}"]
    path.with_suffix(".mtl").write_text("\n".join(lines) + "\n")


def _centre(link: Link) -> NDArray[np.float64]:
    return (link.vertices.min(axis=0) + link.vertices.max(axis=0)) / 2
