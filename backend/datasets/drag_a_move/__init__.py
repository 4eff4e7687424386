"""Drag-a-Move, generated: pictures before and after drags of objects' parts (DragAPart).

for sample in samples("train", seed=0, size=64, count=1000): ...
"""

from __future__ import annotations

from backend.datasets.drag_a_move.pool import pool
from backend.datasets.drag_a_move.sample import Look, Sample, every_look, most_drags
from backend.datasets.drag_a_move.splits import families_of, held_out, names
from backend.datasets.drag_a_move.stream import samples

__all__ = [
    "Look",
    "Sample",
    "every_look",
    "families_of",
    "held_out",
    "most_drags",
    "names",
    "pool",
    "samples",
]
