"""The demo of a learned model: what DragAPart imagines of three objects, and what comes of it.

Run by `python build.py demo --scene imagined`, in the backend's environment. The model has seen
none of the objects, and no object at all of the second's and the third's kind.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import msgspec
from pictures import write_strip
from processes import arguments, in_blender, running_backend

from backend.datasets import generate, write_glb
from backend.metrics.joints import axis_error
from protocol.joint import Joint

objects = (("cabinet", 1003), ("fridge", 1000), ("laptop", 1000))
views = 4
size = (384, 384)  # pixels


def main() -> None:
    """Run it; what a model imagines is shown, not judged."""
    chosen = arguments(__doc__).parse_args()
    out = Path(chosen.out).resolve()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tug-imagined-") as name:
        folder = Path(name)
        models = [_model(folder, *each) for each in objects]
        with running_backend(folder) as connection:
            task = {
                "extension": str(Path(chosen.extension).resolve()),
                "connection": str(connection),
                "out": str(folder),
                "models": models,
                "views": views,
                "size": size,
            }
            for line in in_blender(chosen.blender, "imagined_scene.py", task, "found.json"):
                print(f"  {line}", flush=True)
        found = json.loads((folder / "found.json").read_text(encoding="utf-8"))
        write_strip(folder, out / "imagined.png", [model["name"] for model in models], views)
    for model, each in zip(models, found, strict=True):
        true = msgspec.convert(model["joint"], Joint)
        got = msgspec.convert(each["joint"], Joint)
        fits = f"its axis is {axis_error(got, true):.1f}° off"
        print(f"  {model['name']}: {got.type}, {fits}; {each['evidence']}")
    print(f"\nLook at {out / 'imagined.png'}.")


def _model(folder: Path, family: str, seed: int) -> dict[str, Any]:
    """Write an object as a file and say what Blender is to do with its foremost part."""
    made = generate(family, seed)
    part = next(link for link in made.links if link.joint and link.drag is not None)
    assert part.drag is not None
    file = folder / f"{family}.glb"
    write_glb(made, file)
    return {
        "name": f"{family}: {part.name.replace('_', ' ')}",
        "file": str(file),
        "part": part.name,
        "drag": [[float(value) for value in point] for point in part.drag],
        "joint": msgspec.to_builtins(part.joint),
    }


if __name__ == "__main__":
    main()
