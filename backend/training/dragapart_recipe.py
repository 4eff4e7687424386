"""From what was asked of a training run to its parts: network, pairs, plan and exported weights."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState
from safetensors.torch import save_file
from torch import Tensor

from backend.datasets import drag_a_move
from backend.models.dragapart.codec import PixelCodec
from backend.models.dragapart.config import Config, preset
from backend.models.dragapart.unet import DragUNet
from backend.training.dragapart import Plan, Run
from backend.training.dragapart_objective import Objective
from backend.training.dragapart_pool import Draws, Pool, pool
from backend.training.dragapart_show import Shower
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
    shower = Shower(made := objective(config, asked.seed), _validation(config), asked.seed)
    run = Run(made, None, plan, shower if PartialState().is_main_process else None, tell)
    if asked.resume and run.resume():
        tell(f"Going on after step {run.spent.step}.")
    with pairs(asked, shares, config, run) as run.pairs:
        weights = run.train()
    path = plan.out / f"dragapart-{asked.preset}.safetensors"
    if run.main:
        export(path, config, weights)
    return path


def objective(config: Config, seed: int) -> Objective:
    """Return what a network of a configuration is trained to do, with fresh weights of a seed."""
    if config.codec != "pixels":
        raise failure("missing_model", "Training in latents needs Stable Diffusion's autoencoder.")
    torch.manual_seed(seed)
    change = config.prediction != "epsilon"
    return Objective(
        DragUNet(config),
        PixelCodec(config),
        emphasis=4.0 if change else 1.0,
        pure=0.9 if change else 0.0,
    )


def pairs(
    asked: argparse.Namespace, shares: Mapping[str, float], config: Config, run: Run
) -> AbstractContextManager[Any]:
    """Return where the pairs come from, to be entered."""
    rank, seed = run.accelerator.process_index, asked.seed
    if asked.data != "generated":
        return nullcontext(Draws(opened(Path(asked.data), config), shares, seed=seed, rank=rank))
    return closing(
        Stream(
            shares,
            size=config.picture,
            seed=seed,
            jobs=asked.jobs,
            rank=rank,
            step=run.spent.step,
        )
    )


def opened(folder: Path, config: Config) -> Pool:
    """Return the pairs of a folder. Raises TugError(bad_input) for others than the network's."""
    try:
        arrays = drag_a_move.opened(folder)
    except (OSError, ValueError) as error:
        raise failure("bad_input", f"{folder} is no folder of rendered pairs: {error}.") from error
    size = arrays["before"].shape[1]
    if size != config.picture:
        raise failure("bad_input", f"{folder} has {size} pixels, the network {config.picture}.")
    return pool(arrays)


def export(path: Path, config: Config, weights: Mapping[str, Tensor]) -> None:
    """Write weights in half precision, with their configuration."""
    half = {name: value.to("cpu", torch.float16).contiguous() for name, value in weights.items()}
    save_file(half, path, {"config": json.dumps(asdict(config))})


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
