"""Joints worth considering: lines to turn about and directions to slide along."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from backend.articulation.subject import Solid, Subject
from backend.geometry.boxes import Box, dominant_directions, enclosing
from backend.geometry.components import face_components
from backend.geometry.mesh import Mesh, Samples, areas_and_normals, subset
from backend.geometry.shapes import fit_circle, fit_line, fit_plane, straight_slips, turning_slips
from backend.geometry.surface import Motions

Points = NDArray[np.float64]

pieces_looked_at = 24
clusters_looked_at = 6
hinges = {"revolute", "continuous", "screw", "cylindrical"}
sources = (
    "shared axis",
    "pin",
    "round part",
    "shared edge",
    "contact line",
    "contact circle",
    "contact centre",
    "contact slip",
    "contact ends",
    "contact box",
    "core box",
    "part box",
    "centre",
    "main direction",
    "drag",
)
seen = ("shared axis", "pin", "round part")  # sources that see the hinge itself
snaps_to_lock = np.cos(np.radians(15.0))  # what is closer than this is brought to a locked axis
near_lock = 0.06  # of the part's diagonal: a line that is no farther from a locked origin meets it
grid = np.array([[u, v] for u in (-1.0, 0.0, 1.0) for v in (-1.0, 0.0, 1.0)])


@dataclass(frozen=True)
class Hypothesis:
    """One joint to consider. `source` says why: one of `sources`, or "" where a lock says so."""

    hinge: bool
    axis: Points
    origin: Points
    source: str


@dataclass(frozen=True, eq=False)
class Candidates:
    """H distinct motions with unsigned axes, and which `sources` proposed each: (H, S) bool."""

    motions: Motions
    support: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.motions)

    def take(self, chosen: Any) -> Candidates:
        """Return some of them, by index."""
        return Candidates(self.motions.take(chosen), self.support[chosen])


def propose(subject: Subject, without: Collection[str] = ()) -> Candidates:
    """Return the distinct hypotheses of every source but those named in `without`."""
    found: list[Hypothesis] = []
    for rule in rules:
        found.extend(rule(subject))
    if subject.held.places:
        found = [*complying(subject, found), *from_lock(subject)]
    allowed = subject.joint_types
    turns, slides = not hinges.isdisjoint(allowed), "prismatic" in allowed
    kept = [h for h in found if (turns if h.hinge else slides) and h.source not in without]
    return merged(kept, subject.part.box.diagonal)


def complying(subject: Subject, found: Iterable[Hypothesis]) -> Iterable[Hypothesis]:
    """Bring hypotheses in line with what is locked; those that are far from it are dropped."""
    axis, origin = subject.held.axis, subject.held.origin
    centre, size = subject.part.box.centre, subject.part.box.diagonal
    for h in found:
        if axis is not None:
            if abs(h.axis @ axis) < snaps_to_lock:
                continue
            beside = h.origin + h.axis * float((centre - h.origin) @ h.axis)
            h = replace(h, axis=axis, origin=beside if h.hinge else h.origin)
        if origin is not None and h.hinge:
            off = float(np.linalg.norm(np.cross(origin - h.origin, h.axis)))
            h = replace(h, origin=origin, source=h.source if off < near_lock * size else "")
        yield h


def from_lock(subject: Subject) -> Iterable[Hypothesis]:
    """What a locked axis or origin suggests by itself."""
    axis, origin = subject.held.axis, subject.held.origin
    if axis is not None:
        yield Hypothesis(False, axis, subject.part.box.centre, "")
        if origin is not None:
            yield Hypothesis(True, axis, origin, "")
        else:
            yield from _parallel_lines(subject, axis)
    elif origin is not None:
        for direction in _directions(subject):
            yield Hypothesis(True, direction, origin, "")
        for start, end in subject.drags - origin:
            normal = np.cross(start, end)
            if np.linalg.norm(normal) > 1e-6:
                yield Hypothesis(True, normal / np.linalg.norm(normal), origin, "drag")


def _parallel_lines(subject: Subject, axis: Points) -> Iterable[Hypothesis]:
    """Lines along an axis through corners, sides and middle of part and contact, seen along it."""
    side = subject.part.box.axes[int(np.abs(subject.part.box.axes @ axis).argmin())]
    side = side - axis * (side @ axis)
    side = side / np.linalg.norm(side)
    frame = np.array([axis, side, np.cross(axis, side)], np.float64)
    touching = subject.nearest[subject.contact]
    for points, source in ((subject.part.samples.points, "part box"), (touching, "contact box")):
        if len(points) >= 8:
            lines = box_lines(enclosing(points, frame), source)
            yield from (line for line in lines if line.axis @ axis > 0.9)
    for points in (subject.part.samples.points, touching):
        if len(points):
            yield Hypothesis(True, axis, points.mean(axis=0), "centre")


def part_box(subject: Subject) -> Iterable[Hypothesis]:
    """Edges, face centre lines and centre lines of the part's box; ATOP's 7 x 6 are among them."""
    yield from box_lines(subject.part.box, "part box")
    for axis in subject.part.box.axes:
        yield Hypothesis(False, axis, subject.part.box.centre, "part box")


def core_box(subject: Subject) -> Iterable[Hypothesis]:
    """The same lines of the part without what sticks out of it, such as a door's handle."""
    if subject.core is not subject.part.box:
        yield from box_lines(subject.core, "core box")


