"""Placing: from objects and a scene to where they stand, one after the other."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from backend.formats.meshes import merged
from backend.formats.model import moved
from backend.placement import supports
from backend.placement.body import Body, Points, posed
from backend.placement.item import Item, Part, check
from backend.placement.joints import swept
from backend.placement.measure import Measures, measured
from backend.placement.search import Search, Weights
from backend.placement.surroundings import Named, Surroundings
from backend.placement.target import Frame, Target, as_sent, target_of, upright
from backend.placement.thing import Thing
from protocol.errors import TugError, failure

most_items = 200


class Progress(Protocol):
    """What a caller hears; both may raise to stop."""

    def stage(self, name: str, step: int = 0, total: int = 0) -> None: ...

    def check(self) -> None: ...


class Silent:
    """Nobody listens."""

    def stage(self, name: str, step: int = 0, total: int = 0) -> None:
        pass

    def check(self) -> None:
        pass


@dataclass(frozen=True, eq=False)
class Placed:
    """Where an item came to stand, in world; see `protocol.placement.Placement`."""

    name: str
    pose: Points
    support: str
    penetration: float
    gap: float
    stability: float
    free: float
    drift: float
    size: float
    contact_area: float
    points: Points
    distances: Points
    contacts: Points
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class Outcome:
    """The items' places in the order asked, and remarks for the user."""

    placed: tuple[Placed, ...]
    seconds: dict[str, float]
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Prepared:
    """A scene and things in one frame."""

    frame: Frame
    around: Surroundings
    things: tuple[Thing, ...]
    targets: tuple[Target, ...]


