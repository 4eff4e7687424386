from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from backend.cli import main
from backend.datasets import generate
from backend.evaluation.objects import (
    PartScores,
    Table,
    Told,
    evaluate,
    markdown,
    rows,
    whole_of,
)


def scores(category: str, *hits: bool, told: Told = "nothing", **fields) -> list[PartScores]:
    return [
        PartScores(category=category, seed=0, part=f"{k}", told=told, together=hit, **fields)
        for k, hit in enumerate(hits)
    ]


def test_rows_are_shares_of_the_parts_and_of_those_with_twins() -> None:
    alone = scores("door", False, parent_right=True, seconds=2.0)
    twins = scores("cart", True, True, True, False, twins=4, equal=True, seconds=1.0)
    pulled = scores("cart", True, told="one pull", twins=4)
    found = {(row.told, row.category): row for row in rows([*alone, *twins, *pulled])}
    assert list(found) == [
        ("nothing", "cart"),
        ("nothing", "door"),
        ("nothing", "all"),
        ("one pull", "cart"),
        ("one pull", "all"),
    ]
    every = found["nothing", "all"]
    assert (every.parts, every.twins, every.parents) == (5, 4, 0.2)
    assert (every.together, every.twins_together, every.equal) == (0.6, 0.75, 1.0)
    assert every.seconds == pytest.approx(1.2)
    assert found["nothing", "door"].twins_together is None
    assert found["one pull", "cart"].seconds is None
    assert len(markdown(found.values()).splitlines()) == 2 + len(found)


def test_an_object_is_marked_as_it_is_made() -> None:
    item = generate("cabinet", 3)
    whole = whole_of(item, [1])
    assert [mark.name for mark in whole.marks] == [link.name for link in item.links[1:]]
    for k, link in enumerate(item.links[1:]):
        assert whole.side([k]).vertices == pytest.approx(link.vertices)
        assert len(whole.marks[k].drags) == (k == 1)
    drag = item.links[2].drag
    assert drag is not None and np.array_equal(whole.marks[1].drags[0], drag)


def test_what_is_found_is_written_down(tmp_path: Path) -> None:
    item, told = generate("chair", 2), []
    text = evaluate([item], tmp_path, told.append)
    table = msgspec.json.decode((tmp_path / "objects.json").read_bytes(), type=Table)
    assert (tmp_path / "objects.md").read_text("utf-8") == text
    assert [len(some) for some in told] == [len(item.links) - 1]
    assert all(part.parent_right and not part.error for part in table.parts)


def test_a_family_that_is_not_there_is_a_sentence(capsys, tmp_path: Path) -> None:
    arguments = ["evaluate", "objects", "--category", "spaceship", "--out", str(tmp_path)]
    assert main(arguments) == 1
    assert "no category 'spaceship'" in capsys.readouterr().err
    assert main([*arguments, "--count", "0"]) == 1
    assert "1 to 100 objects" in capsys.readouterr().err
