"""How exact motion along ways is: see `trajectory_cases` and `trajectory_measures`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from backend.evaluation import trajectory_measures as measures
from backend.evaluation.trajectory_cases import Case, case, splits
from backend.motion.engine import animate
from protocol.errors import TugError, failure

Tell = Callable[[int, int, "Scores"], None]
smooth = ("line", "arc", "wave", "spline", "circle", "eight", "repeated")


class Scores(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured of a case; what does not apply is None."""

    seed: int
    name: str
    error: str = ""
    speed: float | None = None
    place: float | None = None
    heading: float | None = None
    slip: float | None = None
    gap: float | None = None
    reduction: float | None = None
    strays: float | None = None
    free: float | None = None
    seconds: float | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Goal:
    """A measure in words, how it is printed, and up to (or from) where it is good."""

    name: str
    field: str
    unit: str
    factor: float
    limit: float
    least: bool = False

    def met(self, value: float) -> bool:
        return value >= self.limit if self.least else value <= self.limit


goals = (
    Goal("speed profile off", "speed", "%", 100.0, 0.01),
    Goal("off the way, share of it", "place", "%", 100.0, 0.001),
    Goal("heading off the way", "heading", "°", 1.0, 0.1),
    Goal("wheels slide", "slip", "%", 100.0, 0.01),
    Goal("off the ground or in it", "gap", "%", 100.0, 0.005),
    Goal("keys fewer than frames", "reduction", "x", 1.0, 10.0, least=True),
    Goal("keys stray", "strays", "%", 100.0, 0.001),
    Goal("frames without collision", "free", "%", 100.0, 0.99, least=True),
)


def evaluate(split: str, count: int, out: Path, tell: Tell) -> str:
    """Measure cases; write table and scores to `out`; return the table. Raises TugError."""
    if split not in splits:
        raise failure("bad_input", f"There is no split {split!r}; there are {', '.join(splits)}.")
    if not 0 < count <= 50_000:
        raise failure("bad_input", f"A split has 1 to 50,000 cases, not {count}.")
    out.mkdir(parents=True, exist_ok=True)
    scores: list[Scores] = []
    for seed in range(splits[split], splits[split] + count):
        scores.append(scored(seed))
        tell(len(scores), count, scores[-1])
    table = as_table(scores, split)
    (out / "trajectory.md").write_text(table, "utf-8")
    rows = [msgspec.to_builtins(one) for one in scores]
    (out / "trajectory.json").write_text(json.dumps(rows, indent=1), "utf-8")
    return table


def scored(seed: int) -> Scores:
    """Whatever goes wrong is the case's own failure."""
    name = "?"
    try:
        asked = case(seed)
        name = asked.name
        return score(asked)
    except Exception as error:
        reason = error.error.message if isinstance(error, TugError) else repr(error)
        return Scores(seed=seed, name=name, error=reason)


def score(asked: Case) -> Scores:
    """Measure one case."""
    began = time.perf_counter()
    answer = animate(asked.plan)
    seconds = time.perf_counter() - began
    found: dict[str, float | None] = {}
    avoids = asked.plan.collisions == "avoid"
    body, track, way = asked.plan.bodies[0], answer.tracks[0], asked.ways[0]
    if not avoids:
        share = asked.shares[0]
        found["speed"] = measures.speed_error(body, track, way, share)
        found["place"] = measures.place_error(body, track, way, share)
        if body.orientation in ("follow", "bank", "upright"):
            found["heading"] = measures.heading_error(body, track, way, share)
    wheeled = body.name.startswith("cart") and asked.ground is not None
    if wheeled and not avoids and not asked.fast and way.kind in smooth:
        found["slip"] = measures.slip(body, track)
    if asked.ground is not None and not asked.fast:
        found["gap"] = measures.ground_gap(asked, body, track)
    if not asked.fast:
        found["reduction"] = min(measures.reduction(one) for one in answer.tracks)
    pairs = zip(asked.plan.bodies, answer.tracks, strict=True)
    found["strays"] = max(measures.strays(one, track) for one, track in pairs)
    if avoids:
        free, total = measures.free_frames(asked, answer.tracks)
        found["free"] = free / total
    plain = Scores(seed=asked.seed, name=asked.name, seconds=seconds, notes=answer.notes)
    return msgspec.structs.replace(plain, **found)


def as_table(scores: Sequence[Scores], split: str) -> str:
    """The measures in Markdown."""
    lines = [
        f"Motion along ways: {len(scores)} cases of the split {split}, "
        f"{sum(bool(one.error) for one in scores)} failed.",
        "",
        "| measure | goal | cases | within goal | median | 95 % | worst |",
        "|---|---|---|---|---|---|---|",
    ]
    for goal in goals:
        values = np.array([v for one in scores if (v := getattr(one, goal.field)) is not None])
        if len(values):
            lines.append(_row(goal, values))
    frames = [one.free for one in scores if one.free is not None]
    if frames:
        lines += [
            "",
            f"Over all frames {100 * float(np.mean(frames)):.2f} % are without collision.",
        ]
    seconds = np.array([one.seconds for one in scores if one.seconds is not None])
    if len(seconds):
        lines += [
            "",
            f"Seconds a case: median {np.median(seconds):.2f}, 95 % "
            f"{np.quantile(seconds, 0.95):.2f}, worst {seconds.max():.2f}.",
        ]
    failed = [one for one in scores if one.error]
    lines += [f"- {one.seed} ({one.name}): {one.error}" for one in failed[:20]]
    return "\n".join(lines) + "\n"


def _row(goal: Goal, values: np.ndarray) -> str:
    within = sum(goal.met(float(value)) for value in values) / len(values)
    tail, worst = (0.05, values.min()) if goal.least else (0.95, values.max())
    said = [
        f"{goal.factor * float(value):.3g} {goal.unit}"
        for value in (np.median(values), np.quantile(values, tail), worst)
    ]
    sign = ">=" if goal.least else "<="
    wanted = f"{sign} {goal.factor * goal.limit:g} {goal.unit}"
    return f"| {goal.name} | {wanted} | {len(values)} | {100 * within:.1f} % | {' | '.join(said)} |"
