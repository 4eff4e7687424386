from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from backend.articulation.problem import Problem
from backend.cli import main
from backend.datasets import generate, load_case, sample, save_case
from backend.evaluation import answers, sheet
from backend.evaluation.answers import Failure, Scores
from backend.evaluation.regimes import part_and_body, random_turn, regimes
from backend.evaluation.run import Plan, Solve, evaluate
from backend.evaluation.table import Table, rows
from backend.metrics.execution import Pair
from protocol.errors import TugError
from protocol.joint import Joint


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """A folder with a slider, a hinge and a wheel."""
    folder = tmp_path / "cases"
    folder.mkdir()
    every = [*sample().cases(), *generate("chair", 0).cases(), *generate("oven", 1000).cases()]
    for kind in ("prismatic", "revolute", "continuous"):
        case = next(case for case in every if case.joint_type == kind)
        save_case(folder / f"{kind}.npz", case)
    return folder


def knowing(cases: Path, *, turned: bool, change: Callable[[Joint], Joint]) -> Solve:
    """One who knows the true joints of a folder's cases, or of one, in the turned object."""
    files = sorted(cases.glob("*.npz")) if cases.is_dir() else [cases]

    def solve(problem: Problem) -> tuple[Joint, ...]:
        for path in files:
            if path.stem == "broken":
                continue
            case = load_case(path)
            matrix = random_turn(path.stem, 0).matrix if turned else np.eye(3)
            part = part_and_body(case)[0].vertices @ matrix.T
            if part.shape == problem.part.vertices.shape and np.allclose(
                part, problem.part.vertices
            ):
                found = change(case.joint)
                axis, origin = np.array([found.axis, found.origin]) @ matrix.T
                placed = {"axis": tuple(axis.tolist()), "origin": tuple(origin.tolist())}
                return (msgspec.structs.replace(found, **placed),) * 2
        raise AssertionError("nobody's part")

    return solve


def same(joint: Joint) -> Joint:
    return joint


def reversed_axis(joint: Joint) -> Joint:
    x, y, z = joint.axis
    return msgspec.structs.replace(joint, axis=(-x, -y, -z))


def silent(done: int, total: int, scores: Scores) -> None:
    pass


def table_of(plan: Plan) -> Table:
    return msgspec.json.decode((plan.out / "table.json").read_bytes(), type=Table)


@pytest.mark.parametrize("rotate", [False, True])
def test_the_truth_is_perfect_in_every_regime(cases: Path, tmp_path: Path, rotate: bool) -> None:
    plan = Plan(cases, tmp_path / "out", regimes, rotate=rotate)
    evaluate(plan, silent, knowing(cases, turned=rotate, change=same))
    table = table_of(plan)
    assert len(table.cases) == 3 * len(regimes)
    for scored in table.cases:
        assert scored.type_right and scored.hit and scored.executes and not scored.error
        assert scored.axis == pytest.approx(0.0, abs=1e-4)
        assert scored.range_iou == pytest.approx(1.0)
        assert (scored.line is None) == (scored.case == "prismatic")
        assert scored.line is None or scored.line < 1e-6


def test_an_answer_in_another_frame_than_the_one_shown_is_wrong(
    cases: Path, tmp_path: Path
) -> None:
    truth = load_case(cases / "revolute.npz").joint
    plan = Plan(cases, tmp_path / "out", ("exact",), rotate=True)
    evaluate(plan, silent, lambda _: (truth,))
    (hinge,) = (scored for scored in table_of(plan).cases if scored.case == "revolute")
    assert hinge.type_right and not hinge.hit and (hinge.axis or 0.0) > 10.0


def test_the_wrong_way_round_is_180_degrees_but_not_for_a_wheel_nobody_pulls(
    cases: Path, tmp_path: Path
) -> None:
    plan = Plan(cases, tmp_path / "out", ("exact", "part"))
    evaluate(plan, silent, knowing(cases, turned=False, change=reversed_axis))
    axes = {(s.case, s.regime): s.axis for s in table_of(plan).cases}
    assert axes.pop(("continuous", "part")) == pytest.approx(0.0, abs=1e-4)
    assert set(axes) == {
        ("prismatic", "exact"),
        ("revolute", "exact"),
        ("continuous", "exact"),
        ("prismatic", "part"),
        ("revolute", "part"),
    }
    assert all(axis == pytest.approx(180.0) for axis in axes.values())


def test_answers_are_files_that_can_be_read_again(cases: Path, tmp_path: Path) -> None:
    plan = Plan(cases, tmp_path / "out", ("rough",), rotate=True)
    evaluate(plan, silent, knowing(cases, turned=True, change=same))
    for path in cases.glob("*.npz"):
        true, file = load_case(path).joint, tmp_path / "out" / f"{path.stem}.json"
        read = answers.read(file)
        assert set(msgspec.json.decode(file.read_bytes())) == {
            "joint_type", "axis", "origin", "lower", "upper", "pitch", "slide", "confidence",
            "alternatives",
        }  # fmt: skip
        assert answers.as_joint(read).axis == pytest.approx(true.axis)
        assert answers.as_joint(read).origin == pytest.approx(true.origin)
        assert (read.joint_type, read.lower, read.upper) == (true.type, true.lower, true.upper)
        assert len(read.alternatives) == 1 and read.alternatives[0].axis == read.axis
        answers.write(tmp_path / "again.json", read)
        assert (tmp_path / "again.json").read_bytes() == file.read_bytes()


