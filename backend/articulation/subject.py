"""The object under study: part and body at unit size, sampled, with what touches where."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from backend.articulation.frame import Frame, Skin, place
from backend.articulation.locks import Held, held
from backend.articulation.problem import (
    Problem,
    Progress,
    check,
    check_drag_lengths,
    check_drag_starts,
)
from backend.geometry.boxes import Box, enclosing, fit_box
from backend.geometry.mesh import Mesh, Samples
from backend.geometry.surface import Surface

Points = NDArray[np.float64]

part_samples = 1600
body_samples = 1600
body_candidates = 12_000  # sampled on the whole body; the ones nearest to the part stay
coarse_samples = 320
penetration_tolerance = 0.005  # of the object's diagonal
touching = 0.01  # of the object's diagonal: part samples this close to the body are in contact


@dataclass(frozen=True, eq=False)
class Solid:
    """One side of the joint: its surface for queries, its box, and probes that may collide.

    `probes` are surface samples drawn slightly into the material (or off the other side where
    there is none), so that parts which touch at rest do not start in collision; samples that
    are buried in the other side at rest are left out.
    """

    mesh: Mesh
    surface: Surface
    samples: Samples
    box: Box
    probes: Samples


@dataclass(frozen=True, eq=False)
class Subject:
    """Everything the later steps look at. All in the object's own `frame`."""

    part: Solid
    body: Solid
    gap: NDArray[np.float64]  # (N,) from each part sample to the body
    nearest: Points  # (N, 3) the body's point there
    facing: Points  # (N, 3) the body's normal there
    drags: Points  # (D, 2, 3)
    core: Box  # the part's box without what sticks out of it
    grip: Points  # (0 or 1, 3) where one would take hold of the part
    up: Points  # (3,) unit
    tolerance: float
    frame: Frame
    prompt: str
    joint_types: tuple[str, ...]
    seed: int
    held: Held = field(default_factory=Held)

    @property
    def rest_gap(self) -> float:
        """The distance at which part and body count as touching at rest."""
        return float(np.percentile(self.gap, 2.0))

    @property
    def contact(self) -> NDArray[np.bool_]:
        """Which part samples lie close to the body, (N,) bool."""
        return self.gap <= self.rest_gap + min(touching, 0.08 * self.part.box.diagonal)


def prepare(problem: Problem, progress: Progress) -> Subject:
    """Check, clean, normalise and sample. Raises TugError `bad_input` or `too_large`."""
    part, body, drags = check(problem)
    progress.check()
    generator = np.random.default_rng(problem.seed)
    frame, *skins = place(part, body, generator, progress)
    check_drag_lengths(drags, frame.scale)
    sides = []
    for skin in skins:
        progress.check()
        sides.append(_Side(skin, Surface(skin.mesh)))
    return _assemble(problem, sides[0], sides[1], frame, frame.local(drags), generator, progress)


@dataclass(frozen=True, eq=False)
class _Side:
    skin: Skin
    surface: Surface


def _assemble(
    problem: Problem,
    part: _Side,
    body: _Side,
    frame: Frame,
    drags: Points,
    generator: np.random.Generator,
    progress: Progress,
) -> Subject:
    if len(drags):
        check_drag_starts(part.surface.closest(drags[:, 0])[0] * frame.scale, frame.scale)
    on_part = part.skin.sampled(part_samples, generator)
    on_body = body.skin.sampled(body_candidates, generator)
    part_box = fit_box(on_part, part.skin.mesh.vertices)
    body_box = fit_box(on_body, body.skin.mesh.vertices)
    progress.check()
    near = _near(body.skin, on_body, part_box, generator)
    core = core_box(on_part, part_box)
    tolerance = min(penetration_tolerance, 0.02 * part_box.diagonal)
    gap, nearest, face = body.surface.closest(on_part.points)
    progress.check()
    solids = [
        Solid(side.skin.mesh, side.surface, samples, box, _probes(samples, side, other, tolerance))
        for side, samples, box, other in (
            (part, on_part, part_box, body),
            (body, near, body_box, part),
        )
    ]
    up = frame.local_direction(np.asarray(problem.up, dtype=np.float64))
    return Subject(
        part=solids[0],
        body=solids[1],
        gap=gap,
        nearest=nearest,
        facing=body.skin.normals[face],
        drags=drags,
        core=core,
        grip=grip_of(on_part, core),
        up=up / max(float(np.linalg.norm(up)), 1e-300),
        tolerance=tolerance,
        frame=frame,
        prompt=problem.prompt,
        joint_types=problem.types,
        seed=problem.seed,
        held=held(problem.locked, frame.local, frame.local_direction),
    )


