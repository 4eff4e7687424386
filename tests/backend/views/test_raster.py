"""The rasteriser against rays that are cast at the same scene, pixel by pixel."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from backend.geometry.mesh import Mesh, areas_and_normals
from backend.geometry.surface import Surface
from backend.tasks.geometry import merged
from backend.views.raster import Rasteriser, blank
from backend.views.scene import Body, Part, Scene
from tests.backend.views.things import ball, box_mesh, camera, moves, straight, turns

every = ("depth", "normals", "instances", "parts", "flow")
floor = Mesh(
    np.array([[-50.0, -50, -1], [50, -50, -1], [50, 50, -1], [-50, 50, -1]]),
    np.array([[0, 1, 2], [0, 2, 3]], np.int32),
)


def bent(count):
    mesh = ball(0.6, rings=8)
    wave = np.sin(3.0 * mesh.vertices[:, 2] + np.linspace(0, 1, count)[:, None])
    shapes = mesh.vertices + wave[..., None] * np.array([0.3, 0.1, 0.0])
    return Part("bent", mesh, shapes=(shapes + np.array([1.0, 0.5, 0.3])).astype(np.float32))


def scene(count=4):
    spin = turns(count, 1.2, (0.6, -0.4, 0.3))
    thing = Body("thing", (Part("box", box_mesh((-0.7, -0.5, -0.9), (0.2, 0.5, 0.4)), spin),))
    pair = Body("pair", (Part("ball", ball(0.4, (0, -1, 0))), bent(count)))
    return Scene((Body("floor", (Part("floor", floor),), tracked=False), thing, pair), count)


def drawn(scene, camera, layers=every):
    rasteriser = Rasteriser(scene)
    images = blank(layers, scene.frames, camera)
    behind = rasteriser.backdrop(camera, layers)
    for start in range(0, scene.frames, 3):  # batches, one of which is short
        stop = min(start + 3, scene.frames)
        some = {name: image[start:stop] for name, image in images.items()}
        rasteriser.draw(camera, behind, start, stop, some)
    return images


def rays(camera):
    """Where each pixel's ray goes through the near plane, and its unit direction: (H * W, 3)."""
    x, y = np.meshgrid(np.arange(camera.width) + 0.5, np.arange(camera.height) + 0.5)
    flat = np.stack(
        [(x - camera.centre[0]) / camera.focal[0], (y - camera.centre[1]) / camera.focal[1]]
    )
    ahead = (
        np.stack([flat[0], -flat[1], -np.ones_like(x)], -1).reshape(-1, 3) @ camera.pose[:3, :3].T
    )
    return camera.pose[:3, 3] + camera.near * ahead, ahead


def cast(scene, camera, frame):
    """Depth and face (H, W) by rays, and which part each face belongs to."""
    meshes = [Mesh(part.at(frame), part.mesh.faces) for _, part in scene.parts]
    whole = merged(meshes)
    owner = np.repeat(np.arange(len(meshes)), [len(mesh.faces) for mesh in meshes])
    surface = Surface(whole)
    depth, face = [], []
    for start, way in zip(*rays(camera), strict=True):
        length = np.linalg.norm(way)
        distance, hit = surface.cast(start[None], way / length)
        depth.append(camera.near + distance[0] / length)
        face.append(hit[0])
    size = (camera.height, camera.width)
    return np.reshape(depth, size), np.reshape(face, size), owner, whole


cameras = {
    "outside": camera(0.3, 0.4),
    "from below": camera(2.0, -0.6),
    "straight down": camera(0.0, 0.5 * math.pi, 4.0),
    "among it": camera(1.0, 0.1, 0.9),
    "cutting": replace(camera(0.3, 0.4), near=5.6),
}


@pytest.mark.parametrize("name", cameras)
def test_pixels_see_what_rays_hit(name):
    here, look = scene(), cameras[name]
    images = drawn(here, look)
    bodies = np.array([body for body, _ in here.parts])
    for frame in (0, here.frames - 1):
        depth, face, owner, whole = cast(here, look, frame)
        hit = (face >= 0) & (depth <= look.far)
        seen = np.isfinite(images["depth"][frame])
        same = seen == hit
        both = seen & hit
        part = np.where(hit, owner[face] + 1, 0)
        same &= ~both | (images["parts"][frame] == part)
        assert same.mean() > 0.998, f"{(~same).sum()} pixels differ"  # on edges rays round
        assert both.mean() > 0.1
        agreed = both & same
        far = np.abs(images["depth"][frame] / np.where(both, depth, 1.0) - 1.0)
        assert (far[agreed] < 1e-4).mean() > 0.998
        expected = np.where(part > 0, bodies[part - 1] + 1, 0)
        assert (images["instances"][frame][same] == expected[same]).all()
        _, normals = areas_and_normals(whole)
        there = normals[face] @ look.pose[:3, :3]
        towards = (images["normals"][frame] / 127.0 * there).sum(axis=-1)
        assert (np.abs(np.abs(towards[agreed]) - 1.0) < 0.02).mean() > 0.99


