"""Table A's machinery: what knows the truth scores full marks, and the baselines do not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from backend.datasets.drag_a_move import samples
from backend.evaluation import moving
from backend.evaluation.moving import Plan


class Knowing:
    """Features that are the masks of samples it has seen before."""

    size = 64

    def __init__(self, count: int) -> None:
        self.known: dict[bytes, NDArray[np.uint8]] = {}
        for split in moving.splits:
            for one in samples(split, seed=0, size=64, looks=("clay", "colours"), count=count):
                self.known[one.before.tobytes()] = one.moving_before

    def moving_features(self, pictures, drags, *, t=200, seed=0, progress=None):
        masks = np.stack([self.known[picture.tobytes()] > 0 for picture in pictures])
        return np.stack([masks, ~masks], axis=-1).astype(np.float32)

    def leaving(self, pictures, drags, *, seed=0, progress=None) -> NDArray | None:
        return None


class Saying(Knowing):
    """The same, said outright."""

    def leaving(self, pictures, drags, *, seed=0, progress=None) -> NDArray | None:
        return self.moving_features(pictures, drags)[..., 0]


def test_the_truth_scores_full_marks_in_pictures(tmp_path: Path):
    plan = Plan(tmp_path, pictures=4, objects=0, timesteps=(200,), cluster_counts=(2,))
    told: list[str] = []
    table = moving.evaluate(plan, Knowing(4), told.append)
    scores = moving.in_pictures(plan, Knowing(4), told.append)
    own = [score.mean for score in scores if score.method == "DragAPart"]
    others = [score.mean for score in scores if score.method != "DragAPart"]
    assert min(own) > 0.95 and max(others) < 0.8  # a pixel that is almost white is none
    assert table.count("DragAPart | 200") == 2 and table == (tmp_path / "table.md").read_text()


def test_what_a_model_says_outright_is_scored_beside_its_clusters(tmp_path: Path):
    plan = Plan(tmp_path, pictures=4, objects=0, timesteps=(200,), cluster_counts=(2,))
    scores = moving.in_pictures(plan, Saying(4), lambda words: None)
    said = [score.mean for score in scores if score.method == "DragAPart, what it says"]
    assert len(said) == 2 and min(said) > 0.95


def test_faces_are_scored_beside_proposals(tmp_path: Path):
    class Blind:
        size = 64

        def moving_features(self, pictures, drags, *, t=200, seed=0, progress=None):
            return np.zeros((len(pictures), 16, 16, 4), np.float32)

        def leaving(self, pictures, drags, *, seed=0, progress=None):
            return None

    plan = Plan(tmp_path, pictures=0, views=2, families=("box",))
    scores = list(moving.on_meshes(plan, Blind(), lambda words: None))
    assert {score.method for score in scores} >= {"DragAPart", "the likeliest proposal"}
    assert all(0.0 <= score.iou <= 1.0 and not score.error for score in scores)
    best = {s.method: s.iou for s in scores}
    assert max(best.values()) > 0.5


def test_intersections_over_unions():
    a, b = np.zeros((2, 4), bool), np.zeros((2, 4), bool)
    assert moving.iou(a, b) == 1.0
    a[0], b[:, :2] = True, True
    assert moving.iou(a, b) == pytest.approx(2 / 6)
