"""What holds for DragAPart's networks whatever their options."""

from __future__ import annotations

import copy
import dataclasses
import math
from typing import Any

import pytest
import torch
from torch.nn import functional

from backend.models.dragapart.config import Config, from_dict, preset
from backend.models.dragapart.diffusion import Batch, training_loss
from backend.models.dragapart.drags import drag_field, nearest_drag
from backend.models.dragapart.features import joined, recorded
from backend.models.dragapart.network import network
from backend.models.dragapart.prediction import carry, changed, outputs

unet = Config(
    picture=64,
    widths=(16, 32),
    layers=1,
    attention=(True, True),
    drag_levels=(True, True),
    heads=2,
    groups=8,
    token="learned",
    token_width=16,
)
dit = dataclasses.replace(
    unet, backbone="dit", widths=(32,), layers=2, attention=(), drag_levels=()
)
options = {
    "published": unet,
    "input": dataclasses.replace(unet, injection="input"),
    "block": dataclasses.replace(unet, injection="block"),
    "both references": dataclasses.replace(unet, reference_input=True),
    "small": dataclasses.replace(
        unet,
        codec="pixels",
        attention=(False, True),
        reference_attention=False,
        reference_input=True,
        prediction="change",
    ),
    "carried": dataclasses.replace(
        unet,
        codec="pixels",
        attention=(False, True),
        reference_attention=False,
        reference_input=True,
        noise_input=False,
        drag_map="field",
        prediction="carry",
    ),
    "dit": dit,
    "dit, carried": dataclasses.replace(dit, codec="pixels", drag_map="field", prediction="carry"),
    "dit, input": dataclasses.replace(dit, injection="input"),
    "dit, no reference half": dataclasses.replace(
        dit, reference_attention=False, reference_input=True, prediction="change"
    ),
}
every_option = pytest.mark.parametrize("config", options.values(), ids=list(options))
one_sided = pytest.mark.parametrize(
    "config", [options["published"], options["both references"], dit], ids=["unet", "both", "dit"]
)


def trained(config: Config, seed: int = 0) -> Any:
    """A network whose zeros are filled, as training would."""
    torch.manual_seed(seed)
    found = network(config).eval()
    for parameter in found.parameters():
        torch.nn.init.normal_(parameter, std=0.2 / math.sqrt(max(1, parameter[0].numel())))
    return found


def inputs(config, count=3):
    generator = torch.Generator().manual_seed(1)
    shape = (count, config.channels, config.grid, config.grid)
    noisy, reference = (torch.randn(shape, generator=generator) for _ in range(2))
    drags = torch.zeros(count, config.drags, 4)
    drags[:, :2] = torch.rand(count, 2, 4, generator=generator)
    return noisy, reference, torch.tensor([10, 500, 999])[:count], drags


@torch.no_grad()
def run(model, *given):
    return model(*given)


@every_option
def test_drags_matter_and_each_sample_has_its_own(config):
    model, (noisy, reference, timestep, drags) = trained(config), inputs(config)
    found = run(model, noisy, reference, timestep, drags)
    assert found.shape == (3, outputs(config), config.grid, config.grid)
    fewer = drags.clone()
    fewer[1] = 0.0
    changed = (run(model, noisy, reference, timestep, fewer) - found).abs().amax((1, 2, 3))
    assert changed[1] > 1e-4
    assert changed[[0, 2]].max() < 1e-5


@every_option
def test_the_order_of_a_batch_does_not_matter(config):
    model, given = trained(config), inputs(config)
    turned = [tensor.flip(0) for tensor in given]
    torch.testing.assert_close(run(model, *turned).flip(0), run(model, *given), rtol=0, atol=1e-5)


