"""The kinds of jobs: typed request in, typed result out, one a file."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

from protocol import codec
from protocol.animation import AnimateRequest
from protocol.dragging import BakeTextureRequest, DragViewsRequest, SegmentMovingRequest
from protocol.errors import failure
from protocol.messages import Device, Limits
from protocol.placement import PlaceRequest
from protocol.tasks import (
    ArticulateObjectRequest,
    ArticulateRequest,
    ExportModelRequest,
    ImportModelRequest,
    ProposePartsRequest,
    Request,
    Result,
)
from protocol.views import RenderControlsRequest

if TYPE_CHECKING:
    from backend.workers.context import Context
    from backend.workers.messages import Null


def _all(request: Any) -> tuple[str, ...]:
    return ()


def _without_models(request: ArticulateRequest) -> tuple[str, ...]:
    return () if request.evidence and request.drags else ("imagine", "compare")


@dataclass(frozen=True)
class Task:
    """A job kind. `stages` are its stages in order with their usual shares of the time.

    `left_out` names those that are not expected of a request: when they come nevertheless,
    they are counted from then on.
    """

    name: str
    request: type[Request]
    engines: tuple[str, ...]
    stages: dict[str, float]
    left_out: Callable[[Any], tuple[str, ...]] = _all

    @property
    def module(self) -> ModuleType:
        return importlib.import_module(f"{__name__}.{self.name}")


tasks = {
    task.name: task
    for task in (
        Task(
            name="articulate",
            request=ArticulateRequest,
            engines=("geometry",),
            stages={
                "prepare": 0.35,
                "hypotheses": 0.05,
                "evidence": 0.15,
                "refine": 0.25,
                "imagine": 0.5,
                "compare": 1.0,
                "range": 0.2,
            },
            left_out=_without_models,
        ),
        Task(
            name="articulate_object",
            request=ArticulateObjectRequest,
            engines=("geometry",),
            stages={"tree": 0.1, "part": 0.8, "twins": 0.1},
        ),
        Task(
            name="propose_parts",
            request=ProposePartsRequest,
            engines=("geometry",),
            stages={"prepare": 0.1, "pieces": 0.15, "contacts": 0.4, "groups": 0.1, "rank": 0.25},
        ),
        Task(
            name="animate",
            request=AnimateRequest,
            engines=("geometry",),
            stages={
                "prepare": 0.05,
                "way": 0.25,
                "avoid": 0.25,
                "wheels": 0.05,
                "collisions": 0.25,
                "keys": 0.15,
            },
        ),
        Task(
            name="export_model",
            request=ExportModelRequest,
            engines=("geometry",),
            stages={"prepare": 0.3, "write": 0.7},
        ),
        Task(
            name="import_model",
            request=ImportModelRequest,
            engines=("geometry",),
            stages={"read": 0.8, "store": 0.2},
        ),
        Task(
            name="place",
            request=PlaceRequest,
            engines=("geometry",),
            stages={"prepare": 0.2, "search": 0.6, "measure": 0.2},
        ),
        Task(
            name="render_controls",
            request=RenderControlsRequest,
            engines=("geometry",),
            stages={"prepare": 0.1, "render": 0.9},
        ),
        Task(
            name="drag_views",
            request=DragViewsRequest,
            engines=("dragapart",),
            stages={"load": 0.2, "render": 0.1, "imagine": 0.7},
        ),
        Task(
            name="segment_moving",
            request=SegmentMovingRequest,
            engines=("dragapart",),
            stages={"load": 0.2, "render": 0.1, "features": 0.5, "lift": 0.2},
        ),
        Task(
            name="bake_texture",
            request=BakeTextureRequest,
            engines=("geometry",),
            stages={"prepare": 0.2, "project": 0.6, "blend": 0.2},
        ),
    )
}


def read(request: dict[str, Any]) -> Request:
    """Return the typed request of a map. Raises TugError unknown_task, malformed."""
    name = request.get("task")
    if not isinstance(name, str) or name not in tasks:
        raise failure(
            "unknown_task",
            f"This backend does not know the job kind {str(name or '')[:80]!r}; it knows "
            f"{', '.join(tasks)}.",
            tasks=list(tasks),
        )
    return codec.from_map(request, tasks[name].request)


def left_out(request: dict[str, Any]) -> tuple[str, ...]:
    """Return the stages that are not expected of a request. Raises TugError malformed."""
    typed = read(request)
    return tasks[_name(typed)].left_out(typed)


def check(request: Request, limits: Limits, *, null: bool) -> None:
    """Refuse what can be refused without computing. Raises TugError bad_input, too_large."""
    task = tasks[_name(request)]
    engines = engines_of(task, null=null)
    if request.engine.partition(":")[0] not in engines:
        raise failure(
            "bad_input",
            f"This backend has no engine {request.engine[:80]!r}: choose {' or '.join(engines)}.",
            engines=engines,
        )
    task.module.check(request, limits)


def engines_of(task: Task, *, null: bool) -> list[str]:
    return [*task.engines, "null"] if null else list(task.engines)


def run(request: dict[str, Any], context: Context, null: Null | None) -> Result:
    """Do a job: by its task, or by the null engine when that is served."""
    typed = read(request)
    if null is not None:
        from . import null as null_engine

        return null_engine.run(typed, context, null)
    return tasks[_name(typed)].module.run(typed, context)


def warm_up(null: Null | None) -> None:
    """Import and compile what jobs need, so that the first one is quick."""
    if null is None:
        for task in tasks.values():
            task.module.warm_up()


def devices(null: Null | None) -> list[Device]:
    """The devices that jobs may use; none with the null engine."""
    if null is not None:
        return []
    found = [device for task in tasks.values() for device in task.module.devices()]
    return list(dict.fromkeys(found))


def _name(request: Request) -> str:
    return str(type(request).__struct_config__.tag)