@pytest.mark.parametrize(("category", "kind"), [("bottle", "screw"), ("stool", "cylindrical")])
def test_what_turns_and_slides_at_once_is_read_and_scored_as_it_was_written(
    tmp_path: Path, category: str, kind: str
) -> None:
    every = [case for seed in range(9) for case in generate(category, seed).cases()]
    case = next(case for case in every if case.joint_type == kind)
    other = msgspec.structs.replace(case.joint, pitch=0.25, slide=(-0.5, 2.0))
    answers.write(tmp_path / "a.json", answers.from_joints((case.joint, other)))
    read = answers.read(tmp_path / "a.json")
    assert [answers.as_joint(found) for found in (read, *read.alternatives)] == [case.joint, other]
    about = {"case": "a", "category": category, "regime": "exact"}
    pair = Pair(*part_and_body(case))
    scored = answers.score(case, [answers.as_joint(read)], pair, directed=True, about=about)
    assert scored.hit and scored.executes and scored.range_iou == pytest.approx(1.0)


def test_failing_cases_are_counted_and_the_rest_goes_on(cases: Path, tmp_path: Path) -> None:
    (cases / "broken.npz").write_text("hello")
    right = knowing(cases / "revolute.npz", turned=False, change=same)
    heard = []
    plan = Plan(cases, tmp_path / "out", ("exact",))
    evaluate(plan, lambda done, total, scores: heard.append((done, total)), right)
    table = table_of(plan)
    assert heard == [(1, 4), (2, 4), (3, 4), (4, 4)]
    errors = {scored.case: scored.error for scored in table.cases if scored.error}
    assert set(errors) == {"broken", "continuous", "prismatic"}
    for name, reason in errors.items():
        file = (tmp_path / "out" / f"{name}.json").read_bytes()
        assert msgspec.json.decode(file, type=Failure).error == reason
    assert "nobody's part" in errors["prismatic"] and "cannot be read" in errors["broken"]
    total = table.rows[-1]
    assert (total.category, total.cases, total.errors) == ("all", 4, 3)
    assert total.type_accuracy == total.hits == total.executable == 0.25
    assert total.range_iou == pytest.approx(0.25)
    assert total.axis_mean == pytest.approx(0.0, abs=1e-4)


def test_rows_are_means_and_shares_of_a_category() -> None:
    def scored(category: str, axis: float, **fields) -> Scores:
        about = {"case": "a", "category": category, "regime": "rough"}
        return Scores(**about, axis=axis, **fields)

    door, drawer, total = rows(
        [
            scored("door", 1.0, line=0.1, type_right=True, hit=True, range_iou=0.5, seconds=1.0),
            scored("door", 2.0, line=0.3, type_right=True, executes=True, seconds=2.0),
            scored("door", 9.0, range_iou=1.0, seconds=9.0),
            scored("drawer", 4.0, type_right=True, hit=True, seconds=3.0),
        ]
    )
    assert (door.category, door.cases, door.errors) == ("door", 3, 0)
    assert (door.axis_mean, door.axis_median, door.seconds) == (4.0, 2.0, 2.0)
    assert door.type_accuracy == pytest.approx(2 / 3)
    assert door.hits == door.executable == pytest.approx(1 / 3)
    assert (door.line_mean, door.range_iou) == (pytest.approx(0.2), pytest.approx(0.5))
    assert (drawer.category, drawer.line_mean) == ("drawer", None)
    assert (total.category, total.cases, total.axis_mean) == ("all", 4, 4.0)


def test_the_worst_are_in_a_picture(cases: Path, tmp_path: Path) -> None:
    (cases / "broken.npz").write_text("hello")
    plan = Plan(cases, tmp_path / "out", ("exact",))
    evaluate(plan, silent, knowing(cases, turned=False, change=reversed_axis))
    pixels = np.asarray(Image.open(tmp_path / "out" / "worst.png").convert("RGB"))
    for colour in (sheet.truth, sheet.answer, sheet.pull):
        assert (pixels == colour).all(axis=2).sum() > 100
    wrong = [Scores(case=str(n), category="a", regime="exact", axis=float(n)) for n in range(20)]
    assert [scored.case for scored in sheet.worst(wrong)] == [str(n) for n in range(19, 7, -1)]


@pytest.mark.parametrize(
    ("file", "words"), [("notes.txt", "holds no cases"), ("table.npz", "No case may be called")]
)
def test_a_folder_of_something_else_is_refused_in_words(
    tmp_path: Path, file: str, words: str
) -> None:
    (tmp_path / file).write_text("hello")
    with pytest.raises(TugError, match=words):
        evaluate(Plan(tmp_path, tmp_path / "out", ("exact",)), silent)


def test_the_command_prints_the_table_and_the_engine_answers(
    cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("prismatic", "continuous"):
        (cases / f"{name}.npz").unlink()
    told = ["--cases", str(cases), "--regime", "exact", "--regime", "rough", "--rotate"]
    assert main(["evaluate", "articulation", *told, "--out", str(tmp_path / "out")]) == 0
    printed = capsys.readouterr()
    assert printed.out == (tmp_path / "out" / "table.md").read_text("utf-8")
    assert printed.out.startswith("| regime | category |")
    assert "[2/2, 0 s left] revolute rough: hit" in printed.err
    assert answers.read(tmp_path / "out" / "rough" / "revolute.json").joint_type == "revolute"
