"""Training DragAPart on pairs of pictures (section 4, A.2): the loop and what it leaves behind."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast

from backend.training import dragapart_state
from backend.training.dragapart_objective import Objective
from backend.training.dragapart_pool import Pool
from backend.training.dragapart_show import Shower
from backend.training.dragapart_state import Average, Log
from protocol.errors import failure

Tell = Callable[[str], None]


class Pairs(Protocol):
    """Where the pairs of a step come from."""

    def batch(self, step: int, count: int) -> Pool: ...


@dataclass(frozen=True)
class Plan:
    """How long and how to train. It ends after `steps` or `minutes`, whichever comes first.

    `batch` pairs a step and process. The learning rate rises over the first `warm_up` steps and
    falls as a cosine to nothing at the planned end. `save_minutes` is what a kill costs at most.
    """

    out: Path
    steps: int = 0
    minutes: float = 0.0
    batch: int = 32
    rate: float = 5e-4
    warm_up: int = 200
    decay: float = 0.999
    weight_decay: float = 0.0
    clip: float = 1.0
    seed: int = 0
    precision: str = "no"
    save_minutes: float = 3.0
    show_minutes: float = 15.0
    log_steps: int = 20
    cpu: bool = False

    def done(self, step: int, minutes: float) -> float:
        """Return the share of the plan that is done, 1 at its end."""
        by_steps = step / self.steps if self.steps else 0.0
        by_minutes = minutes / self.minutes if self.minutes else 0.0
        return min(1.0, max(by_steps, by_minutes))

    def rate_at(self, step: int, done: float) -> float:
        """Return the learning rate of a step, counted from 0."""
        rise = min(1.0, (step + 1) / self.warm_up) if self.warm_up else 1.0
        return self.rate * rise * 0.5 * (1.0 + math.cos(math.pi * done))


@dataclass
class Spent:
    """Steps and minutes of a run, those before it was resumed counted in."""

    step: int = 0
    minutes: float = 0.0
    began: float = field(default_factory=time.monotonic)
    before: float = 0.0

    def tick(self) -> None:
        self.minutes = self.before + (time.monotonic() - self.began) / 60.0


class Run:
    """One training run: a network, its optimiser and the averages of its weights."""

    def __init__(
        self,
        objective: Objective,
        plan: Plan,
        shower: Shower | None,
        tell: Tell,
    ):
        self.plan, self.shower, self.tell = plan, shower, tell
        self.accelerator = Accelerator(mixed_precision=plan.precision, cpu=plan.cpu)
        self.objective = objective.to(self.accelerator.device)
        self.average = Average(objective.network, plan.decay)
        optimizer = torch.optim.AdamW(
            objective.network.parameters(),
            lr=plan.rate,
            weight_decay=plan.weight_decay,
            foreach=True,
        )
        self.network, self.optimizer = self.accelerator.prepare(objective.network, optimizer)
        self.network.config = objective.config  # what wraps it has none
        self.spent = Spent()
        self.best = -math.inf  # dB on validation pairs
        self.loss = torch.zeros((), device=self.accelerator.device)  # since the last report

    @property
    def main(self) -> bool:
        return self.accelerator.is_main_process

    def resume(self) -> bool:
        """Go on from the newest checkpoint in `out`; return whether there was one."""
        state = dragapart_state.newest(self.plan.out)
        if state is None:
            return False
        try:
            self.objective.network.load_state_dict(state["network"])
        except RuntimeError:
            raise failure(
                "bad_input",
                f"The run in {self.plan.out} is of another network; begin anew elsewhere.",
            ) from None
        self.optimizer.load_state_dict(state["optimizer"])
        self.average.load(state["average"])
        if self.accelerator.scaler is not None and state["scaler"]:
            self.accelerator.scaler.load_state_dict(state["scaler"])
        self.spent = Spent(state["step"], state["minutes"], before=state["minutes"])
        best = dragapart_state.best(self.plan.out)
        self.best = best["psnr_pooled"] if best else self.best
        return True

    def train(self, pairs: Pairs) -> dict[str, torch.Tensor]:
        """Train on pairs to the plan's end; return the averaged weights by their names.

        Where validation pairs are shown, they are those that did best on them.
        """
        self.plan.out.mkdir(parents=True, exist_ok=True)
        log = Log(self.plan.out / "log.jsonl", self.spent.step) if self.main else None
        saved = shown = self.spent.minutes
        self.network.train()
        while (done := self._done()) < 1.0:
            self._step(done, pairs)
            if log and self.spent.step % self.plan.log_steps == 0:
                self._report(log)
            if self.spent.minutes - saved >= self.plan.save_minutes:
                saved = self.spent.minutes
                self._save()
            if log and self.shower and self.spent.minutes - shown >= self.plan.show_minutes:
                shown = self.spent.minutes
                self._show(log)
        self._save()
        if log:
            self._show(log)
        best = dragapart_state.best(self.plan.out) if self.shower else None
        return best["average"] if best else self.average.state()

    def _done(self) -> float:
        """The share of the plan that is done, the same in every process."""
        self.spent.tick()
        done = self.plan.done(self.spent.step, self.spent.minutes)
        if self.accelerator.num_processes == 1:
            return done
        told = torch.tensor([done, self.spent.minutes], device=self.accelerator.device)
        done, self.spent.minutes = (float(value) for value in broadcast(told))
        return done

    def _step(self, done: float, pairs: Pairs) -> None:
        step = self.spent.step
        for group in self.optimizer.param_groups:
            group["lr"] = self.plan.rate_at(step, done)
        batch = pairs.batch(step, self.plan.batch)
        loss = self.objective.loss(self.network, batch, self._generator(step))
        self.accelerator.backward(loss)
        self.accelerator.clip_grad_norm_(self.network.parameters(), self.plan.clip)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.average.update(self.objective.network, step)
        self.loss = self.loss + loss.detach()
        self.spent.step = step + 1

    def _generator(self, step: int) -> torch.Generator:
        """Noise that depends on seed, step and process alone, for a resumed run to go on alike."""
        rank = self.accelerator.process_index
        return torch.Generator().manual_seed((self.plan.seed * 1_000_003 + step) * 1024 + rank)

    def _report(self, log: Log) -> None:
        spent, count = self.spent, self.plan.log_steps
        loss = float(self.loss) / count
        self.loss.zero_()
        rate = self.optimizer.param_groups[0]["lr"]
        pairs = spent.step * self.plan.batch * self.accelerator.num_processes
        log.add(step=spent.step, minutes=round(spent.minutes, 3), pairs=pairs, rate=rate, loss=loss)
        self.tell(f"step {spent.step}, {spent.minutes:.1f} min, {pairs} pairs: loss {loss:.5f}")

    def _save(self) -> None:
        if self.main:
            dragapart_state.save(self.plan.out, self.spent.step, self._state())

    def _state(self) -> dict[str, Any]:
        scaler = self.accelerator.scaler
        return {
            "step": self.spent.step,
            "minutes": self.spent.minutes,
            "network": self.objective.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "average": self.average.state(),
            "scaler": scaler.state_dict() if scaler is not None else {},
        }

    def _show(self, log: Log) -> None:
        """Draw a grid and the curve, and log what the averaged weights make of validation pairs."""
        if self.shower is None:
            return
        told = self.shower.show(self.average.state(), self.plan.out, self.spent.step)
        log.add(step=self.spent.step, minutes=round(self.spent.minutes, 3), **told)
        self.shower.curve(self.plan.out)
        if told["psnr_pooled"] > self.best:
            self.best = told["psnr_pooled"]
            best = {"step": self.spent.step, "average": self.average.state()}
            dragapart_state.save_best(self.plan.out, best | {"psnr_pooled": self.best})
        self.tell(f"step {self.spent.step}: " + ", ".join(f"{k} {v:.2f}" for k, v in told.items()))
