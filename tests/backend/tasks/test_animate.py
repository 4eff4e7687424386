"""Animating as a job."""

from __future__ import annotations

from typing import Any, cast

import msgspec
import numpy as np
import pytest

from backend.motion.fcurve import evaluate
from backend.tasks import animate
from backend.workers.context import Cancelled, Context
from protocol.animation import AnimateRequest, Mover, Step, Timing, Way
from protocol.blobs import Blob, describe
from protocol.errors import TugError
from protocol.joint import Joint
from protocol.meshes import Geometry, ModelLink, Piece
from protocol.messages import Limits
from tests.backend.conftest import box
from tests.backend.memory import Memory

hinge = Joint(type="revolute", axis=(0, 0, 1), origin=(0.3, -0.4, 0), lower=0.0, upper=1.5)


def as_context(memory: Memory) -> Context:
    return cast(Context, memory)


def request_of(memory: Memory, scene: bool = True, **fields: Any) -> AnimateRequest:
    """A box with a door that drives along x on a floor."""
    meshes = [
        box((-0.3, -0.4, 0), (0.3, 0.4, 0.5)),
        box((-0.3, -0.45, 0.1), (0.3, -0.4, 0.4)),
        box((-9, -9, -0.1), (9, 9, 0)),
    ]
    names = ("cupboard", "door", "floor")
    geometry = tuple(
        Geometry(vertices=memory.store(v), faces=memory.store(f), name=name)
        for (v, f), name in zip(meshes, names, strict=True)
    )
    links = (
        ModelLink(name="cupboard", pieces=(Piece(geometry=0),)),
        ModelLink(name="door", pieces=(Piece(geometry=1),), parent=0, joint=hinge),
    )
    points = np.linspace(-2, 2, 30)[:, None] * np.array([1.0, 0, 0])
    usual: dict[str, Any] = {
        "name": "cupboard",
        "links": links,
        "way": Way(points=memory.store(points.astype("<f8"))),
        "timing": Timing(start=1, end=60),
        "pivot": (0.0, 0.0, 0.0),
        "on_ground": True,
    }
    mover = Mover(**(usual | fields))
    pieces = (Piece(geometry=2),) if scene else ()
    return AnimateRequest(geometry=geometry, movers=(mover,), scene=pieces)


def test_a_job_gives_poses_joints_and_keys_that_agree():
    memory = Memory()
    request = request_of(memory, steps=(Step(link=1, start=20, end=40, value=1.0),))
    animate.check(request, Limits())
    result = animate.run(request, as_context(memory))
    (track,) = result.tracks
    poses, joints = memory.array(track.poses), memory.array(track.joints)
    assert (poses.shape, poses.dtype) == ((60, 4, 4), np.dtype("<f8"))
    assert joints.shape == (60, 2)
    assert joints[-1, 1] == pytest.approx(1.0)
    frames = track.first + np.arange(60)
    keys = {(c.path, c.index, c.link): memory.array(c.keys) for c in track.channels}
    size = float(np.linalg.norm([0.6, 0.85, 0.5]))
    np.testing.assert_allclose(
        evaluate(keys["location", 0, 0], frames), poses[:, 0, 3], atol=0.001 * size
    )
    np.testing.assert_allclose(evaluate(keys["joint", 0, 1], frames), joints[:, 1], atol=0.003)
    assert set(memory.stages) >= {"prepare", "way", "wheels", "collisions", "keys"}
    assert set(result.seconds) <= {"prepare", "way", "avoid", "wheels", "collisions", "keys"}


def test_the_same_request_gives_the_same_answer():
    answers = []
    for _ in range(2):
        memory = Memory()
        answers.append(animate.run(request_of(memory), as_context(memory)).tracks)
    assert answers[0] == answers[1]


