from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.transform import Rotation

from backend.articulation.problem import silent
from backend.assembly.tree import likeliest, parents
from backend.assembly.whole import Whole, carried
from backend.datasets import generate
from backend.geometry.mesh import Mesh
from tests.backend.articulation.shapes import block, solid
from tests.backend.assembly.objects import (
    castors,
    drawers,
    lamp,
    listed,
    moved,
    sideboard,
    whole,
)

trees = {
    "sideboard": (
        sideboard(),
        {"left handle": "left door", "right handle": "right door"},
    ),
    "castors": (castors(), {"front wheel": "front fork", "back wheel": "back fork"}),
    "lamp": (lamp(), {"upper arm": "lower arm", "head": "upper arm"}),
    "drawers": (drawers(3), {}),
}


def tree(item: Whole) -> dict[str, str]:
    """The parent of each part that hangs on another part, by name."""
    found, _ = parents(item, silent)
    names = [mark.name for mark in item.marks]
    return {names[k]: names[p] for k, p in enumerate(found) if p >= 0}


@pytest.mark.parametrize("name", trees)
def test_each_part_hangs_on_what_holds_it(name: str) -> None:
    item, expected = trees[name]
    assert tree(item) == expected


@pytest.mark.parametrize("name", trees)
@pytest.mark.parametrize("seed", range(3))
def test_the_tree_does_not_depend_on_where_the_object_stands(name: str, seed: int) -> None:
    item, expected = trees[name]
    rng = np.random.default_rng(seed)
    turn = Rotation.random(rng=rng).as_matrix() * 10.0 ** rng.uniform(-3, 3)
    if seed % 2:
        turn = turn @ np.diag([-1.0, 1.0, 1.0])
    assert tree(moved(item, turn, rng.normal(size=3) * 100.0)) == expected


@pytest.mark.parametrize("name", trees)
def test_the_tree_does_not_depend_on_the_order_of_the_parts(name: str) -> None:
    item, expected = trees[name]
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(len(item.marks)).tolist()
        assert tree(listed(item, order)) == expected


@pytest.mark.parametrize("solid_", [True, False])
@pytest.mark.parametrize(("category", "seed"), [("chair", 2), ("oven", 3), ("cabinet", 3)])
def test_generated_objects_get_their_own_tree(category: str, seed: int, solid_: bool) -> None:
    item = generate(category, seed, solid=solid_)
    names = {link.name: Mesh(link.vertices, link.faces) for link in item.links}
    made = whole(names.pop(item.links[0].name), names)
    found, _ = parents(made, silent)
    assert found.tolist() == [link.parent - 1 for link in item.links[1:]]


odds = st.integers(1, 9).flatmap(
    lambda n: arrays(np.float64, (n, n + 1), elements=st.floats(-30.0, 5.0))
)


@given(odds)
@settings(max_examples=60, deadline=None)
def test_every_part_ends_at_the_body(values: np.ndarray) -> None:
    parent = likeliest(values)
    held = [carried(parent, k) for k in np.flatnonzero(parent < 0).tolist()]
    assert sorted(itertools.chain(*held)) == list(range(len(values)))


@given(odds)
@settings(max_examples=60, deadline=None)
def test_no_part_could_hang_elsewhere_for_the_better(values: np.ndarray) -> None:
    """Among trees one move away; the likeliest tree beats them all."""
    parent = likeliest(values)
    for part, holder in enumerate(parent):
        own = carried(parent, part)
        free = [k for k in range(values.shape[1]) if k not in own]
        column = holder if holder >= 0 else values.shape[1] - 1
        assert values[part, column] >= values[part, free].max() - 1e-9


def test_a_part_that_touches_nothing_hangs_somewhere_and_this_is_said() -> None:
    made = whole(
        solid(block([0, 0, 0], [1, 1, 0.1])),
        {
            "near": solid(block([0, 0, 0.1], [0.2, 0.2, 0.2])),
            "far": solid(block([2, 2, 2], [2.1, 2.1, 2.1])),
        },
    )
    found, notes = parents(made, silent)
    assert found[0] == -1
    assert len(notes) == 1 and "'far' touches nothing" in notes[0]


def test_a_close_call_is_said() -> None:
    made = whole(
        solid(block([0, 0, 0], [1, 1, 0.1])),
        {
            "one": solid(block([0, 0, 0.1], [0.2, 1, 0.5])),
            "other": solid(block([0.8, 0, 0.1], [1, 1, 0.5])),
            "bridge": solid(block([0.2, 0, 0.4], [0.8, 1, 0.5])),
        },
    )
    _, notes = parents(made, silent)
    assert [note for note in notes if note.startswith("'bridge' is taken to hang on")]
