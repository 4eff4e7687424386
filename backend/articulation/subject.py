"""The object under study: part and body at unit size, sampled, with what touches where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.articulation.problem import (
    Problem,
    Progress,
    check,
    check_drag_lengths,
    check_drag_starts,
    check_surface,
)
from backend.geometry.boxes import Box, enclosing, fit_box
from backend.geometry.mesh import Mesh, Samples, areas_and_normals, sample, subset, without_slivers
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
    """Everything the later steps look at. Unit diagonal, centred; see `to_world`."""

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
    centre: Points
    scale: float  # world units per unit here
    prompt: str
    joint_types: tuple[str, ...]
    seed: int

    @property
    def rest_gap(self) -> float:
        """The distance at which part and body count as touching at rest."""
        return float(np.percentile(self.gap, 2.0))

    @property
    def contact(self) -> NDArray[np.bool_]:
        """Which part samples lie close to the body, (N,) bool."""
        return self.gap <= self.rest_gap + min(touching, 0.08 * self.part.box.diagonal)

    def to_world(self, points: Points) -> Points:
        return points * self.scale + self.centre


def prepare(problem: Problem, progress: Progress) -> Subject:
    """Check, clean, normalise and sample. Raises TugError `bad_input` or `too_large`."""
    part, body, drags = check(problem)
    progress.check()
    low, high = _used_bounds(part, body)
    centre, scale = 0.5 * (low + high), float(np.linalg.norm(high - low))
    if scale == 0.0:
        check_surface(np.zeros(1), np.zeros(1, dtype=bool), "part")
    check_drag_lengths(drags, scale)
    generator = np.random.default_rng(problem.seed)
    drags = (drags - centre) / scale
    sides = []
    for mesh, name in ((part, "part"), (body, "body")):
        sides.append(_surface(Mesh((mesh.vertices - centre) / scale, mesh.faces), name))
        progress.check()
    return _assemble(problem, sides[0], sides[1], drags, generator, centre, scale, progress)


@dataclass(frozen=True, eq=False)
class _Side:
    mesh: Mesh
    areas: NDArray[np.float64]
    normals: Points
    surface: Surface


def _assemble(
    problem: Problem,
    part: _Side,
    body: _Side,
    drags: Points,
    generator: np.random.Generator,
    centre: Points,
    scale: float,
    progress: Progress,
) -> Subject:
    if len(drags):
        check_drag_starts(part.surface.closest(drags[:, 0])[0] * scale, scale)
    on_part = _shuffled(_sampled(part, part_samples, generator), generator)
    on_body = _shuffled(_sampled(body, body_candidates, generator), generator)
    part_box, body_box = (
        fit_box(samples, side.mesh.vertices) for samples, side in ((on_part, part), (on_body, body))
    )
    progress.check()
    near = _near(body, on_body, part_box, generator)
    core = core_box(on_part, part_box)
    tolerance = min(penetration_tolerance, 0.02 * part_box.diagonal)
    gap, nearest, face = body.surface.closest(on_part.points)
    progress.check()
    solids = [
        Solid(side.mesh, side.surface, samples, box, _probes(samples, side, other, tolerance))
        for side, samples, box, other in (
            (part, on_part, part_box, body),
            (body, near, body_box, part),
        )
    ]
    up = np.asarray(problem.up, dtype=np.float64)
    return Subject(
        part=solids[0],
        body=solids[1],
        gap=gap,
        nearest=nearest,
        facing=body.normals[face],
        drags=drags,
        core=core,
        grip=grip_of(on_part, core),
        up=up / max(float(np.linalg.norm(up)), 1e-300),
        tolerance=tolerance,
        centre=centre,
        scale=scale,
        prompt=problem.prompt,
        joint_types=problem.joint_types,
        seed=problem.seed,
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
    """Return the middle (1, 3) of what sticks out of the part's bulk in one place; else (0, 3)."""
    out = samples.points[core.distance(samples.points) > 0.01 * core.diagonal]
    if len(out) < 5:
        return np.zeros((0, 3))
    middle = out.mean(axis=0, keepdims=True)
    compact = np.linalg.norm(out - middle, axis=1).mean() < 0.3 * core.diagonal
    return middle if compact else np.zeros((0, 3))


def _used_bounds(*meshes: Mesh) -> tuple[Points, Points]:
    """Bounds of the vertices that faces use: loose ones must not set the scale."""
    used = [subset(mesh, np.ones(len(mesh.faces), dtype=bool)).vertices for mesh in meshes]
    low = np.min([points.min(axis=0) for points in used], axis=0)
    high = np.max([points.max(axis=0) for points in used], axis=0)
    return low, high


def _surface(mesh: Mesh, name: str) -> _Side:
    areas, normals = areas_and_normals(mesh)
    kept = without_slivers(mesh, areas)
    check_surface(areas, kept, name)
    clean = subset(mesh, kept)
    return _Side(clean, areas[kept], normals[kept], Surface(clean))


def _sampled(side: _Side, count: int, generator: np.random.Generator) -> Samples:
    return sample(side.mesh, side.areas, side.normals, count, generator)


def _shuffled(samples: Samples, generator: np.random.Generator) -> Samples:
    """Any first n of the samples are then spread over the whole surface."""
    return samples.take(generator.permutation(len(samples)))


def _near(body: _Side, whole: Samples, box: Box, generator: np.random.Generator) -> Samples:
    """Body samples close to the part, denser there than area alone would give."""
    reach = 0.15 * box.diagonal
    corners = box.local(body.mesh.vertices)
    low, high = corners[body.mesh.faces].min(axis=1), corners[body.mesh.faces].max(axis=1)
    around = ((low <= box.half + reach) & (high >= -box.half - reach)).all(axis=1)
    if around.any():
        local = _Side(
            subset(body.mesh, around), body.areas[around], body.normals[around], body.surface
        )
        dense = _sampled(local, body_candidates, generator)
        keep = box.distance(dense.points) <= reach
        outside = whole.take(box.distance(whole.points) > reach)
        dense = dense.take(keep)
        joined = _joined(_thinned(dense, body_samples, generator), outside, body_samples // 4)
        return _shuffled(joined, generator)
    return whole.take(np.argsort(box.distance(whole.points))[:body_samples])


def _thinned(samples: Samples, count: int, generator: np.random.Generator) -> Samples:
    if len(samples) <= count:
        return samples
    kept = samples.take(generator.permutation(len(samples))[:count])
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
    for step in (0.2 * depth, depth):
        for side in (-step, step):
            moved = side * samples.normals
            inside = surface.odd_crossings(samples.points + moved) > 0.7
            outside = surface.odd_crossings(samples.points - moved) < 0.3
            solid = inside & outside
            offset[solid] = moved[solid]
    return offset
