"""Noise, what is learned from it, and samplers."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from backend.models.dragapart.codec import PixelCodec
from backend.models.dragapart.config import Config, preset
from backend.models.dragapart.diffusion import Batch, Guided, sample, schedule, training_loss
from backend.models.dragapart.network import Network
from backend.workers.context import Cancelled
from tests.backend.memory import Memory

config = dataclasses.replace(preset("small"), picture=16, prediction="change", noise_input=True)
shape = (2, config.channels, config.grid, config.grid)


class Knowing(Network):
    """Knows the clean codes: of every noisy ones it tells the noise, or the change."""

    def __init__(self, clean: torch.Tensor, config: Config) -> None:
        super().__init__()
        self.config = config
        self.clean = nn.Parameter(clean)
        self.seen: list[torch.Tensor] = []

    def feature_layers(self):
        yield from ()

    def forward(self, noisy, reference, timestep, drags, hidden=None):
        self.seen.append(drags)
        clean = self.clean.repeat(len(noisy) // len(self.clean), 1, 1, 1)
        if self.config.prediction == "change":
            return clean - reference
        return schedule.noise(noisy, clean, timestep)


def knowing(prediction: Any = "change", guidance: float = 1.0) -> tuple[Any, torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    clean = torch.rand(shape, generator=generator) - 0.5
    network = Knowing(clean, dataclasses.replace(config, prediction=prediction))
    drags = torch.rand(2, config.drags, 4, generator=generator)
    return Guided(network, schedule, torch.zeros(shape), drags, guidance=guidance), clean


def noises(seed=0):
    generator = torch.Generator().manual_seed(seed)
    return lambda: torch.randn(shape, generator=generator)


@pytest.mark.parametrize("way", ["ddim", "dpm", "published", "ancestral"])
@pytest.mark.parametrize("prediction", ["epsilon", "change"])
def test_every_sampler_finds_what_the_network_knows(way, prediction):
    guided, clean = knowing(prediction)
    found = sample(guided, noises(), way=way, steps=8)
    torch.testing.assert_close(found, clean, rtol=0, atol=2e-3)


@pytest.mark.parametrize("way", ["ddim", "dpm"])
@pytest.mark.parametrize("steps", [1, 2, 3, 7, 20])
def test_fast_samplers_take_any_number_of_steps_and_depend_on_the_seed_alone(way, steps):
    guided, clean = knowing()
    found, again, other = (sample(guided, noises(seed), way=way, steps=steps) for seed in (0, 0, 1))
    torch.testing.assert_close(found, again, rtol=0, atol=0)
    torch.testing.assert_close(found, clean, rtol=0, atol=1e-3)
    torch.testing.assert_close(other, clean, rtol=0, atol=1e-3)
    assert len(guided.network.seen) == 3 * steps


def test_guidance_asks_without_drags_first_and_goes_beyond_what_they_change():
    class Drawn(Knowing):
        def forward(self, noisy, reference, timestep, drags, hidden=None):
            pulled = (drags != 0).any(-1).any(-1).float()
            return 0.1 * pulled[:, None, None, None] * torch.ones_like(noisy)

    guided, _ = knowing(guidance=5.0)
    drawn = dataclasses.replace(guided, network=Drawn(torch.zeros(shape), config))
    found = drawn.clean(torch.zeros(shape), 500)
    torch.testing.assert_close(found, torch.full(shape, 0.5))


def test_an_unknown_way_to_sample_is_refused():
    with pytest.raises(ValueError, match="euler"):
        sample(knowing()[0], noises(), way="euler")  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("way", ["ddim", "dpm", "published", "ancestral"])
def test_a_cancel_is_noticed_within_a_step(way):
    guided, _ = knowing()
    with pytest.raises(Cancelled):
        sample(guided, noises(), way=way, steps=10, progress=Memory(calls=2))
    assert len(guided.network.seen) == 2


def test_noise_and_clean_codes_are_each_others_inverse():
    generator = torch.Generator().manual_seed(0)
    clean, noise = (torch.randn(shape, generator=generator) for _ in range(2))
    timestep = torch.tensor([3, 700])
    noisy = schedule.noised(clean, noise, timestep)
    torch.testing.assert_close(schedule.clean(noisy, noise, timestep), clean, rtol=0, atol=1e-4)
    torch.testing.assert_close(schedule.noise(noisy, clean, timestep), noise, rtol=0, atol=1e-4)


@pytest.mark.parametrize("prediction", ["epsilon", "change"])
def test_a_network_that_knows_loses_nothing(prediction):
    guided, clean = knowing(prediction)
    batch = Batch(guided.reference, clean, guided.drags)
    generator = torch.Generator().manual_seed(0)
    assert training_loss(guided.network, batch, generator) < 1e-6


def test_weights_choose_what_is_learned():
    guided, clean = knowing()
    wrong = clean.clone()
    wrong[..., :2] += 1.0
    weight = torch.ones(2, 1, config.grid, config.grid)
    weight[..., :2] = 0.0
    generator = torch.Generator().manual_seed(0)
    batch = Batch(guided.reference, wrong, guided.drags)
    assert training_loss(guided.network, batch, generator) > 0.1
    assert (
        training_loss(guided.network, dataclasses.replace(batch, weight=weight), generator) < 1e-9
    )


def test_a_share_of_the_drags_is_dropped_while_training():
    guided, clean = knowing()
    many = Batch(
        *(torch.cat([x] * 200) for x in (guided.reference, clean, guided.drags)),
    )
    training_loss(guided.network, many, torch.Generator().manual_seed(0), dropout=0.25)
    drags = guided.network.seen[-1]
    kept = (drags != 0).any(-1).any(-1).float().mean()
    assert 0.68 < kept < 0.82
    assert ((drags == 0).all(-1) == (drags == 0).all(-1).any(-1, keepdim=True)).all()


def test_pixels_come_back_exactly():
    codec = PixelCodec(config)
    pictures = torch.rand(2, 3, 16, 16) * 2 - 1
    codes = codec.encode(pictures)
    assert codes.shape == (2, 48, 4, 4)
    torch.testing.assert_close(codec.decode(codes), pictures, rtol=0, atol=0)
    assert np.isclose(codes[0, :, 0, 0].sum(), pictures[0, :, :4, :4].sum(), atol=1e-4)
