"""Weights from files of this project and of the authors, and models that are ready to use."""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from backend.models import places, registry, weights
from backend.models.dragapart import card, checkpoint, load, loader, model
from backend.models.dragapart.codec import PixelCodec
from backend.models.dragapart.config import Config, preset
from backend.models.dragapart.network import network
from backend.models.dragapart.verify import network_line
from backend.workers.context import Cancelled
from protocol.errors import TugError
from tests.backend.memory import Memory
from tests.backend.models.dragapart_parity import config as published
from tests.backend.models.dragapart_parity import official_weights

small = dataclasses.replace(preset("small"), widths=(16, 16, 32), groups=8, token_width=16)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("TUG_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def filled(config: Config) -> Any:
    torch.manual_seed(0)
    found = network(config)
    for parameter in found.parameters():
        torch.nn.init.normal_(parameter, std=0.05)
    return found


@pytest.fixture(scope="module")
def ready():
    """A model that starts from noise."""
    noisy = dataclasses.replace(small, noise_input=True)
    return model.DragAPart(filled(noisy), PixelCodec(noisy), revision="test")


@pytest.fixture(scope="module")
def sober():
    """A model that sees no noise."""
    return model.DragAPart(filled(small), PixelCodec(small), revision="test")


@pytest.fixture(scope="module")
def asked():
    generator = np.random.default_rng(0)
    pictures = generator.integers(0, 256, (5, 80, 80, 3), dtype=np.uint8)
    drags = generator.random((5, 2, 4))
    drags[1] = 0.0
    return pictures, drags


def saved_checkpoint(path: Path, **more) -> Path:
    args = argparse.Namespace(lr=1e-5)
    halved = {key: 0.5 * value for key, value in official_weights().items()}
    whole = {"model": official_weights(), "ema": halved, "opt": {"state": {}}, "args": args}
    torch.save(whole | more, path)
    return path


def saved_full(folder: Path) -> Path:
    """The folder of a published model, all of it tiny."""
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
    from transformers import CLIPVisionConfig, CLIPVisionModel

    folder.mkdir()
    torch.manual_seed(0)
    checkpoint.strip(saved_checkpoint(folder / "a.pt"), folder / "network.safetensors")
    sizes: dict[str, Any] = {
        "down_block_types": ("DownEncoderBlock2D",) * 4,
        "up_block_types": ("UpDecoderBlock2D",) * 4,
        "block_out_channels": (8, 8, 8, 8),
    }
    AutoencoderKL(latent_channels=4, norm_num_groups=4, **sizes).save_pretrained(folder / "vae")
    CLIPVisionModel(
        CLIPVisionConfig(
            hidden_size=64,
            intermediate_size=64,
            num_hidden_layers=24,
            num_attention_heads=2,
            image_size=32,
            patch_size=16,
        )
    ).save_pretrained(folder / "clip")
    return folder


def test_names_are_the_authors_and_back():
    keys = set(official_weights())
    assert len({loader.to_ours(key) for key in keys}) == len(keys)
    assert loader.to_ours("clip_proj.3.bias") == "token.layers.3.bias"
    assert loader.to_ours("mid_block.flow_convs.1.weight") == "unet.mid_block.drag_convs.1.weight"


def test_stripping_keeps_one_copy_of_the_weights_in_half_precision(tmp_path):
    path = saved_checkpoint(tmp_path / "drag-a-part-final.pt")
    out = tmp_path / "network.safetensors"
    checkpoint.strip(path, out)
    found, metadata = weights.read(out)
    assert set(found) == set(official_weights())
    assert all(tensor.dtype == torch.float16 for tensor in found.values())
    for key, tensor in official_weights().items():
        torch.testing.assert_close(found[key].float(), tensor, rtol=1e-3, atol=1e-4)
    assert metadata["sha256"] == weights.digest(path)
    assert out.stat().st_size < path.stat().st_size / 3.5
    checkpoint.strip(path, out, "ema")
    again, _ = weights.read(out)
    torch.testing.assert_close(again["conv_in.bias"], found["conv_in.bias"] / 2, rtol=0, atol=1e-3)


class Trap:
    """When it is read as pickles are, it makes a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_a_checkpoint_runs_nothing_that_is_in_it(tmp_path):
    path = saved_checkpoint(tmp_path / "trap.pt", args=Trap(tmp_path / "sprung"))
    torch.load(path, weights_only=False)
    assert (tmp_path / "sprung").is_dir()
    (tmp_path / "sprung").rmdir()
    with pytest.raises(TugError, match=r"cannot|safely \(it names posix\.mkdir\)"):
        checkpoint.read(path)
    assert not (tmp_path / "sprung").exists()


def test_whatever_plain_things_training_kept_beside_the_weights(tmp_path):
    args = argparse.Namespace(path=Path("somewhere"), when=datetime.timedelta(1))
    path = saved_checkpoint(tmp_path / "checkpoint.pt", args=args)
    assert set(checkpoint.read(path)) == set(official_weights())


def test_files_that_are_no_weights_are_named(tmp_path):
    words = tmp_path / "words.safetensors"
    words.write_bytes(b"these are no weights")
    with pytest.raises(TugError, match=r"words\.safetensors is no safetensors file"):
        loader.read_network(words)
    other = tmp_path / "other.pt"
    torch.save({"state_dict": {}}, other)
    with pytest.raises(TugError, match="no weights named `model`"):
        loader.read_network(other)
    with pytest.raises(TugError, match="are not there") as caught:
        loader.read_network(tmp_path / "none.pt")
    assert caught.value.error.code == "missing_model"


def test_weights_of_another_network_say_what_does_not_fit(tmp_path):
    path = saved_checkpoint(tmp_path / "checkpoint.pt")
    with pytest.raises(TugError, match=r"does not fit the network: .*shape .* and \d+ more"):
        loader.read_network(path)


def test_weights_that_half_precision_cannot_hold_are_refused(tmp_path):
    with pytest.raises(TugError, match=r"first\.weight"):
        weights.write(tmp_path / "a.safetensors", [("first.weight", torch.tensor([1e6]))], {})
    assert list(tmp_path.iterdir()) == []


def test_a_network_is_saved_with_its_configuration(tmp_path):
    before = filled(small)
    loader.save(before, tmp_path / "small.safetensors", {"trained": "no"})
    after = loader.read_network(tmp_path / "small.safetensors")
    assert after.config == small
    for key, tensor in before.state_dict().items():
        torch.testing.assert_close(after.state_dict()[key].float(), tensor, rtol=1e-3, atol=1e-4)


def test_small_weights_that_are_missing_are_said_to_be(monkeypatch, tmp_path):
    without(monkeypatch, tmp_path)
    with pytest.raises(TugError, match="comes without the weights") as caught:
        load("small")
    assert caught.value.error.code == "missing_model"
    assert "tug models pull dragapart --from network=FILE" in caught.value.error.fix


def test_weights_of_ones_own_training_are_used_once_they_are_named(monkeypatch, tmp_path):
    without(monkeypatch, tmp_path)
    assert not registry.is_present(card.small)
    loader.save(filled(small), tmp_path / "mine.safetensors")
    places.choose(card.small, {"network": str(tmp_path / "mine.safetensors")})
    assert registry.is_present(card.small)
    assert load("small", device="cpu").size == 64


def test_weights_of_the_published_network_are_refused_as_the_small_one(tmp_path):
    loader.save(filled(published), tmp_path / "network.safetensors")
    with pytest.raises(TugError, match="works on latents"):
        load("small", device="cpu", file=tmp_path / "network.safetensors")


def test_a_network_of_pixels_is_not_taken_for_the_published_one(tmp_path):
    path = tmp_path / "network.safetensors"
    loader.save(filled(small), path)
    for part in ("vae", "clip"):
        tmp_path.joinpath(part).mkdir()
    places.choose(card.full, {part: str(tmp_path / part) for part in ("vae", "clip")})
    with pytest.raises(TugError, match="works on pixels"):
        load("full", device="cpu", file=path)


@pytest.mark.parametrize("told", ["no JSON", '{"colour": 3}', '{"codec": "x"}', "[1]"])
def test_a_configuration_of_another_version_is_told_in_words(tmp_path, told):
    path = tmp_path / "network.safetensors"
    weights.write(path, list(filled(small).state_dict().items()), {"config": told})
    with pytest.raises(TugError, match="does not know"):
        load("small", device="cpu", file=path)
    assert not network_line("network", path).good


def without(monkeypatch, folder) -> None:
    """The small model's card with no weights where they are shipped."""
    (part,) = card.small.parts
    absent = dataclasses.replace(part, shipped=folder / "small.safetensors")
    monkeypatch.setattr(card, "small", dataclasses.replace(card.small, parts=(absent,)))


def test_the_published_model_is_never_fetched_by_itself():
    with pytest.raises(TugError, match=r"network .*vae .*clip") as caught:
        load("full")
    assert caught.value.error.code == "missing_model"
    assert caught.value.error.fix == "tug models pull dragapart:full"


def test_packages_that_are_missing_are_named(monkeypatch):
    monkeypatch.setattr("backend.models.registry.packages", ("no_such_torch",))
    with pytest.raises(TugError, match="no_such_torch") as caught:
        load("small")
    assert caught.value.error.code == "missing_model"


def test_a_model_is_loaded_once_and_again_when_its_file_changes(tmp_path):
    path = tmp_path / "network.safetensors"
    loader.save(filled(small), path)
    first = load("small", device="cpu", file=path)
    assert load("small", device="cpu", file=path) is first
    assert first.size == 64 and first.revision.startswith("small-")
    other = filled(small)
    with torch.no_grad():
        next(other.parameters()).zero_()
    loader.save(other, path)
    second = load("small", device="cpu", file=path)
    assert second.revision != first.revision


def test_the_published_model_drags_through_autoencoder_and_clip(tmp_path, asked, monkeypatch):
    folder = saved_full(tmp_path / "full")
    monkeypatch.setattr(loader, "preset", lambda name: published)
    parts = {name: str(folder / name) for name in ("vae", "clip")}
    places.choose(card.full, {"network": str(folder / "network.safetensors"), **parts})
    ready = load("full", device="cpu")
    pictures, drags = asked
    found = ready.drag(pictures[:2], drags[:2], steps=2)
    assert found.shape == (2, 256, 256, 3)
    shown = ready.drag(pictures[:2], drags[[1, 0]], steps=2)
    assert (found != shown).any()
    (folder / "vae" / "config.json").write_text("no JSON")
    loader._loaded.cache_clear()
    with pytest.raises(TugError, match="holds no AutoencoderKL"):
        load("full", device="cpu")


def test_dragged_pictures_depend_on_seed_picture_and_drags_alone(ready, asked):
    pictures, drags = asked
    found = ready.drag(pictures, drags, steps=2)
    assert found.shape == (5, 64, 64, 3) and found.dtype == np.uint8
    np.testing.assert_array_equal(ready.drag(pictures, drags, steps=2), found)
    turned = ready.drag(pictures[::-1], drags[::-1], steps=2)[::-1]
    assert np.abs(turned.astype(int) - found).max() <= 1  # sums may round otherwise
    alone = ready.drag(pictures[3:4], drags[3:4], steps=2)
    assert np.abs(alone[0].astype(int) - found[3]).max() <= 1
    assert (ready.drag(pictures, drags, steps=2, seed=1) != found).any()


def test_a_cancel_is_noticed_within_a_step(ready, asked):
    progress = Memory(calls=3)
    with pytest.raises(Cancelled):
        ready.drag(*asked, steps=20, progress=progress)
    assert progress.stages == ["imagine"] * 4
    with pytest.raises(Cancelled):
        ready.moving_features(*asked, progress=Memory(calls=0))


def test_features_change_where_there_are_drags_and_nowhere_else(ready, asked):
    found = ready.moving_features(*asked)
    assert found.shape[:3] == (5, 16, 16) and found.dtype == np.float32
    strength = np.abs(found).max((1, 2, 3))
    assert strength[1] == 0.0
    assert strength[[0, 2, 3, 4]].min() > 1e-4


def test_a_model_that_sees_no_noise_answers_in_one_step_whatever_the_seed(sober, asked):
    progress = Memory()
    found = sober.drag(*asked, steps=20, seed=1, progress=progress)
    assert progress.stages == ["imagine"] * 2  # its beginning and its end
    assert (found == sober.drag(*asked)).all()


def test_what_is_carried_can_be_finer_than_what_the_network_sees(sober, ready, asked):
    """Where nothing is said to change, a larger picture comes back as it was."""
    pictures, drags = asked
    large = pictures[:, :64, :64].repeat(2, axis=1).repeat(2, axis=2)
    assert (sober.finest, ready.finest) == (256, 64)
    found, coarse = sober.drag(large, drags, size=128), sober.drag(large, drags)
    assert found.shape == (5, 128, 128, 3)
    change = np.abs(coarse - pictures[:, :64, :64].astype(int)).mean()
    assert np.abs(found.reshape(5, 64, 2, 64, 2, 3).mean(axis=(2, 4)) - coarse).mean() < change
    quiet = filled(small)
    with torch.no_grad():
        quiet.unet.conv_out.weight.zero_()
        quiet.unet.conv_out.bias[-48:-32] = -50.0  # the odds that a pixel changes
    still = model.DragAPart(quiet, PixelCodec(small), revision="still")
    assert (still.drag(large, drags, size=128) == large).all()
    with pytest.raises(ValueError, match="256"):
        sober.drag(large, drags, size=512)


def test_only_a_model_that_carries_pixels_says_what_moves(sober, asked):
    progress = Memory()
    found = sober.leaving(*asked, progress=progress)
    assert found is not None and found.shape == (5, 64, 64) and found.dtype == np.float32
    assert 0.0 <= found.min() < found.max() <= 1.0 and progress.stages
    still = sober.leaving(asked[0], 0.0 * asked[1])
    assert (still[1] == found[1]).all() and (still[0] != found[0]).any()
    other = dataclasses.replace(small, prediction="change")
    assert model.DragAPart(filled(other), PixelCodec(other), revision="").leaving(*asked) is None
    with pytest.raises(TugError):
        sober.leaving(asked[0], asked[1][:2])


def test_what_is_no_picture_or_no_drag_is_refused(ready, asked):
    pictures, drags = asked
    wrong = [
        (pictures.astype(float), drags),
        (pictures[0], drags[:1]),
        (pictures[:0], drags[:0]),
        (pictures, drags[:2]),
        (pictures, drags[..., :3]),
        (pictures, np.zeros((5, 11, 4))),
        (pictures, np.full((5, 1, 4), np.nan)),
    ]
    for each in wrong:
        with pytest.raises(TugError) as caught:
            ready.drag(*each)
        assert caught.value.error.code == "bad_input"


def test_pictures_that_do_not_fit_in_memory_are_done_in_parts(ready, asked, monkeypatch):
    sizes = []
    decode = ready.codec.decode

    def full(codes):
        sizes.append(len(codes))
        if len(codes) > 2:
            raise torch.OutOfMemoryError("too much")
        return decode(codes)

    whole = ready.drag(*asked, steps=1)
    monkeypatch.setattr(ready.codec, "decode", full)
    parts = ready.drag(*asked, steps=1)
    assert sizes == [5, 3, 2, 2, 1]
    assert np.abs(parts.astype(int) - whole).max() <= 1

    def never(codes):
        raise torch.OutOfMemoryError("too much")

    monkeypatch.setattr(ready.codec, "decode", never)
    with pytest.raises(TugError) as caught:
        ready.drag(*asked, steps=1)
    assert caught.value.error.code == "out_of_memory"


def test_training_starts_from_stable_diffusion(home, monkeypatch):
    config = dataclasses.replace(published, token="learned")
    source = filled(config)
    part = card.full.part("base")
    with pytest.raises(TugError, match="no UNet") as caught:
        loader.from_base(config)
    assert "--with-base" in caught.value.error.fix
    place = home / "models" / "dragapart-full" / part.name / "unet"
    for block in (*source.unet.down_blocks, source.unet.mid_block, *source.unet.up_blocks):
        if hasattr(block, "drag_convs"):
            del block.drag_convs
    source.unet.save_pretrained(place)
    started = loader.from_base(config).state_dict()
    drags = [key for key in started if "drag_convs" in key]
    assert len(drags) == 17
    assert not any(started[key].any() for key in drags)
    for key, tensor in source.state_dict().items():
        if key.startswith("unet."):
            torch.testing.assert_close(started[key], tensor, rtol=0, atol=0)
    assert json.loads((place / "config.json").read_text())["sample_size"] == 32
