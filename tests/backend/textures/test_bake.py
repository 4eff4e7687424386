"""Textures baked from photographs whose truth is known."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from backend.geometry.mesh import Mesh
from backend.textures.atlas import unwrapped
from backend.textures.bake import Answer, Picture, Surface, bake, opened
from backend.workers.context import Cancelled
from protocol.errors import TugError
from protocol.joint import Joint, motion
from tests.backend.memory import Memory
from tests.backend.textures.photographs import levels, looking, photograph
from tests.backend.textures.rooms import boxes, cabinet

size = 192  # of textures
hinge = Joint(type="revolute", axis=(0, 0, 1), origin=(0, 0, 0), lower=-2.0, upper=0.0)
floor, back, flank = 2 * 6 + 5, 4 * 6 + 2, 1 * 6 + 1  # sides of boards
places = [(0.5, -2.0, 0.5), (1.2, -1.6, 1.2), (-0.3, -1.8, 0.9), (0.9, -1.8, -0.2)]


def waves(face: NDArray[Any], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Light that differs from side to side and from place to place."""
    phases = np.random.default_rng(0).uniform(0.0, 6.0, (100, 3))
    return 0.5 + 0.35 * np.sin(at @ [[40.0, 15.0, 25.0], [10.0, 35.0, -30.0]] + phases[face // 2])


@cache
def scene() -> tuple[Surface, list[Picture]]:
    """A cabinet with its door shut and open, photographed from its open side."""
    mesh, uv, door = cabinet()
    open_mesh = opened(mesh, door, motion(hinge, -2.0))
    pictures = []
    for place in places:
        camera = looking(place, (0.5, 0.3, 0.5))
        pictures.append(Picture(camera, photograph(camera, open_mesh.corners, uv, waves)))
    return Surface("the cabinet", mesh, open_mesh, uv), pictures


@cache
def baked(whole: bool = False) -> Answer:
    surface, pictures = scene()
    return bake([surface], pictures, resolution=size, whole=whole)


def truth(surface: Surface) -> tuple[NDArray[np.uint8], NDArray[np.intp]]:
    """The texture (R, R, 3) that was photographed, and the side of a box at each texel, or -1."""
    atlas = unwrapped(surface.rest, np.asarray(surface.uv), size, "it")
    at = np.stack([atlas.place % size + 0.5, size - atlas.place // size - 0.5], axis=1) / size
    image = np.zeros((size * size, 3), np.uint8)
    image[atlas.place] = levels(waves(atlas.face, at))
    sides = np.full(size * size, -1)
    sides[atlas.place] = atlas.face // 2
    return image.reshape(size, size, 3), sides.reshape(size, size)


def hidden_sides(mesh: Mesh) -> NDArray[np.bool_]:
    """Which sides of the cabinet's boards the rest pose hides, from where they are."""
    x, y, z = mesh.corners[::2].mean(axis=1).T
    outside = [(x, 0.0), (x, 1.0), (y, -0.04), (y, 0.6), (z, 0.0), (z, 1.0)]
    return ~np.any([np.abs(values - end) < 1e-6 for values, end in outside], axis=0)


def inner(mask: NDArray[np.bool_], by: int = 1) -> NDArray[np.bool_]:
    """The mask without texels that are so near to its border."""
    kept = mask.copy()
    for axis in (0, 1):
        for step in range(-by, by + 1):
            kept &= np.roll(mask, step, axis)
    return kept


def fidelity(image: NDArray[np.uint8], side: int) -> float:
    """PSNR of what is painted of a board's side, most of it, without its borders."""
    true, sides = truth(scene()[0])
    texels = inner(sides == side, 3)
    assert (image[texels, 3] == 255).mean() > 0.7
    texels &= image[..., 3] == 255
    error = image[texels][:, :3].astype(float) - true[texels]
    return 10.0 * np.log10(255.0**2 / (error**2).mean())


def test_what_was_photographed_comes_back():
    image = baked().textures[0].image
    assert fidelity(image, back) > 38.0
    assert fidelity(image, floor) > 30.0  # at a flat angle


def test_what_the_rest_pose_hid_is_painted_and_nothing_else():
    surface, _ = scene()
    _, sides = truth(surface)
    hid = hidden_sides(surface.rest)[sides] & (sides >= 0)
    alpha = baked().textures[0].image[..., 3]
    seen = (sides >= 0) & ~hid
    bled = alpha[seen] > 0
    assert not bled.any()
    assert (alpha[inner(hid)] == 255).all()


def test_the_shares_of_what_was_revealed_are_those_of_the_surface():
    surface, _ = scene()
    areas = np.linalg.norm(
        np.cross(*np.moveaxis(np.diff(surface.rest.corners, axis=1), 1, 0)), axis=1
    )
    hid = np.repeat(hidden_sides(surface.rest), 2)
    texture = baked().textures[0]
    assert texture.revealed == pytest.approx(areas[hid].sum() / areas.sum(), abs=0.01)
    assert 0.5 < texture.painted < 0.95  # what boards touch with is hidden and never shown


def test_what_was_seen_at_rest_is_painted_too_where_all_of_it_is_wanted():
    _, sides = truth(scene()[0])
    assert not (baked().textures[0].image[sides == flank, 3]).any()
    assert fidelity(baked(whole=True).textures[0].image, flank) > 33.0


def post() -> tuple[Surface, list[Picture]]:
    """A red post before a blue wall, nothing moves; photographed from its front and one side."""
    mesh, uv = boxes(((-1.0, 1.0, 0.0), (1.0, 1.1, 2.0)), ((-0.3, 0.0, 0.0), (0.3, 0.2, 2.0)))
    pictures = []

    def paint(face: NDArray[Any], at: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where((face < 12)[:, None], (0.0, 0.0, 0.8), (0.8, 0.0, 0.0))

    for place in ((0.0, -3.0, 1.0), (2.0, -3.0, 1.3)):
        camera = looking(place, (0.0, 1.0, 1.0), size=128)
        pictures.append(Picture(camera, photograph(camera, mesh.corners, uv, paint)))
    return Surface("the post", mesh, mesh, uv), pictures


def test_a_wall_never_gets_the_colour_of_what_stands_before_it():
    surface, pictures = post()
    image = bake([surface], pictures, resolution=size, whole=True).textures[0].image
    _, sides = truth(surface)
    wall, front = (sides >= 0) & (sides < 6), sides >= 6
    for texels, colour in ((wall, (0, 0, 231)), (front, (231, 0, 0))):
        painted = image[texels & (image[..., 3] == 255)][:, :3].astype(int)
        assert len(painted) and np.abs(painted - colour).max() <= 1


def test_a_collapsed_face_spoils_nothing_around_it():
    """It has texels and no surface: three times a point in the middle of a wall that is seen."""
    surface, pictures = scene()

    def with_flat(mesh: Mesh) -> Mesh:
        point = mesh.corners[2 * back : 2 * back + 2].mean(axis=(0, 1))
        faces = mesh.faces.copy()
        faces[2 * flank] = len(mesh.vertices)
        return Mesh(np.concatenate([mesh.vertices, [point]]), faces)

    flats = Surface("it", with_flat(surface.rest), with_flat(surface.opened), surface.uv)
    found = bake([flats], pictures, resolution=size, whole=True).textures[0].image
    plain = baked(whole=True).textures[0].image
    both = (found[..., 3] == 255) & (plain[..., 3] == 255)
    assert both.mean() > 0.5
    assert np.abs(found[both, :3].astype(int) - plain[both, :3]).mean() < 2.0


def test_as_few_cameras_as_memory_allows_see_the_same(monkeypatch):
    from backend.textures import hidden

    plain = baked().textures[0].image
    monkeypatch.setattr(hidden, "most_kept", 1)
    surface, pictures = scene()
    assert (bake([surface], pictures, resolution=size).textures[0].image == plain).all()


@pytest.mark.parametrize("darker, spread", [(0, 1), (20, 5)])
def test_one_colour_makes_no_seam_between_views_and_charts(darker: int, spread: int):
    """Of four pictures one is darker: they are evened out."""
    surface, pictures = scene()
    flat = [
        Picture(picture.camera, np.full_like(picture.image, 150 - darker * (k == 2)))
        for k, picture in enumerate(pictures)
    ]
    image = bake([surface], flat, resolution=size).textures[0].image
    painted = image[image[..., 3] == 255][:, :3].astype(int)
    assert np.ptp(painted) <= spread


def test_colours_bleed_beyond_the_borders_of_charts():
    surface, _ = scene()
    _, sides = truth(surface)
    around = ~inner(sides != back, 2) & (sides < 0)
    assert around.any() and (baked().textures[0].image[around, 3] == 255).all()


def test_the_base_stays_where_nothing_was_revealed():
    surface, pictures = scene()
    base = np.random.default_rng(1).integers(0, 256, (size, size, 3), np.uint8)
    based = Surface(surface.name, surface.rest, surface.opened, surface.uv, base)
    image = bake([based], pictures, resolution=size).textures[0].image
    _, sides = truth(surface)
    seen = (sides >= 0) & ~hidden_sides(surface.rest)[sides]
    assert (image[seen][:, :3] == base[seen]).all() and (image[..., 3] == 255).all()
    revealed = inner(sides == back)
    assert (image[revealed, :3] == baked().textures[0].image[revealed, :3]).all()


def test_the_same_pictures_give_the_same_texture():
    surface, pictures = scene()
    again = bake([surface], pictures, resolution=size).textures[0].image
    assert (again == baked().textures[0].image).all()


def test_a_mesh_without_coordinates_only_stands_in_the_way():
    surface, pictures = scene()
    screen, _ = boxes(((-1.0, -1.2, -1.0), (2.0, -1.1, 2.0)))
    answer = bake([Surface("screen", screen, screen), surface], pictures, resolution=size)
    (texture,) = answer.textures
    assert texture.painted == 0.0 and not texture.image[..., 3].any()


def test_faces_that_lie_on_each_other_in_the_texture_are_told_of():
    surface, pictures = scene()
    uv = np.asarray(surface.uv).copy()
    uv[24:36] = uv[36:48]
    stacked = Surface("the cabinet", surface.rest, surface.opened, uv)
    answer = bake([stacked], pictures, resolution=size)
    assert any("more than one face" in note for note in answer.notes)
    assert not baked().notes


@pytest.mark.parametrize("value, said", [(np.nan, "NaN"), (1.4, "leave the texture")])
def test_coordinates_that_are_none_are_refused(value: float, said: str):
    surface, pictures = scene()
    uv = np.asarray(surface.uv).copy()
    uv[5, 1, 0] = value
    with pytest.raises(TugError, match=said):
        bake([Surface("it", surface.rest, surface.opened, uv)], pictures, resolution=size)


def test_a_cancel_is_noticed_at_every_step():
    surface, pictures = scene()
    counter = Memory()
    bake([surface], pictures, resolution=64, progress=counter)
    calls = 10**9 - counter.calls
    assert set(counter.stages) == {"unwrap", "rest", "project", "fill"}
    for after in range(0, calls, max(1, calls // 5)):
        progress: Any = Memory(after)
        with pytest.raises(Cancelled):
            bake([surface], pictures, resolution=64, progress=progress)
