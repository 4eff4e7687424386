"""Place: where objects should stand in a scene so that they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from backend.tasks import geometry
from protocol import version
from protocol.errors import failure
from protocol.meshes import Matrix, ModelLink
from protocol.messages import Device, Limits
from protocol.placement import PlaceItem, Placement, PlaceRequest, PlaceResult

if TYPE_CHECKING:
    from backend.formats.model import Link, Model
    from backend.geometry.mesh import Mesh
    from backend.placement.engine import Placed
    from backend.placement.item import Item, Part
    from backend.workers.context import Context


def check(request: PlaceRequest, limits: Limits) -> None:
    """Refuse arrays of the wrong kind and items that say nothing. Raises TugError: bad_input,
    too_large.
    """
    geometry.check(request.geometry, limits)
    if not request.items:
        raise failure("bad_input", "There is nothing to place: choose an object.")
    if not request.scene:
        raise failure("bad_input", "There is no scene to stand in: choose a floor or a table.")
    geometry.check_pieces(request.scene, request.geometry, "the scene")
    for item in request.items:
        _check_links(item, request)
    if not np.isfinite(request.up).all() or not np.linalg.norm(request.up) > 0.0:
        raise failure("bad_input", "The direction that is up has no length.")


def run(request: PlaceRequest, context: Context) -> PlaceResult:
    """Find the places. Raises TugError: bad_input, storage_full; Cancelled."""
    from backend.placement.engine import place

    context.stage("prepare")
    meshes = []
    for mesh in request.geometry:
        context.check()
        meshes.append(geometry.read(mesh, context.array))
    scene = _scene(request, meshes, context)
    items = tuple(_item(item, request, meshes, context) for item in request.items)
    found = place(items, scene, up=request.up, seed=request.seed, progress=context)
    return PlaceResult(
        placements=tuple(_answer(placed, context) for placed in found.placed),
        seconds=found.seconds,
        notes=found.notes,
        engine=request.engine,
        revision=version.software,
        seed=request.seed,
    )


def warm_up() -> None:
    """Compile what placing needs beyond the other tasks."""
    from backend.placement import kernels

    kernels.wp.load_module(kernels.__name__, device="cpu")


def devices() -> list[Device]:
    """None beyond those of the other tasks: placing computes on the CPU."""
    return []


def _check_links(item: PlaceItem, request: PlaceRequest) -> None:
    name = item.name[:80]
    if not item.links:
        raise failure("bad_input", f"'{name}' has no parts: choose an object with a mesh.")
    for index, link in enumerate(item.links):
        geometry.check_pieces(link.pieces, request.geometry, f"'{link.name[:80]}' of '{name}'")
        if not -1 <= link.parent < index:
            raise failure(
                "bad_input",
                f"The link '{link.name[:80]}' of '{name}' has the parent {link.parent}, which "
                "does not come before it.",
            )


def _scene(request: PlaceRequest, meshes: list[Mesh], context: Context) -> tuple[Part, ...]:
    from backend.geometry.mesh import subset
    from backend.placement.item import Part

    parts = []
    for piece in request.scene:
        context.check()
        own = request.geometry[piece.geometry]
        whole = meshes[piece.geometry]
        name = geometry.called(own)
        mask = geometry.chosen(piece.selection, len(whole.faces), context.array, name=name)
        parts.append(Part(own.name, whole if mask.all() else subset(whole, mask)))
    return tuple(parts)


def _item(item: PlaceItem, request: PlaceRequest, meshes: list[Mesh], context: Context) -> Item:
    from backend.formats.model import Model
    from backend.placement.item import Item

    links = tuple(_link(link, request, meshes, context) for link in item.links)
    model: Model = Model(item.name, links)
    return Item(
        model=model,
        wish=item.wish,
        upright=item.upright,
        against_wall=item.against_wall,
        front=np.asarray(item.front, float),
        locked=item.locked,
    )


def _link(link: ModelLink, request: PlaceRequest, meshes: list[Mesh], context: Context) -> Link:
    from backend.formats.model import Link, Shape
    from backend.geometry.mesh import subset

    shapes = []
    for piece in link.pieces:
        context.check()
        name = geometry.called(request.geometry[piece.geometry])
        whole = meshes[piece.geometry]
        mask = geometry.chosen(piece.selection, len(whole.faces), context.array, name=name)
        if mask.any():
            shapes.append(Shape(link.name, subset(whole, mask)))
    return Link(link.name, tuple(shapes), link.parent, link.joint)


def _answer(placed: Placed, context: Context) -> Placement:
    return Placement(
        name=placed.name,
        pose=_matrix(placed.pose),
        support=placed.support,
        penetration=placed.penetration,
        gap=placed.gap,
        stability=placed.stability,
        free=placed.free,
        drift=placed.drift,
        size=placed.size,
        contact_area=placed.contact_area,
        points=context.store(np.ascontiguousarray(placed.points, "<f4")),
        distances=context.store(np.ascontiguousarray(placed.distances, "<f4")),
        contacts=context.store(np.ascontiguousarray(placed.contacts, "<f4")),
    )


def _matrix(pose: NDArray[np.float64]) -> Matrix:
    a, b, c, d = ((w, x, y, z) for w, x, y, z in pose.tolist())
    return a, b, c, d
