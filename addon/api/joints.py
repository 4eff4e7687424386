"""Asking for joints and for parts, one by one or many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import bpy

from .. import (
    assembly,
    proposals,
)
from ..asking import Bodies, Drags, PartLike, ask
from ..batch import Work
from ..core.batch import BatchItem, BatchReport, Journal, run
from ..handles import (
    JointHandle,
    ObjectHandle,
    PartsHandle,
)
from ..proposals import are_words_enough


def articulate(
    obj: bpy.types.Object,
    part: PartLike = None,
    drags: Drags | None = None,
    prompt: str = "",
    body: Bodies = None,
    **options: Any,
) -> JointHandle:
    """Ask which joint carries a part along its drags; return at once.

    Parameters
    ----------
    obj
        The object, or the one the part belongs to.
    part
        What moves: a part of `obj.tug.parts` or its name; the name of a vertex group, a
        material or a child object; another object; polygon indices (or a boolean per
        polygon). None takes the active part, or all of `obj` when it has no parts.
    drags
        (start, end) pairs in world space, start on the part's surface. None takes the part's
        own; an empty list lets geometry and prompt decide.
    prompt
        What the part is and how it moves, in words; empty takes the part's own. For an object
        without parts and parent, a prompt without drags also finds the part: the regions that
        may be parts are held against it, and the one that it means is marked.
    body
        Objects that stay. None takes what the part is parented to, or its neighbours.
    options
        Further fields of `ArticulateRequest`: `up`, `joint_types`, `alternatives`, `seed`,
        `evidence`, the learned models that are asked as well (`"dragapart"`, `()` for none, None
        for those known to help), and `locked`, a `Lock(joint=Joint(...), fields=("axis", ...))`
        of what is not sought.

    Returns
    -------
    JointHandle
        A `Job`. Also listed in the sidebar and stored in the .blend.

    Raises
    ------
    TugError
        `bad_input` when the scene gives nothing to ask, `unreachable` when there is no backend.
    """
    if are_words_enough(obj, part, drags, prompt):
        return JointHandle(proposals.ask_by_words(obj, prompt, body, **options))
    return JointHandle(ask(obj, part, drags, prompt, body, **options))


def articulate_object(
    obj: bpy.types.Object, parts: Iterable[PartLike] | None = None, **options: Any
) -> ObjectHandle:
    """Ask for the joints of all parts of an object at once; return at once.

    Parts that are twins or mirror images get joints that agree, and parts may hang on each
    other: a handle on a door.

    Parameters
    ----------
    obj
        Any object of the whole; what is parented to its topmost parent belongs to it.
    parts
        What moves, each as `articulate` takes it. None takes all that are marked; where none
        is, the objects that are parented to the topmost one.
    options
        Further fields of `ArticulateObjectRequest`: `up`, `joint_types`, `alternatives`, `seed`.

    Returns
    -------
    ObjectHandle
        A `Job`. `.result().parts` in the order asked, `.select(part, alternative)`, `.apply()`.

    Raises
    ------
    TugError
        `bad_input` when the scene gives nothing to ask, `unreachable` when there is no backend.
    """
    return ObjectHandle(assembly.ask(obj, parts, **options))


def propose_parts(
    obj: bpy.types.Object,
    prompt: str = "",
    seed_point: Sequence[float] | None = None,
    **options: Any,
) -> PartsHandle:
    """Ask which regions of an object, and of what belongs to it, may be parts that move.

    Parameters
    ----------
    obj
        Any object of the whole; what is parented to its topmost parent belongs to it.
    prompt
        Words that rank the proposals by how well they fit.
    seed_point
        A point on a surface, in world space: only regions that hold it, the smallest first.
    options
        Further fields of `ProposePartsRequest`: `up`, `most`, `seed`.

    Returns
    -------
    PartsHandle
        A `Job`. `.result().proposals`, each with `name`, `score` and `fits`; `.mark(index)`.

    Raises
    ------
    TugError
        `bad_input` when nothing is visible, `unreachable` when there is no backend.
    """
    return PartsHandle(proposals.ask(obj, prompt, seed_point, **options))


def batch(
    items: Iterable[Mapping[str, Any]],
    *,
    journal: str | Path | None = None,
    on_progress: Callable[[BatchReport, BatchItem], None] | None = None,
    apply: bool = False,
    keyframes: bool = True,
    at_once: int = 4,
) -> BatchReport:
    """Articulate many parts; one that fails does not stop the rest.

    Pushes no undo step. Without `apply`, new proposals wait for a decision in `jobs`.

    Parameters
    ----------
    items
        The arguments of `articulate` for each, as mappings: `{"obj": ..., "part": ...}`.
        `obj` may be an object's name. `key` names an item in the journal; by default it
        follows from object name, part, drags, prompt and options.
    journal
        A file for how far it got. Run the same batch again with the same file, after a crash
        or for the failed ones: finished items are taken from it, the rest is asked.
    on_progress
        Called with the report and an item whenever that item has got another state.
    apply
        Whether to put the best joint of each into the scene (and off the list of jobs).
    keyframes
        Whether to add keys when applying.
    at_once
        How many jobs to have in the backend at a time.

    Returns
    -------
    BatchReport
        `.items` in the order given, `.done`, `.failed`; as text, a summary.

    Raises
    ------
    TugError
        `unreachable` when there is no backend; the journal then holds what was done.
    """
    work = Work(list(items), apply, keyframes, on_progress)
    return run(work.report.items, work, Journal(Path(journal) if journal else None), at_once)
