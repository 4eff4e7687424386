"""How well things are placed: generated trials, measured in place and simulated."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import msgspec
import numpy as np

from backend.evaluation import placement_paper, placement_physics, placement_sheet
from backend.evaluation.placement_table import write
from backend.evaluation.placement_trials import Trial, seeds_of, trial
from backend.formats.meshes import merged
from backend.formats.model import moved
from backend.placement.body import Body, Points, inverse
from backend.placement.engine import Silent, place, prepare
from backend.placement.measure import measured
from backend.placement.search import Weights
from backend.tasks.place import warm_up
from protocol.errors import TugError

Tell = Callable[[int, int, "Scores"], None]

ours = "Tug"
losses = ("collision", "gravity", "contact", "stability", "wish", "joints")
published = ("Drag4D", "Drag4D without collision", "Drag4D without gravity")
touches_wall = 0.01  # of the size
faces_away = 0.98


class Scores(msgspec.Struct, frozen=True, kw_only=True):
    """How a thing stands, lengths in its size. `error` says why it was not placed."""

    seed: int
    where: str
    name: str
    method: str
    error: str = ""
    penetration: float = 0.0
    gap: float = 0.0
    stability: float = 0.0
    free: float = 1.0
    drift: float = 0.0
    moved: float = 0.0
    turned: float = 0.0
    at_wall: bool | None = None
    support: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Plan:
    """`count` trials of a split with this version; the first `ablated` without each loss, too."""

    out: Path
    count: int = 200
    split: str = "validation"
    ablated: int = 0
    jobs: int = 1

    def questions(self) -> list[tuple[int, str]]:
        seeds = seeds_of(self.split, self.count)
        others = [*(f"without {name}" for name in losses), *published]
        asked = [(seed, ours) for seed in seeds]
        return asked + [(seed, other) for other in others for seed in seeds[: self.ablated]]


def evaluate(plan: Plan, tell: Tell) -> str:
    """Run all trials; write table, scores and pictures; return the table."""
    plan.out.mkdir(parents=True, exist_ok=True)
    questions = plan.questions()
    found: list[Scores] = []
    for scores in _answers(questions, plan.jobs):
        found.append(scores)
        tell(len(found), len(questions), scores)
    own = [scores for scores in found if scores.method == ours]
    placement_sheet.write(plan.out / "placed.png", [s for s in own if not s.error])
    return write(plan.out, found, ours)


def _answers(questions: list[tuple[int, str]], jobs: int) -> Iterator[Scores]:
    if jobs == 1:
        yield from map(_answer, questions)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(_answer, questions)


def _answer(question: tuple[int, str]) -> Scores:
    seed, method = question
    asked = trial(seed)
    try:
        return score(asked, method)
    except TugError as error:
        return Scores(
            seed=seed,
            where=asked.where,
            name=asked.item.name,
            method=method,
            error=error.error.message,
        )


def score(asked: Trial, method: str) -> Scores:
    """Return how a method places a trial's thing. Raises TugError where it finds no place."""
    warm_up()
    began = time.process_time()  # others at work on the machine do not count
    pose, free = _placed(asked, method)
    took = time.process_time() - began
    return _scored(asked, method, pose, free, took)


def pose_of(asked: Trial, method: str = ours) -> Points:
    """Return where a method places a trial's thing, (4, 4) in world."""
    return _placed(asked, method)[0]


def _placed(asked: Trial, method: str) -> tuple[Points, float]:
    if method in published:
        return placement_paper.placed(asked, method.rpartition(" ")[2]), 1.0
    without = method.removeprefix("without ")
    weights = Weights() if method == ours else Weights().without(without)
    found = place([asked.item], asked.scene, weights=weights).placed[0]
    return found.pose, found.free


def _scored(asked: Trial, method: str, pose: Points, free: float, seconds: float) -> Scores:
    ready = prepare((asked.item,), asked.scene, np.array([0.0, 0.0, 1.0]), Silent())
    thing, frame = ready.things[0], ready.frame
    local = frame.inward @ pose @ inverse(thing.inward)
    size = float(np.cbrt(np.linalg.det(local[:3, :3])))
    found = measured(ready.around, thing, local)
    drift = float(np.linalg.norm(local[:2, 3] - ready.targets[0].flat))
    physics = placement_physics.settle(asked.item.model, pose, asked.scene)
    return Scores(
        seed=asked.seed,
        where=asked.where,
        name=asked.item.name,
        method=method,
        penetration=found.penetration / size,
        gap=min(found.gap / size, 100.0),
        stability=found.stability / size,
        free=found.free,
        drift=drift / size,
        moved=physics.moved,
        turned=physics.turned,
        at_wall=_at_wall(asked, pose) if asked.item.against_wall else None,
        seconds=seconds,
    )


def _at_wall(asked: Trial, pose: Points) -> bool:
    """Whether the back of the thing is at something upright, and its front looks away from it."""
    mesh = moved(merged([s.mesh for k in asked.item.model.links for s in k.shapes]), pose)
    points = mesh.vertices[np.unique(mesh.faces)]
    size = float(np.linalg.norm(np.ptp(points, axis=0)))
    front = pose[:3, :3] @ asked.item.front
    front /= np.linalg.norm(front)
    ahead = points @ front
    back = points[ahead < ahead.min() + touches_wall * size]
    scene = Body(merged([part.mesh for part in asked.scene]))
    distance, face = scene.surface.cast(back, -front)
    near = (face >= 0) & (distance < touches_wall * size)
    return bool((np.abs(scene.normals[face[near]] @ front) > faces_away).any())
