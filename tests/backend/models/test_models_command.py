"""`tug models`, where models come from, and what is told of them."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from backend.cli import main
from backend.doctor import examine
from backend.models import fetch, places, registry, weights
from backend.models.dragapart import card as cards
from backend.models.dragapart import loader
from protocol.errors import TugError
from tests.backend.models.dragapart_parity import config as published
from tests.backend.models.test_dragapart_loader import filled, saved_checkpoint, saved_full, small


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("TUG_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """The published model in tiny sizes, and a hub that has it: its folder."""
    from huggingface_hub.errors import RemoteEntryNotFoundError

    hub = saved_full(tmp_path / "hub")
    path = saved_checkpoint(hub / "drag-a-part-final.pt")
    parts = [
        dataclasses.replace(part, bytes=1000, sha256=weights.digest(path) if part.sha256 else "")
        for part in cards.full.parts
    ]
    card = dataclasses.replace(cards.full, parts=tuple(parts))
    monkeypatch.setattr(cards, "full", card)
    monkeypatch.setattr(cards, "cards", (cards.small, card))
    monkeypatch.setattr(loader, "preset", lambda name: published)
    monkeypatch.setattr("backend.models.dragapart.verify.preset", lambda name: published)
    asked = []

    def download(name, file, *, repo_type, revision, local_dir):
        asked.append((name, file, repo_type, revision))
        folder = {"rayli/DragAPart": "", "stabilityai/sd-vae-ft-ema": "vae"}.get(name, "clip")
        source = hub / folder / Path(file).name
        if not source.exists():
            response: Any = SimpleNamespace(headers={}, request=None, status_code=404)
            raise RemoteEntryNotFoundError("no such file", response=response)
        local_dir.mkdir(parents=True, exist_ok=True)
        return shutil.copyfile(source, local_dir / Path(file).name)

    monkeypatch.setattr("huggingface_hub.hf_hub_download", download)
    hub.joinpath("asked").mkdir()
    return card, hub, asked


def answer(capsys, *arguments: str) -> tuple[int, str, str]:
    code = main(["models", *arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_model_is_pulled_stripped_checked_and_used(tiny, capsys, home):
    card, _, asked = tiny
    code, out, _ = answer(capsys, "list", "--json")
    assert code == 0
    assert json.loads(out)[1]["state"].startswith("not here")
    code, out, err = answer(capsys, "pull", "dragapart:full")
    assert (code, err) == (0, "")
    assert asked[0] == ("rayli/DragAPart", "ckpts/drag-a-part-final.pt", "space", None)
    assert registry.is_present(card)
    assert not list(home.rglob("*.pt"))
    code, out, _ = answer(capsys, "verify", "dragapart:full")
    assert code == 0
    assert "753 tensors" in out and "as published" in out and "AutoencoderKL" in out
    assert loader.load("full", device="cpu").size == 256
    asked.clear()
    assert answer(capsys, "pull", "dragapart:full")[0] == 0
    assert asked == []


def test_a_file_that_is_not_the_published_one_is_refused(tiny, capsys, home):
    _, hub, _ = tiny
    saved_checkpoint(hub / "drag-a-part-final.pt", opt={"step": 4})
    code, _, err = answer(capsys, "pull", "dragapart:full")
    assert code == 1
    assert "is not the published file: its SHA-256 is" in err
    assert not list(home.rglob("network.safetensors"))


def test_a_part_is_taken_from_a_folder_of_the_user_and_not_fetched(tiny, capsys):
    card, hub, asked = tiny
    mine = [f"{name}={hub / name}" for name in ("vae", "clip")]
    network = f"network={hub / 'network.safetensors'}"
    chosen = [word for source in (*mine, network) for word in ("--from", source)]
    code, _, err = answer(capsys, "pull", "dragapart:full", *chosen)
    assert (code, err, asked) == (0, "", [])
    assert places.place_of(card, card.part("vae")) == hub / "vae"
    assert registry.is_present(card)


def test_sources_come_from_the_environment_then_the_users_choice_then_the_card(monkeypatch):
    card, part = cards.full, cards.full.part("vae")
    assert places.source_of(card, part) == "stabilityai/sd-vae-ft-ema"
    places.choose(card, {"vae": "me/my-vae"})
    assert places.source_of(card, part) == "me/my-vae"
    assert places.place_of(card, part) == places.folder_of(card) / "vae"
    monkeypatch.setenv("TUG_DRAGAPART_FULL_VAE", "/models/vae")
    assert places.place_of(card, part) == Path("/models/vae")
    with pytest.raises(TugError, match="no part 'colour'"):
        places.choose(card, {"colour": "red"})


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ("owner/name", ("model", "owner/name", None, "")),
        ("spaces/owner/na.me@v1:a/b.pt", ("space", "owner/na.me", "v1", "a/b.pt")),
    ],
)
def test_places_on_the_hub(source, read):
    assert tuple(fetch.address(source)) == read


@pytest.mark.parametrize("source", ["", "owner", "a/b/c", "owner/name:"])
def test_places_that_are_none(source):
    with pytest.raises(TugError, match="neither a path nor a place"):
        fetch.address(source)


def test_a_hub_out_of_reach_and_what_to_do_about_it(tiny, capsys, monkeypatch):
    def offline(*_arguments, **_more):
        raise ConnectionError("no route to host")

    monkeypatch.setattr("huggingface_hub.hf_hub_download", offline)
    code, _, err = answer(capsys, "pull", "dragapart:full")
    assert code == 1
    assert "could not be fetched (no route to host)" in err
    assert "--from network=PATH" in err


def test_a_file_that_the_hub_lacks(tiny, capsys):
    _, hub, asked = tiny
    (hub / "clip" / "model.safetensors").unlink()
    code, _, err = answer(capsys, "pull", "dragapart:full")
    assert code == 1
    assert "no model.safetensors and no pytorch_model.bin" in err
    assert [file for _, file, *_ in asked][-1] == "pytorch_model.bin"


def test_a_disk_without_room(tiny, capsys, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: shutil._ntuple_diskusage(10, 9, 1))
    code, _, err = answer(capsys, "pull", "dragapart:full")
    assert code == 1
    assert "GB left" in err


def test_verify_names_what_is_wrong_with_a_file(capsys, tmp_path):
    path = tmp_path / "mine.safetensors"
    loader.save(filled(small), path)
    assert answer(capsys, "verify", str(path))[0] == 0
    tensors, metadata = weights.read(path)
    tensors.pop("token.final.bias")
    tensors["extra"] = torch.zeros(1)
    weights.write(path, list(tensors.items()), metadata)
    code, out, _ = answer(capsys, "verify", str(path))
    assert code == 1
    assert "token.final.bias is missing; extra does not belong there" in out


def test_show_tells_sources_licences_and_hashes(capsys):
    code, out, _ = answer(capsys, "show", "dragapart:full")
    assert code == 0
    for words in ("162ba2040b59", "spaces/rayli/DragAPart", "TUG_DRAGAPART_FULL_CLIP", "licence"):
        assert words in out
    code, _, err = answer(capsys, "show", "dragapart:huge")
    assert code == 1
    assert "no model 'dragapart:huge': dragapart, dragapart:full" in err


def test_strip_as_a_command(tmp_path, capsys):
    path = saved_checkpoint(tmp_path / "checkpoint.pt")
    out = tmp_path / "out.safetensors"
    code, said, _ = answer(capsys, "strip", str(path), "--out", str(out))
    assert code == 0
    assert weights.digest(out) in said


def test_doctor_tells_of_torch_and_models(tmp_path, monkeypatch):
    def lines():
        found = examine(tmp_path / "store", tmp_path / "connection.json")
        return {one.subject: one for one in found}

    told = lines()
    assert told["torch"].state == "ok" and torch.__version__ in told["torch"].text
    assert told["model dragapart:full"].fix == "tug models pull dragapart:full"
    assert told["model dragapart:full"].state == "note"
    places.choices_file().parent.mkdir(parents=True, exist_ok=True)
    places.choices_file().write_text("[1]")
    assert lines()["models"].state == "problem"
    assert registry.present() == []
    monkeypatch.setattr("backend.models.registry.packages", ("no_such_torch",))
    assert lines()["torch"].state == "note"


def test_capabilities_name_the_models_that_could_run(shared_backend):
    client = shared_backend.client("models")
    try:
        assert client.wait(lambda: client.capabilities, 30)
        assert client.capabilities.models == [
            card.name for card in registry.cards() if registry.is_present(card)
        ]
    finally:
        client.close()
