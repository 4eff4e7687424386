from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from backend import cli  # noqa: E402
from backend.datasets.drag_a_move import folder  # noqa: E402
from backend.datasets.drag_a_move.stream import Recipe  # noqa: E402
from backend.metrics.images import psnr  # noqa: E402
from backend.models.dragapart.loader import read_network  # noqa: E402
from backend.training import dragapart_recipe, dragapart_state  # noqa: E402
from backend.training.dragapart import Plan, Run  # noqa: E402
from backend.training.dragapart_pool import Draws, looks  # noqa: E402
from backend.training.dragapart_show import Shower  # noqa: E402
from backend.training.dragapart_start import objective  # noqa: E402
from backend.training.dragapart_state import Average  # noqa: E402
from protocol.errors import TugError  # noqa: E402
from tests.backend.training.tiny import config, squares  # noqa: E402

even: dict[str, float] = dict.fromkeys(looks, 1 / 3)


def draws(count: int = 12) -> Draws:
    return Draws(squares(count), even, seed=0)


def plan(out: Path, steps: int, **more) -> Plan:
    settings = {"batch": 4, "warm_up": 2, "cpu": True, "log_steps": 2} | more
    return Plan(out, steps=steps, **settings)


def run_of(plan: Plan, shower: Shower | None = None) -> Run:
    return Run(objective(config, 0), plan, shower, lambda _text: None)


class Killed(Exception):
    pass


class Until:
    """Pairs that end the run at a step, as a kill does."""

    def __init__(self, last: int) -> None:
        self.last, self.pairs = last, draws()

    def batch(self, step: int, count: int):
        if step == self.last:
            raise Killed
        return self.pairs.batch(step, count)


def test_a_few_pairs_are_learned(tmp_path: Path) -> None:
    pairs = squares(6)
    shower = Shower(objective(config, 0), pairs)
    run = run_of(plan(tmp_path, 150, rate=3e-3, decay=0.9, batch=8), shower)
    before = psnr(pairs.before, pairs.after, pairs.moving_before | pairs.moving_after).mean()
    run.train(Draws(pairs, even, seed=0))
    log = dragapart_state.read(tmp_path / "log.jsonl")
    losses = [line["loss"] for line in log if "loss" in line]
    assert np.mean(losses[-5:]) < 0.5 * losses[0]
    assert log[-1]["psnr_moving"] > before + 3.0
    assert {"curve.png", "grid-0000150.png"} <= {path.name for path in tmp_path.iterdir()}


def test_a_resumed_run_goes_on_as_if_it_had_never_stopped(tmp_path: Path) -> None:
    whole = run_of(plan(tmp_path / "whole", 8))
    wanted = {name: value.clone() for name, value in whole.train(draws()).items()}
    parted = plan(tmp_path / "parted", 8, save_minutes=0.0)
    with pytest.raises(Killed):
        run_of(parted).train(Until(5))
    again = run_of(parted)
    assert again.resume() and again.spent.step == 5
    found = again.train(draws())
    for name, value in wanted.items():
        torch.testing.assert_close(found[name], value, rtol=0, atol=0)
    steps = [line["step"] for line in dragapart_state.read(tmp_path / "parted/log.jsonl")]
    assert steps == [2, 4, 6, 8]


def test_a_kill_while_saving_costs_one_checkpoint_at_most(tmp_path: Path) -> None:
    saving = plan(tmp_path, 3, save_minutes=0.0)
    run_of(saving).train(draws())
    assert len(list(tmp_path.glob("state-*.pt"))) == 2
    (tmp_path / "state-00000004.unfinished").write_bytes(b"half")
    newest = tmp_path / "state-00000003.pt"
    newest.write_bytes(newest.read_bytes()[:1000])
    again = run_of(saving)
    assert again.resume() and again.spent.step == 2


def test_checkpoints_none_of_which_reads_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "state-00000001.pt").write_bytes(b"")
    with pytest.raises(Exception, match="No checkpoint"):
        run_of(plan(tmp_path, 3)).resume()


