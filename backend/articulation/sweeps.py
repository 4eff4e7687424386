"""What happens when a part is moved: where it meets the body, and when it comes loose."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from backend.articulation.clearance import Clearance
from backend.articulation.kinematics import move
from backend.articulation.subject import Subject, coarse_samples
from backend.geometry.mesh import Mesh
from backend.geometry.surface import Motions, Surface, far

Values = NDArray[np.float64]

few = 0.004  # share of the probes that may graze before a contact counts


@dataclass(frozen=True, eq=False)
class Sweep:
    """First contacts of H motions: values (H, P) of part probes and (H, B) of body probes."""

    part: NDArray[np.float32]
    body: NDArray[np.float32]

    @staticmethod
    def joined(pieces: list[Sweep]) -> Sweep:
        """Return the motions of all pieces, which were swept with the same probes, in one."""
        return Sweep(
            np.concatenate([piece.part for piece in pieces]),
            np.concatenate([piece.body for piece in pieces]),
        )

    def take(self, chosen: NDArray[np.intp]) -> Sweep:
        """Return some of the motions."""
        return Sweep(self.part[chosen], self.body[chosen])

    def where(self, kept: NDArray[np.bool_], other: Sweep) -> Sweep:
        """Return the motions of `kept` (H,), the others as `other` has them."""
        return Sweep(
            np.where(kept[:, None], self.part, other.part),
            np.where(kept[:, None], self.body, other.body),
        )

    def limits(self) -> Values:
        """Return the value (H,) of the first contact that is more than a graze."""
        return np.minimum(_kth(self.part), _kth(self.body))

    def blocked(self, values: Values) -> Values:
        """Return the share (H,) of probes in collision before the values (H,)."""
        shares = [(side < values[:, None]).mean(axis=1) for side in (self.part, self.body)]
        return np.maximum(shares[0], shares[1])


def sweep(
    subject: Subject, motions: Motions, reach: Values, *, steps: int, probes: int = coarse_samples
) -> Sweep:
    """Move the part from rest to `reach` (H,), negative for backwards, and record contacts.

    The body's probes are moved the other way against the part's surface, so that a thin post
    of the body that meets the middle of a large face of the part is not missed.
    """
    part, body = subject.part, subject.body
    tolerance = 0.5 * subject.tolerance
    ahead = body.surface.sweep(part.probes.points[:probes], motions, reach, steps, tolerance)
    behind = part.surface.sweep(body.probes.points[:probes], motions, -reach, steps, tolerance)
    return Sweep(ahead, behind)


class Gaps:
    """Fast approximate distances from the moved part to the body, by nearest samples."""

    def __init__(self, subject: Subject, probes: int = 160) -> None:
        points = np.concatenate([subject.body.samples.points, subject.nearest])
        self._subject = subject
        spots = np.repeat(np.arange(len(points), dtype=np.int32)[:, None], 3, axis=1)
        self._body = Surface(Mesh(points, spots))  # a triangle of no size at each sample
        contact = np.flatnonzero(subject.contact)[: probes // 2]
        self._points = subject.part.samples.points[np.union1d(contact, np.arange(probes // 2))]
        self.rest = float(self.body_distance(self._points).min())

    @cached_property
    def clearance(self) -> Clearance:
        """The exact contacts, for what is promised."""
        return Clearance(self._subject)

    def at(self, motions: Motions, values: Values, limit: float = np.inf) -> Values:
        """Return the gap (H,) beyond the one at rest, with the part moved to `values` (H,).

        Infinity where it is above `limit`, which is quicker.
        """
        moved = move(motions, values, self._points)
        distance = self.body_distance(moved.reshape(-1, 3), self.rest + limit)
        return np.maximum(distance.reshape(len(motions), -1).min(axis=1) - self.rest, 0.0)

    def body_distance(self, points: Values, limit: float = np.inf) -> Values:
        """Return the distance (N,) from each point (N, 3) to the body's nearest sample.

        Infinity where it is not below `limit`, which is quicker.
        """
        distance, _, spot = self._body.closest(points, min(limit, far))
        return np.where(spot < 0, np.inf, distance)


def _kth(contact: NDArray[np.float32]) -> Values:
    count = contact.shape[1]
    if count == 0:
        return np.full(len(contact), far)
    k = min(max(1, int(np.ceil(few * count))), count - 1)
    return np.partition(contact, k, axis=1)[:, k].astype(float)
