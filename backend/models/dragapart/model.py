"""DragAPart as its applications use it: pictures and drags in, pictures and features out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from protocol.errors import failure

from .codec import Codec
from .diffusion import Guided, Noise, Progress, Way, chain, sample, schedule, silent
from .features import joined, recorded
from .network import Network
from .pictures import check, padded, resized, to_pictures, to_tensor
from .prediction import Carry, carry

Found = TypeVar("Found")
most_times = 4  # how much larger than its own the pictures of a network that carries may be
Tokens = Callable[[NDArray[np.uint8]], Tensor]


class DragAPart:
    """A network with its codec, on a device. `size` is the side of its pictures in pixels."""

    def __init__(
        self, network: Network, codec: Codec, *, revision: str, tokens: Tokens | None = None
    ) -> None:
        self.network = network.eval()
        self.config = network.config
        self.codec = codec
        self.tokens = tokens
        self.revision = revision
        self.size = self.config.picture
        self.device = next(network.parameters()).device

    def drag(
        self,
        pictures: NDArray[np.uint8],
        drags: NDArray,
        *,
        seed: int = 0,
        steps: int | None = None,
        guidance: float | None = None,
        way: Way = "ddim",
        size: int | None = None,
        progress: Progress = silent,
    ) -> NDArray[np.uint8]:
        """Return what pictures show once they are dragged, (K, size, size, 3) uint8.

        Pictures (K, H, W, 3) uint8, square and on white, are resized; drags (K, D, 4) are
        (x0, y0, x1, y1) as shares of the picture, x right, y down, all zero where there is none.
        `size` is the model's own unless told, and at most `finest`: where pixels are carried, they
        can be those of a larger picture than the network sees. The noise of a picture follows
        from the seed, the picture and its drags, so pictures may come in any order and company.
        All are done at once, or as many as memory holds. A network that sees no noise takes one
        step, whatever `steps`.
        Raises TugError bad_input, out_of_memory.
        """
        check(pictures, drags, self.config.drags)
        taken = (steps or self.config.steps) if self.config.noise_input else 1
        weight = self.config.guidance if guidance is None else guidance
        small, wide = (resized(pictures, side) for side in (self.size, size or self.size))
        if len(wide[0]) > self.finest:
            raise ValueError(f"this model makes pictures of {self.finest} pixels at most")

        def imagine(chosen: slice) -> NDArray[np.uint8]:
            guided, noise = self._prepared(small[chosen], drags[chosen], seed, weight)
            if wide.shape != small.shape:
                return to_pictures(self._carried(guided, noise, wide[chosen], progress))
            codes = sample(guided, noise, way=way, steps=taken, progress=progress)
            return to_pictures(self._decoded(codes))

        return self._in_batches(imagine, len(small))

    @property
    def finest(self) -> int:
        """Pixels a side of the largest pictures that it makes."""
        carries = self.config.prediction == "carry" and not self.config.noise_input
        return self.size * (most_times if carries else 1)

    def moving_features(
        self,
        pictures: NDArray[np.uint8],
        drags: NDArray,
        *,
        t: int = 200,
        seed: int = 0,
        progress: Progress = silent,
    ) -> NDArray[np.float32]:
        """Return how drags change the features of pictures, (K, h, w, C) float32 (section 5.1).

        The pictures are noised to `t`, for a network that sees noise, and denoised once with their
        drags and once without; the difference of what the self-attentions put out, resized to one
        grid. Pictures and drags are as in `drag`. Raises TugError bad_input, out_of_memory.
        """
        check(pictures, drags, self.config.drags)
        small = resized(pictures, self.size)

        def differ(chosen: slice) -> NDArray[np.float32]:
            progress.stage("features", chosen.start, len(small))
            guided, noise = self._prepared(small[chosen], drags[chosen], seed, 1.0)
            return self._difference(guided, noise, t).cpu().numpy()

        found = self._in_batches(differ, len(small))
        progress.stage("features", len(small), len(small))
        return found

    def leaving(
        self,
        pictures: NDArray[np.uint8],
        drags: NDArray,
        *,
        seed: int = 0,
        progress: Progress = silent,
    ) -> NDArray[np.float32] | None:
        """Return how likely what each pixel of pictures shows moves, (K, size, size) float32.

        Only a network that carries pixels says so; for others it is None, and `moving_features`
        are what there is. Pictures and drags are as in `drag`. Raises TugError bad_input,
        out_of_memory.
        """
        if self.config.prediction != "carry":
            return None
        check(pictures, drags, self.config.drags)
        small = resized(pictures, self.size)

        def tell(chosen: slice) -> NDArray[np.float32]:
            progress.stage("features", chosen.start, len(small))
            guided, noise = self._prepared(small[chosen], drags[chosen], seed, 1.0)
            return self._leaving(guided, noise).cpu().numpy()

        found = self._in_batches(tell, len(small))
        progress.stage("features", len(small), len(small))
        return found

    def _leaving(self, guided: Guided, noise: Noise) -> Tensor:
        return torch.sigmoid(self._carry(guided, noise).leaving[:, 0])

    def _carried(
        self, guided: Guided, noise: Noise, pictures: NDArray[np.uint8], progress: Progress
    ) -> Tensor:
        """Pictures (K, S, S, 3) with their pixels carried as the network says of smaller ones."""
        progress.stage("imagine", 0, 1)
        found = self._carry(guided, noise).at(pictures.shape[1])
        progress.stage("imagine", 1, 1)
        return found.of(to_tensor(pictures).to(self.device))

    @torch.no_grad()
    def _carry(self, guided: Guided, noise: Noise) -> Carry:
        steps = torch.full((len(guided.reference),), chain - 1, device=self.device)
        return carry(self.config, guided.predicted(noise(), steps))

    @torch.no_grad()
    def _difference(self, guided: Guided, noise: Noise, t: int) -> Tensor:
        count = len(guided.reference)
        timestep = torch.full((count,), t, device=self.device)
        noisy = schedule.noised(guided.reference, noise(), timestep)
        with recorded(self.network, 2 * count) as layers:
            guided.both(noisy, timestep)
        return joined([layer[count:] - layer[:count] for layer in layers], self.config.grid)

    @torch.no_grad()
    def _prepared(
        self, pictures: NDArray[np.uint8], drags: NDArray, seed: int, guidance: float
    ) -> tuple[Guided, Noise]:
        """What the sampler needs, on the device."""
        generators = [_generator(seed, *pair) for pair in zip(pictures, drags, strict=True)]
        codes = [
            self.codec.encode(to_tensor(one[None]).to(self.device), generator)
            for one, generator in zip(pictures, generators, strict=True)
        ]
        reference = torch.cat(codes).float()
        guided = Guided(
            self.network,
            schedule,
            reference,
            padded(drags, self.config.drags).to(self.device),
            None if self.tokens is None else self.tokens(pictures),
            guidance,
        )
        shape = reference.shape[1:]

        def noise() -> Tensor:
            drawn = [torch.randn(shape, generator=generator) for generator in generators]
            return torch.stack(drawn).to(self.device)

        return guided, noise

    @torch.no_grad()
    def _decoded(self, codes: Tensor) -> Tensor:
        return self.codec.decode(codes)

    def _in_batches(self, work: Callable[[slice], NDArray], count: int) -> NDArray:
        """Do the work on all, or, where memory does not suffice, on halves of halves."""
        size = count
        while True:
            try:
                return np.concatenate(
                    [work(slice(i, min(i + size, count))) for i in range(0, count, size)]
                )
            except torch.OutOfMemoryError:
                if size == 1:
                    raise failure(
                        "out_of_memory",
                        f"One picture is too much for the memory of {self.device}.",
                        fix="Close what else uses it, or choose the small model.",
                    ) from None
            torch.cuda.empty_cache()
            size = (size + 1) // 2


def _generator(seed: int, picture: NDArray[np.uint8], drags: NDArray) -> torch.Generator:
    """A source of randomness, on the CPU so that devices agree, of a seed and what is dragged."""
    words = hashlib.blake2b(str(seed).encode(), digest_size=8)
    words.update(picture.tobytes())
    words.update(np.ascontiguousarray(drags, "<f4").tobytes())
    return torch.Generator().manual_seed(int.from_bytes(words.digest(), "little") >> 1)
