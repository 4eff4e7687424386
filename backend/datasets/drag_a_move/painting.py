"""How the meshes of a URDF are painted: the materials of its Wavefront files, face by face."""

from __future__ import annotations

import io
import posixpath
from dataclasses import dataclass
from typing import Any

import numpy as np
import trimesh
from numpy.typing import NDArray
from PIL import Image
from trimesh.resolvers import Resolver

from backend.datasets.materials import Material
from backend.formats.files import Files, parsed
from backend.formats.model import Link, Shape
from backend.pictures.looks import clay_colour

_meshes = "visual/geometry/mesh"
most_texels = 256  # along a side, of an image that is kept
unpainted = Material("clay", Image.new("RGB", (1, 1), clay_colour), 0.0, 0.8, 1.0)


@dataclass(frozen=True, eq=False)
class Paint:
    """Texture coordinates (F, 3, 2) and the index (F,) of each face's material."""

    uv: NDArray[np.float32]
    material: NDArray[np.int32]
    materials: tuple[Material, ...]


class Painter:
    """Reads materials of the files that a URDF names, each once."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.known: dict[str, Paint | None] = {}
        self.shown = {
            link.get("name", ""): [mesh.get("filename", "") for mesh in link.iterfind(_meshes)]
            for link in parsed(files.text(), files.main).findall("link")
        }

    def paint(self, link: Link) -> Paint:
        """The paint of all shapes of a link, in one; clay where a file has none that fits."""
        names = self.shown.get(link.name, [])
        if len(names) != len(link.shapes):
            names = [""] * len(link.shapes)
        return _joined([self._shape(s, n) for s, n in zip(link.shapes, names, strict=True)])

    def _shape(self, shape: Shape, name: str) -> Paint:
        if name not in self.known:
            self.known[name] = self._read(name)
        paint, count = self.known[name], len(shape.mesh.faces)
        return paint if paint and len(paint.material) == count else _plain(count, unpainted)

    def _read(self, name: str) -> Paint | None:
        """What a Wavefront file says; nothing where it cannot be read."""
        if not name.lower().endswith(".obj"):
            return None
        try:
            found = self.files.find(name)
            if found is None:
                return None
            path, content = found
            beside = _Beside(self.files, posixpath.dirname(path))
            scene = trimesh.load_scene(
                io.BytesIO(content), file_type="obj", process=False, resolver=beside
            )
            meshes = [mesh for mesh in scene.dump() if isinstance(mesh, trimesh.Trimesh)]
            return _joined([_paint(mesh) for mesh in meshes])
        except Exception:  # whatever parsers throw at broken materials: the shape is read anyway
            return None


class _Beside(Resolver):
    """Files beside another one, for trimesh."""

    def __init__(self, files: Files, folder: str) -> None:
        self.files, self.folder = files, folder

    def get(self, key: str) -> bytes:
        found = self.files.find(key, beside=self.folder)
        if found is None:
            raise KeyError(key)
        return found[1]

    def keys(self) -> list[str]:
        return []

    def write(self, name: str, data: Any) -> None:
        raise OSError("nothing is written")

    def namespaced(self, namespace: str) -> _Beside:
        return _Beside(self.files, posixpath.join(self.folder, namespace))


def _paint(mesh: trimesh.Trimesh) -> Paint:
    """The paint of a mesh of one material."""
    count = len(mesh.faces)
    visual: Any = mesh.visual
    material = getattr(visual, "material", None)
    if material is None:
        return _plain(count, unpainted)
    image, uv = getattr(material, "image", None), getattr(visual, "uv", None)
    if image is None or uv is None:
        colour = tuple(int(value) for value in np.asarray(material.main_color)[:3])
        return _plain(count, _material(Image.new("RGB", (1, 1), colour)))
    painted = image.convert("RGB")
    painted.thumbnail((most_texels, most_texels))
    corners = np.asarray(uv, np.float32)[mesh.faces]
    return Paint(corners, np.zeros(count, np.int32), (_material(painted),))


def _material(image: Image.Image) -> Material:
    return Material("painted", image, 0.0, 0.8, 1.0)


def _plain(count: int, material: Material) -> Paint:
    return Paint(np.zeros((count, 3, 2), np.float32), np.zeros(count, np.int32), (material,))


def _joined(paints: list[Paint]) -> Paint:
    """The paint of several meshes in one."""
    starts = np.cumsum([0, *(len(paint.materials) for paint in paints)])
    indices = [p.material + np.int32(start) for p, start in zip(paints, starts, strict=False)]
    return Paint(
        np.concatenate([np.zeros((0, 3, 2), np.float32), *(paint.uv for paint in paints)]),
        np.concatenate([np.zeros(0, np.int32), *indices]),
        tuple(material for paint in paints for material in paint.materials),
    )
