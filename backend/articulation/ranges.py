"""How far a joint goes: to contact, to the point of coming loose, or to custom.

Custom speaks only where nothing stops the part. It is what people who animate expect of the
part's shape, and knows no categories:

- leaves, which are broad along their hinge (doors, lids, flaps), open by about a right angle
  from where they are shut, and halves of equal size (laptops, cases) by 120 degrees;
- hoops (bails, handles held at both ends) swing over, from one side to the other;
- levers, which stick out from the hinge (handles, spouts, temples, blades), turn by 75, and to
  both sides alike where they rest in the object's plane of symmetry;
- rockers, whose hinge runs through their middle, tip a little;
- what is shut at rest goes no further in, and what rests half open also goes back until shut;
- drawers keep a quarter of their depth inside, also those of which only the front is modelled.

A pull shows most of the way (about 0.7 of it) and is weighed against custom. A short one only
shows the direction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from backend.articulation.clearance import Clearance
from backend.articulation.findings import rubbing
from backend.articulation.kinematics import arms, move
from backend.articulation.subject import Subject
from backend.articulation.sweeps import Gaps
from backend.geometry.mesh import Samples
from backend.geometry.surface import Motions, repeated

Values = NDArray[np.float64]
Shape = Literal["leaf", "hoop", "lever"]

full_turn = 2.0 * np.pi
pulled_round = np.radians(100.0)  # who turns so far what nothing stops, and no lever, spins it
half_turn = np.radians(190.0)  # and a little more
wide_turn = np.radians(130.0)  # past which no custom goes but that of hoops
leaf_opening = np.radians(92.0)
half_opening = np.radians(120.0)
lever_opening = np.radians(75.0)
swing_opening = np.radians(50.0)  # to each side
hoop_opening = np.radians(180.0)
rocker_opening = np.radians(20.0)
broad_leaf = 0.4  # extent along the hinge over that across it, from which a part is a leaf
filled = 0.5  # share of that rectangle which a leaf covers at least
cells = 6  # by 6 of them
centred = 0.35  # a rocker's centre is this close to the axis, over its radius
kept_inside = 0.28  # share of a drawer's depth that stays in the body
shown = 0.7  # of the way, by a pull
agrees = 0.35  # log ratio up to which custom is believed more than a pull
passed = 0.8  # share of a pull's way within which a sheet that it crosses is no stop
too_short = 2.0  # and from which a pull is a mere direction
snap_turn = np.radians(3.0)  # a hinge this close to its stop is at its stop
snap_slide = 0.02  # the same for slides, of the part's length
least_slide = 0.005  # of the diagonal, at least
balanced = 0.1  # part's centre this close to the axis, over its radius, may spin on and on
broad = 0.5, 0.2  # and one less close, where the part is this broad for its length across the axis
round_breadth = 0.85  # spread across the axis, narrowest over widest, of what is round
bearing = 0.2  # share of the contact's speed into the body below which it is a bearing
touch_samples = 600
nearly = 0.93  # of the most that touches
mirrored = 0.015  # of the diagonal: mirror images this close are the same
thin_front = 0.25  # thickness of a drawer's front over its width, at most


@dataclass(frozen=True)
class Range:
    """Limits relative to the rest pose, and whether the joint spins on."""

    lower: float
    upper: float
    continuous: bool


def find(subject: Subject, motion: Motions, value: float, gaps: Gaps) -> Range:
    """Return the range of one motion; `value` is where the drags want it (0 where none do).

    It ends before the first contact of `clearance`, and holds `value` unless contact forbids.
    """
    rule = _turn if motion.hinge[0] else _slide
    return rule(subject, motion, value, gaps)


def _turn(subject: Subject, motion: Motions, value: float, gaps: Gaps) -> Range:
    clearance = gaps.clearance
    held = shape_on_hinge(subject, motion)
    pulled_on = value > pulled_round and held != "lever"
    if "continuous" in subject.joint_types and _turns_on(subject, motion, clearance, pulled_on):
        return Range(0.0, full_turn, True)
    reach = half_turn if held == "hoop" else max(wide_turn, 1.5 * value)
    out = _limit(clearance, motion, reach, value)
    back = clearance.limit(motion, -reach)
    if _closed(subject, motion, back, gaps, np.radians(8.0)):
        back = 0.0
    lower, upper = _customary(subject, motion, value, out, back, gaps, held)
    upper = max(upper, value, snap_turn)
    return _between(-back, lower, upper, out, snap_turn)


def _limit(clearance: Clearance, motion: Motions, reach: float, value: float) -> float:
    """How far the part may go; sheets, whose insides are not known, yield to pulls.

    Those that a pull turns clean through stop nothing.
    """
    reach = max(reach, value)
    solids = clearance.of_solids(motion, reach)
    if solids <= value:
        return solids
    sheets = clearance.of_sheets(motion, solids)
    is_passed = bool(motion.hinge[0]) and sheets < passed * value
    return solids if is_passed else max(value, sheets)


def _between(least: float, lower: float, upper: float, most: float, snap: float) -> Range:
    lower = max(lower, least)
    return Range(0.0 if lower > -snap else float(lower), float(min(upper, most)), False)


def _customary(
    subject: Subject,
    motion: Motions,
    value: float,
    out: float,
    back: float,
    gaps: Gaps,
    held: Shape,
) -> tuple[float, float]:
    """The range between contacts `out` and `back` that the part's shape suggests."""
    if held == "leaf":
        return _leaf(subject, motion, value, out, back, gaps)
    if held == "hoop":
        return _hoop(subject, motion, out, back)
    return _lever(subject, motion, value, out, back)


