"""How the pulls go together with a motion."""

from __future__ import annotations

import numpy as np

from backend.articulation import pulls
from backend.articulation.look import Look, Values


def pull(look: Look) -> Values:
    """The pull goes where this motion takes its start."""
    if not look.pulled:
        return np.zeros(len(look.found))
    return pulls.likelihood(look.motions, look.scene.subject.drags)


def pull_off(look: Look) -> Values:
    """How far the pull ends from there: log10 of the share of its length, from -2.5."""
    if not look.pulled:
        return np.zeros(len(look.found))
    off = pulls.residual(look.motions, look.scene.subject.drags)
    return np.log10(np.clip(off, 10.0**-2.5, 1.0))


def pulled_past(look: Look) -> Values:
    """The pull goes past the first contact: log of its value over that, where it does."""
    if not look.pulled:
        return np.zeros(len(look.found))
    value = np.maximum(pulls.value(look.motions, look.scene.subject.drags), 1e-6)
    limit = np.maximum(look.found.forward.limits(), 1e-3)
    return np.clip(np.log(value / limit), 0.0, 3.0)
