"""Moving a hinge to carry a pull, against what both sides touch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backend.articulation import refine
from backend.articulation.findings import rubbing
from backend.articulation.problem import silent
from backend.articulation.subject import Subject, prepare
from backend.geometry.surface import Motions
from tests.backend.articulation import shapes


def refined(subject: Subject, motions: Motions) -> Motions:
    """What becomes of a hinge that was not seen."""
    found, strayed = refine.to_drags(subject, motions, np.array([False]), refine.by_hand)
    assert strayed[0] > 0.1
    return found


@pytest.mark.parametrize("name", ["door", "lid"])
def test_a_hinge_that_gives_way_to_a_pull_still_slips_along_what_it_touches(name: str) -> None:
    made = shapes.every[name]()
    axis, arm = np.array(made.joint.axis), made.end - made.joint.origin
    out = arm - axis * (arm @ axis)
    off = 0.4 * np.linalg.norm(made.end - made.start) * out / np.linalg.norm(out)
    subject = prepare(made.problem(end=made.end + off), silent)
    local = subject.frame.local_direction(axis), subject.frame.local(np.array(made.joint.origin))
    true = Motions(np.array([True]), local[0][None], local[1][None])
    untouched = replace(subject, facing=np.zeros_like(subject.facing))
    held, free = (rubbing(subject, refined(asked, true))[0] for asked in (subject, untouched))
    assert held < free