@one_sided
def test_nothing_noisy_reaches_the_reference(config):
    """The features of the reference's half are the same whatever is generated from it."""
    model, (noisy, reference, timestep, drags) = trained(config), inputs(config)
    seen = []
    handles = [
        layer.register_forward_hook(lambda _m, _i, output: seen.append(output[:3].clone()))
        for layer in model.feature_layers()
    ]
    run(model, noisy, reference, timestep, drags)
    run(model, 3.0 * noisy.flip(1), reference, timestep, 0.5 * drags)
    for handle in handles:
        handle.remove()
    half = len(seen) // 2
    assert half >= 2
    for first, second in zip(seen[:half], seen[half:], strict=True):
        torch.testing.assert_close(first, second, rtol=0, atol=0)


@one_sided
def test_what_is_generated_looks_only_at_the_reference(config):
    """A token of what is generated changes its own answer and no other."""
    layer = next(iter(trained(config).feature_layers()))
    tokens = torch.randn(2, 16, config.widths[0], generator=torch.Generator().manual_seed(2))
    pushed = tokens.clone()
    pushed[1, 5] += 3.0
    moved = (run(layer, pushed) - run(layer, tokens)).abs().amax(-1)
    assert moved[1, 5] > 1e-3
    moved[1, 5] = 0.0
    assert moved.max() < 1e-6
    pushed = tokens.clone()
    pushed[0, 5] += 3.0
    assert (run(layer, pushed) - run(layer, tokens)).abs().amax(-1).min() > 1e-6


def test_the_reference_half_has_no_drags():
    config = options["published"]
    model, (noisy, reference, timestep, drags) = trained(config), inputs(config)
    run(model, noisy, reference, timestep, drags)
    found = model.maps.at(config.grid)
    assert (found[:3] == -1.0).all()
    assert (found[3:] != -1.0).any()


