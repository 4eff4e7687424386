"""Placing: the question, and objects moved to where they were found to stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import bpy
import numpy as np
from mathutils import Euler, Matrix, Quaternion, Vector
from numpy.typing import NDArray

from . import runtime
from .asking import bodies, point, send
from .core import placing as drawing
from .core.jobs import PlaceJob, new_job
from .protocol.errors import failure
from .protocol.placement import PlaceItem, PlaceRequest, Wish
from .protocol.placement import Quaternion as Turn
from .scene import places
from .scene.identity import find, identify
from .scene.parenting import world
from .scene.placing import gather_placing

Objects = bpy.types.Object | Iterable[bpy.types.Object]
Box = bpy.types.Object | Sequence[Any]


def ask(
    objs: Objects,
    scene: Objects | None = None,
    at: Sequence[float] | None = None,
    box: Box | None = None,
    upright: bool | None = None,
    against_wall: bool | None = None,
    locked: Objects | None = None,
    turn: Sequence[float] | None = None,
    **options: Any,
) -> PlaceJob:
    """Send the question that `api.place` describes; `turn` (w, x, y, z) goes with `at`."""
    if at is not None and box is not None:
        raise failure("bad_input", "A place is said by a point or by a box; give one of the two.")
    named = _named(bodies(objs))
    stay = None if locked is None else set(places.wholes(bodies(locked)))
    items = places.wholes([*named, *(stay or ())])
    wish = _wish(at, box, turn)
    hints = [_hints(obj, upright, against_wall, stay) for obj in items]
    helper = [box] if isinstance(box, bpy.types.Object) else []
    scenery = None if scene is None else bodies(scene)
    return _send(items, [wish] * len(items), hints, scenery, helper, **options)


def again(job: PlaceJob) -> None:
    """Ask for the places of the same objects once more, in the scene as it is now."""
    items = objects_of(job)
    keep = ("upright", "against_wall", "locked")
    hints = [{name: getattr(item, name) for name in keep} for item in job.request.items]
    wishes = [item.wish for item in job.request.items]
    scenery = [obj for uid in job.scenery if (obj := find(uid))] or None
    kept = {name: getattr(job.request, name) for name in ("up", "engine", "seed")}
    _send(items, wishes, hints, scenery, [], **kept)


def _send(
    items: list[bpy.types.Object],
    wishes: list[Wish],
    hints: list[dict[str, bool]],
    scenery: list[bpy.types.Object] | None,
    without: list[bpy.types.Object],
    **options: Any,
) -> PlaceJob:
    _check(items, hints)
    gathered = gather_placing(items, scenery, without)
    asked = tuple(
        PlaceItem(
            name=obj.name,
            links=links,
            wish=wish,
            front=point(places.front_of(obj)),
            **hint,
        )
        for obj, links, wish, hint in zip(items, gathered.links, wishes, hints, strict=True)
    )
    request = PlaceRequest(geometry=gathered.geometry, scene=gathered.scene, items=asked, **options)
    job = new_job(
        PlaceJob,
        request,
        name=items[0].name if len(items) == 1 else f"{len(items)} objects",
        object=identify(items[0]),
        objects=tuple(map(identify, items)),
        homes=tuple(_rows(world(obj)) for obj in items),
        scenery=tuple(map(identify, scenery or ())),
    )
    send(job, gathered.arrays)
    return job


def arrived(job: PlaceJob) -> None:
    """Keep what is drawn of a result; it takes the place of earlier ones of the same objects."""
    found = job.result.placements if job.result else ()
    if len(found) != len(job.objects):
        raise failure("internal", f"The backend gave {job.name} no place; ask again.", retry=True)
    session = runtime.session()
    job.heats = tuple(
        drawing.heat(
            session.array(job, placement.points),
            session.array(job, placement.distances),
            session.array(job, placement.contacts),
        )
        for placement in found
    )
    order = list(runtime.book)
    earlier = [other for other in order[: order.index(job)] if _is_superseded(other, job)]
    runtime.forget(earlier)


def _is_superseded(other: object, by: PlaceJob) -> bool:
    """Return whether a question is about some of the same objects, and is answered."""
    same = isinstance(other, PlaceJob) and bool(set(other.objects) & set(by.objects))
    return same and isinstance(other, PlaceJob) and other.finished


def put_into_scene(job: PlaceJob) -> tuple[list[bpy.types.Object], list[str]]:
    """Move all objects of a result to their places; return those moved, and remarks.

    Raises TugError `bad_input` before anything is moved.
    """
    if not job.placements:
        raise failure("bad_input", f"There is no place for {job.name} yet; wait for the answer.")
    items = objects_of(job)
    _check(items, [{"locked": item.locked} for item in job.request.items])
    moved, remarks = [], []
    for index, obj in _parents_first(items):
        if job.request.items[index].locked:
            continue
        remarks += places.put(obj, place_of(job, index), job.id)
        moved.append(obj)
    job.remarks = tuple(remarks)
    runtime.book.changed()
    return moved, remarks


def place_of(job: PlaceJob, index: int) -> NDArray[np.float64]:
    """Return (4, 4): where the object of an item is to be in the world."""
    return np.array(job.placements[index].pose) @ np.array(job.homes[index])


def objects_of(job: PlaceJob) -> list[bpy.types.Object]:
    """Return the objects that a job is about. Raises TugError when one was deleted."""
    found = [find(uid) for uid in job.objects]
    if None in found:
        raise failure(
            "bad_input",
            f"An object of '{job.name}' was deleted; undo that to use the result, or ask again.",
        )
    return [obj for obj in found if obj]


def is_accepted(job: PlaceJob) -> bool:
    """Return whether objects of the scene have their places from this job."""
    found = (find(uid) for uid in job.objects)
    return any(obj is not None and places.is_placed(obj, job.id) for obj in found)


def _named(objs: list[bpy.types.Object]) -> list[bpy.types.Object]:
    if not objs:
        raise failure("bad_input", "Nothing is selected; select what should be placed.")
    bpy.context.view_layer.update()
    for obj in objs:
        if not isinstance(obj, bpy.types.Object):
            raise failure("bad_input", f"{obj!r} is no object of this file; pass a bpy Object.")
        if obj.name not in bpy.context.view_layer.objects:
            raise failure("bad_input", f"'{obj.name}' is not in this view layer; link it there.")
    return objs


def _check(items: list[bpy.types.Object], hints: list[dict[str, bool]]) -> None:
    free = [obj for obj, hint in zip(items, hints, strict=True) if not hint["locked"]]
    if not free:
        raise failure("bad_input", "All that is selected is locked; unlock what should be placed.")
    for obj in free:
        if obj.library:
            raise failure(
                "bad_input",
                f"'{obj.name}' is linked from a library, so it cannot be moved; make a library "
                "override of it.",
            )


def _hints(
    obj: bpy.types.Object,
    upright: bool | None,
    against_wall: bool | None,
    locked: set[bpy.types.Object] | None,
) -> dict[str, bool]:
    own = obj.tug_placing
    return {
        "upright": own.upright if upright is None else upright,
        "against_wall": own.against_wall if against_wall is None else against_wall,
        "locked": own.locked if locked is None else obj in locked,
    }


def _wish(at: Sequence[float] | None, box: Box | None, turn: Sequence[float] | None) -> Wish:
    if at is not None:
        return Wish(spot=point(at), turn=_turn(turn))
    if box is None:
        return Wish(turn=_turn(turn))
    if isinstance(box, bpy.types.Object):
        bpy.context.view_layer.update()
        centre, size, rotation = places.box_of(box)
    else:
        try:
            centre, size, rotation = box
        except (TypeError, ValueError):
            raise failure("bad_input", "A box is an object, or (centre, size, rotation).") from None
    sized = None if size is None else point(size)
    if sized and not min(sized) > 0.0:
        raise failure("bad_input", "The box is flat; give it a size along all three axes.")
    return Wish(centre=point(centre), size=sized, turn=_turn(rotation))


def _turn(rotation: Any) -> Turn | None:
    """Return a rotation of any kind as a unit quaternion; None for none."""
    if rotation is None:
        return None
    if isinstance(rotation, Euler | Matrix):
        rotation = rotation.to_quaternion()
    elif not isinstance(rotation, Quaternion):
        values = [float(value) for value in rotation]
        rotation = Euler(values).to_quaternion() if len(values) == 3 else Quaternion(values)
    if not rotation.magnitude > 1e-6:
        raise failure("bad_input", "The rotation is no rotation; give Euler angles or w, x, y, z.")
    w, x, y, z = rotation.normalized()
    return None if Vector((x, y, z)).length < 1e-7 else (w, x, y, z)


def _parents_first(items: list[bpy.types.Object]) -> list[tuple[int, bpy.types.Object]]:
    def depth(obj: bpy.types.Object) -> int:
        return 1 + depth(obj.parent) if obj.parent else 0

    return sorted(enumerate(items), key=lambda entry: depth(entry[1]))


def _rows(matrix: NDArray) -> Any:
    return tuple(tuple(row) for row in matrix.tolist())
