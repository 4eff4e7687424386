"""The add-on's core without Blender: a package `tug` of addon/ and protocol/, as it ships."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

root = Path(__file__).parents[2]
package = ModuleType("tug")
package.__path__ = [str(root / "addon"), str(root)]
sys.modules.setdefault("tug", package)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is Tug's own for this test."""
    monkeypatch.setenv("TUG_HOME", str(tmp_path / "home"))
    return tmp_path / "home"
