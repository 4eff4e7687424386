"""Arrays as content-addressed blobs."""

from __future__ import annotations

import hashlib
import math
from typing import Annotated, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

DType = Literal["|u1", "|i1", "|b1", "<u2", "<i2", "<u4", "<i4", "<u8", "<i8", "<f2", "<f4", "<f8"]
Extent = Annotated[int, msgspec.Meta(ge=0, le=1 << 40)]


class Blob(msgspec.Struct, frozen=True, kw_only=True):
    """An array by name of its content: BLAKE2b-256 of its C-order little-endian bytes, in hex."""

    dtype: DType
    shape: Annotated[tuple[Extent, ...], msgspec.Meta(max_length=8)]
    digest: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]

    @property
    def size(self) -> int:
        """Bytes."""
        return math.prod(self.shape) * np.dtype(self.dtype).itemsize
