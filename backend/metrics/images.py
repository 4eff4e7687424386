"""How like two pictures are: PSNR and SSIM (Table 1 reports both, and LPIPS)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import correlate1d

Pictures = NDArray[np.uint8]
peak = 255.0
reach, sigma = 5, 1.5  # the window of SSIM is 11 x 11
steady_mean, steady_contrast = (0.01 * peak) ** 2, (0.03 * peak) ** 2


def psnr(found: Pictures, true: Pictures, mask: NDArray[np.bool_] | None = None) -> np.ndarray:
    """Return the peak signal-to-noise ratio in dB of pictures (N, H, W, 3), as (N,).

    With a mask (N, H, W) over its pixels alone. Infinite where nothing differs, not a number
    where a mask is empty.
    """
    everywhere = np.ones(true.shape[:3], bool) if mask is None else mask
    with np.errstate(divide="ignore"):
        return 10.0 * np.log10(peak**2 / squared_error(found, true, everywhere))


def pooled_psnr(squared: ArrayLike, pixels: ArrayLike) -> float:
    """Return the PSNR in dB of all pixels of several pictures together.

    `squared` (N,) are the pictures' mean squared errors on so many `pixels` (N,); one without
    pixels counts nothing. A mean of `psnr` is ruled by the pictures that hardly differ.
    """
    error, count = np.asarray(squared, np.float64), np.asarray(pixels, np.float64)
    counted = count > 0
    if not counted.any():
        return float("nan")
    with np.errstate(divide="ignore"):
        mean = np.average(error[counted], weights=count[counted])
        return float(10.0 * np.log10(peak**2 / mean))


def squared_error(found: Pictures, true: Pictures, mask: NDArray[np.bool_]) -> np.ndarray:
    """Return the mean squared error of pictures (N, H, W, 3) over masks (N, H, W), as (N,)."""
    error = np.square(found.astype(np.float64) - true).mean(axis=3)
    with np.errstate(invalid="ignore"):
        return (error * mask).sum(axis=(1, 2)) / mask.sum(axis=(1, 2))


def ssim(found: Pictures, true: Pictures) -> np.ndarray:
    """Return the structural similarity of pictures (N, H, W, 3), as (N,); 1 where nothing differs.

    As Wang et al. 2004: a Gaussian window of 11 x 11 with sigma 1.5, which lies wholly in the
    picture; the mean over windows and colour channels. Raises ValueError below 11 x 11 pixels.
    """
    if min(found.shape[1:3]) < 2 * reach + 1:
        raise ValueError("SSIM needs pictures of 11 x 11 pixels or more")
    x, y = found.astype(np.float64), true.astype(np.float64)
    mean_x, mean_y = _smooth(x), _smooth(y)
    spread_x = _smooth(x * x) - mean_x**2
    spread_y = _smooth(y * y) - mean_y**2
    shared = _smooth(x * y) - mean_x * mean_y
    likeness = (2 * mean_x * mean_y + steady_mean) * (2 * shared + steady_contrast)
    likeness /= (mean_x**2 + mean_y**2 + steady_mean) * (spread_x + spread_y + steady_contrast)
    return likeness.mean(axis=(1, 2, 3))


def _smooth(values: np.ndarray) -> np.ndarray:
    """The Gaussian mean around each pixel that has a whole window, (N, H - 10, W - 10, 3)."""
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    weights /= weights.sum()
    smooth = correlate1d(correlate1d(values, weights, axis=1), weights, axis=2)
    return smooth[:, reach:-reach, reach:-reach]
