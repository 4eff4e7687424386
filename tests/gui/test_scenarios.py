"""Blender's real window, driven by events: one process a scenario, a screenshot at each turn.

Run by `python build.py test`; alone with BLENDER and TUG_EXTENSION_ZIP set. The screenshots go to
out/gui, for a person to judge. A scenario is a file in scenarios/ with a generator `steps(hands)`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

scenarios = sorted(path.stem for path in (Path(__file__).parent / "scenarios").glob("*.py"))


@pytest.mark.parametrize("name", scenarios)
def test_scenario(name: str, play) -> None:
    play(name)
