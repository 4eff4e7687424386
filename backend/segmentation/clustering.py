"""Features of pictures clustered on what they show, and the clusters that drags start on."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.vq import kmeans2
from scipy.ndimage import distance_transform_edt, zoom

kept = 32  # principal directions of the features
tries = 4  # starts of k-means, of which the closest clusters are taken


def clusters(
    features: NDArray[np.float32],
    there: NDArray[np.bool_],
    count: int,
    seed: int,
) -> NDArray[np.int8]:
    """Return the cluster of each pixel, (K, S, S), -1 where nothing is.

    `features` (K, h, w, C) are spread over the pixels of which `there` (K, S, S) says which show
    the object. Each picture has its own `count` clusters.
    """
    small = _principal(features, seed)
    wide = np.stack([_spread(own, there.shape[1]) for own in small])
    labels = np.full(there.shape, -1, np.int8)
    for own, shown, points in zip(labels, there, wide, strict=True):
        own[shown] = _k_means(points[shown], count, seed)
    return labels


def under_tails(labels: NDArray[np.int8], drags: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return which pixels (S, S) are of a cluster that one of the drags (D, 4) starts on.

    Where a drag starts beside the object, the nearest pixel of the object counts.
    """
    size = len(labels)
    present = drags[(drags != 0.0).any(axis=1)]
    if not (labels >= 0).any() or not len(present):
        return np.zeros(labels.shape, bool)
    nearest = np.asarray(
        distance_transform_edt(labels < 0, return_distances=False, return_indices=True)
    )
    x, y = np.clip(np.floor(present[:, :2] * size), 0, size - 1).astype(int).T
    row, column = nearest[:, y, x]
    return np.isin(labels, labels[row, column])


def _principal(features: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """The features in the few directions in which all of them differ most.

    These are found by power iteration from random ones (Halko et al. 2011, algorithm 4.4).
    """
    flat = features.reshape(-1, features.shape[-1])
    if flat.shape[1] <= kept:
        return features
    flat = flat - flat.mean(axis=0)
    ways = np.random.default_rng(seed).standard_normal((flat.shape[1], kept), np.float32)
    for _ in range(3):
        ways = np.linalg.qr(flat.T @ (flat @ ways))[0]
    return (flat @ ways).reshape(*features.shape[:3], kept)


def _spread(features: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """Features (h, w, C) at the pixels of a picture, (S, S, C), linear in between."""
    scale = (size / features.shape[0], size / features.shape[1], 1.0)
    return np.asarray(zoom(features, scale, order=1, mode="nearest", grid_mode=True), np.float32)


def _k_means(points: NDArray[np.float32], count: int, seed: int) -> NDArray[np.int32]:
    """The cluster of each point (N, C), the closest of several tries."""
    if len(points) <= count:
        return np.arange(len(points), dtype=np.int32)
    best, least = np.zeros(len(points), np.int32), np.inf
    for start in range(tries):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a cluster is empty: there are fewer, then
            middles, labels = kmeans2(
                points, count, minit="++", rng=np.random.default_rng([seed, start])
            )
        spread = float(((points - middles[labels]) ** 2).sum())
        if spread < least:
            best, least = labels.astype(np.int32), spread
    return best