@pytest.mark.parametrize("name", ["small", "dit, no reference half"])
def test_a_fresh_network_that_predicts_a_change_copies_its_reference(name):
    config = options[name]
    torch.manual_seed(0)
    noisy, reference, timestep, drags = inputs(config)
    predicted = run(network(config), noisy, reference, timestep, drags)
    found = changed(config, reference, predicted)
    torch.testing.assert_close(found, reference, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", ["carried", "dit, carried"])
def test_a_fresh_network_that_carries_pixels_pulls_as_the_nearest_drag_does(name):
    config = options[name]
    torch.manual_seed(0)
    noisy, reference, timestep, drags = inputs(config)
    drags[2] = 0.0
    found = carry(config, run(network(config), noisy, reference, timestep, drags))
    torch.testing.assert_close(found.offsets, -nearest_drag(drags, config.picture))
    assert not found.offsets[2].any()
    assert not found.shade.any()


def test_a_network_without_noise_at_its_input_sees_neither_noise_nor_step():
    config = options["carried"]
    model, (noisy, reference, timestep, drags) = trained(config), inputs(config)
    found = run(model, noisy, reference, timestep, drags)
    torch.testing.assert_close(run(model, -noisy, reference, timestep.flip(0), drags), found)


def test_what_is_carried_comes_from_where_it_was_and_what_is_bare_has_new_colours():
    config = options["carried"]
    _, reference, *_ = inputs(config)
    offset = torch.zeros(3, 2, config.picture, config.picture)
    offset[:, 0] = 8.0 / config.picture  # from 8 pixels further right: the picture moves left
    darker = torch.full_like(offset[:, :1], -0.5)
    stirring, bare = (torch.full_like(darker, sign * 30.0) for sign in (1, -1))
    stirring[..., :16, :] = -30.0  # the upper rows stay as they are
    bare[..., 48:, :] = 30.0  # nothing comes to the lowest
    colours = torch.full_like(reference, 0.25)
    told = torch.cat([offset, darker, stirring, bare, bare], 1)
    predicted = torch.cat([colours, functional.pixel_unshuffle(told, config.cell)], 1)
    found = changed(config, reference, predicted)
    found, picture = (functional.pixel_shuffle(x, config.cell) for x in (found, reference))
    torch.testing.assert_close(found[..., :16, :], picture[..., :16, :], rtol=0, atol=1e-5)
    torch.testing.assert_close(
        found[..., 16:48, :-8] + 1.0, (picture[..., 16:48, 8:] + 1.0) / 2.0, rtol=0, atol=1e-4
    )
    torch.testing.assert_close(
        found[..., 48:, :], torch.full_like(found[..., 48:, :], 0.25), rtol=0, atol=1e-5
    )


def test_a_field_tells_every_cell_of_the_drag_that_starts_nearest():
    drags = torch.zeros(2, 10, 4)
    drags[0, 3] = torch.tensor([0.25, 0.25, 0.5, 0.25])
    drags[0, 7] = torch.tensor([0.7, 0.81, 0.7, 0.5])
    found = drag_field(drags, 8)
    assert not found[1].any()
    drag = found[0, 3:5] / 4.0
    torch.testing.assert_close(drag[:, 0, 0], torch.tensor([0.25, 0.0]))
    torch.testing.assert_close(drag[:, 7, 7], torch.tensor([0.0, -0.31]))
    turned = drag_field(drags.flip(1), 8)
    torch.testing.assert_close(turned, found)


@every_option
def test_all_weights_learn(config):
    """From the zeros of a fresh network no weight is cut off for good: two steps reach them all."""
    torch.manual_seed(0)
    model = network(config).train()
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    noisy, reference, _, drags = inputs(config)
    generator = torch.Generator().manual_seed(0)
    for _ in range(3):
        optimiser.zero_grad()
        loss = training_loss(model, Batch(reference, noisy, drags), generator, dropout=0.0)
        loss.backward()
        optimiser.step()
    idle = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert [name for name in idle if "attn2.to_q" not in name and "to_k" not in name] == []


def test_a_copy_of_a_network_is_its_own():
    """Averages of weights are copies: their drags must go through their own weights."""
    config = options["published"]
    model, given = trained(config), inputs(config)
    twin = copy.deepcopy(model)
    before = run(twin, *given)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "drag_convs" in name:
                parameter.zero_()
    torch.testing.assert_close(run(twin, *given), before, rtol=0, atol=0)


def test_a_drag_within_a_cell_is_seen_only_at_finer_maps_or_by_its_place_in_the_cell():
    """One map for all resolutions smears drags; a map of each keeps them exact."""
    multi, block = (trained(options[name]) for name in ("published", "block"))
    drags = torch.zeros(1, 10, 4)
    drags[0, 0] = torch.tensor([0.1, 0.1, 0.9, 0.6])
    for model in (multi, block):
        model.maps.set(drags)
    assert multi.maps.at(4).amax() > 0.0
    assert block.maps.at(4).amax() <= -0.5


def test_features_have_one_grid_and_the_widths_of_all_layers():
    config = options["small"]
    model, given = trained(config), inputs(config)
    with recorded(model, 3) as layers:
        run(model, *given)
    found = joined(layers, config.grid)
    assert found.shape == (3, 8, 8, sum(layer.shape[1] for layer in layers))
    with recorded(model, 3) as again:
        pass
    assert again == []


def test_configurations_travel_as_json_values():
    values = {k: list(v) if isinstance(v, tuple) else v for k, v in vars(preset("small")).items()}
    assert from_dict(values) == preset("small")
    with pytest.raises(ValueError, match="colour"):
        from_dict({"colour": 3})


@pytest.mark.parametrize(
    "wrong",
    [
        {"picture": 63},
        {"widths": (8, 8)},
        {"reference_attention": False},
        {"backbone": "dit"},
        {"noise_input": False, "reference_input": True},
    ],
)
def test_configurations_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match=r"must|need|has|none to"):
        Config(**wrong)


def test_the_published_network_has_the_published_size():
    with torch.device("meta"):
        found = network(preset("full"))
    assert sum(parameter.numel() for parameter in found.parameters()) == 891_501_764