def contact_box(subject: Subject) -> Iterable[Hypothesis]:
    """The same lines of the box around what touches the body."""
    touching = subject.nearest[subject.contact]
    if len(touching) >= 8:
        yield from box_lines(enclosing(touching, subject.part.box.axes), "contact box")


def contact_region(subject: Subject) -> Iterable[Hypothesis]:
    """Line, plane normal and circle fitted to where part and body touch, and how it slips."""
    part, chosen = subject.part, subject.contact
    points = part.samples.points[chosen]
    if len(points) < 12:
        return
    size = part.box.diagonal
    line, plane = fit_line(points), fit_plane(points)
    if line.error < 0.1 * size:
        yield Hypothesis(True, line.direction, line.origin, "contact line")
    if plane.error < 0.05 * size:
        yield Hypothesis(True, plane.direction, plane.origin, "contact centre")
        circle = fit_circle(points)
        if circle.radius < size and circle.error < 0.03 * size:
            yield Hypothesis(True, circle.direction, circle.origin, "contact circle")
    touching = part.samples.take(chosen)
    for slip in turning_slips(touching.points, touching.normals, touching.area, error=0.12):
        yield Hypothesis(True, slip.axis, slip.origin, "contact slip")
    for slip in straight_slips(touching.normals, touching.area, error=0.2):
        yield Hypothesis(False, slip.axis, part.box.centre, "contact slip")


def contact_clusters(subject: Subject) -> Iterable[Hypothesis]:
    """Lines and circles of each place where part and body touch, and lines from place to place.

    Bails, lids and glasses are held at two ends; doors at two or three hinges.
    """
    size = subject.part.box.diagonal
    places = clusters(subject.nearest[subject.contact], 0.04 * size)
    if len(places) < 2:
        return
    centres = [0.5 * (points.min(axis=0) + points.max(axis=0)) for points in places]
    for k, points in enumerate(places):
        for other in centres[:k]:
            away = centres[k] - other
            if np.linalg.norm(away) > 0.1 * size:
                yield Hypothesis(True, away / np.linalg.norm(away), other, "contact ends")
        if len(points) < 12:
            continue
        line, plane = fit_line(points), fit_plane(points)
        if line.error < 0.1 * np.ptp(points @ line.direction):
            yield Hypothesis(True, line.direction, line.origin, "contact line")
        elif plane.error < 0.02 * size:
            circle = fit_circle(points)
            if circle.radius < size and circle.error < 0.1 * circle.radius:
                yield Hypothesis(True, circle.direction, circle.origin, "contact circle")
            yield Hypothesis(True, plane.direction, centres[k], "contact centre")


def clusters(points: Points, reach: float) -> list[Points]:
    """Points (N, 3) in groups that are farther apart than `reach`, the largest first."""
    if not len(points):
        return []
    pairs = KDTree(points).query_pairs(reach, output_type="ndarray")
    links = coo_matrix((np.ones(len(pairs)), pairs.T), shape=(len(points), len(points)))
    group = connected_components(links, directed=False)[1]
    size = np.bincount(group)
    order = np.argsort(-size, kind="stable")[:clusters_looked_at]
    return [points[group == k] for k in order if size[k] >= 3]


