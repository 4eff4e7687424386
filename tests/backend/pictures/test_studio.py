"""What the studio's pictures show: exact places, light that makes sense, and its layers."""

from __future__ import annotations

import numpy as np
import pytest

from backend.geometry.mesh import Mesh
from backend.pictures import looks, studio
from backend.pictures.studio import Actor, Light, cameras_around, framed, light, shoot
from backend.pictures.textures import Texture

white = 255


def box(low=(-0.5, -0.5, 0.0), high=(0.5, 0.5, 1.0)) -> Mesh:
    """An axis-aligned box that looks outwards."""
    corners = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], float)
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    faces = [t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))]
    return Mesh(np.array(low) + corners * np.subtract(high, low), np.array(faces, np.int32))


def plain(mesh: Mesh, colour=(120, 120, 120), **more) -> Actor:
    return Actor(mesh, np.tile(np.array(colour, np.uint8), (len(mesh.faces), 1)), **more)


def from_front(mesh: Mesh, size: int = 64, elevation: float = 0.0):
    return framed(mesh.vertices, -np.pi / 2, elevation, 0.6, 1.25, size)


def test_what_is_shown_is_in_the_middle_with_the_margin_asked_for() -> None:
    mesh = box()
    for azimuth, elevation in ((0.3, 0.9), (2.0, -0.2), (4.0, 0.0)):
        camera = framed(mesh.vertices, azimuth, elevation, 0.7, 1.25, 100)
        pixels, _ = camera.project(mesh.vertices)
        low, high = pixels.min(axis=0), pixels.max(axis=0)
        assert (high - low).max() == pytest.approx(80.0)
        assert low.min() == pytest.approx(10.0) and high.max() == pytest.approx(90.0)


def test_the_background_is_white_and_edges_are_soft() -> None:
    mesh = box()
    shot = shoot([plain(mesh)], from_front(mesh, 54), Light())
    picture = shot.colour[0].astype(int)
    assert (picture[0] == white).all() and (picture[27, 27] < 200).all()
    values = set(picture[27, :, 0].tolist())
    assert len(values) == 3  # white, grey, and between them at the border


def test_a_face_is_as_bright_as_the_light_that_falls_on_it() -> None:
    mesh = box()
    camera = from_front(mesh, elevation=0.6)
    sun_in_front = Light(direction=(0.0, -1.0, 0.0), sun=0.8, sky=0.1, ground=0.1, cavity=0.0)
    sun_above = Light(direction=(0.0, 0.0, 1.0), sun=0.8, sky=0.1, ground=0.1, cavity=0.0)
    pictures = shoot([plain(mesh)], camera, [sun_in_front, sun_above], frames=2).colour
    front, top = (int(v) for v in (pictures[0, 45, 32, 0], pictures[0, 12, 32, 0]))
    assert front > top + 50
    assert pictures[1, 12, 32, 0] == front and pictures[1, 45, 32, 0] == top
    albedo = studio.linear(np.array([120]))[0]
    assert studio.linear(np.array([front]))[0] == pytest.approx(albedo * 0.9, rel=0.03)


def test_faces_that_look_inwards_are_lit_alike() -> None:
    mesh = box()
    turned = Mesh(mesh.vertices, mesh.faces[:, ::-1].copy())
    camera = from_front(mesh, elevation=0.6)
    first, second = (shoot([plain(m)], camera, light(4)).colour for m in (mesh, turned))
    assert (first == second).all()


def test_a_groove_is_darker_and_a_plane_is_not() -> None:
    left, right = box((-1.0, -0.5, 0.0), (-0.03, 0.5, 1.0)), box((0.03, -0.5, 0.0), (1.0, 0.5, 1.0))
    behind = box((-1.0, 0.0, 0.0), (1.0, 0.5, 1.0))
    actors = [plain(mesh) for mesh in (left, right, behind)]
    points = np.concatenate([mesh.vertices for mesh in (left, right, behind)])
    camera = framed(points, -np.pi / 2, 0.0, 0.6, 1.25, 128)
    even = Light(direction=(0.0, 0.0, 1.0), sun=0.0, sky=0.5, ground=0.5)
    row = shoot(actors, camera, even).colour[0, 64, :, 0].astype(int)
    assert row[64] < row[40] - 20
    assert len(set(row[25:45].tolist())) == 1


def test_each_frame_has_its_own_camera_and_light() -> None:
    meshes = [box(), box((0.6, -0.2, 0.0), (0.9, 0.2, 0.4))]
    actors = [plain(meshes[0], (200, 40, 40)), plain(meshes[1], (40, 40, 200))]
    cameras = cameras_around(meshes, 3, seed=5, size=48)
    lights = [light(k) for k in range(3)]
    together = shoot(actors, cameras, lights, frames=3, layers=("depth", "parts"))
    for k in range(3):
        alone = shoot(actors, cameras[k], lights[k], layers=("depth", "parts"))
        assert np.abs(alone.colour[0].astype(int) - together.colour[k]).max() <= 1
        assert np.allclose(alone.depth[0], together.depth[k], rtol=1e-5)
        assert (alone.parts[0] == together.parts[k]).mean() > 0.999


