from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from backend import cli  # noqa: E402
from backend.datasets import drag_a_move  # noqa: E402
from backend.datasets.drag_a_move import folder  # noqa: E402
from backend.datasets.drag_a_move.stream import Recipe  # noqa: E402
from backend.evaluation import dragapart_baselines as baselines  # noqa: E402
from backend.evaluation import moving  # noqa: E402
from backend.evaluation.dragapart import Evaluation, Plan, evaluate, imagined, measured  # noqa: E402
from backend.evaluation.dragapart_ablation import Plan as Ablation  # noqa: E402
from backend.evaluation.dragapart_ablation import ablate, tables  # noqa: E402
from backend.models.dragapart.card import small  # noqa: E402
from backend.models.dragapart.loader import load, save  # noqa: E402
from backend.models.dragapart.network import network  # noqa: E402
from backend.models.dragapart.verify import network_line  # noqa: E402
from tests.backend.training.tiny import config  # noqa: E402


@pytest.fixture(scope="module")
def samples() -> list[drag_a_move.Sample]:
    return list(drag_a_move.samples("validation", seed=1, size=32, count=6))


class Clairvoyant:
    """A model that has seen the pairs."""

    size = 32
    revision = "clairvoyant"

    def drag(self, pictures, drags, *, seed=0, steps=None):
        return np.stack([self.known[row.tobytes()] for row in drags])

    def __init__(self, plan: Plan) -> None:
        self.known = {
            sample.drags.tobytes(): sample.after
            for split in (*plan.splits, "validation")
            for sample in drag_a_move.samples(split, seed=plan.seed, size=32, count=plan.count)
        }


def test_copying_has_the_psnr_that_follows_from_its_pixels(samples) -> None:
    found = measured(np.stack([baselines.copied(sample) for sample in samples]), samples)
    for k, sample in enumerate(samples):
        error = (sample.before.astype(float) - sample.after) ** 2
        moving = (sample.moving_before > 0) | (sample.moving_after > 0)
        assert found.psnr[k] == pytest.approx(10 * np.log10(255**2 / error.mean()))
        assert found.psnr_moving[k] == pytest.approx(10 * np.log10(255**2 / error[moving].mean()))


def test_warping_moves_a_part_by_its_mean_flow_and_nothing_else(samples) -> None:
    sample = samples[0]
    part, flow = np.zeros((32, 32), np.uint8), np.zeros((32, 32, 2), np.float32)
    part[4:8, 20:30] = 1
    flow[4:8, 20:30] = 7.4, -2.0
    before = np.full((32, 32, 3), 200, np.uint8)
    before[4:8, 20:30] = np.arange(10)[None, :, None]
    moved = replace(sample, before=before, moving_before=part, flow=flow)
    wanted = np.full((32, 32, 3), 200, np.uint8)
    wanted[4:8, 20:30] = 255
    wanted[2:6, 27:32] = np.arange(5)[None, :, None]  # what leaves the picture is lost
    np.testing.assert_array_equal(baselines.warped(moved), wanted)
    kept = baselines.warped(moved, fill=False)
    np.testing.assert_array_equal(kept[6:8, 20:27], before[6:8, 20:27])


def test_a_model_that_knows_the_truth_wins(tmp_path: Path) -> None:
    plan = Plan(tmp_path, count=3, steps=(1,), seed=4)
    text = evaluate(plan, Evaluation(Clairvoyant(plan), tell=lambda _text: None))
    found = json.loads((tmp_path / "table.json").read_text("utf-8"))
    assert list(found["splits"]) == ["test_objects", "test_families"]
    for own in found["splits"].values():
        assert own["methods"]["model"]["psnr"] == 60.0 and own["methods"]["model"]["ssim"] == 1.0
        assert own["methods"]["copy"]["psnr_moving"] < own["methods"]["model"]["psnr_moving"]
        assert sum(values["count"] for values in own["looks"].values()) == 3
    assert found["steps"]["1"]["psnr"] == 60.0
    assert "unseen families" in text and "LPIPS" in text
    assert (tmp_path / "test_objects.png").exists() and (tmp_path / "test_families.png").exists()


def test_an_untrained_network_copies_and_is_said_to_be_untrained(tmp_path: Path, capsys) -> None:
    torch.manual_seed(0)
    save(
        network(replace(config, prediction="change", noise_input=True)),
        tmp_path / "untrained.safetensors",
    )
    words = f"evaluate dragapart --weights {tmp_path / 'untrained.safetensors'} --count 2"
    words += f" --steps 1 2 --lpips {tmp_path} --out {tmp_path / 'out'}"
    assert cli.main(words.split()) == 0
    text = capsys.readouterr().out
    assert "untrained" in text and "LPIPS lacks alexnet" in text
    found = json.loads((tmp_path / "out/table.json").read_text("utf-8"))
    methods = found["splits"]["test_families"]["methods"]
    assert methods["model"] == pytest.approx(methods["copy"])
    assert set(found["steps"]) == {"1", "2"}


def test_the_shipped_weights_imagine_and_find_what_moves() -> None:
    """They fit the code that reads them: an output that means something else would show here."""
    (part,) = small.parts
    assert part.shipped and network_line(part.name, part.shipped, part.sha256).good
    pairs = list(drag_a_move.samples("validation", seed=3, size=64, count=64))
    shipped = load("small", device="cpu")
    found = measured(imagined(shipped, pairs), pairs).means()
    copied = measured(np.stack([baselines.copied(pair) for pair in pairs]), pairs).means()
    assert found["psnr_pooled"] > copied["psnr_pooled"] + 3.0
    before, drags = (np.stack([getattr(p, name) for p in pairs]) for name in ("before", "drags"))
    leaving = shipped.leaving(before, drags)
    assert leaving is not None
    overlaps = [
        moving.iou(p.moving_before > 0, m) for p, m in zip(pairs, leaving > 0.25, strict=True)
    ]
    assert np.mean(overlaps) > 0.4


@pytest.mark.parametrize("what", ["encodings", "randomisation"])
def test_variants_are_trained_equally_long_and_compared(tmp_path: Path, what: str) -> None:
    pairs = tmp_path / "pairs"
    folder.write(pairs, Recipe(split="train", seed=0, size=config.picture, looks=("textured",)), 4)
    plan = Ablation(
        tmp_path, what, minutes=1.0, steps=2, count=2, batch=2, data=[pairs], base=config
    )
    text = ablate(plan, None, lambda _text: None)
    rows = json.loads((tmp_path / f"{what}.json").read_text("utf-8"))["rows"]
    variants, tests = tables[what]
    assert len(rows) == (len(variants(config)) + 1) * len(tests)
    assert {row["steps"] for row in rows if row["variant"] != "copying"} == {2}
    assert all(variant.name in text for variant in variants(config))


def test_what_cannot_be_measured_is_said(tmp_path: Path, capsys) -> None:
    assert cli.main(f"evaluate dragapart --count 0 --out {tmp_path}".split()) == 1
    assert cli.main(f"evaluate dragapart --steps 0 --out {tmp_path}".split()) == 1
    assert "1 or more" in capsys.readouterr().err
