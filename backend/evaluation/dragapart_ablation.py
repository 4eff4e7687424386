"""Variants of DragAPart trained equally long from one seed: Table 2 and Table 3 of the paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from backend.datasets.drag_a_move import Sample
from backend.evaluation.dragapart import (
    Distance,
    Tell,
    imagined,
    measured,
    samples_of,
)
from backend.evaluation.dragapart_baselines import copied
from backend.evaluation.dragapart_model import of_network
from backend.evaluation.dragapart_table import measures, row_of, table
from backend.models.dragapart.config import Config, small
from backend.training import dragapart, dragapart_recipe
from backend.training.dragapart_pool import Draws, Pool
from backend.training.dragapart_start import objective
from backend.training.dragapart_stream import Stream

natural = {"clay": 0.5, "colours": 0.0, "textured": 0.5}
transformer_blocks = 6
random = {"clay": 0.25, "colours": 0.5, "textured": 0.25}


@dataclass(frozen=True)
class Variant:
    """A network and the looks of the pairs that it learns from."""

    name: str
    config: Config
    shares: Mapping[str, float] = field(default_factory=lambda: random)


@dataclass(frozen=True)
class Plan:
    """Which table, and how long each of its variants is trained."""

    out: Path
    what: str
    minutes: float = 10.0
    count: int = 200
    steps: int = 0
    batch: int = 16
    data: Sequence[Path] = ()
    seed: int = 0
    base: Config = small
    jobs: int = 1


def encodings(base: Config) -> list[Variant]:
    """Return the ways in which drags come in, in both networks (Table 2), then what we add.

    A transformer has one resolution, so that its blocks have one way to take drags. All but the
    last predict what to add to the reference: pixels that are carried are told of the drags twice.
    """
    unet = replace(base, drag_map="cells", prediction="change")
    flat = replace(unet, backbone="dit", widths=base.widths[-1:], layers=transformer_blocks)
    return [
        Variant("DiT, at the input", replace(flat, injection="input")),
        Variant("DiT, at each block", replace(flat, injection="block")),
        Variant("UNet, at the input", replace(unet, injection="input")),
        Variant("UNet, at each block, one map", replace(unet, injection="block")),
        Variant("UNet, at each resolution", replace(unet, injection="multi")),
        Variant("UNet, a field at each resolution", replace(unet, drag_map="field")),
        Variant("the same, pixels carried", replace(unet, drag_map="field", prediction="carry")),
    ]


def randomisation(base: Config) -> list[Variant]:
    """Return training without random colours, and with them (Table 3)."""
    return [
        Variant("natural looks alone", base, natural),
        Variant("half in random colours", base, random),
    ]


@dataclass(frozen=True)
class Test:
    """Pairs that nobody has learned from."""

    name: str
    split: str
    looks: tuple[str, ...]


tables: dict[str, tuple[Callable[[Config], list[Variant]], tuple[Test, ...]]] = {
    "encodings": (
        encodings,
        (Test("unseen objects", "test_objects", ("clay", "colours", "textured")),),
    ),
    "randomisation": (
        randomisation,
        (
            Test("in distribution: unseen objects, natural", "test_objects", ("clay", "textured")),
            Test("out of it: unseen families, random colours", "test_families", ("colours",)),
        ),
    ),
}


def ablate(plan: Plan, distance: Distance | None, tell: Tell) -> str:
    """Train and measure the variants; write `WHAT.json` and `WHAT.md`; return the latter's text."""
    plan.out.mkdir(parents=True, exist_ok=True)
    variants, tests = tables[plan.what]
    pairs = {
        test.name: samples_of(test.split, plan.count, plan.seed, plan.base.picture, test.looks)
        for test in tests
    }
    found = [_scores("copying", name, _copies(own), own, distance) for name, own in pairs.items()]
    data = dragapart_recipe.opened(plan.data, plan.base) if plan.data else None
    for variant in variants(plan.base):
        found += _measured(plan, variant, data, pairs, distance, tell)
        _write(plan, found)
    return _write(plan, found)


def _measured(
    plan: Plan,
    variant: Variant,
    data: Pool | None,
    pairs: Mapping[str, list[Sample]],
    distance: Distance | None,
    tell: Tell,
) -> Iterator[dict[str, Any]]:
    tell(f"{variant.name}: training")
    made = objective(variant.config, plan.seed)
    run = dragapart.Run(made, _training(plan, variant), None, tell)
    with _pairs(plan, variant, data) as given:
        weights = run.train(given)
    made.network.load_state_dict(weights)
    model = of_network(made.network, variant.name)
    for name, own in pairs.items():
        scores = _scores(variant.name, name, imagined(model, own, plan.seed), own, distance)
        yield {**scores, "steps": run.spent.step, "parameters": _size(made.network)}


def _training(plan: Plan, variant: Variant) -> dragapart.Plan:
    name = variant.name.lower().replace(" ", "-").replace(",", "")
    return dragapart.Plan(
        out=plan.out / name,
        steps=plan.steps,
        minutes=plan.minutes,
        batch=plan.batch,
        seed=plan.seed,
        warm_up=50,
        save_minutes=1e9,
        cpu=False,
    )


def _pairs(plan: Plan, variant: Variant, data: Pool | None):
    if data is not None:
        return nullcontext(Draws(data, variant.shares, seed=plan.seed))
    size = variant.config.picture
    return closing(Stream(variant.shares, size=size, seed=plan.seed, jobs=plan.jobs))


def _copies(samples: list[Sample]) -> np.ndarray:
    return np.stack([copied(sample) for sample in samples])


def _scores(
    variant: str, test: str, found: np.ndarray, samples: list[Sample], distance: Distance | None
) -> dict[str, Any]:
    return {"variant": variant, "test": test, **measured(found, samples, distance).means()}


def _size(network: Any) -> int:
    return sum(value.numel() for value in network.parameters())


def _write(plan: Plan, found: list[dict[str, Any]]) -> str:
    told = {"minutes": plan.minutes, "seed": plan.seed, "count": plan.count, "rows": found}
    (plan.out / f"{plan.what}.json").write_bytes(msgspec.json.format(msgspec.json.encode(told)))
    rows = [
        [each["test"], each["variant"], *row_of(each), *_effort(each)]
        for each in sorted(found, key=lambda each: each["test"])
    ]
    head = ["pairs", "variant", *measures.values(), "steps", "parameters"]
    text = f"{plan.minutes:g} min of training each, seed {plan.seed}.\n\n{table(head, rows, 2)}\n"
    (plan.out / f"{plan.what}.md").write_text(text, "utf-8")
    return text


def _effort(each: Mapping[str, Any]) -> list[str]:
    if "steps" not in each:
        return ["–", "–"]
    return [str(each["steps"]), f"{each['parameters'] / 1e6:.1f} M"]