def test_averages_are_exponential_and_young_ones_forget() -> None:
    network = torch.nn.Linear(1, 1, bias=False)
    average = Average(network, decay=0.9)
    wanted = float(network.weight.detach())
    for step, value in enumerate([1.0, 5.0, -2.0] * 40):
        network.weight.data.fill_(value)
        average.update(network, step)
        kept = min(0.9, (1 + step) / (10 + step))
        wanted = kept * wanted + (1 - kept) * value
    assert float(average.state()["weight"]) == pytest.approx(wanted, rel=1e-4)


def test_the_rate_rises_and_falls_to_nothing_at_the_planned_end(tmp_path: Path) -> None:
    asked = Plan(tmp_path, steps=100, minutes=10, rate=1.0, warm_up=10)
    rates = [asked.rate_at(step, asked.done(step, 0.0)) for step in range(101)]
    assert rates[0] == pytest.approx(0.1) and max(rates) > 0.95 and rates[100] == 0.0
    assert rates[:8] == sorted(rates[:8]) and rates[20:] == sorted(rates[20:], reverse=True)
    assert asked.done(10, 5.0) == 0.5 and asked.done(60, 5.0) == 0.6


def test_pixels_of_moving_parts_count_more() -> None:
    made, pairs = objective(config, 0), squares(4)
    weight = made.batch(pairs).weight
    assert weight is not None
    pixels = made.codec.decode(weight).numpy()
    moving = (pairs.moving_before | pairs.moving_after)[:, None]
    np.testing.assert_allclose(pixels, np.broadcast_to(np.where(moving, 4.0, 1.0), pixels.shape))


def test_what_a_training_exports_is_the_network_that_it_averaged(tmp_path: Path) -> None:
    weights = run_of(plan(tmp_path, 2)).train(draws())
    path = tmp_path / "weights.safetensors"
    dragapart_recipe.export(path, config, weights, {"steps": "2"})
    network = read_network(path)
    assert network.config == config
    for name, value in network.named_parameters():
        torch.testing.assert_close(value.float(), weights[name], rtol=2e-3, atol=1e-6)


def test_a_log_cut_short_still_reads(tmp_path: Path) -> None:
    log = dragapart_state.Log(tmp_path / "log.jsonl")
    log.add(step=1, loss=0.5)
    log.add(step=2, loss=0.25)
    with log.path.open("a") as file:
        file.write(json.dumps({"step": 3})[:5])
    assert [line["step"] for line in dragapart_state.read(log.path)] == [1, 2]


def test_a_run_is_not_begun_over_another(tmp_path: Path, capsys) -> None:
    (tmp_path / "state-00000001.pt").write_bytes(b"")
    assert cli.main(f"train dragapart --out {tmp_path}".split()) == 1
    assert "--minutes" in capsys.readouterr().err
    assert cli.main(f"train dragapart --steps 1 --out {tmp_path}".split()) == 1
    assert "--resume" in capsys.readouterr().err


def test_pairs_of_another_size_are_refused(tmp_path: Path) -> None:
    folder.write(tmp_path, Recipe(split="train", seed=0, size=32), 1)
    with pytest.raises(TugError, match="32 pixels"):
        dragapart_recipe.opened([tmp_path], config)
    with pytest.raises(TugError, match="no data set"):
        dragapart_recipe.opened([tmp_path / "nowhere"], config)


def test_a_run_of_another_network_is_not_gone_on_with(tmp_path: Path) -> None:
    run_of(plan(tmp_path, 1)).train(draws())
    other = replace(config, widths=(16, 48))
    with pytest.raises(TugError, match="another network"):
        Run(objective(other, 0), plan(tmp_path, 1), None, lambda _text: None).resume()


def test_what_did_best_on_validation_pairs_is_what_a_run_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = iter([5.0, 9.0, 7.0, 6.0])
    shower = Shower(objective(config, 0), squares(2))
    monkeypatch.setattr(shower, "show", lambda *_: {"psnr_pooled": next(told)})
    run = run_of(replace(plan(tmp_path, 3), show_minutes=0.0), shower)
    seen: list[dict] = []
    shown = run._show
    monkeypatch.setattr(
        run,
        "_show",
        lambda log: (
            seen.append({k: v.clone() for k, v in run.average.state().items()}),
            shown(log),
        ),
    )
    found = run.train(Draws(squares(2), even, seed=0))
    assert all(torch.equal(found[name], seen[1][name]) for name in found)
    assert any(not torch.equal(found[name], seen[2][name]) for name in found)