def _leaf(
    subject: Subject, motion: Motions, value: float, out: float, back: float, gaps: Gaps
) -> tuple[float, float]:
    """Opens from where it is shut: behind, at rest or ahead."""
    custom = leaf_opening
    if off_centre(subject, motion) < centred and min(out, max(back, snap_turn)) < lever_opening:
        custom = rocker_opening
    elif _halves(subject, motion):
        custom = half_opening
    if snap_turn < back <= custom:
        shut = -_shut_at(subject, motion, -back, gaps)
        if shut > 0.0:
            pulled = value + shut if value > 0.0 else 0.0
            return -shut, min(out, opening(custom, pulled) - shut)
    if back > snap_turn and out <= custom:
        shut = _shut_at(subject, motion, out, gaps)
        if shut > 0.0:
            return -max(custom - shut, 0.0), max(shut, min(value, out))
    return 0.0, min(out, opening(custom, value))


def _hoop(subject: Subject, motion: Motions, out: float, back: float) -> tuple[float, float]:
    """Hangs or stands in the middle of its way, or lies at an end of it."""
    if back >= hoop_opening:
        return 0.0, min(out, hoop_opening)
    if _in_symmetry_plane(subject, motion):
        return -min(back, 0.5 * hoop_opening), min(out, 0.5 * hoop_opening)
    return -_snapped(back), min(out, hoop_opening)


def _lever(
    subject: Subject, motion: Motions, value: float, out: float, back: float
) -> tuple[float, float]:
    """Rests at an end of its way, or in the middle of it."""
    if back > snap_turn and out + back <= lever_opening:
        return -back, out
    if back > snap_turn and _in_symmetry_plane(subject, motion):
        half = opening(swing_opening, value)
        return -min(back, half), min(out, half)
    return 0.0, min(out, opening(lever_opening, value))


def opening(custom: float, value: float) -> float:
    """Return how far a joint opens that does so by `custom` and is pulled to `value`."""
    if value <= 0.0:
        return custom
    off = float(np.log(value / shown / custom))
    if off < -too_short:
        return custom
    believed = off - 0.6 * float(np.clip(off, -agrees, agrees))
    return max(value, custom * float(np.exp(believed)))


def _snapped(back: float) -> float:
    return back if back > snap_turn else 0.0


