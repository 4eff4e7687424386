"""How well DragAPart imagines dragged parts, beside what needs no learning (section 5, Table 1)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from backend.datasets import drag_a_move
from backend.datasets.drag_a_move import Sample
from backend.evaluation import dragapart_baselines as baselines
from backend.evaluation import dragapart_table
from backend.metrics.images import pooled_psnr, psnr, squared_error, ssim
from backend.pictures import sheets

Pictures = NDArray[np.uint8]
Distance = Callable[[Pictures, Pictures], np.ndarray]  # LPIPS
Tell = Callable[[str], None]

chunk = 16  # pictures at once
best = 60.0  # dB; where nothing differs
shown = 24  # examples of a split
model = "model"


class Imagines(Protocol):
    """What `backend.models.dragapart.load` returns."""

    size: int
    revision: str

    def drag(
        self, pictures: Pictures, drags: np.ndarray, *, seed: int = 0, steps: int | None = None
    ) -> Pictures: ...


@dataclass(frozen=True)
class Plan:
    """What is measured: so many pairs of each split, in all looks, with a seed.

    The numbers of steps are compared on as many pairs of the validation split: the choice among
    them is one, and nothing is chosen on the test.
    """

    out: Path
    splits: Sequence[str] = ("test_objects", "test_families")
    count: int = 200
    steps: Sequence[int] = (1, 2, 4, 8)
    seed: int = 0
    note: str = ""


@dataclass(frozen=True, eq=False)
class Measures:
    """Of N pictures: PSNR in dB, whole and on the pixels of moving parts, SSIM, LPIPS.

    `squared` is the mean squared error on the latter, `pixels` how many they are.
    """

    psnr: np.ndarray
    psnr_moving: np.ndarray
    squared: np.ndarray
    pixels: np.ndarray
    ssim: np.ndarray
    lpips: np.ndarray | None = None

    def means(self) -> dict[str, float]:
        """Return the means by their names, and the PSNR of all moving pixels together.

        Pictures without moving pixels count in none of the two.
        """
        found = {name: getattr(self, name) for name in ("psnr", "psnr_moving", "ssim", "lpips")}
        means = {name: float(np.nanmean(v)) for name, v in found.items() if v is not None}
        return {**means, "psnr_pooled": pooled_psnr(self.squared, self.pixels)}

    def of(self, chosen: NDArray[np.bool_]) -> Measures:
        """Return those of some of the pictures."""
        lpips = None if self.lpips is None else self.lpips[chosen]
        return replace(
            self,
            psnr=self.psnr[chosen],
            psnr_moving=self.psnr_moving[chosen],
            squared=self.squared[chosen],
            pixels=self.pixels[chosen],
            ssim=self.ssim[chosen],
            lpips=lpips,
        )


@dataclass
class Evaluation:
    """A model, LPIPS where it can be had, and what they found."""

    imagines: Imagines
    distance: Distance | None = None
    tell: Tell = print
    results: dict = field(default_factory=dict)


def evaluate(plan: Plan, of: Evaluation) -> str:
    """Measure; write the table, its numbers and the sheets into `out`; return the table."""
    plan.out.mkdir(parents=True, exist_ok=True)
    splits = {split: _split(plan, of, split) for split in plan.splits}
    found = {
        "model": of.imagines.revision,
        "note": plan.note,
        "count": plan.count,
        "seed": plan.seed,
        "size": of.imagines.size,
        "splits": splits,
        "steps": _steps(plan, of) if plan.steps else {},
    }
    return dragapart_table.write(plan.out, found)


def samples_of(split: str, count: int, seed: int, size: int, looks: Sequence = ()) -> list[Sample]:
    """Return the first pairs of a split."""
    chosen = tuple(looks) or drag_a_move.every_look
    return list(drag_a_move.samples(split, seed=seed, size=size, looks=chosen, count=count))


def imagined(
    imagines: Imagines, samples: Sequence[Sample], seed: int = 0, steps: int | None = None
) -> Pictures:
    """Return what a model makes of pairs, (N, S, S, 3)."""
    before = np.stack([sample.before for sample in samples])
    drags = np.stack([sample.drags for sample in samples])
    parts = [slice(k, k + chunk) for k in range(0, len(samples), chunk)]
    return np.concatenate(
        [imagines.drag(before[own], drags[own], seed=seed, steps=steps) for own in parts]
    )


def measured(
    found: Pictures, samples: Sequence[Sample], distance: Distance | None = None
) -> Measures:
    """Return how like the pictures found are to those after the drags."""
    true = np.stack([sample.after for sample in samples])
    moving = np.stack([(s.moving_before > 0) | (s.moving_after > 0) for s in samples])
    return Measures(
        np.minimum(psnr(found, true), best),
        np.minimum(psnr(found, true, moving), best),
        squared_error(found, true, moving),
        moving.sum(axis=(1, 2)),
        ssim(found, true),
        distance(found, true) if distance else None,
    )


def _split(plan: Plan, of: Evaluation, split: str) -> dict:
    of.tell(f"{split}: drawing {plan.count} pairs")
    samples = samples_of(split, plan.count, plan.seed, of.imagines.size)
    of.tell(f"{split}: imagining")
    began = time.process_time()
    answers = {model: imagined(of.imagines, samples, plan.seed)}
    seconds = (time.process_time() - began) / len(samples)
    answers["copy"] = np.stack([baselines.copied(sample) for sample in samples])
    answers["warp"] = np.stack([baselines.warped(sample) for sample in samples])
    answers["warp, part kept"] = np.stack([baselines.warped(s, fill=False) for s in samples])
    measures = {name: measured(found, samples, of.distance) for name, found in answers.items()}
    _sheet(plan.out / f"{split}.png", samples, answers)
    return {
        "methods": {name: each.means() for name, each in measures.items()},
        "looks": _groups(measures, [sample.look for sample in samples]),
        "families": _groups(measures, [sample.family for sample in samples]),
        "cpu_seconds": seconds,
    }


def _groups(measures: Mapping[str, Measures], names: Sequence[str]) -> dict:
    """PSNR of all moving pixels of the pairs of a name together, by method."""
    own = {name: np.array(names) == name for name in sorted(set(names))}
    return {
        name: {
            "count": int(chosen.sum()),
            **{method: m.of(chosen).means()["psnr_pooled"] for method, m in measures.items()},
        }
        for name, chosen in own.items()
    }


def _steps(plan: Plan, of: Evaluation) -> dict:
    samples = samples_of("validation", plan.count, plan.seed, of.imagines.size)
    found = {}
    for steps in plan.steps:
        of.tell(f"validation: {steps} steps")
        began = time.process_time()
        pictures = imagined(of.imagines, samples, plan.seed, steps)
        seconds = (time.process_time() - began) / len(samples)
        means = measured(pictures, samples, of.distance).means()
        found[str(steps)] = {**means, "cpu_seconds": seconds}
    return found


def _sheet(path: Path, samples: Sequence[Sample], answers: Mapping[str, Pictures]) -> None:
    zoom = max(1, 128 // len(samples[0].before))
    names = (model, "copy", "warp")
    rows = [
        (
            sheets.with_drags(sample.before, sample.drags, zoom),
            sheets.enlarged(sample.after, zoom),
            *(sheets.enlarged(answers[name][k], zoom) for name in names),
        )
        for k, sample in enumerate(samples[:shown])
    ]
    sheets.sheet(path, rows, ("drag", "truth", *names), columns=2)
