"""The demo, run as a user runs it, and what it leaves looked at with fresh eyes."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from building.environments import blenders, ensure, find_python, root

blender = next((version for version, python in blenders().items() if find_python(python)), "")
pytestmark = [
    pytest.mark.skipif(not blender, reason="no Python that bpy is made for"),
    pytest.mark.timeout(620),  # renders on the CPU, and the machine may be busy
]

# Run in Blender: what a user sees who opens the file without the add-on.
look = """
import bpy, json, sys
bpy.ops.wm.open_mainfile(filepath=sys.argv[1])
scene = bpy.context.scene
controls = {}
for control in scene.objects:
    if "tug_open" not in control:
        continue
    part = next(child for child in control.children if child.type == "MESH")
    places = []
    for frame in (scene.frame_start, scene.frame_end // 2, scene.frame_end):
        scene.frame_set(frame)
        places.append([list(row) for row in part.matrix_world])
    keyed = bool(control.animation_data and control.animation_data.action)
    controls[part.name] = {"keyed": keyed, "places": places}
print("SEEN" + json.dumps(controls))
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Run the demo; return the folder of its results and what it printed."""
    out = tmp_path_factory.mktemp("out")
    return out, run_demo("--out", out)


def run_demo(*arguments: str | Path) -> str:
    command = [sys.executable, root / "build.py", "demo", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def seen_in(file: Path) -> dict[str, dict]:
    """Return whether each moving part is keyed, and where it is at first, half-way, at last."""
    command = [ensure(f"blender-{blender}"), "-c", look, file]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    line = next(line for line in done.stdout.splitlines() if line.startswith("SEEN"))
    return json.loads(line.removeprefix("SEEN"))


def test_it_says_what_each_part_is_and_what_to_open(ran: tuple[Path, str]) -> None:
    out, said = ran
    assert said.count("as built") == 3
    assert "revolute" in said
    assert said.count("prismatic") >= 2
    assert str(out / "demo.blend") in said


def test_the_picture_and_the_film_are_there(ran: tuple[Path, str]) -> None:
    out, _ = ran
    picture = Image.open(out / "demo.png")
    assert picture.width > 2 * picture.height
    assert len(picture.convert("RGB").getcolors(1 << 24) or ()) > 10_000
    film = Image.open(out / "demo.webp")
    assert getattr(film, "n_frames", 1) >= 20


def test_the_parts_open_and_shut_in_a_blender_without_the_add_on(ran: tuple[Path, str]) -> None:
    out, _ = ran
    seen = seen_in(out / "demo.blend")
    assert len(seen) == 3
    for part in seen.values():
        rest, opened, shut = part["places"]
        assert part["keyed"]
        assert difference(rest, opened) > 0.1
        assert difference(rest, shut) < 1e-5


def test_a_batch_survives_a_bad_item_and_a_killed_blender(tmp_path: Path) -> None:
    said = run_demo("--batch", "6", "--out", tmp_path)
    assert "Blender was killed" in said
    assert re.search(r"5 of 6 done, 1 failed, [1-4] from the journal\n +bucket .*NaN", said)
    assert said.count("1 of 1") == 5, "each is of the type it was built as"
    assert "5 of 5 have the type and, to 5°, the axis built." in said
    parts = seen_in(tmp_path / "batch.blend").values()
    assert len(parts) == 5
    for part in parts:
        rest, opened, _ = part["places"]
        assert part["keyed"]
        assert difference(rest, opened) > 0.05
    assert Image.open(tmp_path / "batch.png").width > 500


def test_a_trolley_is_placed_driven_and_seen_from_eight_sides(tmp_path: Path) -> None:
    said = run_demo("--scene", "kitchen", "--out", tmp_path)
    assert "too much" not in said
    assert "the trolley stands on 'floor'" in said
    manifest = json.loads((tmp_path / "kitchen-views" / "manifest.json").read_text())
    assert len(manifest["views"]) == 8
    sheet = Image.open(tmp_path / "kitchen.png")
    assert len(sheet.convert("RGB").getcolors(1 << 24) or ()) > 10_000
    drawer = seen_in(tmp_path / "kitchen.blend")["drawer"]
    start, half_way, end = ([row[3] for row in place[:3]] for place in drawer["places"])
    assert math.dist(start, half_way) > 1.0 and math.dist(half_way, end) > 1.0
    assert drawer["keyed"]


def test_what_a_model_imagines_of_three_objects_is_shown_and_baked(tmp_path: Path) -> None:
    said = run_demo("--scene", "imagined", "--out", tmp_path)
    assert said.count(" views.") == 3 and "cabinet: drawer: prismatic" in said
    picture = Image.open(tmp_path / "imagined.png").convert("RGB")
    assert picture.width > picture.height > 600
    assert len(picture.getcolors(1 << 24) or ()) > 10_000


def difference(a: list[list[float]], b: list[list[float]]) -> float:
    return max(
        abs(x - y) for row, other in zip(a, b, strict=True) for x, y in zip(row, other, strict=True)
    )
