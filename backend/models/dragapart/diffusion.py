"""Noise in and noise out: the published schedule, what is learned on it, and ways to sample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from .config import Config
from .network import Network
from .prediction import carry, changed

Way = Literal["ddim", "dpm", "published", "ancestral"]
Noise = Callable[[], Tensor]  # the next noise (B, C, h, w), standard normal
first_beta, last_beta, chain = 1e-4, 0.02, 1000  # not Stable Diffusion's
misplacement = 80.0  # what a picture's width costs, beside squared errors of colours in -1..1
mistaken = 0.5  # the same of a pixel that is wrongly said to change, to be bare or to leave


class Progress(Protocol):
    """What is told of long work; either call may raise to stop it."""

    def stage(self, name: str, step: int = 0, total: int = 0) -> None: ...

    def check(self) -> None: ...


class Silent:
    """Progress that nobody hears."""

    def stage(self, name: str, step: int = 0, total: int = 0) -> None: ...

    def check(self) -> None: ...


silent = Silent()


class Schedule:
    """The linear schedule of 1000 steps in float64; index 0 is the least noise."""

    def __init__(self) -> None:
        self.betas = np.linspace(first_beta, last_beta, chain, dtype=np.float64)
        self.kept = np.cumprod(1.0 - self.betas)

    def noised(self, clean: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
        """Return codes (B, C, h, w) at timesteps (B,)."""
        kept = self.kept[timestep.cpu().numpy()]
        return _as(np.sqrt(kept), clean) * clean + _as(np.sqrt(1.0 - kept), clean) * noise

    def clean(self, noisy: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
        """Return what the noisy codes are without that noise."""
        kept = self.kept[timestep.cpu().numpy()]
        return _as(np.sqrt(1.0 / kept), noisy) * noisy - _as(np.sqrt(1.0 / kept - 1), noisy) * noise

    def noise(self, noisy: Tensor, clean: Tensor, timestep: Tensor) -> Tensor:
        """Return the noise by which the noisy codes differ from the clean ones."""
        kept = self.kept[timestep.cpu().numpy()]
        return (noisy - _as(np.sqrt(kept), noisy) * clean) / _as(np.sqrt(1.0 - kept), noisy)

    def posterior(self, noisy: Tensor, clean: Tensor, t: int) -> tuple[Tensor, float]:
        """Return mean and log variance, fixed large, of the codes at t - 1."""
        before = self.kept[t - 1] if t else 1.0
        left = 1.0 - self.kept[t]
        of_clean = self.betas[t] * np.sqrt(before) / left
        of_noisy = (1.0 - before) * np.sqrt(1.0 - self.betas[t]) / left
        variance = self.betas[t] if t else self.betas[1] * left / (1.0 - self.kept[1])
        return float(of_clean) * clean + float(of_noisy) * noisy, float(np.log(variance))


@dataclass(frozen=True)
class Batch:
    """Pairs to learn from: codes before and after (B, C, h, w), drags (B, D, 4) as shares.

    `weight` (B, 1 or C, h, w) says how much each cell counts, `hidden` are CLIP's class tokens
    (B, L, C) of the pictures before. `origin` (B, 5, S, S), for networks that carry pixels, is
    where each pixel after was before, an offset x and y in shares of the picture, 1 where that is
    known, 1 where the pixel shows what moves, before or after, and 1 where it does before.
    """

    before: Tensor
    after: Tensor
    drags: Tensor
    weight: Tensor | None = None
    hidden: Tensor | None = None
    origin: Tensor | None = None


@dataclass(frozen=True)
class Guided:
    """A network with its reference, drags and guidance: says what is behind noisy codes.

    Guidance is classifier-free: away from what comes out without drags (section 3.1).
    """

    network: Network
    schedule: Schedule
    reference: Tensor
    drags: Tensor
    hidden: Tensor | None = None
    guidance: float = 1.0

    def clean(self, noisy: Tensor, t: int) -> Tensor:
        """Return the clean codes (B, C, h, w) that the network makes of noisy ones at t."""
        steps = torch.full((len(noisy),), t, device=noisy.device)
        predicted = self.predicted(noisy, steps)
        if self.network.config.prediction == "epsilon":
            return self.schedule.clean(noisy, predicted, steps)
        bounded = self.network.config.codec == "pixels"
        found = changed(self.network.config, self.reference, predicted)
        return found.clamp(-1.0, 1.0) if bounded else found

    def both(self, noisy: Tensor, steps: Tensor) -> tuple[Tensor, Tensor]:
        """Return the predictions without drags and with them, made in one batch in this order."""
        drags = torch.cat([torch.zeros_like(self.drags), self.drags])
        free, pulled = self._run(noisy, steps, drags, 2).chunk(2)
        return free, pulled

    def predicted(self, noisy: Tensor, steps: Tensor) -> Tensor:
        """Return the network's output (B, C, h, w) for noisy codes at steps (B,), guided."""
        if self.guidance == 1.0:
            return self._run(noisy, steps, self.drags, 1)
        free, pulled = self.both(noisy, steps)
        return free + self.guidance * (pulled - free)

    def _run(self, noisy: Tensor, steps: Tensor, drags: Tensor, times: int) -> Tensor:
        kind = next(self.network.parameters()).dtype
        hidden = None if self.hidden is None else torch.cat([self.hidden] * times).to(kind)
        codes, reference = (torch.cat([x] * times).to(kind) for x in (noisy, self.reference))
        steps = torch.cat([steps] * times)
        return self.network(codes, reference, steps, drags, hidden).float()


