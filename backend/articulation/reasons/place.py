"""Where the hinge is: at which edge of the part, near which contact, on which side of the body."""

from __future__ import annotations

import numpy as np

from backend.articulation.kinematics import arms
from backend.articulation.look import Look, Values
from backend.geometry.boxes import Box


def off_axis(look: Look) -> Values:
    """The hinge line is away from part and body."""
    return np.minimum(look.found.off_axis / 0.08, 4.0)


def below(look: Look) -> Values:
    """The hinge is below the middle of the part rather than above."""
    rise = look.side[0] @ look.scene.subject.up * np.minimum(look.side[1], 1.0)
    return np.where(look.motions.hinge & look.scene.standing, -rise, 0.0)


def at_edge(look: Look) -> Values:
    """The hinge is at an edge of the part."""
    return np.where(look.motions.hinge, np.exp(-(((look.side[1] - 1.0) / 0.2) ** 2)), 0.0)


def leaf(look: Look) -> Values:
    """The part is a plate that swings about one of its edges, as doors and lids do."""
    flat, normal = look.scene.plate
    return flat * at_edge(look) * (np.abs(look.motions.axis @ normal) < 0.2)


def leaf_in_contact(look: Look) -> Values:
    """The same where that edge touches the body."""
    return leaf(look) * in_contact(look)


def at_middle(look: Look) -> Values:
    """The hinge is in the middle of the part."""
    return np.where(look.motions.hinge, np.exp(-((look.side[1] / 0.2) ** 2)), 0.0)


def outside(look: Look) -> Values:
    """The hinge is beside the part."""
    return np.where(look.motions.hinge, np.clip(look.side[1] - 1.1, 0.0, 2.0), 0.0)


def near_contact(look: Look) -> Values:
    """Part and body touch around the hinge rather than far from it: mean arms, contact to part."""
    contact, part = look.contact_arms, look.arms.mean(axis=1)
    if not contact.size:
        return np.ones(len(look.found))
    return np.clip(contact.mean(axis=1) / np.maximum(part, 1e-9), 0.0, 2.0) * look.motions.hinge


def in_contact(look: Look) -> Values:
    """Part and body touch at the hinge itself: nearest contact, over a tenth of the part."""
    if not look.contact_arms.size:
        return np.zeros(len(look.found))
    nearest = np.percentile(look.contact_arms, 5.0, axis=1)
    near = np.exp(-nearest / (0.05 * look.scene.subject.part.box.diagonal))
    return np.where(look.motions.hinge, near, 0.0)


def outer(look: Look) -> Values:
    """The hinge is on the outer side of the body as seen from the part, or the slide goes there."""
    way = np.where(look.motions.hinge[:, None], look.side[0], look.motions.axis)
    body = look.scene.subject.body.box
    extent = np.abs(way @ body.axes.T) @ body.half
    return np.clip(way @ (look.scene.centre - body.centre) / np.maximum(extent, 1e-6), -1.0, 1.0)


def part_edge(look: Look) -> Values:
    """The hinge is at a side of the part's bulk: 0 through its middle, 1 at a side."""
    return _places(look, look.scene.subject.core)[:, 0]


def part_corner(look: Look) -> Values:
    """The hinge is also at the side across: 1 along an edge of the bulk, 0 in a face."""
    return _places(look, look.scene.subject.core)[:, 1]


def body_edge(look: Look) -> Values:
    """The hinge is at a side of the body: 0 through its middle, 1 at a side."""
    return _places(look, look.scene.subject.body.box)[:, 0]


def body_corner(look: Look) -> Values:
    """The hinge is also at the side across: 1 along an edge of the body."""
    return _places(look, look.scene.subject.body.box)[:, 1]


def contact_along(look: Look) -> Values:
    """Part and body touch all along the axis: share of the part's length."""
    points, _ = look.contacts
    if not len(points):
        return np.zeros(len(look.found))
    spread = np.percentile(points @ look.motions.axis.T, [5.0, 95.0], axis=0)
    return np.clip((spread[1] - spread[0]) / np.maximum(look.found.length, 1e-6), 0.0, 1.5)


def contact_spread(look: Look) -> Values:
    """The contact is spread across the axis rather than at one distance from it."""
    points, _ = look.contacts
    if not len(points):
        return np.zeros(len(look.found))
    part = look.arms.max(axis=1)
    return np.clip(
        look.contact_arms[:, : len(points)].std(axis=1) / np.maximum(part, 1e-6), 0.0, 1.0
    )


def across_contact(look: Look) -> Values:
    """The axis goes straight into the body where both touch."""
    _, normals = look.contacts
    if not len(normals):
        return np.zeros(len(look.found))
    return np.abs(look.motions.axis @ normals.T).mean(axis=1)


def free_end(look: Look) -> Values:
    """The end away from the hinge is off the body, as a lever's is, and a shut door's is not."""
    subject = look.scene.subject
    far = np.argsort(-arms(look.motions, subject.part.samples.points[:400]), axis=1)[:, :60]
    gap = np.median(subject.gap[:400][far], axis=1)
    return np.where(look.motions.hinge, 1.0 - np.exp(-gap / 0.02), 0.0)


def _places(look: Look, box: Box) -> Values:
    """How far out of the box's middle each hinge is, (H, 2): 1 at a side, the farther first."""
    axis = look.motions.axis
    arm = look.motions.origin - box.centre
    arm = arm - (arm * axis).sum(axis=1, keepdims=True) * axis
    out = np.abs(arm @ box.axes.T) / np.maximum(box.half, 1e-6)
    out[np.arange(len(out)), np.abs(axis @ box.axes.T).argmax(axis=1)] = -1.0
    ordered = np.sort(np.minimum(out, 1.5), axis=1)[:, :0:-1]
    return np.where(look.motions.hinge[:, None], ordered, 0.0)
