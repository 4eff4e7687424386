"""What a batch of questions does in Blender."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import bpy

from . import runtime
from .asking import ask, bodies, no_backend, put_into_scene
from .core.batch import BatchItem, BatchReport
from .core.jobs import JointJob
from .protocol.errors import failure
from .scene import targets
from .scene.parts import PartSettings

Arguments = Mapping[str, Any]
OnProgress = Callable[[BatchReport, BatchItem], None]


class Work:
    """Asks about the items of `core.batch.run` and puts their joints into the scene."""

    def __init__(
        self, items: list[Arguments], apply: bool, keyed: bool, on_progress: OnProgress | None
    ) -> None:
        self.report = BatchReport([BatchItem(key_of(given), name_of(given)) for given in items])
        self._given = dict(zip(map(id, self.report.items), items, strict=True))
        self._apply, self._keyed, self._on_progress = apply, keyed, on_progress

    def ask(self, item: BatchItem) -> JointJob:
        given = {name: value for name, value in self._given[id(item)].items() if name != "key"}
        return ask(_object(given.pop("obj", None)), **given, job_id=item.job)

    def wait(self, done: Callable[[], bool]) -> None:
        session = runtime.connect()
        session.wait(lambda: done() or session.hopeless)
        if not done():
            raise no_backend()

    def finish(self, item: BatchItem) -> None:
        record = runtime.joint_job(item.job)
        if not (self._apply and item.result):
            return
        given = self._given[id(item)]
        obj, part = targets.resolve(_object(given.get("obj")), given.get("part"))
        if part.accepted != item.job:
            put_into_scene(
                obj,
                part,
                item.result.joints[0],
                job_id=item.job,
                keyed=self._keyed,
                body=bodies(given.get("body")) or None,
                asked=record.request.geometry if record else (),
            )
        if record:
            runtime.forget([record])

    def progress(self, item: BatchItem) -> None:
        if self._on_progress:
            self._on_progress(self.report, item)


def key_of(given: Arguments) -> str:
    """Return what names an item in the journal: its `key`, or a digest of what it says."""
    if "key" in given:
        return str(given["key"])
    said = sorted((name, _plain(value)) for name, value in given.items())
    return hashlib.blake2b(repr(said).encode(), digest_size=16).hexdigest()


def name_of(given: Arguments) -> str:
    """Return what to call an item."""
    names = [_plain(given.get(field)) for field in ("obj", "part")]
    return " ".join(name for name in names if isinstance(name, str)) or "item"


def _plain(value: Any) -> Any:
    """Return what says the same in another Blender session."""
    if isinstance(value, (str, int, float, bool, type(None))):
        return value
    try:
        if isinstance(value, (bpy.types.Object, PartSettings)):
            return value.name
        return [_plain(entry) for entry in value]
    except (TypeError, ReferenceError):
        return type(value).__name__


def _object(given: object) -> bpy.types.Object:
    obj = bpy.data.objects.get(given) if isinstance(given, str) else given
    if not isinstance(obj, bpy.types.Object):
        raise failure("bad_input", f"There is no object {given!r} in this file.")
    return obj
