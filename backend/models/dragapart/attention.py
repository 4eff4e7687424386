"""One-sided attention: only the reference is looked at, by itself and by what is generated."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional


class OneSided:
    """Self-attention over a batch of reference features, then as many generated ones.

    All ask, only the reference answers (section 3.1). Stands in for diffusers' own processor.
    """

    def __call__(
        self,
        attention: Any,
        hidden: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
    ) -> Tensor:
        reference = hidden[: len(hidden) // 2]
        query = heads(attention.to_q(hidden), attention.heads)
        key = heads(attention.to_k(reference), attention.heads)
        value = heads(attention.to_v(reference), attention.heads)
        mixed = functional.scaled_dot_product_attention(query, twice(key), twice(value))
        project, drop = attention.to_out
        return drop(project(joined(mixed)))


def heads(features: Tensor, count: int) -> Tensor:
    """(B, N, C) to (B, count, N, C / count)."""
    return features.unflatten(-1, (count, -1)).transpose(1, 2)


def joined(features: Tensor) -> Tensor:
    """(B, count, N, C / count) to (B, N, C)."""
    return features.transpose(1, 2).flatten(2)


def twice(features: Tensor) -> Tensor:
    """The reference's features for its own half of the batch and for the other."""
    return torch.cat([features, features])
