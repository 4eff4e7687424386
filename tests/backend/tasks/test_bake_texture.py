"""Baking textures as a task: what goes in, what comes out, what is refused."""

from __future__ import annotations

from typing import Any, Literal, cast

import msgspec
import numpy as np
import pytest

from backend.geometry.mesh import Mesh
from backend.tasks import bake_texture
from backend.views.cameras import written
from backend.workers.context import Cancelled
from protocol.dragging import BakeTextureRequest, Photograph
from protocol.errors import TugError
from protocol.joint import Joint
from protocol.meshes import Geometry, identity
from protocol.messages import Limits
from tests.backend.memory import Memory
from tests.backend.textures.photographs import looking
from tests.backend.textures.rooms import boxes

size = 64
slide = Joint(type="prismatic", axis=(0, -1, 0), origin=(0, 0, 0), lower=0, upper=1)
green = (20, 200, 60)


def asked(desk: Memory, **fields: Any) -> BakeTextureRequest:
    """A lid over a box is pulled away; the picture is green all over."""
    body, body_uv = boxes(((0.0, 0.0, 0.0), (1.0, 1.0, 0.5)))
    lid, lid_uv = boxes(((0.0, 0.0, 0.5), (1.0, 1.0, 0.6)))
    meshes: tuple[tuple[Mesh, Literal["none", "all"], str], ...] = (
        (body, "none", "box"),
        (lid, "all", "lid"),
    )
    geometry = tuple(
        Geometry(
            vertices=desk.store(mesh.vertices.astype("<f4")),
            faces=desk.store(mesh.faces),
            moving=moving,
            name=name,
        )
        for mesh, moving, name in meshes
    )
    picture = desk.store(np.full((96, 96, 3), green, np.uint8))
    camera = written(looking((0.5, -2.0, 3.0), (0.5, 0.5, 0.5), size=192))
    usual: dict[str, Any] = {
        "geometry": geometry,
        "uvs": (desk.store(body_uv), desk.store(lid_uv)),
        "photographs": (Photograph(camera=camera, image=picture),),
        "joint": slide,
        "value": 2.0,
        "resolution": size,
    }
    return BakeTextureRequest(**(usual | fields))


def baked(desk: Memory, request: BakeTextureRequest):
    bake_texture.check(request, Limits())
    return bake_texture.run(request, cast(Any, desk))


def test_what_a_lid_hid_is_painted():
    desk = Memory()
    result = baked(desk, asked(desk))
    box, lid = result.textures
    assert [box.geometry, lid.geometry] == [0, 1]
    image = desk.array(box.image)
    assert image.shape == (size, size, 4) and image.dtype == np.uint8
    assert {tuple(colour) for colour in image[image[..., 3] > 0]} == {(*green, 255)}
    assert 0.2 < box.revealed < 0.3 and box.painted > 0.8  # its top, of 4 equal areas
    assert result.engine == "geometry" and set(result.seconds) >= {"rest", "project"}


def test_only_meshes_with_coordinates_get_a_texture():
    desk = Memory()
    request = asked(desk)
    request = msgspec.structs.replace(request, uvs=(None, request.uvs[1]))
    assert [texture.geometry for texture in baked(desk, request).textures] == [1]


def test_a_mirrored_mesh_is_painted_in_the_same_places():
    desk = Memory()
    request = asked(desk)
    rows = ((-1.0, 0.0, 0.0, 1.0), *identity[1:])
    turned = tuple(msgspec.structs.replace(mesh, matrix=rows) for mesh in request.geometry)
    mirrored = msgspec.structs.replace(request, geometry=turned)
    one, two = (
        desk.array(baked(desk, each).textures[0].image)[..., 3] > 0 for each in (request, mirrored)
    )
    assert (one == two).mean() > 0.98


def test_a_selection_of_faces_may_move():
    """Half of the box' top is a lid of its own: only what was beneath is revealed."""
    desk = Memory()
    mesh, uv = boxes(((0.0, 0.0, 0.0), (1.0, 1.0, 0.5)), ((0.0, 0.0, 0.5), (0.5, 1.0, 0.6)))
    geometry = Geometry(
        vertices=desk.store(mesh.vertices.astype("<f4")),
        faces=desk.store(mesh.faces),
        moving="selection",
        selection=desk.store(np.arange(12, 24, dtype="<i4")),
    )
    request = asked(desk, geometry=(geometry,), uvs=(desk.store(uv),))
    (texture,) = baked(desk, request).textures
    top = desk.array(texture.image)[..., 3].reshape(size, size) > 0
    assert 0.3 < texture.painted < 0.5 and 0.1 < top.mean() < 0.3


@pytest.mark.parametrize(
    "fields, said",
    [
        ({"photographs": ()}, "no picture"),
        ({"uvs": (None, None)}, "unwrap it"),
        ({"uvs": (None,)}, "1 UV arrays for 2 meshes"),
        ({"value": float("nan")}, "no number"),
        ({"base": (None,)}, "1 base textures"),
    ],
)
def test_what_cannot_be_baked_is_refused(fields: dict[str, Any], said: str):
    with pytest.raises(TugError, match=said):
        bake_texture.check(asked(Memory(), **fields), Limits())


def test_arrays_of_another_size_are_refused():
    desk = Memory()
    request = asked(desk)
    wide = desk.store(np.zeros((64, 96, 3), np.uint8))
    (photograph,) = request.photographs
    odd = msgspec.structs.replace(photograph, image=wide)
    other = desk.store(np.zeros((32, 32, 3), np.uint8))
    short = desk.store(np.zeros((5, 3, 2), "<f4"))
    for fields, said in (
        ({"photographs": (odd,)}, "does not fill its camera's frame"),
        ({"base": (other, None)}, "should be |u1 [64, 64, 3 or 4]"),
        ({"uvs": (short, None)}, "UVs of 'box'"),
        ({"resolution": 8192}, "lower the resolution"),
    ):
        with pytest.raises(TugError) as refused:
            small = Limits(blob_bytes=1 << 20)
            bake_texture.check(msgspec.structs.replace(request, **fields), small)
        assert said in refused.value.error.message


@pytest.mark.parametrize("value, said", [(np.nan, "NaN"), (3.0, "leave the texture")])
def test_coordinates_that_are_none_are_refused(value: float, said: str):
    desk = Memory()
    uv = np.full((12, 3, 2), value, "<f4")
    request = asked(desk)
    request = msgspec.structs.replace(request, uvs=(desk.store(uv), None))
    with pytest.raises(TugError, match=said):
        baked(desk, request)


def test_a_cancel_stops_it():
    desk = Memory()
    request = asked(desk)
    desk.calls = 5
    with pytest.raises(Cancelled):
        baked(desk, request)
