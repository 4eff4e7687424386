"""Put the screenshots that the documentation shows into docs/window, made small.

Run the window tests first: they leave them in out/gui. `python tests/gui/pictures.py` takes the
Python of .envs/backend.
"""

from __future__ import annotations

import os
from pathlib import Path

from PIL import Image

root = Path(__file__).parents[2]
shots = Path(os.environ.get("TUG_GUI_SHOTS") or root / "out" / "gui")
widest = 1100
view = (0, 40, 1310, 905)  # the 3D viewport with its sidebar
pictures = {
    "pulled": ("first_run_3_pulled", view),
    "proposed": ("first_run_5_proposed", view),
    "opened": ("first_run_7_open", view),
    "pick": ("pick_hover_piece", view),
    "drag": ("drag_normal", view),
    "trajectory": ("trajectory_edited", view),
    "placing": ("place_proposed", view),
    "motion": ("animate_proposed", view),
    "snap": ("correct_09_round", view),
    "light": ("light_theme", view),
    "large": ("dark_theme_200_percent", None),
    "quad": ("quad_view", view),
    "camera": ("camera_view", view),
}


def main() -> None:
    folder = root / "docs" / "window"
    folder.mkdir(exist_ok=True)
    for name, (shot, part) in pictures.items():
        picture = Image.open(shots / f"{shot}.png").convert("RGB").crop(part)
        picture.thumbnail((widest, widest), Image.Resampling.LANCZOS)
        picture.save(folder / f"{name}.webp", quality=80, method=6)


if __name__ == "__main__":
    main()
