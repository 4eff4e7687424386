"""Placing: what is asked, and that Accept is one step and Reject none."""

from __future__ import annotations

import pytest

from tests.blender.scene_things import cuboid


def test_smoke(connected, box):
    floor = cuboid("floor", 10.0, (-5, -5, -10))
    cart = cuboid("cart", 1.0, (0, 0, 2))
    job = connected.place(cart)
    with pytest.raises(connected.TugError, match="no place"):
        job.result(30.0)
    assert job.kind == "place"


def test_smoke_views(connected, box):
    floor = cuboid("floor", 10.0, (-5, -5, -10))
    cart = cuboid("cart", 1.0, (0, 0, 2))
    for f, x in ((1, 0.0), (10, 3.0)):
        cart.location.x = x
        cart.keyframe_insert("location", frame=f)
    job = connected.render_controls(frames=(1, 10))
    job.result(30.0)
    r = job._record.request
    print([(b.name, b.tracked, [(p.name, p.motion, p.shapes) for p in b.parts]) for b in r.bodies])
    assert r.bodies[0].name == "cart"
