from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import convolve2d

from backend.metrics.images import pooled_psnr, psnr, squared_error, ssim


def pictures(seed: int, count: int = 3, side: int = 24) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, side, side + 4, 3), dtype=np.uint8)


def direct_ssim(x: np.ndarray, y: np.ndarray) -> float:
    """Wang et al. 2004, equation 13, of one channel, by whole two-dimensional windows."""
    place = np.arange(11) - 5
    window = np.exp(-(place[:, None] ** 2 + place[None] ** 2) / (2 * 1.5**2))
    window /= window.sum()

    def mean(values: np.ndarray) -> np.ndarray:
        return convolve2d(values, window, mode="valid")

    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mx, my = mean(x), mean(y)
    vx, vy = mean(x * x) - mx * mx, mean(y * y) - my * my
    vxy = mean(x * y) - mx * my
    above = (2 * mx * my + c1) * (2 * vxy + c2)
    return float(np.mean(above / ((mx**2 + my**2 + c1) * (vx + vy + c2))))


def test_ssim_is_that_of_the_paper() -> None:
    x, noise = pictures(0), pictures(1)
    y = (0.7 * x + 0.3 * noise).astype(np.uint8)
    wanted = [
        np.mean([direct_ssim(a[..., c].astype(float), b[..., c].astype(float)) for c in range(3)])
        for a, b in zip(x, y, strict=True)
    ]
    np.testing.assert_allclose(ssim(y, x), wanted, rtol=1e-10)
    np.testing.assert_allclose(ssim(y, x), ssim(x, y), rtol=1e-12)


def test_ssim_of_equal_pictures_is_one_and_tiny_ones_are_refused() -> None:
    np.testing.assert_allclose(ssim(pictures(2), pictures(2)), 1.0)
    with pytest.raises(ValueError, match="11"):
        ssim(pictures(2, side=8), pictures(2, side=8))


def test_psnr_follows_from_the_mean_square_error() -> None:
    x = np.full((2, 12, 12, 3), 100, np.uint8)
    y = x.copy()
    y[0] += 10
    y[1, :6] += 10  # half of the pixels
    np.testing.assert_allclose(psnr(y, x), 20 * np.log10(255 / np.array([10, 10 / np.sqrt(2)])))


def test_psnr_of_a_mask_sees_nothing_else() -> None:
    x, y = pictures(3), pictures(4)
    mask = np.zeros(x.shape[:3], bool)
    mask[:, 3:9, 5:7] = True
    crop = psnr(y[:, 3:9, 5:7], x[:, 3:9, 5:7])
    np.testing.assert_allclose(psnr(y, x, mask), crop)
    y[~mask] = 0
    np.testing.assert_allclose(psnr(y, x, mask), crop)


def test_equal_pictures_are_infinitely_alike_and_empty_masks_have_no_psnr() -> None:
    x = pictures(5)
    assert np.isposinf(psnr(x, x)).all()
    assert np.isnan(psnr(x, x, np.zeros(x.shape[:3], bool))).all()


def test_the_pooled_psnr_is_that_of_all_chosen_pixels_as_one_picture() -> None:
    x, y = pictures(2), pictures(3)
    mask = np.random.default_rng(4).random(x.shape[:3]) < [[[0.6]], [[0.01]], [[0.3]]]
    pooled = pooled_psnr(squared_error(x, y, mask), mask.sum(axis=(1, 2)))
    as_one = psnr(x[mask][None, None], y[mask][None, None])[0]
    assert pooled == pytest.approx(as_one, abs=1e-9)


def test_a_picture_without_chosen_pixels_does_not_count_in_the_pooled_psnr() -> None:
    assert pooled_psnr([np.nan, 25.0], [0, 7]) == pooled_psnr([25.0], [7])
    assert np.isnan(pooled_psnr([np.nan], [0]))
