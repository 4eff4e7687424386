"""The score of part proposals: what it counts, and what it writes."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from backend.cli import main
from backend.datasets import generate, save_case
from backend.evaluation import proposals, proposals_table
from backend.evaluation.proposals import PartScores, methods, overlaps
from backend.geometry.mesh import Mesh, areas_and_normals
from protocol.errors import TugError
from tests.backend.conftest import box


@pytest.fixture(scope="module")
def cases(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("cases")
    for index, case in enumerate(generate("bin", 0).cases()):
        save_case(folder / f"bin-{index}.npz", case)
    (folder / "broken.npz").write_bytes(b"rubbish")
    return folder


def a_box() -> Mesh:
    vertices, faces = box((0, 0, 0), (1, 2, 3))
    return Mesh(vertices.astype(float), faces)


def test_overlap_is_by_area():
    mesh = a_box()
    areas = areas_and_normals(mesh)[0]
    true = np.zeros(12, bool)
    true[:6] = True
    found = overlaps(mesh, [np.arange(6), np.arange(12), np.arange(6, 12), np.arange(3)], true)
    whole, half = areas.sum(), areas[:6].sum()
    assert found == pytest.approx([1.0, half / whole, 0.0, areas[:3].sum() / half])
    assert overlaps(mesh, [], true).shape == (0,)


@pytest.mark.parametrize("method", methods)
def test_methods_propose_faces_that_are_there(method):
    vertices, faces, _ = generate("bin", 1).mesh()
    mesh = Mesh(vertices, faces)
    regions = methods[method](mesh)
    assert 0 < len(regions) <= proposals.most
    for region in regions:
        assert len(np.unique(region)) == len(region) > 0
        assert region.min() >= 0 and region.max() < len(mesh.faces)


def test_the_first_proposals_are_not_better_than_all(cases):
    case = generate("bin", 0).cases()[0]
    for method in methods:
        scores = proposals.score(case, "bin", method)
        assert list(scores.best_of) == sorted(scores.best_of)
        assert scores.best_of[-1] <= scores.best <= 1.0
        assert (scores.by_words is not None) == (method == "Tug")


def test_the_command_writes_table_and_picture(cases, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["evaluate", "proposals", "--cases", str(cases), "--out", str(out)]) == 0
    told = capsys.readouterr()
    assert "cannot be read as .npz" in told.err
    assert (out / "table.md").read_text("utf-8") == told.out
    table = msgspec.json.decode((out / "table.json").read_bytes())
    assert {row["method"] for row in table["rows"]} == set(methods)
    assert len(table["cases"]) == 3 * len(methods)
    ours = next(row for row in table["rows"] if row["method"] == "Tug" and row["category"] == "bin")
    assert ours["iou"] > 0.5
    assert Image.open(out / "worst.png").width > 100


def test_a_folder_without_cases_is_an_error(tmp_path, capsys):
    arguments = ["evaluate", "proposals", "--cases", str(tmp_path), "--out", str(tmp_path / "o")]
    assert main(arguments) == 1
    assert "holds no cases" in capsys.readouterr().err


def made(category: str, best: float, by_words: float | None = None, error: str = "") -> PartScores:
    return PartScores(
        case="x",
        category=category,
        method="Tug",
        error=error,
        best=best,
        best_of=(0.0, best, best),
        by_words=by_words,
        proposals=2,
        seconds=1.0,
    )


def test_rows_count_errors_as_misses():
    scores = [made("a", 1.0, 0.9), made("a", 0.6, 0.1), made("b", 0.0, error="broken")]
    first, second, every = proposals_table.rows(scores)
    assert (first.category, second.category, every.category) == ("a", "b", "all")
    assert first.over == (1.0, 0.5, 0.5)
    assert first.by_words == 0.5
    assert every.errors == 1
    assert every.iou == pytest.approx(1.6 / 3)
    assert every.by_words == pytest.approx(1 / 3)
    assert proposals_table.markdown([first]).count("\n") == 3


def test_an_unreadable_case_is_its_own_failure(cases):
    with pytest.raises(TugError):
        proposals.evaluate(proposals.Plan(cases / "nowhere", cases), lambda *_: None)
