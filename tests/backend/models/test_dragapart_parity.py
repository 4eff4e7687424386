"""The published network and sampler give the numbers that the authors' own code gives."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
import pytest
import torch

from backend.models.dragapart import loader
from backend.models.dragapart.diffusion import Guided, published_timesteps, sample, schedule
from backend.models.dragapart.drags import drag_map
from tests.backend.models.dragapart_parity import by_rule, config, golden, official_weights


@pytest.fixture(scope="module")
def truth():
    return golden()


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    path = tmp_path_factory.mktemp("published") / "drag-a-part-final.pt"
    args = argparse.Namespace(num_drags=10)
    torch.save({"model": official_weights(), "ema": {}, "opt": {"step": 3}, "args": args}, path)
    return loader.read_network(path, config).eval()


@pytest.fixture(scope="module")
def inputs(truth):
    codes, reference = by_rule("x", 3, 4, 32, 32), by_rule("x_cond", 3, 4, 32, 32)
    timesteps = torch.from_numpy(truth["timesteps"]).long()
    drags = torch.from_numpy(truth["drag_map_drags"])
    return codes, reference, timesteps, drags, by_rule("hidden_cls", 3, 25, 64)


def guided(network, inputs, guidance):
    _, reference, _, drags, hidden = inputs
    return Guided(network, schedule, reference[:1], drags[:1], hidden[:1], guidance)


@pytest.mark.parametrize("size", [32, 16, 8, 4])
def test_maps_of_drags_that_leave_the_picture_are_absent_or_lie_on_borders(truth, size):
    found = drag_map(torch.from_numpy(truth["drag_map_drags"]), size)
    np.testing.assert_array_equal(found.numpy(), truth[f"drag_map_{size}"])


def test_the_token_of_all_layers_of_clip(network, inputs, truth):
    with torch.no_grad():
        found = network.token(inputs[1], inputs[4]).numpy()
    np.testing.assert_allclose(found, truth["clip_token"], rtol=0, atol=1e-5)


@pytest.mark.parametrize(("pull", "array"), [(1.0, "eps_drags"), (0.0, "eps_no_drags")])
def test_the_network_with_drags_and_without(network, inputs, truth, pull, array):
    codes, reference, timesteps, drags, hidden = inputs
    with torch.no_grad():
        found = network(codes, reference, timesteps, pull * drags, hidden).numpy()
    np.testing.assert_allclose(found, truth[array], rtol=0, atol=1e-5)


@pytest.mark.parametrize(("guidance", "within"), [(1.0, 1e-5), (5.0, 2e-5)])
def test_guidance(network, inputs, truth, guidance, within):
    steps = torch.tensor([500])
    with torch.no_grad():
        clean = guided(network, inputs, guidance).clean(inputs[0][:1], 500)
    found = schedule.noise(inputs[0][:1], clean, steps).numpy()
    np.testing.assert_allclose(found, truth[f"cfg_eps_w{guidance:.0f}"], rtol=0, atol=within)


def test_the_schedule(truth):
    at = truth["schedule_t"]
    np.testing.assert_allclose(schedule.betas[at], truth["schedule_betas_f64"], rtol=1e-12)
    np.testing.assert_allclose(schedule.kept[at], truth["schedule_alphas_cumprod_f64"], rtol=1e-12)
    assert published_timesteps(4) == truth["sampler4_t"].tolist()
    assert published_timesteps(50)[:4] == truth["sampler50_t"].tolist()


@pytest.mark.parametrize("steps", [4, 50])
def test_the_authors_sampler_step_by_step(network, inputs, truth, steps):
    """Of the 50 steps the first four are known."""
    noises = iter(
        [by_rule("start_noise", 1, 4, 32, 32)]
        + [by_rule(f"step_noise_{i}", 1, 4, 32, 32) for i in range(4)]
    )
    seen: Any = _Watched(guided(network, inputs, 5.0), stop=4)
    with pytest.raises(StopIteration):
        sample(seen, lambda: next(noises), way="published", steps=steps)
        raise StopIteration
    for found, array in ((seen.clean_codes, "x0"), (seen.noisy_codes[1:], "z")):
        wanted = truth[f"sampler{steps}_{array}"][: len(found)]
        assert len(found) >= 3
        error = np.abs(torch.cat(found).numpy() - wanted).max()
        assert error <= 5e-6 * np.abs(wanted).max()


def test_a_step_of_the_whole_chain(network, inputs, truth):
    start = by_rule("start_noise", 1, 4, 32, 32)
    with torch.no_grad():
        clean = guided(network, inputs, 5.0).clean(start, 500)
    mean, log_variance = schedule.posterior(start, clean, 500)
    np.testing.assert_allclose(mean.numpy(), truth["ancestral_t500_mean"], rtol=0, atol=1e-5)
    assert log_variance == pytest.approx(truth["ancestral_t500_log_variance_f64"][0], abs=1e-6)


class _Watched:
    """Keeps what a sampler asks and is told, for the first steps."""

    def __init__(self, guided: Guided, stop: int) -> None:
        self.guided, self.stop = guided, stop
        self.schedule = guided.schedule
        self.noisy_codes: list[torch.Tensor] = []
        self.clean_codes: list[torch.Tensor] = []

    def clean(self, noisy: torch.Tensor, t: int) -> torch.Tensor:
        self.noisy_codes.append(noisy)
        if len(self.clean_codes) == self.stop:
            raise StopIteration
        self.clean_codes.append(self.guided.clean(noisy, t))
        return self.clean_codes[-1]