def shape_on_hinge(subject: Subject, motion: Motions) -> Shape:
    """What the part is, seen as the rectangle along its hinge and away from it.

    A leaf fills it, a hoop goes round it and is empty beside the hinge, a lever is narrow.
    """
    points = subject.part.samples.points
    arm, along = arms(motion, points)[0], points @ motion.axis[0]
    across = float(np.percentile(arm, 98.0))
    low, high = np.percentile(along, [1.0, 99.0])
    outer = np.percentile(along[arm > 0.5 * across], [5.0, 95.0])
    if float(np.ptp(outer)) < broad_leaf * across:
        return "lever"
    spread = [
        np.clip(v * cells, 0, cells - 1) for v in ((along - low) / (high - low), arm / across)
    ]
    covered = np.zeros((cells, cells), dtype=bool)
    covered[spread[0].astype(int), spread[1].astype(int)] = True
    if covered.mean() >= filled:
        return "leaf"
    return "lever" if covered[2:-2, :2].any() else "hoop"


def off_centre(subject: Subject, motion: Motions) -> float:
    """Return how far the part's centre is from the axis, over its radius."""
    samples = subject.part.samples
    centre = np.average(samples.points, axis=0, weights=samples.area)
    radius = float(np.percentile(arms(motion, samples.points), 95.0))
    return float(arms(motion, centre[None])[0, 0]) / max(radius, 1e-9)


def _halves(subject: Subject, motion: Motions) -> bool:
    """Whether part and body are two plates of about the same size, shut like a book."""
    part, body = subject.part.box, subject.body.box
    flat = [np.sort(box.half) for box in (part, body)]
    thin = all(half[0] < 0.25 * half[1] for half in flat)
    normals = [box.axes[int(np.argmin(box.half))] for box in (part, body)]
    alike = 0.6 < (flat[0][1] * flat[0][2]) / (flat[1][1] * flat[1][2]) < 1.7
    return bool(thin and alike and abs(normals[0] @ motion.axis[0]) < 0.2)


