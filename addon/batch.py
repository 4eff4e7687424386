"""What a batch of questions does in Blender."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import bpy

from . import proposals, runtime
from .asking import ask, bodies, no_backend, put_into_scene
from .core.batch import Asked, BatchItem, BatchReport
from .core.jobs import PartsJob
from .protocol.errors import TugError, failure
from .scene import targets
from .scene.body import topmost
from .scene.parts import PartSettings
from .scene.selection import with_children

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

    def ask(self, item: BatchItem) -> Asked:
        given = {name: value for name, value in self._given[id(item)].items() if name != "key"}
        obj = _object(given.pop("obj", None))
        if self._by_words(item):
            return proposals.ask_by_words(obj, **given, job_id=item.job)
        return ask(obj, **given, job_id=item.job)

    def latest(self, job: Asked) -> Asked:
        following = runtime.joint_job(job.following) if isinstance(job, PartsJob) else None
        return following or job

    def knows(self, item: BatchItem) -> bool:
        """A part that was found by words is looked for again, unless it has its joint."""
        try:
            return not (self._apply and self._by_words(item)) or self._is_applied(item)
        except TugError:
            return True  # `finish` says what is wrong

    def _by_words(self, item: BatchItem) -> bool:
        given = self._given[id(item)]
        obj = _object(given.get("obj"))
        said = given.get("part"), given.get("drags"), given.get("prompt", "")
        return proposals.are_words_enough(obj, *said)

    def _is_applied(self, item: BatchItem) -> bool:
        whole = with_children([topmost(_object(self._given[id(item)].get("obj")))])
        return any(part.accepted == item.job for obj in whole for part in obj.tug.parts)

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
        if record:
            obj, part = runtime.target(record)
        elif self._is_applied(item):
            return
        else:
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