def turning_symmetry(subject: Subject) -> Iterable[Hypothesis]:
    """Axes about which the part itself is round: knobs, wheels, caps, seats."""
    samples = subject.part.samples
    for slip in turning_slips(samples.points, samples.normals, samples.area, error=0.2):
        yield Hypothesis(True, slip.axis, slip.origin, "round part")


def pins(subject: Subject) -> Iterable[Hypothesis]:
    """Axes of round pieces near the contact: pins, barrels, shafts, sleeves and columns.

    An axis that part and body have in common is stronger than one that only one of them has.
    """
    ours, theirs = round_pieces(subject, subject.part), round_pieces(subject, subject.body)
    motions = as_motions([*ours, *theirs])
    count = len(ours)
    for k, pin in enumerate([*ours, *theirs]):
        others = list(range(count, len(motions))) if k < count else list(range(count))
        size = subject.part.box.diagonal
        shared = alike(motions, others, k, angle=3.0, distance=0.01 * size).any()
        yield replace(pin, source="shared axis") if shared else pin


def round_pieces(subject: Subject, side: Solid) -> list[Hypothesis]:
    """The axes of one side's round pieces near the contact, the largest pieces first."""
    mesh = near_contact(subject, side.mesh)
    if not len(mesh.faces):
        return []
    areas, normals = areas_and_normals(mesh)
    centres = mesh.corners.mean(axis=1)
    piece = face_components(mesh)
    size = np.bincount(piece, weights=areas)
    enough = np.bincount(piece) >= 12
    found = []
    for k in np.argsort(-size * enough, kind="stable")[:pieces_looked_at]:
        if not enough[k]:
            break
        own = piece == k
        slips = turning_slips(centres[own], normals[own], areas[own], error=0.15)
        found.extend(Hypothesis(True, slip.axis, slip.origin, "pin") for slip in slips[:1])
    return found


def near_contact(subject: Subject, mesh: Mesh) -> Mesh:
    """The faces of a mesh around the place where part and body touch."""
    touching = subject.nearest[subject.contact]
    if not len(touching):
        return subset(mesh, np.zeros(len(mesh.faces), dtype=bool))
    margin = 0.1 * subject.part.box.diagonal
    low, high = touching.min(axis=0) - margin, touching.max(axis=0) + margin
    inside = ((mesh.vertices >= low) & (mesh.vertices <= high)).all(axis=1)
    return subset(mesh, inside[mesh.faces].any(axis=1))


def shared_edges(subject: Subject) -> Iterable[Hypothesis]:
    """The line along which the part's mesh is joined to the body's."""
    seam = seam_points(subject)
    if len(seam) < 2:
        return
    line = fit_line(seam)
    if line.error < 0.02 * subject.part.box.diagonal:
        yield Hypothesis(True, line.direction, line.origin, "shared edge")


def directions_through_centres(subject: Subject) -> Iterable[Hypothesis]:
    """Every main direction of part and body through the part's centre and its contact's."""
    centres = [
        subject.part.box.centre,
        np.average(subject.part.samples.points, axis=0, weights=subject.part.samples.area),
    ]
    touching = subject.nearest[subject.contact]
    if len(touching):
        centres.append(touching.mean(axis=0))
    for axis in _directions(subject):
        for centre in centres:
            yield Hypothesis(True, axis, centre, "centre")


def sliding_directions(subject: Subject) -> Iterable[Hypothesis]:
    """Every main direction of part and body, and the drag's own."""
    centre = subject.part.box.centre
    for axis in _directions(subject):
        yield Hypothesis(False, axis, centre, "main direction")
    if len(subject.drags):
        pull = (subject.drags[:, 1] - subject.drags[:, 0]).sum(axis=0)
        length = np.linalg.norm(pull)
        if length > 0:
            yield Hypothesis(False, pull / length, centre, "drag")


