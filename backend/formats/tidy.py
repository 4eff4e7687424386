"""What a reader found, in Tug's words: screws in one joint, and no links that are only frames."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from backend.formats.model import Link, Model
from protocol.errors import failure
from protocol.joint import Joint

turning = ("revolute", "continuous")
roundoff = 0.01  # radians, of limits written in two decimals


@dataclass(frozen=True)
class Coupling:
    """The joint of link `follower` moves `ratio` times as far as that of link `leader`."""

    follower: str
    leader: str
    ratio: float


def tidied(model: Model, couplings: list[Coupling]) -> Model:
    """Return the model with as few links as say the same.

    A slide and a turn about one axis without a mesh between them are a cylindrical joint, or
    a screw where they are coupled. Links without meshes go when nothing moves by them; an
    empty root gives way to what is fixed to it. Raises TugError bad_input for coordinates
    that are not numbers, as huge ones end.
    """
    _check_finite(model)
    links, left = _joined(list(model.links), couplings)
    links = _with_full_roots(_without_ends(_without_frames(links)))
    notes = [f"{c.follower} follows {c.leader}: here it moves by itself." for c in left]
    return Model(model.name, tuple(links), (*model.notes, *notes))


def _check_finite(model: Model) -> None:
    for link in model.links:
        joint = link.joint
        numbers = [joint.lower, joint.upper, *joint.axis, *joint.origin] if joint else []
        places = [shape.mesh.vertices for shape in link.shapes]
        if not all(np.isfinite(values).all() for values in (numbers, *places)):
            raise failure(
                "bad_input", f"{link.name!r} has coordinates or limits that are not numbers."
            )


def _joined(links: list[Link], couplings: list[Coupling]) -> tuple[list[Link], list[Coupling]]:
    left = list(couplings)
    for i, link in enumerate(links):
        between = links[link.parent] if link.parent >= 0 else None
        if link.joint is None or between is None or between.joint is None or between.shapes:
            continue
        if sum(other.parent == link.parent for other in links) > 1:
            continue
        coupling = next(
            (c for c in left if {c.follower, c.leader} == {link.name, between.name}), None
        )
        joint = _one(between.joint, link.joint, _advance(coupling, link, between))
        if joint is not None:
            if coupling:
                left.remove(coupling)
            links[link.parent] = replace(between, joint=_still(between.joint))
            links[i] = replace(link, joint=joint)
    return links, left


def _advance(coupling: Coupling | None, link: Link, between: Link) -> float | None:
    """How far the slide goes with each radian of the turn; None when they are independent."""
    if coupling is None or coupling.ratio == 0.0:
        return None
    slider = link if link.joint and link.joint.type == "prismatic" else between
    return coupling.ratio if coupling.follower == slider.name else 1.0 / coupling.ratio


def _one(first: Joint, second: Joint, advance: float | None) -> Joint | None:
    """The joint that does what two in a row do, if they share an axis."""
    if first.type == "prismatic" and second.type in turning:
        slider, turn = first, second
    elif second.type == "prismatic" and first.type in turning:
        slider, turn = second, first
    else:
        return None
    along = float(np.dot(slider.axis, turn.axis))
    if abs(along) < 1.0 - 1e-9:
        return None
    sign = math.copysign(1.0, along)
    common = {"axis": turn.axis, "origin": turn.origin, "lower": turn.lower, "upper": turn.upper}
    if advance is not None:
        return Joint(type="screw", pitch=sign * advance * math.tau, confidence=1.0, **common)
    low, high = sorted((sign * slider.lower, sign * slider.upper))
    return Joint(type="cylindrical", slide=(low, high), confidence=1.0, **common)


def _still(joint: Joint) -> Joint:
    return fixed_at(joint.origin)


def fixed_at(origin: tuple[float, float, float]) -> Joint:
    """A joint that does not move."""
    return Joint(
        type="fixed", axis=(0.0, 0.0, 1.0), origin=origin, lower=0.0, upper=0.0, confidence=1.0
    )


def about_zero(lower: float, upper: float) -> tuple[float, float]:
    """The range of a hinge, by whole turns nearer to its rest pose where that lies outside.

    Annotators write -360 to -90 degrees for what also is 0 to 270.
    """
    turns = math.tau * round(-(lower if lower > 0.0 else upper if upper < 0.0 else 0.0) / math.tau)
    for shift in (0.0, turns, -math.tau, math.tau):
        low, high = lower + shift, upper + shift
        if low <= roundoff and high >= -roundoff:
            return min(low, 0.0), max(high, 0.0)
    return lower, upper


def _without_frames(links: list[Link]) -> list[Link]:
    """Without fixed links that have no shapes: their children hang on their parents."""
    gone = [
        link.joint is not None and link.joint.type == "fixed" and not link.shapes for link in links
    ]
    parents = [link.parent for link in links]
    for i, parent in enumerate(parents):  # parents come first, so theirs are settled
        if parent >= 0 and gone[parent]:
            parents[i] = parents[parent]
    links = [replace(link, parent=parent) for link, parent in zip(links, parents, strict=True)]
    return _kept(links, [not absent for absent in gone])


def _without_ends(links: list[Link]) -> list[Link]:
    """Without links that neither have shapes nor carry any."""
    useful = [bool(link.shapes) for link in links]
    for i in reversed(range(len(links))):
        if useful[i] and links[i].parent >= 0:
            useful[links[i].parent] = True
    return _kept(links, useful)


def _with_full_roots(links: list[Link]) -> list[Link]:
    """Fold what is fixed to a root without shapes into that root."""
    links = list(links)
    into = list(range(len(links)))
    for i, link in enumerate(links):
        root = links[link.parent] if link.parent >= 0 else None
        fixed = link.joint is not None and link.joint.type == "fixed"
        if root is not None and root.joint is None and not root.shapes and fixed:
            links[link.parent] = replace(root, name=link.name, shapes=link.shapes)
            into[i] = link.parent
    links = [replace(k, parent=into[k.parent]) if k.parent >= 0 else k for k in links]
    return _kept(links, [target == i for i, target in enumerate(into)])


def _kept(links: list[Link], keep: list[bool]) -> list[Link]:
    index = np.cumsum(keep) - 1
    return [
        replace(link, parent=int(index[link.parent]) if link.parent >= 0 else -1)
        for link, stays in zip(links, keep, strict=True)
        if stays
    ]