def test_a_cancel_is_noticed_wherever_it_comes():
    memory = Memory()
    animate.run(request_of(memory), as_context(memory))
    used = 10**9 - memory.calls
    for calls in range(0, used, max(1, used // 10)):
        short = Memory(calls)
        with pytest.raises(Cancelled):
            animate.run(request_of(short), as_context(short))


def test_without_a_scene_or_a_mesh_it_moves_all_the_same():
    memory = Memory()
    bare = (ModelLink(name="empty", pieces=()),)
    request = request_of(memory, scene=False, links=bare)
    request = msgspec.structs.replace(request, geometry=())
    animate.check(request, Limits())
    (track,) = animate.run(request, as_context(memory)).tracks
    assert memory.array(track.poses)[-1, 0, 3] == pytest.approx(2.0)


def blob(array: Any) -> Blob:
    return describe(np.asarray(array, "<f8"))


refused = {
    "no mover": ({"movers": ()}, {}, "Nothing moves"),
    "a way of one point": ({}, {"way": Way(points=blob([[0, 0, 0]]))}, "two points"),
    "a way of integers": (
        {},
        {"way": Way(points=describe(np.zeros((3, 3), "<f4")))},
        "should be <f8",
    ),
    "too few tilts": (
        {},
        {"way": Way(points=blob([[0, 0, 0], [1, 0, 0]]), tilt=blob([0]))},
        "tilts",
    ),
    "the end before the start": ({}, {"timing": Timing(start=9, end=9)}, "after it starts"),
    "no number": ({}, {"timing": Timing(start=float("nan"), end=9)}, "NaN"),
    "too long": ({}, {"timing": Timing(start=0, end=1e6)}, "limit"),
    "one share": ({}, {"timing": Timing(start=0, end=9, shares=blob([0]))}, "two shares"),
    "a step of no link": ({}, {"steps": (Step(link=7, start=1, end=2, value=1),)}, "names link 7"),
    "a step without a joint": (
        {},
        {"steps": (Step(link=0, start=1, end=2, value=1),)},
        "no joint",
    ),
    "a step that ends first": (
        {},
        {"steps": (Step(link=1, start=5, end=2, value=1),)},
        "before it starts",
    ),
    "forward without length": ({}, {"forward": (0.0, 0.0, 0.0)}, "no length"),
    "forward upwards": ({}, {"forward": (0.0, 0.0, 2.0)}, "straight up"),
    "no target": ({}, {"orientation": "look_at"}, "target"),
    "up without length": ({"up": (0.0, 0.0, 0.0)}, {}, "no length"),
    "no links": ({}, {"links": ()}, "no link"),
    "a piece of no mesh": (
        {},
        {"links": (ModelLink(name="a", pieces=(Piece(geometry=9),)),)},
        "names mesh 9",
    ),
    "a flat frame": (
        {},
        {"frame": ((1.0, 0, 0, 0), (0, 1.0, 0, 0), (0, 0, 0.0, 0), (0, 0, 0, 1.0))},
        "scale of zero",
    ),
}


@pytest.mark.parametrize("case", refused)
def test_what_cannot_be_moved_is_refused_in_words(case):
    fields, own, sentence = refused[case]
    request = msgspec.structs.replace(request_of(Memory(), **own), **fields)
    with pytest.raises(TugError, match=sentence):
        animate.check(request, Limits())


broken = {
    "no length": ({"way": np.zeros((4, 3))}, "no length"),
    "NaN": ({"way": np.full((4, 3), np.nan)}, "NaN"),
    "shares beyond the way": ({"shares": np.array([0.0, 1.7])}, "between 0 and 1"),
    "tilts that are no numbers": ({"tilt": np.full(4, np.inf)}, "no numbers"),
}


@pytest.mark.parametrize("case", broken)
def test_arrays_that_make_no_motion_are_refused_in_words(case):
    arrays, sentence = broken[case]
    memory = Memory()
    points = arrays.get("way", np.linspace(0, 1, 12).reshape(4, 3))
    way = Way(
        points=memory.store(points.astype("<f8")),
        tilt=memory.store(arrays["tilt"].astype("<f8")) if "tilt" in arrays else None,
    )
    shares = memory.store(arrays["shares"].astype("<f8")) if "shares" in arrays else None
    request = request_of(memory, way=way, timing=Timing(start=1, end=9, shares=shares))
    animate.check(request, Limits())
    with pytest.raises(TugError, match=sentence) as problem:
        animate.run(request, as_context(memory))
    assert problem.value.error.code == "bad_input"
