"""What a run's averaged weights make of validation pairs: a grid of pictures and their PSNR."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from backend.metrics.images import pooled_psnr, psnr, squared_error
from backend.models.dragapart.diffusion import Guided, sample, schedule
from backend.models.dragapart.network import Network, network
from backend.models.dragapart.pictures import to_pictures
from backend.pictures import sheets
from backend.training import dragapart_curve, dragapart_state
from backend.training.dragapart_objective import Objective
from backend.training.dragapart_pool import Bytes, Pool

shown = 16  # pairs in a grid
chunk = 16  # pairs at once
best = 60.0  # dB; where nothing differs


@dataclass
class Shower:
    """Samples from averaged weights on validation pairs, with the steps of the configuration."""

    objective: Objective
    pairs: Pool
    seed: int = 0

    def __post_init__(self) -> None:
        self.network = network(self.objective.config).eval().requires_grad_(False)

    def show(self, weights: Mapping[str, Tensor], out: Path, step: int) -> dict[str, float]:
        """Write `grid-STEP.png`; return the mean PSNR in dB, of pictures and of what moves."""
        self.network.to(self.objective.device).load_state_dict(dict(weights))
        found = imagined(self.objective, self.network, self.pairs, self.seed)
        grid(out / f"grid-{step:07d}.png", self.pairs, found)
        return told(found, self.pairs)

    def curve(self, out: Path) -> None:
        """Write `curve.png` from the run's log."""
        dragapart_curve.write(out / "curve.png", dragapart_state.read(out / "log.jsonl"))


def imagined(
    objective: Objective, network: Network, pairs: Pool, seed: int, steps: int | None = None
) -> Bytes:
    """Return what a network makes of pairs, (N, S, S, 3)."""
    generator = torch.Generator().manual_seed(seed)
    rows = [
        pairs.rows(np.arange(k, min(k + chunk, len(pairs)))) for k in range(0, len(pairs), chunk)
    ]
    return np.concatenate([_some(objective, network, row, generator, steps) for row in rows])


@torch.no_grad()
def _some(
    objective: Objective,
    network: Network,
    pairs: Pool,
    generator: torch.Generator,
    steps: int | None,
) -> Bytes:
    config, batch = network.config, objective.batch(pairs)
    guided = Guided(
        network, schedule, batch.before, batch.drags, batch.hidden, guidance=config.guidance
    )
    codes = sample(
        guided,
        lambda: torch.randn(batch.before.shape, generator=generator).to(batch.before.device),
        steps=steps or config.steps,
    )
    return to_pictures(objective.codec.decode(codes))


def told(found: Bytes, pairs: Pool) -> dict[str, float]:
    """Return the mean PSNR of pictures of pairs, whole and on moving parts' pixels, in dB.

    `psnr_pooled` is that of the latter all together.
    """
    moving = pairs.moving_before | pairs.moving_after
    whole, part = psnr(found, pairs.after), psnr(found, pairs.after, moving)
    return {
        "psnr": float(np.minimum(whole, best).mean()),
        "psnr_moving": float(np.nanmean(np.minimum(part, best))),
        "psnr_pooled": pooled_psnr(
            squared_error(found, pairs.after, moving), moving.sum(axis=(1, 2))
        ),
    }


def grid(path: Path, pairs: Pool, found: Bytes) -> None:
    """Write a sheet of the first pairs: before with its drags, truth, what the model made."""
    zoom = max(1, 128 // pairs.before.shape[1])
    rows = [
        (
            sheets.with_drags(pairs.before[k], pairs.drags[k], zoom),
            sheets.enlarged(pairs.after[k], zoom),
            sheets.enlarged(found[k], zoom),
        )
        for k in range(min(shown, len(pairs)))
    ]
    sheets.sheet(path, rows, ("drag", "truth", "model"), columns=2)