def training_loss(
    network: Network,
    batch: Batch,
    generator: torch.Generator,
    *,
    dropout: float = 0.1,
    timesteps: Tensor | None = None,
) -> Tensor:
    """Return the mean squared error of noise, or of clean codes, a scalar (section 3.1).

    Where pixels are carried, what is known of them counts as well: offsets and log odds. Noise,
    timesteps unless they are given (B,) and which pairs lose their drags (`dropout`) come from
    the generator, which lives on the CPU.
    """
    noise = torch.randn(batch.after.shape, generator=generator).to(batch.after.device)
    count = len(batch.after)
    if timesteps is None:
        timesteps = torch.randint(chain, (count,), generator=generator).to(batch.after.device)
    lost = torch.rand(count, 1, 1, generator=generator).to(batch.after.device) < dropout
    drags = batch.drags.masked_fill(lost, 0.0)
    noisy = schedule.noised(batch.after, noise, timesteps)
    predicted = network(noisy, batch.before, timesteps, drags, batch.hidden)
    if network.config.prediction == "epsilon":
        error = predicted.float() - noise
    else:
        error = changed(network.config, batch.before, predicted) - batch.after
    error = error.square() if batch.weight is None else error.square() * batch.weight
    return error.mean() + _misplaced(network.config, batch, predicted)


def _misplaced(config: Config, batch: Batch, predicted: Tensor) -> Tensor | float:
    """How far off the offsets are where they are known, and what is wrongly said of pixels."""
    if batch.origin is None or config.prediction != "carry":
        return 0.0
    where, known, stirs, leaves = batch.origin.split([2, 1, 1, 1], 1)
    found = carry(config, predicted)
    off = ((found.offsets - where).abs() * known).mean()
    wrong = functional.binary_cross_entropy_with_logits
    odds = wrong(found.stirring, stirs) + wrong(found.leaving, leaves)
    odds = odds + wrong(found.bare, 1.0 - known, weight=stirs)
    return misplacement * off + mistaken * odds


@torch.no_grad()
def sample(
    guided: Guided,
    noise: Noise,
    *,
    way: Way = "ddim",
    steps: int = 20,
    progress: Progress = silent,
) -> Tensor:
    """Return clean codes (B, C, h, w) out of noise.

    `ddim` and `dpm` (DPM-Solver++) need nothing but the first noise. `published` is the sampler
    of the authors' demonstration: each estimate of the clean codes is noised afresh to the
    timestep it came from. `ancestral` is the whole chain, whatever `steps`. Progress hears of
    each step before it is taken.
    """
    ways = {"ddim": _ddim, "dpm": _dpm, "published": _published, "ancestral": _ancestral}
    if way not in ways:
        raise ValueError(f"there is no way {way!r} to sample")
    return ways[way](guided, noise, steps, progress)


def published_timesteps(steps: int) -> list[int]:
    """Return the timesteps of the authors' sampler, the most noise first."""
    return [chain - 1 - i * (chain // steps) for i in range(steps)]


def fast_timesteps(steps: int) -> list[int]:
    """Return timesteps spread evenly over the chain, its noisiest the first."""
    return [round(chain * (steps - i) / steps) - 1 for i in range(steps)]


def _published(guided: Guided, noise: Noise, steps: int, progress: Progress) -> Tensor:
    codes = clean = noise()
    for i, t in enumerate(published_timesteps(steps)):
        progress.stage("imagine", i, steps)
        clean = guided.clean(codes, t)
        if i < steps - 1:
            codes = guided.schedule.noised(clean, noise(), torch.full((len(clean),), t))
    progress.stage("imagine", steps, steps)
    return clean


def _ancestral(guided: Guided, noise: Noise, _steps: int, progress: Progress) -> Tensor:
    codes = noise()
    for t in reversed(range(chain)):
        progress.stage("imagine", chain - 1 - t, chain)
        mean, log_variance = guided.schedule.posterior(codes, guided.clean(codes, t), t)
        codes = mean + float(np.exp(0.5 * log_variance)) * noise() if t else mean
    progress.stage("imagine", chain, chain)
    return codes


def _ddim(guided: Guided, noise: Noise, steps: int, progress: Progress) -> Tensor:
    """Song et al. 2021 without noise of its own. Diffusers' needs steps that divide 1000."""
    codes = clean = noise()
    timesteps = fast_timesteps(steps)
    for i, t in enumerate(timesteps):
        progress.stage("imagine", i, steps)
        clean = guided.clean(codes, t)
        if i < steps - 1:
            here = torch.full((len(codes),), t)
            kept = guided.schedule.noise(codes, clean, here)
            codes = guided.schedule.noised(clean, kept, torch.full_like(here, timesteps[i + 1]))
    progress.stage("imagine", steps, steps)
    return clean


def _dpm(guided: Guided, noise: Noise, steps: int, progress: Progress) -> Tensor:
    """DPM-Solver++ of second order (Lu et al. 2022)."""
    from diffusers.schedulers.scheduling_dpmsolver_multistep import DPMSolverMultistepScheduler

    solver: Any = DPMSolverMultistepScheduler(
        num_train_timesteps=chain,
        beta_start=first_beta,
        beta_end=last_beta,
        beta_schedule="linear",
        prediction_type="sample",
        timestep_spacing="trailing",
        euler_at_final=True,
    )
    solver.set_timesteps(steps)
    codes = noise()
    for i, t in enumerate(solver.timesteps):
        progress.stage("imagine", i, steps)
        codes = solver.step(guided.clean(codes, int(t)), t, codes, return_dict=False)[0]
    progress.stage("imagine", steps, steps)
    return codes


def _as(values: np.ndarray, like: Tensor) -> Tensor:
    """A number a sample, to multiply codes with."""
    return torch.from_numpy(values).to(like.device, torch.float32)[:, None, None, None]


schedule = Schedule()
