from __future__ import annotations

import msgspec
import numpy as np
import pytest

from backend.cli import evaluate_articulation
from backend.datasets import Case, sample
from backend.evaluation.regimes import drags, problem, random_turn, regimes


@pytest.fixture(scope="module")
def case() -> Case:
    return sample().cases()[2]


def length(drag: np.ndarray) -> float:
    return float(np.linalg.norm(drag[1] - drag[0]))


@pytest.mark.parametrize(("regime", "share"), [("exact", 0.0), ("rough", 0.08), ("rougher", 0.2)])
def test_a_rough_drag_ends_off_by_its_share(case: Case, regime, share: float) -> None:
    for name in ("a", "b", "c"):
        (drag,) = drags(case, regime, name, seed=0)
        (exact,) = drags(case, "exact", name, seed=0)
        assert np.array_equal(exact, [case.drag_start, case.drag_end])
        assert np.array_equal(drag[0], case.drag_start)
        off = np.linalg.norm(drag[1] - case.drag_end)
        assert off == pytest.approx(share * length(exact), rel=1e-9)


def test_noise_belongs_to_the_name_and_the_seed(case: Case) -> None:
    def end(name: str, seed: int) -> np.ndarray:
        return drags(case, "rough", name, seed)[0, 1]

    assert np.array_equal(end("a", 0), end("a", 0))
    assert not np.allclose(end("a", 0), end("b", 0))
    assert not np.allclose(end("a", 0), end("a", 1))


def test_a_short_drag_is_a_tenth(case: Case) -> None:
    (drag,) = drags(case, "short", "a", seed=0)
    (exact,) = drags(case, "exact", "a", seed=0)
    assert drag[1] - drag[0] == pytest.approx(0.1 * (exact[1] - exact[0]))


def test_the_command_knows_every_regime() -> None:
    assert evaluate_articulation.regimes == regimes


def test_words_are_told_in_text_only(case: Case) -> None:
    for regime in regimes:
        question = problem(case, regime, "a")
        assert question.prompt == (case.prompt if regime == "text" else "")
        assert len(question.drags) == (regime not in ("text", "part"))


def test_turning_turns_all_but_up(case: Case) -> None:
    turn = random_turn("a", seed=0)
    assert turn.matrix @ turn.matrix.T == pytest.approx(np.eye(3))
    assert np.linalg.det(turn.matrix) == pytest.approx(1.0)
    plain, turned = problem(case, "rough", "a"), problem(case, "rough", "a", turn=turn)
    for before, after in (
        (plain.part.vertices, turned.part.vertices),
        (plain.body.vertices, turned.body.vertices),
        (plain.drags, turned.drags),
    ):
        assert after == pytest.approx(before @ turn.matrix.T)
    assert turned.up == (0.0, 0.0, 1.0)


def test_each_case_and_seed_is_turned_another_way() -> None:
    turns = [random_turn(name, seed).matrix for name in ("a", "b") for seed in (0, 1)]
    assert np.array_equal(turns[0], random_turn("a", 0).matrix)
    for i, one in enumerate(turns):
        assert all(not np.allclose(one, other) for other in turns[:i])


def test_an_answer_comes_back_into_the_frame_of_the_case(case: Case) -> None:
    turn, true = random_turn("a", seed=0), case.joint
    x, y, z = turn.points(true.axis).tolist()
    a, b, c = turn.points(true.origin).tolist()
    back = turn.back(msgspec.structs.replace(true, axis=(x, y, z), origin=(a, b, c)))
    assert back.axis == pytest.approx(true.axis)
    assert back.origin == pytest.approx(true.origin)
    assert (back.type, back.lower, back.upper) == (true.type, true.lower, true.upper)
