"""Moving faces found from features: a stand-in for the network knows what moves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from backend.geometry.mesh import Mesh
from backend.pictures import dragged, looks, studio
from backend.segmentation import clustering, lifting
from backend.segmentation.atoms import find_atoms
from backend.segmentation.moving import find_moving
from backend.workers.context import Cancelled
from protocol.errors import TugError
from tests.backend.memory import Memory
from tests.backend.segmentation.scenes import dresser, overlap

mesh, parts = dresser()
count, channels = 4, 40


def pull(faces: NDArray[np.int64]) -> NDArray[np.float64]:
    """From the foremost face of a part towards the front, (1, 2, 3)."""
    middles = mesh.corners[faces].mean(axis=1)
    start = middles[middles[:, 1].argmin()]
    return np.array([[start, start - [0.0, 0.4, 0.0]]])


class Knowing:
    """Features that differ on the moving faces, as far as a coarse grid can tell, and noise."""

    size = 64

    def __init__(self, moving: NDArray[np.int64], drags: NDArray, grid: int = 16, noise=0.0):
        self.moving, self.drags, self.grid, self.noise = moving, drags, grid, noise

    def leaving(self, pictures, drags, *, seed=0, progress: Any = None) -> NDArray | None:
        return None

    def moving_features(self, pictures, drags, *, t=200, seed=0, progress: Any = None):
        share = self.shares(pictures, seed)
        ways = np.random.default_rng(0).standard_normal((2, channels))
        noise = np.random.default_rng(1).standard_normal((*share.shape, channels))
        features = share[..., None] * ways[0] + (1.0 - share[..., None]) * ways[1]
        return (features + self.noise * noise).astype(np.float32)

    def shares(self, pictures, seed) -> NDArray:
        """How much of each cell (K, grid, grid) shows what moves."""
        actor, light = studio.Actor(mesh, looks.clay(mesh)), studio.light(seed)
        views = dragged.best([actor], light, self.drags, len(pictures), size=self.size, seed=seed)
        cameras = [view.camera for view in views]
        assert all((a == b.picture).all() for a, b in zip(pictures, views, strict=True))
        faces = studio.shoot([actor], cameras, light, frames=len(cameras), layers=("faces",)).faces
        step = self.size // self.grid
        mask = np.isin(np.asarray(faces), self.moving).reshape(-1, self.grid, step, self.grid, step)
        return mask.mean(axis=(2, 4))


class Saying(Knowing):
    """A model that says outright how likely each pixel moves, and has no features to cluster."""

    def leaving(self, pictures, drags, *, seed=0, progress: Any = None) -> NDArray | None:
        step = self.size // self.grid
        return (self.shares(pictures, seed) > 0.5).repeat(step, axis=1).repeat(step, axis=2)

    def moving_features(self, *_: Any, **__: Any):
        raise AssertionError


@pytest.mark.parametrize("name", parts)
@pytest.mark.parametrize("noise", [0.0, 0.5])
def test_the_part_that_differs_comes_back_whole(name: str, noise: float):
    """Also what of it no view shows: the inside of a drawer."""
    drags = pull(parts[name])
    model = Knowing(parts[name], drags, noise=noise)
    answer = find_moving(mesh, drags, model, views=count, clusters=2)
    assert np.flatnonzero(answer.likely > 0.5).tolist() == parts[name].tolist()
    assert len(answer.views) == count and not answer.notes


def test_a_model_that_says_what_moves_is_taken_at_its_word():
    drags = pull(parts["drawer 1"])
    answer = find_moving(mesh, drags, Saying(parts["drawer 1"], drags), views=count)
    assert np.flatnonzero(answer.likely > 0.5).tolist() == parts["drawer 1"].tolist()
    for view in answer.views:
        assert (view.moving == (view.labels == 1)).all() and (view.labels == -1).any()


def test_several_drags_find_several_parts():
    both = np.concatenate([parts["door"], parts["drawer 2"]])
    drags = np.concatenate([pull(parts["door"]), pull(parts["drawer 2"])])
    answer = find_moving(mesh, drags, Knowing(both, drags), views=count, clusters=3)
    assert overlap(np.flatnonzero(answer.likely > 0.5), both) == 1.0


def test_the_same_seed_finds_the_same():
    drags = pull(parts["drawer 0"])
    one, two = (
        find_moving(mesh, drags, Knowing(parts["drawer 0"], drags, noise=2.0), views=count, seed=7)
        for _ in range(2)
    )
    assert (one.likely == two.likely).all()
    assert all((a.labels == b.labels).all() for a, b in zip(one.views, two.views, strict=True))


@pytest.mark.parametrize(
    "drag, said",
    [
        (((0.3, -0.02, 0.2), (0.3, -0.02, 0.2)), "no length"),
        (((0.3, -0.9, 0.2), (0.3, -1.2, 0.2)), "start it on the part"),
    ],
)
def test_a_drag_that_says_nothing_is_refused(drag: tuple, said: str):
    with pytest.raises(TugError, match=said):
        find_moving(mesh, np.array([drag]), Knowing(parts["door"], np.array([drag])), views=count)


def test_a_cancel_is_noticed():
    drags = pull(parts["door"])
    for after in (0, 2, 4):
        progress: Any = Memory(after)
        with pytest.raises(Cancelled):
            find_moving(mesh, drags, Knowing(parts["door"], drags), views=1, progress=progress)


def test_clusters_are_those_that_features_fall_into():
    """Four quarters of a disc; what is beside it belongs to none."""
    y, x = np.indices((64, 64)) - 31.5
    quarter = 2 * (y > 0) + (x > 0)
    disc = np.hypot(x, y) < 25
    features = np.eye(4, 50, dtype=np.float32)[quarter[::4, ::4]][None]
    labels = clustering.clusters(features, disc[None], 4, seed=0)[0]
    assert (labels[~disc] == -1).all()
    inner = disc & (np.abs(x) > 4) & (np.abs(y) > 4)
    pairs = {(int(a), int(b)) for a, b in zip(quarter[inner], labels[inner], strict=True)}
    assert len(pairs) == 4 and {b for _, b in pairs} == {0, 1, 2, 3}


def test_tails_choose_their_clusters():
    labels = np.full((8, 8), -1, np.int8)
    labels[2:6, 2:4], labels[2:6, 4:6] = 0, 1
    drags = np.zeros((10, 4), np.float32)
    assert not clustering.under_tails(labels, drags).any()
    drags[3] = (0.55, 0.5, 0.9, 0.5)
    assert (clustering.under_tails(labels, drags) == (labels == 1)).all()
    drags[0] = (0.05, 0.5, 0.0, 0.5)  # beside the object: the nearest of it
    assert (clustering.under_tails(labels, drags) == (labels >= 0)).all()


def test_votes_count_pixels_of_a_finer_picture():
    faces = np.full((4, 4), -1, np.int32)
    faces[:2, :3], faces[2:, 2:] = 0, 2
    moving = np.array([[True, False], [True, True]])
    yes, judged = lifting.counted([faces], [moving], [False], 3)
    assert (yes == judged).all() and yes.any()  # it judges nothing to stay
    yes, seen = lifting.counted([faces, faces], [moving, ~moving], [True, True], 3)
    assert yes.tolist() == [6, 0, 4] and seen.tolist() == [12, 0, 8]


def test_a_mesh_of_one_piece_is_cut_where_it_creases():
    """Nothing but a crease divides the two halves of a bent sheet; the votes choose one."""
    x = np.linspace(-1.0, 1.0, 21)
    points = np.array([(a, b, abs(a)) for a in x for b in (0.0, 1.0)])
    steps = np.arange(20)[:, None] * 2
    faces = np.concatenate([steps + np.array(corner) for corner in ((0, 2, 1), (2, 3, 1))]).astype(
        np.int32
    )
    sheet = Mesh(points, faces)
    atoms = find_atoms(sheet, np.random.default_rng(0))
    right = sheet.corners.mean(axis=1)[:, 0] > 0.0
    seen = np.full(len(faces), 1000.0)
    likely = lifting.evened(atoms, [np.flatnonzero(right)], np.where(right, 700.0, 200.0), seen)
    assert ((likely > 0.5) == right).all()