def place(
    items: Sequence[Item],
    scene: Sequence[Part],
    *,
    up: Points | Sequence[float] = (0.0, 0.0, 1.0),
    seed: int = 0,
    weights: Weights | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Return where the items stand; those that are locked first, then the larger ones first.

    Nothing is half done: where one of them finds no place, none is placed. Raises TugError
    bad_input.
    """
    progress = progress or Silent()
    began = time.perf_counter()
    items, scene = tuple(items), tuple(scene)
    progress.stage("prepare")
    check(items, scene, np.asarray(up, float))
    if len(items) > most_items:
        raise failure(
            "bad_input",
            f"{len(items)} objects are too many at once: place at most "
            f"{most_items}, then the next.",
        )
    ready = prepare(items, scene, np.asarray(up, float), progress)
    prepared = time.perf_counter()
    placed, notes = _in_turn(items, ready, weights or Weights(), seed, progress)
    done = time.perf_counter()
    return Outcome(placed, {"prepare": prepared - began, "place": done - prepared}, notes)


def prepare(
    items: tuple[Item, ...], scene: tuple[Part, ...], up: Points, progress: Progress
) -> Prepared:
    """Bring scene and things into one frame whose origin is amid what is wished."""
    turn = upright(up)
    things = []
    for item in items:
        progress.check()
        things.append(Thing(item.model, turn))
    frame = _frame(items, things, scene, turn)
    bodies = Surroundings([_named(scene, frame, progress)])
    if not bodies.bodies:
        raise failure(
            "bad_input", "The faces of the scene have no area: there is nothing to stand on."
        )
    targets = tuple(
        target_of(item, thing, frame) for item, thing in zip(items, things, strict=True)
    )
    return Prepared(frame, bodies, tuple(things), targets)


def _frame(
    items: tuple[Item, ...], things: list[Thing], scene: tuple[Part, ...], turn: Points
) -> Frame:
    points = np.concatenate([part.mesh.vertices for part in scene]) @ turn.T
    plain = Frame(turn, np.zeros(3), 1.0)
    wished = [target_of(item, thing, plain) for item, thing in zip(items, things, strict=True)]
    low, high = points.min(axis=0), points.max(axis=0)
    middles = np.array([[*target.flat, target.z] for target in wished])
    middle = np.clip(middles.mean(axis=0), low, high)
    size = float(np.linalg.norm(high - low)) + max(target.size for target in wished)
    return Frame(turn, middle, size)


def _named(scene: tuple[Part, ...], frame: Frame, progress: Progress) -> Named:
    meshes = []
    for part in scene:
        progress.check()
        meshes.append(moved(part.mesh, frame.inward))
    owner = np.repeat(np.arange(len(meshes), dtype=np.int32), [len(m.faces) for m in meshes])
    body = Body(merged(meshes), owner)
    if not body.empty:
        progress.check()
        _ = body.surface, body.edges
        progress.check()
        _ = body.solid
    return Named(body, tuple(part.name for part in scene))


def _in_turn(
    items: tuple[Item, ...], ready: Prepared, weights: Weights, seed: int, progress: Progress
) -> tuple[tuple[Placed, ...], tuple[str, ...]]:
    notes: list[str] = []
    poses: dict[int, Points] = {}
    for k, item in enumerate(items):
        if item.locked:
            poses[k] = as_sent(ready.things[k], ready.frame)
    base = len(ready.around.bodies)
    members = list(poses)
    for k in members:
        _stand(ready, k, poses[k], items[k].name)
    open_ones = [k for k in range(len(items)) if not items[k].locked]
    open_ones.sort(key=lambda k: -ready.targets[k].size)
    took = dict.fromkeys(range(len(items)), 0.0)
    for step, k in enumerate(open_ones):
        progress.stage("search", step, len(open_ones))
        began = time.perf_counter()
        poses[k] = _found(items[k], ready, k, weights, seed, progress, notes)
        _stand(ready, k, poses[k], items[k].name)
        members.append(k)
        took[k] = time.perf_counter() - began
    placed = {}
    for step, (place, k) in enumerate(enumerate(members)):
        progress.stage("measure", step, len(members))
        began = time.perf_counter()
        others = [b for i, b in enumerate(ready.around.bodies) if i != base + place]
        found = measured(Surroundings(others), ready.things[k], poses[k])
        _remark(items[k], found, ready, k, notes)
        took[k] += time.perf_counter() - began
        placed[k] = _in_world(items[k], ready, k, poses[k], found, took[k])
    return tuple(placed[k] for k in range(len(items))), tuple(dict.fromkeys(notes))


def _found(
    item: Item,
    ready: Prepared,
    k: int,
    weights: Weights,
    seed: int,
    progress: Progress,
    notes: list[str],
) -> Points:
    search = Search(
        around=ready.around,
        thing=ready.things[k],
        target=ready.targets[k],
        weights=weights,
        against_wall=item.against_wall,
        seed=seed,
        proceed=progress.check,
    )
    best = search.find()
    if best is None:
        raise _no_place(item, search, ready, k)
    if search.no_wall:
        notes.append(f"'{item.name}' stands free: there is no wall near it that it fits against.")
    return best.pose


def _no_place(item: Item, search: Search, ready: Prepared, k: int) -> TugError:
    if not search.blocked and not search.looks:
        reason = "there is nothing below to stand on that leaves room for it above"
        fix = "move the wish over a floor or a table, or make the object smaller"
    else:
        reason = "everything near there is taken"
        fix = "wish it elsewhere, make it smaller or move what is in the way"
    known = supports.in_words(ready.around, ready.targets[k].size)
    return failure(
        "bad_input",
        f"There is no place for '{item.name}' near where it is wished: {reason}; {fix}. {known}",
    )


def _remark(item: Item, found: Measures, ready: Prepared, k: int, notes: list[str]) -> None:
    """What the user should know of how an item stands."""
    size, name = ready.targets[k].size, item.name
    if item.locked:
        if found.penetration > 5e-3 * size:
            notes.append(f"'{name}' is locked, and in something where it is.")
        return
    if found.stability < 0.0:
        more = ": without Keep Upright it lies as the surface does" if item.upright else ""
        notes.append(f"'{name}' would topple as it stands{more}.")
    if found.free < 0.95:
        notes.append(
            f"Of the ranges of the joints of '{name}' {100 * found.free:.0f} % are free there."
        )


def _stand(ready: Prepared, k: int, pose: Points, name: str) -> None:
    """Let the others heed a thing that has its place, and what its joints move over."""
    ready.around.add(_body(ready.things[k], pose), name)
    kept = swept(ready.things[k], pose)
    if kept is not None:
        ready.around.kept.append(Named(Body(kept), (name,)))


def _body(thing: Thing, pose: Points) -> Body:
    return Body(moved(thing.body.mesh, pose))


def _in_world(
    item: Item, ready: Prepared, k: int, pose: Points, found: Measures, seconds: float
) -> Placed:
    frame, thing, target = ready.frame, ready.things[k], ready.targets[k]
    outward, unit = frame.outward, frame.size
    drift = 0.0 if item.locked else float(np.linalg.norm(pose[:2, 3] - target.flat))
    size = thing.size if item.locked else target.size * unit
    return Placed(
        name=item.model.name,
        pose=np.eye(4) if item.locked else outward @ pose @ thing.inward,
        support=supports.said(ready.around, found, pose),
        penetration=found.penetration * unit,
        gap=(found.gap if np.isfinite(found.gap) else 4.0) * unit,
        stability=found.stability * unit / size,
        free=float(np.clip(found.free, 0.0, 1.0)),
        drift=drift * unit,
        size=size,
        contact_area=found.contact_area * unit * unit,
        points=posed(found.points, outward),
        distances=found.distances * unit,
        contacts=posed(found.contacts, outward) if len(found.contacts) else np.zeros((0, 3)),
        seconds=seconds,
    )