def test_normals_look_at_the_camera():
    """Also those of back faces, which are seen."""
    here, look = scene(), cameras["outside"]
    inside_out = Mesh(floor.vertices, floor.faces[:, ::-1])
    other = Scene((Body("floor", (Part("floor", inside_out),), False), *here.bodies[1:]), 4)
    first, second = drawn(here, look), drawn(other, look)
    for name in every:
        assert np.array_equal(first[name], second[name]), name
    x, y = np.meshgrid(np.arange(look.width) + 0.5, np.arange(look.height) + 0.5)
    ray = np.stack(
        [
            (x - look.centre[0]) / look.focal[0],
            -(y - look.centre[1]) / look.focal[1],
            -np.ones_like(x),
        ],
        -1,
    )
    seen = first["parts"][0] > 0
    assert ((first["normals"][0] * ray).sum(axis=-1)[seen] <= 1.0).all()


def test_flow_is_where_what_is_seen_goes():
    here, look = scene(), cameras["outside"]
    images = drawn(here, look)
    x, y = np.meshgrid(np.arange(look.width) + 0.5, np.arange(look.height) + 0.5)
    motion = here.parts[1][1].motion
    assert motion is not None
    for frame in range(here.frames - 1):
        mask = images["parts"][frame] == 2
        depth = images["depth"][frame][mask].astype(float)
        local = np.stack(
            [
                (x[mask] - look.centre[0]) / look.focal[0] * depth,
                -(y[mask] - look.centre[1]) / look.focal[1] * depth,
                -depth,
            ],
            -1,
        )
        world = local @ look.pose[:3, :3].T + look.pose[:3, 3]
        step = motion[frame + 1] @ np.linalg.inv(motion[frame])
        pixels, _ = look.project(world @ step[:3, :3].T + step[:3, 3])
        expected = pixels - np.stack([x[mask], y[mask]], -1)
        assert np.abs(expected).max() > 1.0
        assert np.abs(images["flow"][frame][mask] - expected).max() < 0.01
    assert not images["flow"][-1].any()
    assert not images["flow"][:, images["parts"][0] == 1][0].any()


def test_flow_of_what_bends():
    """Vertices of the bent ball move as the flow about them says."""
    here, look = scene(), cameras["outside"]
    images = drawn(here, look)
    shapes = here.parts[3][1].shapes
    assert shapes is not None
    now, depth = look.project(shapes[0])
    then, _ = look.project(shapes[1])
    column, row = np.floor(now).astype(int).T
    seen = (images["parts"][0][row, column] == 4) & (depth < images["depth"][0][row, column] + 0.02)
    flow = images["flow"][0][row[seen], column[seen]]
    assert seen.sum() > 20
    assert np.median(np.linalg.norm(flow - (then - now)[seen], axis=1)) < 0.15


def test_what_stands_still_all_along_is_drawn_once():
    thing = box_mesh((-1, -1, -1), (1, 1, 1))
    still = Scene((Body("a", (Part("b", thing, moves(np.ones((3, 3)) * 0.2)),)),), 3)
    rasteriser = Rasteriser(still)
    assert not len(rasteriser.moving.faces)
    placed = Scene((Body("a", (Part("b", Mesh(thing.vertices + 0.2, thing.faces)),)),), 3)
    look = camera()
    for name, image in drawn(still, look).items():
        assert np.array_equal(image, drawn(placed, look)[name])


def test_no_pixel_falls_between_two_triangles():
    """A finely cut wall whose edges go through pixel middles, seen straight on."""
    count = 32
    line = np.linspace(-1.0, 1.0, count + 1)
    x, z = np.meshgrid(line, line)
    points = np.stack([x.ravel(), np.zeros(x.size), z.ravel()], 1)
    index = np.arange(x.size).reshape(x.shape)
    a, b, c, d = (
        k.ravel() for k in (index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1])
    )
    faces = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)]).astype(np.int32)
    wall = Mesh(points, faces)
    pose = camera(0.0, 0.0, 2.0).pose
    look = replace(
        camera(), pose=pose, focal=(64.0, 64.0), centre=(32.5, 32.5), width=65, height=65
    )
    image = drawn(Scene((Body("w", (Part("w", wall),)),), 1), look)["parts"][0]
    assert (image == 1).all()


def test_far_from_the_origin_nothing_shakes():
    offset = np.array([3000.0, -2000.0, 100.0])
    spin = straight(2, (0, 0, 0), (0.5, 0, 0))
    near = Scene((Body("a", (Part("b", ball(), spin),)),), 2)
    mesh = ball()
    away = Scene((Body("a", (Part("b", Mesh(mesh.vertices + offset, mesh.faces), spin),)),), 2)
    look = camera()
    pose = look.pose.copy()
    pose[:3, 3] += offset
    first, second = drawn(near, look), drawn(away, replace(look, pose=pose))
    assert np.array_equal(first["parts"], second["parts"])
    seen = first["parts"] > 0
    assert np.abs(first["depth"][seen] - second["depth"][seen]).max() < 1e-5
