"""The kitchen demo: a trolley gets its joints, a place in a room, and a way round the table.

Run by `python build.py demo --scene kitchen`, in the backend's environment.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from kitchen_room import kitchen, way
from pictures import write_views
from processes import arguments, in_blender, running_backend

from backend.datasets import generate, write_glb

trolley_seed = 26
frames = (1, 121)
drawer_opens = (55, 85)  # frames
shown_frames = (1, 31, 61, 91, 121)
tile = 176  # pixels


def main() -> None:
    """Run it and exit with 1 when something does not move or stand as it should."""
    chosen = arguments(__doc__).parse_args()
    out = Path(chosen.out).resolve()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tug-kitchen-") as name:
        folder = Path(name)
        found = _in_blender(chosen, folder)
        write_views(folder, out / "kitchen.png", found["views"], shown_frames, frames)
        (folder / "kitchen.blend").replace(out / "kitchen.blend")
        shutil.rmtree(out / "kitchen-views", ignore_errors=True)
        shutil.move(folder / "views", out / "kitchen-views")
    _print_table(found)
    if wrong := [check["what"] for check in found["checks"] if check["value"] > check["most"]]:
        sys.exit(f"Not as it should be: {', '.join(wrong)}.")
    print(f"\nLook at {out / 'kitchen.png'}, then open {out / 'kitchen.blend'} in Blender and")
    print(f"press the space bar. What video models take is in {out / 'kitchen-views'}.")


def _in_blender(chosen: Any, folder: Path) -> dict[str, Any]:
    write_glb(kitchen(), folder / "kitchen.glb")
    trolley = generate("cart", trolley_seed)
    write_glb(trolley, folder / "trolley.glb")
    with running_backend(folder) as connection:
        task = {
            "extension": str(Path(chosen.extension).resolve()),
            "connection": str(connection),
            "out": str(folder),
            "room": str(folder / "kitchen.glb"),
            "trolley": str(folder / "trolley.glb"),
            "body": trolley.links[0].name,
            "way": way(),
            "frames": frames,
            "drawer_opens": drawer_opens,
            "shown": shown_frames,
            "tile": tile,
        }
        for line in in_blender(chosen.blender, "kitchen_scene.py", task, "found.json"):
            print(f"  {line}", flush=True)
    return json.loads((folder / "found.json").read_text(encoding="utf-8"))


def _print_table(found: dict[str, Any]) -> None:
    print()
    for check in found["checks"]:
        fine = "" if check["value"] <= check["most"] else "  too much"
        print(f"  {check['what']:46} {check['value']:9.4f}   at most {check['most']:g}{fine}")
    print(f"  {found['keys']}")


if __name__ == "__main__":
    main()
