"""The jobs as they are kept in the .blend file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

if TYPE_CHECKING:
    from ..core.book import JobBook


def write(book: JobBook) -> None:
    """Store the jobs in the file's first own scene, and nowhere else."""
    text = book.to_json() if len(book) else ""
    own = [scene for scene in bpy.data.scenes if scene.library is None]
    for scene in own[:1]:
        if scene.tug_jobs != text:
            scene.tug_jobs = text
    for scene in own[1:]:
        if scene.tug_jobs:
            scene.tug_jobs = ""


def any_stored() -> bool:
    """Return whether the open file holds jobs."""
    return any(scene.tug_jobs for scene in bpy.data.scenes if scene.library is None)


def read() -> JobBook:
    """Return the jobs that the open file holds."""
    from ..core.book import JobBook

    book = JobBook()
    for scene in bpy.data.scenes:
        if scene.library is None:
            unreadable = book.read(scene.tug_jobs)
            if unreadable:
                print(f"Tug: {unreadable} jobs in this file were made by another version.")
    return book


def register() -> None:
    bpy.types.Scene.tug_jobs = bpy.props.StringProperty(
        name="Tug jobs", description="Jobs and results as JSON", options={"HIDDEN"}
    )


def unregister() -> None:
    del bpy.types.Scene.tug_jobs
