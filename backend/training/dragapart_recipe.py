"""From what was asked of a training run to its parts: network, pairs, plan and exported weights."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path
from typing import Any

from accelerate import PartialState
from torch import Tensor

from backend.datasets import drag_a_move
from backend.datasets.drag_a_move.folder import arrays
from backend.models.dragapart.config import Config, preset
from backend.models.dragapart.loader import save
from backend.models.dragapart.network import network
from backend.training.dragapart import Plan, Run
from backend.training.dragapart_pool import Draws, Pool, pool
from backend.training.dragapart_show import Shower
from backend.training.dragapart_start import objective
from backend.training.dragapart_stream import Stream
from protocol.errors import failure

Tell = Callable[[str], None]

validated = 64  # pairs
rates = {"small": 5e-4, "full": 1e-5}  # the published one (A.2)
decays = {"small": 0.999, "full": 0.9999}


def train(asked: argparse.Namespace, tell: Tell) -> Path:
    """Train as the command line asks; return the file of the averaged weights."""
    config, shares = preset(asked.preset), _shares(asked)
    plan = _plan(asked)
    made, shower = objective(config, asked.seed), None
    if PartialState(cpu=asked.cpu).is_main_process:
        shower = Shower(made, _validation(config), asked.seed)
    run = Run(made, plan, shower, tell)
    if asked.resume and run.resume():
        tell(f"Going on after step {run.spent.step}.")
    with pairs(asked, shares, config, run) as given:
        weights = run.train(given)
    path = plan.out / f"dragapart-{asked.preset}.safetensors"
    if run.main:
        export(path, config, weights, {"steps": str(run.spent.step), "seed": str(asked.seed)})
    return path


def pairs(
    asked: argparse.Namespace, shares: Mapping[str, float], config: Config, run: Run
) -> AbstractContextManager[Any]:
    """Return where the pairs come from, to be entered."""
    rank, seed = run.accelerator.process_index, asked.seed
    if asked.data:
        return nullcontext(Draws(opened(asked.data, config), shares, seed=seed, rank=rank))
    return closing(
        Stream(
            shares,
            size=config.picture,
            seed=seed,
            jobs=asked.jobs,
            rank=rank,
            source=asked.source,
            step=run.spent.step,
        )
    )


def opened(folders: Sequence[Path], config: Config) -> Pool:
    """Return the pairs of data sets. Raises TugError(bad_input) where there are none that fit."""
    found = arrays(folders)
    size = found["before"].shape[1]
    if size != config.picture:
        raise failure("bad_input", f"The pairs have {size} pixels, the network {config.picture}.")
    return pool(found)


def export(
    path: Path, config: Config, weights: Mapping[str, Tensor], told: Mapping[str, str]
) -> None:
    """Write weights in half precision, with their configuration and what is told of them."""
    made = network(config)
    made.load_state_dict(dict(weights))
    save(made, path, dict(told))


def _plan(asked: argparse.Namespace) -> Plan:
    return Plan(
        out=asked.out,
        steps=asked.steps,
        minutes=asked.minutes,
        batch=asked.batch,
        rate=asked.rate or rates[asked.preset],
        decay=decays[asked.preset],
        seed=asked.seed,
        precision=asked.precision,
        save_minutes=asked.save_minutes,
        show_minutes=asked.show_minutes,
        cpu=asked.cpu,
    )


def _shares(asked: argparse.Namespace) -> dict[str, float]:
    clay = max(0.0, 1.0 - asked.textured_share - asked.colours_share)
    return {"clay": clay, "colours": asked.colours_share, "textured": asked.textured_share}


def _validation(config: Config) -> Pool:
    return pool(drag_a_move.pool("validation", validated, 0, config.picture))
