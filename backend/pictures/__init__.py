"""Pictures of meshes as learned models are shown them: shaded, on a white background."""

from __future__ import annotations