def core_box(samples: Samples, box: Box) -> Box:
    """Return the box of the part's bulk, without handles and knobs that stick out of it."""
    local = box.local(samples.points)
    low, high = np.percentile(local, [3.0, 97.0], axis=0)
    inner = samples.points[((local >= low) & (local <= high)).all(axis=1)]
    trimmed = (high - low) < 2.0 * box.half - 0.03 * box.diagonal
    if not trimmed.any() or len(inner) < 8:
        return box
    core = enclosing(inner, box.axes)
    kept = np.where(trimmed, core.half, box.half)
    middle = np.where(trimmed, box.local(core.centre[None])[0], 0.0)
    return Box(box.centre + middle @ box.axes, box.axes, kept)


def grip_of(samples: Samples, core: Box) -> Points:
    """Return the middle (1, 3) of what sticks out of the part's bulk; (0, 3) if nothing does."""
    out = sticking_out(samples, core)
    return out.mean(axis=0, keepdims=True) if len(out) else out


def sticking_out(samples: Samples, core: Box) -> Points:
    """Return the points (K, 3) of the part's grip: none where too few or too many stick out."""
    out = samples.points[core.distance(samples.points) > 0.01 * core.diagonal]
    return out if 5 <= len(out) <= 0.3 * len(samples) else np.zeros((0, 3))


def _near(body: Skin, whole: Samples, box: Box, generator: np.random.Generator) -> Samples:
    """Body samples close to the part, denser there than area alone would give."""
    reach = 0.15 * box.diagonal
    corners = box.local(body.mesh.vertices)
    low, high = corners[body.mesh.faces].min(axis=1), corners[body.mesh.faces].max(axis=1)
    around = ((low <= box.half + reach) & (high >= -box.half - reach)).all(axis=1)
    if around.any():
        dense = body.chosen(around).sampled(body_candidates, generator)
        dense = dense.take(box.distance(dense.points) <= reach)
        outside = whole.take(box.distance(whole.points) > reach)
        joined = _joined(_thinned(dense, body_samples), outside, body_samples // 4)
        return joined.take(generator.permutation(len(joined)))
    return whole.take(np.argsort(box.distance(whole.points))[:body_samples])


def _thinned(samples: Samples, count: int) -> Samples:
    if len(samples) <= count:
        return samples
    kept = samples.take(np.arange(count))
    return Samples(kept.points, kept.normals, kept.area * (len(samples) / count))


def _joined(near: Samples, rest: Samples, count: int) -> Samples:
    few = rest.take(np.arange(min(len(rest), count)))
    area = few.area * (len(rest) / max(len(few), 1))
    return Samples(
        np.concatenate([near.points, few.points]),
        np.concatenate([near.normals, few.normals]),
        np.concatenate([near.area, area]),
    )


def _probes(samples: Samples, own: _Side, other: _Side, tolerance: float) -> Samples:
    depth = 0.5 * tolerance
    inward = _inward(samples, own.surface, depth)
    loose = ~inward.any(axis=1)
    points = samples.points + inward
    gap, nearest, _ = other.surface.closest(samples.points[loose], limit=tolerance)
    away = samples.points[loose] - nearest
    length = np.linalg.norm(away, axis=1, keepdims=True)
    points[loose] += np.where(length > 1e-7, away / np.maximum(length, 1e-7) * depth, 0.0)
    unsettled = np.zeros(len(samples), dtype=bool)
    unsettled[loose] = gap <= 1e-7
    buried = other.surface.odd_crossings(points) > 0.7
    return Samples(points, samples.normals, samples.area).take(~(buried | unsettled))


def _inward(samples: Samples, surface: Surface, depth: float) -> Points:
    """Offsets (N, 3) into the sample's own material; zero where the wall has none."""
    offset = np.zeros_like(samples.points)
    unsettled = np.arange(len(samples))
    for step in (depth, 0.2 * depth):
        moved = step * samples.normals[unsettled]
        ahead, behind = (
            surface.odd_crossings(samples.points[unsettled] + side * moved) for side in (1, -1)
        )
        inward = ((ahead > 0.7) & (behind < 0.3)).astype(int)
        inward -= (behind > 0.7) & (ahead < 0.3)
        offset[unsettled] = inward[:, None] * moved
        unsettled = unsettled[inward == 0]
    return offset