def box_lines(box: Box, source: str) -> Iterable[Hypothesis]:
    """The 27 lines parallel to a box's axes through its corners, face and edge centres."""
    for k in range(3):
        u, v = (k + 1) % 3, (k + 2) % 3
        for a, b in grid:
            origin = box.centre + a * box.half[u] * box.axes[u] + b * box.half[v] * box.axes[v]
            yield Hypothesis(True, box.axes[k], origin, source)


def seam_points(subject: Subject) -> Points:
    """Positions (S, 3) of vertices that part and body have in common."""
    part, body = subject.part.mesh.vertices, subject.body.mesh.vertices
    low = np.maximum(part.min(axis=0), body.min(axis=0)) - 1e-6
    high = np.minimum(part.max(axis=0), body.max(axis=0)) + 1e-6
    keys = [
        np.unique(
            np.round(p[((p >= low) & (p <= high)).all(axis=1)] * 1e6).astype(np.int64) @ hash_row
        )
        for p in (part, body)
    ]
    common = np.intersect1d(keys[0], keys[1], assume_unique=True)
    if not len(common):
        return np.zeros((0, 3))
    own = np.round(part * 1e6).astype(np.int64) @ hash_row
    return part[np.isin(own, common)]


hash_row = np.array([1, 2_000_003, 4_000_037_000_011])


def _directions(subject: Subject) -> Points:
    part, body = subject.part, subject.body
    touching: Samples = part.samples.take(subject.contact)
    groups = [part.box.axes, body.box.axes]
    groups.append(dominant_directions(part.samples.normals, part.samples.area, 3))
    groups.append(dominant_directions(body.samples.normals, body.samples.area, 3))
    if len(touching):
        groups.append(dominant_directions(touching.normals, touching.area, 2, share=0.2))
    kept: list[Points] = []
    for axis in np.concatenate(groups):
        if all(abs(axis @ other) < np.cos(np.radians(2.0)) for other in kept):
            kept.append(axis)
    return np.array(kept)


def merged(hypotheses: list[Hypothesis], size: float) -> Candidates:
    """Return the hypotheses, those within 1 degree and 0.5 % of `size` as one, the first of them.

    The strongest sources come first: theirs is the geometry that stays.
    """
    motions = as_motions(hypotheses)
    support = np.zeros((len(hypotheses), len(sources)), dtype=bool)
    kept: list[int] = []
    for k, hypothesis in enumerate(hypotheses):
        same = np.flatnonzero(alike(motions, kept, k, angle=1.0, distance=0.005 * size))
        if not len(same):
            kept.append(k)
        first = kept[same[0]] if len(same) else k
        if not hypothesis.source:
            continue
        if first == k or hypothesis.source != "drag":  # what is seen as well is no mere wish
            support[first, sources.index(hypothesis.source)] = True
    return Candidates(motions.take(kept), support[kept])


def alike(
    motions: Motions, others: list[int], k: int, *, angle: float, distance: float
) -> NDArray[np.bool_]:
    """Which of `others` are motion k up to `angle` degrees (sign ignored) and line `distance`."""
    axis, origin = motions.axis[k], motions.origin[k]
    parallel = np.abs(motions.axis[others] @ axis) > np.cos(np.radians(angle))
    arm = motions.origin[others] - origin
    off = np.linalg.norm(arm - np.outer(arm @ axis, axis), axis=1)
    near = (off < distance) | ~motions.hinge[others]
    return (motions.hinge[others] == motions.hinge[k]) & parallel & near


def is_seen(support: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which motions (H,) come from a source that sees the hinge itself."""
    return np.any(support[:, [sources.index(name) for name in seen]], axis=1)


def as_motions(hypotheses: list[Hypothesis]) -> Motions:
    """Return the hypotheses' motions as arrays, H = len(hypotheses)."""
    return Motions(
        np.array([h.hinge for h in hypotheses], dtype=bool),
        np.array([h.axis for h in hypotheses]).reshape(-1, 3),
        np.array([h.origin for h in hypotheses]).reshape(-1, 3),
    )


rules = (
    pins,
    turning_symmetry,
    shared_edges,
    contact_region,
    contact_clusters,
    contact_box,
    core_box,
    part_box,
    directions_through_centres,
    sliding_directions,
)