def _in_symmetry_plane(subject: Subject, motion: Motions) -> bool:
    """Whether part and body are their own mirror images in the plane of axis and part."""
    samples = subject.part.samples
    axis, origin = motion.axis[0], motion.origin[0]
    arm = np.average(samples.points, axis=0, weights=samples.area) - origin
    normal = np.cross(axis, arm)
    length = float(np.linalg.norm(normal))
    if length < 1e-6:
        return False
    normal /= length
    whole = subject.body.mesh.vertices
    whole = whole[:: max(len(whole) // 500, 1)]
    for side, points in ((subject.part, samples.points[:500]), (subject.body, whole)):
        image = points - 2.0 * np.outer((points - origin) @ normal, normal)
        if np.percentile(side.surface.closest(image, limit=0.1)[0], 85.0) > mirrored:
            return False
    return True


def _turns_on(subject: Subject, motion: Motions, clearance: Clearance, pulled: bool) -> bool:
    """Whether the part spins, or is `pulled` on and on, and nothing stops it for a full turn.

    The sheets that a round part turns in have the same axis: where it goes through their
    corners, it only grazes them.
    """
    if is_round(subject, motion):
        return clearance.of_solids(motion, full_turn) >= full_turn
    goes_round = pulled or spins(subject, motion)
    return goes_round and clearance.limit(motion, full_turn) >= full_turn


def is_round(subject: Subject, motion: Motions) -> bool:
    """Whether the part is as wide in all directions across the axis, as wheels and caps are."""
    wide = breadth(motion, subject.part.samples) > round_breadth
    return wide and off_centre(subject, motion) < balanced


def spins(subject: Subject, motion: Motions) -> bool:
    """Whether the part is balanced about the axis and borne all round, as seats are.

    Levers and spouts are not: they are long and narrow, and go one way from the axis.
    """
    off = off_centre(subject, motion)
    farthest, narrowest = broad
    wide = breadth(motion, subject.part.samples) > narrowest
    even = off < balanced or (off < farthest and wide)
    return even and float(rubbing(subject, motion)[0]) < bearing


def breadth(motion: Motions, samples: Samples) -> float:
    """Return the spread across the axis in the narrowest direction over that in the widest."""
    axis = motion.axis[0]
    arm = samples.points - motion.origin[0]
    arm = arm - np.outer(arm @ axis, axis)
    _, narrow, wide = np.linalg.eigvalsh((arm * samples.area[:, None]).T @ arm)
    return float(narrow / max(wide, 1e-12))


def _slide(subject: Subject, motion: Motions, value: float, gaps: Gaps) -> Range:
    length = float(np.ptp(subject.part.samples.points @ motion.axis[0]))
    snap = max(snap_slide * length, least_slide)
    reach = 1.5 * max(length, value, _depth_behind(subject, motion))
    out = _limit(gaps.clearance, motion, reach, value)
    back = gaps.clearance.limit(motion, -reach)
    upper = min(out, opening((1.0 - kept_inside) * _loose(subject, motion, reach, gaps), value))
    if back < min(reach, length):
        lower = -back
    elif out < min(reach, length) and _shut_at(subject, motion, out, gaps):
        lower = -(1.0 - kept_inside) * _loose(subject, motion, -reach, gaps)
    else:
        lower = 0.0
    return _between(-back, lower, max(upper, value, snap), out, snap)


def _loose(subject: Subject, motion: Motions, reach: float, gaps: Gaps) -> float:
    """How far towards `reach` a slide leaves its body; a mere front as far as
    the body is deep."""
    values = np.linspace(0.0, reach, 33)
    gone = gaps.at(repeated(motion, 33), values, limit=0.02) > 0.02
    loose = abs(float(values[int(np.argmax(gone))] if gone.any() else reach))
    return max(loose, _depth_behind(subject, motion)) if reach > 0.0 else loose


def _depth_behind(subject: Subject, motion: Motions) -> float:
    """How deep the body is behind a part that is a mere front; 0 for other parts."""
    axis, box = motion.axis[0], subject.part.box
    depthwise = int(np.abs(box.axes @ axis).argmax())
    across = [k for k in range(3) if k != depthwise]
    far, near = np.percentile(subject.part.samples.points @ axis, [20.0, 80.0])
    thick = near - far > thin_front * 2.0 * box.half[across].min()
    own = np.abs(box.local(subject.part.samples.points)[:, across]) / box.half[across]
    rounded = not (own > 0.9).all(axis=1).any()
    if thick or rounded or abs(float(box.axes[depthwise] @ axis)) < 0.95:
        return 0.0
    corners = subject.body.mesh.vertices
    beside = (np.abs(box.local(corners)[:, across]) < 1.5 * box.half[across]).all(axis=1)
    depth = far - float((corners[beside] @ axis).min(initial=far))
    return depth if depth > near - far else 0.0


def _closed(subject: Subject, motion: Motions, back: float, gaps: Gaps, step: float) -> bool:
    """Whether the rest pose is the shut one: turned either way, far less of the part touches."""
    values = np.array([0.0, step, -min(step, max(back, 1e-3))])
    rest, opened, pushed = _touching(subject, motion, values, gaps)
    return bool(rest > 1.5 * opened and rest >= 0.8 * pushed)


def _shut_at(subject: Subject, motion: Motions, end: float, gaps: Gaps) -> float:
    """Where, from rest to a contact at `end`, far more of the part touches; 0 if nowhere.

    It is the first such place: doors that lie in their frames could go on into the cabinet.
    """
    values = np.linspace(0.0, end, 33)
    touching = _touching(subject, motion, values, gaps)
    most = int(touching.max())
    if most <= 1.5 * touching[0] or most <= 0.1 * touch_samples:
        return 0.0
    return float(values[int((touching >= nearly * most).argmax())])


def _touching(subject: Subject, motion: Motions, values: Values, gaps: Gaps) -> NDArray[np.intp]:
    """How many (N,) of the part's samples are near the body at values (N,)."""
    points = subject.part.samples.points[:touch_samples]
    poses = move(repeated(motion, len(values)), values, points)
    near = gaps.rest + 0.02
    distance = gaps.body_distance(poses.reshape(-1, 3), near).reshape(len(values), -1)
    return (distance < near).sum(axis=1)
