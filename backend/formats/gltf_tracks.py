"""The animation of glTF nodes: translation, rotation and scale over time."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

Floats = NDArray[np.float64]
Accessor = Callable[[int], NDArray]
at_rest: dict[str, tuple[float, ...]] = {
    "translation": (0.0, 0.0, 0.0),
    "rotation": (0.0, 0.0, 0.0, 1.0),
    "scale": (1.0, 1.0, 1.0),
}


@dataclass(frozen=True, eq=False)
class Track:
    """One property over time: `times` (K,) seconds, `values` (K, D), or (K, 3, D) for splines
    (in-tangent, value, out-tangent)."""

    times: Floats
    values: Floats
    interpolation: str

    def at(self, times: Floats) -> Floats:
        """Return the (T, D) values; before the first key and after the last they stand still."""
        if len(self.times) == 1:
            return np.repeat(self._knots[:1], len(times), axis=0)
        inside = np.clip(times, self.times[0], self.times[-1])
        left = np.clip(
            np.searchsorted(self.times, inside, side="right") - 1, 0, len(self.times) - 2
        )
        span = self.times[left + 1] - self.times[left]
        share = ((inside - self.times[left]) / np.where(span > 0.0, span, 1.0))[:, None]
        if self.interpolation == "STEP":
            return self._knots[np.where(share[:, 0] >= 1.0, left + 1, left)]
        if self.interpolation == "CUBICSPLINE":
            return self._spline(left, share, span[:, None])
        before, after = self._knots[left], self._knots[left + 1]
        return (
            _turned(before, after, share)
            if before.shape[1] == 4
            else (before + share * (after - before))
        )

    @property
    def _knots(self) -> Floats:
        return self.values if self.values.ndim == 2 else self.values[:, 1]

    def _spline(self, left: NDArray, t: Floats, span: Floats) -> Floats:
        before, after = self.values[left], self.values[left + 1]
        t2, t3 = t * t, t * t * t
        return (
            (2.0 * t3 - 3.0 * t2 + 1.0) * before[:, 1]
            + span * (t3 - 2.0 * t2 + t) * before[:, 2]
            + (3.0 * t2 - 2.0 * t3) * after[:, 1]
            + span * (t3 - t2) * after[:, 0]
        )


@dataclass(frozen=True, eq=False)
class Tracks:
    """Where a node is against its parent: at rest (4, 4), and over time where it is animated."""

    rest: Floats
    parts: dict[str, Floats]
    tracks: dict[str, Track]

    @property
    def animated(self) -> bool:
        return bool(self.tracks)

    def at(self, times: Floats) -> Floats:
        """Return (T, 4, 4) places at times in seconds; NaN is rest."""
        found = np.repeat(self.rest[None], len(times), axis=0)
        asked = np.isfinite(times)
        if self.tracks and asked.any():
            found[asked] = composed(
                *(
                    self.tracks[path].at(times[asked])
                    if path in self.tracks
                    else np.repeat(self.parts[path][None], int(asked.sum()), axis=0)
                    for path in at_rest
                )
            )
        return found


def composed(translation: Floats, rotation: Floats, scale: Floats) -> Floats:
    """Return the (T, 4, 4) matrices of translations, quaternions (x, y, z, w) and scales."""
    found = np.repeat(np.eye(4)[None], len(translation), axis=0)
    found[:, :3, :3] = Rotation.from_quat(rotation).as_matrix() * scale[:, None, :]
    found[:, :3, 3] = translation
    return found


def read_tracks(
    tree: dict[str, Any], order: list[int], accessor: Accessor
) -> tuple[tuple[Tracks, ...], float]:
    """Return how each node of `order` moves in the file's first animation, and for how long."""
    animated: dict[int, dict[str, Track]] = {}
    seconds = 0.0
    for animation in tree.get("animations", [])[:1]:
        for channel in animation["channels"]:
            target = channel["target"]
            if target.get("path") in at_rest and "node" in target:
                track = _track(animation["samplers"][channel["sampler"]], accessor)
                animated.setdefault(target["node"], {})[target["path"]] = track
                seconds = max(seconds, float(track.times[-1]))
    nodes = tree.get("nodes", [])
    return tuple(_tracks(nodes[node], animated.get(node, {})) for node in order), seconds


def _track(sampler: dict[str, Any], accessor: Accessor) -> Track:
    times = accessor(sampler["input"]).reshape(-1).astype(np.float64)
    values = accessor(sampler["output"]).astype(np.float64)
    kind = sampler.get("interpolation", "LINEAR")
    return Track(times, values.reshape(-1, 3, values.shape[1]) if "CUBIC" in kind else values, kind)


def _tracks(node: dict[str, Any], tracks: dict[str, Track]) -> Tracks:
    parts = {path: np.array(node.get(path, rest), float) for path, rest in at_rest.items()}
    if "matrix" in node:
        rest = np.array(node["matrix"], np.float64).reshape(4, 4).T
    else:
        rest = composed(*(value[None] for value in parts.values()))[0]
    return Tracks(rest, parts, tracks)


def _turned(before: Floats, after: Floats, share: Floats) -> Floats:
    """Spherical interpolation of quaternions (T, 4), the shorter way."""
    cosine = np.einsum("ij,ij->i", before, after)[:, None]
    after = np.where(cosine < 0.0, -after, after)
    angle = np.arccos(np.clip(np.abs(cosine), 0.0, 1.0))
    sine = np.sin(angle)
    straight = sine < 1e-9
    safe = np.where(straight, 1.0, sine)
    first = np.where(straight, 1.0 - share, np.sin((1.0 - share) * angle) / safe)
    second = np.where(straight, share, np.sin(share * angle) / safe)
    found = first * before + second * after
    return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), math.ulp(1.0))
