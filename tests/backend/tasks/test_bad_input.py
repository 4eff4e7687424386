"""Each bad request gets its sentence from a real backend, which then does the next job."""

from __future__ import annotations

import resource

import msgspec
import numpy as np
import psutil
import pytest

from protocol.blobs import describe
from protocol.meshes import Geometry
from protocol.tasks import ArticulateRequest, Drag
from tests.backend.conftest import box

no_vertices, no_faces = np.zeros((0, 3), "<f4"), np.zeros((0, 3), "<i4")
body, drawer = box((0, 0, 0), (1, 1, 1)), box((0.1, -0.1, 0.3), (0.9, 0.0, 0.6))
pull = Drag((0.5, -0.1, 0.45), (0.5, -0.4, 0.45))


def with_value(vertices, value):
    broken = vertices.copy()
    broken[3, 1] = value
    return broken


def flat(vertices):
    return np.repeat(vertices[:1], len(vertices), axis=0)


cases = {
    "empty mesh": ([(no_vertices, no_faces, "all")], (pull,), "empty"),
    "NaN": ([(*body, "none"), (with_value(drawer[0], np.nan), drawer[1], "all")], (pull,), "NaN"),
    "infinite": (
        [(*body, "none"), (with_value(drawer[0], np.inf), drawer[1], "all")],
        (pull,),
        "infinite",
    ),
    "no faces selected": ([(*body, "none"), (*drawer, "none")], (pull,), "No faces belong"),
    "all faces selected": ([(*body, "all"), (*drawer, "all")], (pull,), "All faces belong"),
    "zero-length drag": (
        [(*body, "none"), (*drawer, "all")],
        (Drag(pull.start, pull.start),),
        "no length",
    ),
    "drag not on the part": (
        [(*body, "none"), (*drawer, "all")],
        (Drag((5.0, 5.0, 5.0), (5.0, 4.0, 5.0)),),
        "away from the part",
    ),
    "degenerate triangles": (
        [(*body, "none"), (flat(drawer[0]), drawer[1], "all")],
        (Drag(tuple(drawer[0][0].tolist()), (0.5, -2.0, 0.4)),),
        "degenerate",
    ),
}


def asked(pieces, drags):
    geometry = tuple(
        Geometry(vertices=describe(vertices), faces=describe(faces), moving=moving)
        for vertices, faces, moving in pieces
    )
    arrays = [array for vertices, faces, _ in pieces for array in (vertices, faces)]
    return ArticulateRequest(geometry=geometry, drags=drags), arrays


def outcome(client, pieces, drags=(pull,), **fields):
    request, arrays = asked(pieces, drags)
    job = client.submit(msgspec.structs.replace(request, **fields), arrays)
    assert client.wait(lambda: job.finished, 120), job.status
    return job


@pytest.fixture
def client(shared_real_backend, connect):
    return connect(shared_real_backend)


@pytest.mark.parametrize("name", cases)
def test_bad_input_gets_its_sentence(client, name):
    pieces, drags, words = cases[name]
    job = outcome(client, pieces, drags)
    assert job.status.state == "failed"
    assert job.error.code == "bad_input"
    assert words in job.error.message
    assert job.error.message.endswith(".")


def test_the_drawer_slides_out(client):
    job = outcome(client, [(*body, "none"), (*drawer, "all")])
    best = job.result.joints[0]
    assert best.type == "prismatic"
    assert best.axis == pytest.approx((0.0, -1.0, 0.0), abs=0.05)
    assert job.result.engine == "geometry"


def inverted(faces):
    return np.ascontiguousarray(faces[:, ::-1])


def non_manifold(vertices, faces):
    """A wall inside, which three faces share an edge with; and a face twice."""
    return vertices, np.concatenate([faces, [[0, 3, 7]], faces[:1]]).astype("<i4")


@pytest.mark.parametrize(
    "part",
    [
        (drawer[0], inverted(drawer[1])),
        non_manifold(*drawer),
        (drawer[0], drawer[1][:-2]),
        (np.concatenate([drawer[0], [[9, 9, 9]]]).astype("<f4"), drawer[1]),
    ],
    ids=["inverted", "non-manifold", "open", "loose vertex"],
)
def test_what_artists_model_works(client, part):
    job = outcome(client, [(*body, "none"), (*part, "all")])
    assert job.status.state == "done", job.error
    assert job.result.joints[0].axis == pytest.approx((0.0, -1.0, 0.0), abs=0.1)


def test_negative_and_uneven_scale_works(client):
    """The drawer modelled mirrored and stretched, put right by its matrix."""
    scale = np.array([-2.0, 0.5, 4.0])
    vertices = (drawer[0] / scale).astype("<f4")
    (request, arrays) = asked([(*body, "none"), (vertices, drawer[1], "all")], (pull,))
    matrix = tuple(tuple(row) for row in np.diag([*scale, 1.0]).tolist())
    moving = msgspec.structs.replace(request.geometry[1], matrix=matrix)
    request = msgspec.structs.replace(request, geometry=(request.geometry[0], moving))
    job = client.submit(request, arrays)
    assert client.wait(lambda: job.finished, 120)
    assert job.result.joints[0].axis == pytest.approx((0.0, -1.0, 0.0), abs=0.05)


def test_real_jobs_are_cancelled_too(client):
    """A mesh big enough to be still at work when the cancel comes."""
    rng = np.random.default_rng(0)
    vertices = rng.random((300_000, 3)).astype("<f4")
    faces = rng.integers(0, 300_000, (600_000, 3)).astype("<i4")
    request, arrays = asked([(vertices, faces, "none"), (*drawer, "all")], (pull,))
    job = client.submit(request, arrays)
    assert client.wait(lambda: job.status.state == "running", 120)
    job.cancel()
    assert client.wait(lambda: job.finished, 60)
    assert job.status.state == "cancelled"
    following = outcome(client, [(*body, "none"), (*drawer, "all")])
    assert following.status.state == "done"


def worker_of(backend):
    client = backend.client("probe")
    done = client.submit(*asked([(*body, "none"), (*drawer, "all")], (pull,)))
    assert client.wait(lambda: done.finished, 120)
    (worker,) = psutil.Process(backend.process.pid).children()
    return worker


def test_running_out_of_memory_fails_one_job(shared_real_backend, client):
    worker = worker_of(shared_real_backend)
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    little = worker.memory_info().vms + (20 << 20)
    resource.prlimit(worker.pid, resource.RLIMIT_AS, (little, resource.RLIM_INFINITY))
    vertices = np.random.default_rng(0).random((600_000, 3)).astype("<f4")
    faces = np.arange(600_000, dtype="<i4").reshape(-1, 3)
    job = outcome(client, [(vertices, faces, "none"), (*drawer, "all")])
    assert job.status.state == "failed"
    assert job.error.code in ("out_of_memory", "worker_crashed"), job.error
    if worker.is_running():
        resource.prlimit(worker.pid, resource.RLIMIT_AS, unlimited)
    assert outcome(client, [(*body, "none"), (*drawer, "all")]).status.state == "done"


def test_same_request_same_joints(client):
    first = outcome(client, [(*body, "none"), (*drawer, "all")], seed=4)
    second = outcome(client, [(*body, "none"), (*drawer, "all")], seed=4)
    assert first.id != second.id
    assert first.result.joints == second.result.joints
