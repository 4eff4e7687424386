"""Which proposal a prompt means: the best, unless nothing fits or several do."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest

choosing: Any = importlib.import_module("tug.core.choosing")
errors: Any = importlib.import_module("tug.protocol.errors")
tasks: Any = importlib.import_module("tug.protocol.tasks")


def proposals(*fits):
    return [tasks.PartProposal(pieces=(), score=0.5, name=f"door {i}", fits=f) for i, f in fits]


def choose(*fits, notes=(), shared=False):
    given = proposals(*enumerate(fits))
    faces = [np.arange(0 if shared else 10 * i, 10 * i + 10) for i in range(len(given))]
    return choosing.meant("open the door", given, faces, notes)


def test_the_best_fit_is_taken():
    assert choose(0.2, 0.9, 0.5) == 1


@pytest.mark.parametrize("fits", [(), (0.1, 0.2)])
def test_nothing_that_fits_is_an_error_in_the_backends_words_or_ours(fits):
    with pytest.raises(errors.TugError, match=r"No part fits 'open the door'; mark it\."):
        choose(*fits)
    with pytest.raises(errors.TugError, match="Nothing looks like a door"):
        choose(*fits, notes=["Nothing looks like a door."])


def test_two_that_fit_equally_well_are_an_error():
    with pytest.raises(errors.TugError, match=r"'door 0' and 'door 1' fit .* equally well"):
        choose(0.9, 0.88)


def test_two_that_share_most_of_their_faces_are_the_same_part():
    faces = [np.arange(10), np.arange(12)]
    assert choosing.meant("door", proposals((0, 0.9), (1, 0.89)), faces) == 0
