"""Motion analysis: what an imagined picture tells of a joint, without any network."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from backend.articulation import asking, imagined, pulls
from backend.articulation.asking import Ask, Worth
from backend.articulation.engine import articulate, explore
from backend.articulation.kinematics import transforms
from backend.articulation.problem import Problem, no_drags, silent
from backend.articulation.viewing import Views, look_around
from backend.geometry.mesh import Mesh
from backend.geometry.surface import Motions
from backend.pictures import studio
from protocol.errors import failure
from protocol.joint import motion
from tests.backend.articulation import shapes
from tests.backend.articulation.shapes import Made, angle


def true_motion(made: Made, subject) -> Motions:
    axis = subject.frame.local_direction(np.array(made.joint.axis))
    origin = subject.frame.local(np.array(made.joint.origin))
    return Motions(np.array([made.joint.type != "prismatic"]), axis[None], origin[None])


@dataclass
class Knowing:
    """A model that imagines what the true joint does."""

    made: Made
    size: int = 48
    revision: str = "test"
    shown: list = field(default_factory=list)

    def imagine(self, views, *, seed, progress):
        true = true_motion(self.made, views.subject)
        value = pulls.value(true, views.subject.drags)
        self.shown.append(views)
        return np.concatenate([views.moved(k, true, value) for k in range(len(views))])


def around(subject, count: int, size: int, seed: int = 0) -> Views:
    views = look_around(subject, count, size, seed=seed)
    assert views is not None
    return views


def asked(model) -> tuple[Ask, ...]:
    return (Ask("dragapart", lambda: model, always=True),)


@pytest.fixture
def counts(monkeypatch):
    """The model counts, whatever was measured."""
    worth = {"dragapart": {kind: Worth(30.0, True, "test") for kind in asking.kinds}}
    monkeypatch.setattr(asking, "worth", worth)
    monkeypatch.setattr(imagined, "views", 3)


@pytest.mark.parametrize("name", ["door", "drawer", "lid"])
def test_what_is_imagined_alone_tells_the_joint(name, counts):
    made = shapes.every[name]()
    look, score = explore(made.problem())
    views = around(look.scene.subject, 4, 48, seed=0)
    after = Knowing(made).imagine(views, seed=0, progress=silent)
    (found,) = imagined.compare(views, [after], look.motions, score, silent)
    best = int(found.likelihood.argmax())
    true = true_motion(made, look.scene.subject)
    assert look.motions.hinge[best] == true.hinge[0]
    assert look.motions.axis[best] @ true.axis[0] > np.cos(np.radians(3.0))
    assert found.agrees(best) == 4 and found.text(best).endswith("in 4 of 4 views.")
    wrong = look.motions.hinge != true.hinge[0]
    assert found.likelihood[wrong].max() < found.likelihood[best] - 0.1


def test_a_model_can_turn_a_misleading_pull_round(counts):
    """A pull straight out at a door's edge looks like a drawer's; the picture says door."""
    made = shapes.door()
    pull = made.start + np.array([0.0, -0.2, 0.0])
    problem = made.problem(end=pull)
    assert articulate(problem).joints[0].type == "prismatic"
    model = Knowing(made)
    found = articulate(problem, ask=asked(model))
    assert found.joints[0].type == "revolute" and angle(found.joints[0], made.joint) < 5.0
    said = [one for one in found.joints[0].evidence if one.name == "dragapart"]
    assert len(said) == 1 and "as the model imagines it" in said[0].text
    assert {"imagine", "compare"} <= set(found.seconds)
    assert len(found.views) == 3
    assert all(view.error < 0.3 for view in found.views)


def test_views_are_as_a_camera_in_world_sees_them(counts):
    """The camera of a view, put into the world as it was sent, shows the drag where it is."""
    made = shapes.lid()
    turn = Rotation.from_euler("xyz", [0.4, 0.2, 1.0]).as_matrix()
    place = lambda points: 7.0 * points @ turn.T + [3.0, -2.0, 1.0]  # noqa: E731
    problem = Problem(
        Mesh(place(made.part.vertices), made.part.faces),
        Mesh(place(made.body.vertices), made.body.faces),
        place(np.stack([made.start, made.end]))[None],
        up=tuple(turn[:, 2]),
    )
    model = Knowing(replace(made, joint=made.joint))
    look, _ = explore(problem)
    views = around(look.scene.subject, 3, 48, seed=1)
    for camera, drags in zip(views.in_world, views.drags, strict=True):
        spots, depth = camera.project(problem.drags)
        assert (depth > 0.0).all()
        assert spots.reshape(-1, 4) / 48 == pytest.approx(drags, abs=1e-6)
        above = turn[:, 2] @ camera.pose[:3, 1]
        assert above > 0.0  # the object stands upright in its picture
    assert not model.shown


def test_moved_parts_are_drawn_as_the_studio_draws_them(counts):
    made = shapes.drawer()
    look, _ = explore(made.problem())
    subject = look.scene.subject
    views = around(subject, 2, 48, seed=0)
    true = true_motion(made, subject)
    motions = true.take([0, 0, 0])
    values = np.array([0.0, 0.1, -0.3])
    poses = views.poses(motions, values)
    part, body = views.actors
    for k, camera in enumerate(views.cameras):
        shot = studio.shoot((replace(part, motion=poses), body), camera, views.light, frames=3)
        assert np.array_equal(views.moved(k, motions, values), shot.colour)


def test_a_tiny_part_is_looked_at_from_close_by(counts):
    """A knob on a wall would be a few pixels of a picture of the whole wall."""
    made = shapes.knob()
    wall = shapes.solid(shapes.block([-3.0, -0.05, -2.0], [3.0, 0.05, 2.0]))
    look, _ = explore(replace(made, body=wall).problem())
    views = around(look.scene.subject, 3, 48, seed=0)
    for camera in views.cameras:
        spots, _ = camera.project(views.actors[0].mesh.vertices)
        assert np.ptp(spots, axis=0).max() > 8.0


def test_the_geometric_answer_stays_where_nobody_is_asked(counts):
    """Bit for bit: with no drag, a model that is missing, or one not known to help."""
    made = shapes.door()
    plain = articulate(made.problem())

    def missing():
        raise failure("missing_model", "It is not here.")

    absent = articulate(made.problem(), ask=(Ask("dragapart", missing),))
    assert absent.joints == plain.joints and absent.views == ()
    still = replace(made.problem(), drags=no_drags)
    asked_still = articulate(still, ask=asked(Knowing(made)))
    assert asked_still.joints == articulate(still).joints
    assert any("draw a drag" in note for note in asked_still.notes)


def test_more_drags_than_a_model_takes_are_not_cut_off_in_silence(counts):
    made = shapes.door()
    many = replace(made.problem(), drags=made.problem().drags.repeat(11, axis=0))
    model = Knowing(made)
    answer = articulate(many, ask=asked(model))
    assert not model.shown and any("10 drags" in note for note in answer.notes)


def test_a_model_that_helps_nowhere_is_not_even_loaded(monkeypatch):
    worth = {"dragapart": {kind: Worth(1.0, False, "test") for kind in asking.kinds}}
    monkeypatch.setattr(asking, "worth", worth)

    def load():
        raise AssertionError("was asked")

    made = shapes.drawer()
    assert articulate(made.problem(), ask=(Ask("dragapart", load),)) is not None


def test_where_many_triangles_move_only_the_likeliest_motions_are_drawn(counts, monkeypatch):
    monkeypatch.setattr(imagined, "most_triangles", 1)
    made = shapes.door()
    look, score = explore(made.problem())
    views = around(look.scene.subject, 2, 48, seed=0)
    after = Knowing(made).imagine(views, seed=0, progress=silent)
    (found,) = imagined.compare(views, [after], look.motions, score, silent)
    drawn = np.isfinite(found.errors[:, 0, 0])
    assert drawn.sum() == imagined.fewest and drawn[score.argmax()]
    assert found.likelihood[~drawn].max() <= found.likelihood[drawn].min()


def test_cancel_within_the_comparison(counts):
    made = shapes.door()
    model = Knowing(made)

    class Stop:
        told: list[str] = []

        def stage(self, name, step=0, total=0):
            self.told.append(name)
            if name == "compare" and step == 1:
                raise InterruptedError

        def check(self):
            pass

    with pytest.raises(InterruptedError):
        articulate(made.problem(), progress=Stop(), ask=asked(model))
    assert "imagine" in Stop.told and "range" not in Stop.told


def test_same_seed_same_answer(counts):
    made = shapes.door()
    one, other = (articulate(made.problem(seed=4), ask=asked(Knowing(made))) for _ in range(2))
    assert one.joints == other.joints
    for a, b in zip(one.views, other.views, strict=True):
        assert np.array_equal(a.before, b.before) and np.array_equal(a.found, b.found)


def test_transforms_are_those_of_joints():
    made = shapes.door()
    motions = Motions(np.array([True]), np.array([made.joint.axis]), np.array([made.joint.origin]))
    assert transforms(motions, np.array([0.7]))[0] == pytest.approx(motion(made.joint, 0.7))