def test_flow_and_depth_are_those_of_the_camera() -> None:
    mesh = box()
    motion = np.tile(np.eye(4), (2, 1, 1))
    motion[1, :3, 3] = 0.1, -0.2, 0.05
    camera = cameras_around([mesh], 1, seed=2, size=64)[0]
    shot = shoot([plain(mesh, motion=motion)], camera, Light(), frames=2, layers=("depth", "flow"))
    y, x = (v[::37] for v in np.nonzero(np.isfinite(shot.depth[0])))
    depth = shot.depth[0, y, x].astype(float)
    pixels = np.stack([x, y], axis=1) + 0.5
    local = np.concatenate(
        [(pixels - camera.centre) / camera.focal * [1, -1], -np.ones((len(x), 1))], 1
    )
    world = (local * depth[:, None]) @ camera.pose[:3, :3].T + camera.pose[:3, 3]
    expected, _ = camera.project(world + motion[1, :3, 3])
    assert np.allclose(shot.flow[0, y, x], expected - pixels, atol=1e-3)
    assert np.abs(shot.flow[1]).max() < 1e-4  # the last frame leads to itself


def test_a_texture_is_where_its_coordinates_say() -> None:
    mesh = Mesh(
        np.array([[-1.0, 0, -1], [1, 0, -1], [1, 0, 1], [-1, 0, 1]]),
        np.array([[0, 1, 2], [0, 2, 3]], np.int32),
    )
    image = np.zeros((64, 64, 3), np.uint8)
    image[:32, :32], image[:32, 32:], image[32:, :32] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
    texture = Texture(corners[mesh.faces], np.zeros(2, np.int32), (image,))
    actor = Actor(mesh, looks.clay(mesh), texture=texture)
    picture = shoot([actor], from_front(mesh), Light(sun=0.0, sky=1.0, ground=1.0)).colour[0]
    assert picture[20, 20].tolist() == [255, 0, 0] and picture[20, 44].tolist() == [0, 255, 0]
    assert picture[44, 20].tolist() == [0, 0, 255] and picture[44, 44].tolist() == [0, 0, 0]


def test_a_fine_texture_is_averaged_not_aliased() -> None:
    mesh = Mesh(
        np.array([[-1.0, 0, -1], [1, 0, -1], [1, 0, 1], [-1, 0, 1]]),
        np.array([[0, 1, 2], [0, 2, 3]], np.int32),
    )
    image = np.zeros((256, 256, 3), np.uint8)
    image[::2] = 255
    corners = 8 * np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
    texture = Texture(corners[mesh.faces], np.zeros(2, np.int32), (image,))
    actor = Actor(mesh, looks.clay(mesh), texture=texture)
    picture = shoot([actor], from_front(mesh), Light(sun=0.0, sky=1.0, ground=1.0)).colour[0]
    inner = picture[20:44, 20:44]
    assert np.ptp(inner) <= 1 and inner[0, 0, 0] == pytest.approx(188, abs=1)  # half, in sRGB


def test_each_loose_piece_has_one_random_colour() -> None:
    first, second = box(), box((2.0, 0.0, 0.0), (3.0, 1.0, 1.0))
    faces = np.concatenate([first.faces, second.faces + np.int32(len(first.vertices))])
    both = Mesh(np.concatenate([first.vertices, second.vertices]), faces)
    colours = looks.colours(both, seed=3)
    assert len(np.unique(colours[:12], axis=0)) == len(np.unique(colours[12:], axis=0)) == 1
    assert (colours[0] != colours[12]).any()
    assert (colours == looks.colours(both, seed=3)).all()
    assert (colours != looks.colours(both, seed=4)).any()


def test_large_shots_are_drawn_in_pieces_that_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    mesh = box()
    motion = np.tile(np.eye(4), (5, 1, 1))
    motion[:, 0, 3] = np.linspace(0.0, 0.5, 5)
    shots = []
    for most in (10_000_000, 1):
        monkeypatch.setattr(studio, "most_keys", most)
        cameras = cameras_around([mesh], 5, seed=1, size=32)
        actor = plain(mesh, motion=motion)
        shots.append(shoot([actor], cameras, light(2), frames=5, layers=("flow", "parts")))
    assert (shots[0].colour == shots[1].colour).all()
    assert (shots[0].flow == shots[1].flow).all() and (shots[0].parts == shots[1].parts).all()
