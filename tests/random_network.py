"""Run by the backend's Python: write a small DragAPart with random weights to the file named.

What was learned does not matter to tests of what is around it. It changes every picture.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch

from backend.models.dragapart.config import preset
from backend.models.dragapart.loader import save
from backend.models.dragapart.network import network

if __name__ == "__main__":
    torch.manual_seed(0)
    made = network(preset("small"))
    for parameter in made.parameters():
        if not parameter.any():
            torch.nn.init.normal_(parameter, std=0.02)
    save(made, Path(sys.argv[1]))
