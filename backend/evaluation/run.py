"""Every case of a folder in every regime: asked, scored, written down."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from backend.articulation.asking import Ask
from backend.articulation.engine import articulate
from backend.articulation.problem import Problem
from backend.datasets import Case, load_case
from backend.evaluation import answers, diagnosis, reliability, sheet, table
from backend.evaluation.answers import Failure, Scores
from backend.evaluation.oracles import ask_of
from backend.evaluation.regimes import (
    Regime,
    Turn,
    drags,
    part_and_body,
    problem,
    random_turn,
    unturned,
)
from backend.metrics.execution import Pair
from protocol.errors import TugError, failure
from protocol.joint import Joint

Solve = Callable[[Problem], tuple[Joint, ...]]
Tell = Callable[[int, int, Scores], None]
reserved = "table"  # table.json is not a case


@dataclass(frozen=True)
class Plan:
    """What to measure: which cases, what the engine is told of them, and where it is written.

    With one regime the files of the cases are in `out`, with several in a folder for each.
    """

    cases: Path
    out: Path
    regimes: tuple[Regime, ...]
    rotate: bool = False
    seed: int = 0
    without: tuple[str, ...] = ()  # kinds of evidence or sources of hypotheses
    evidence: tuple[str, ...] = ()  # models that are asked, oracles among them

    def file(self, regime: Regime, name: str) -> Path:
        folder = self.out if len(self.regimes) == 1 else self.out / regime
        return folder / f"{name}.json"

    def turn(self, name: str) -> Turn:
        return random_turn(name, self.seed) if self.rotate else unturned


@dataclass(frozen=True)
class Engine:
    """This version's engine, all of it or `without` some kinds of evidence or sources; `ask`
    are models whose opinion counts too.
    """

    without: tuple[str, ...] = ()
    ask: tuple[Ask, ...] = ()

    def __call__(self, problem: Problem) -> tuple[Joint, ...]:
        """Return its joints, best first."""
        return articulate(problem, without=self.without, ask=self.ask).joints


def evaluate(plan: Plan, tell: Tell, solve: Solve | None = None, *, jobs: int = 1) -> str:
    """Run the plan; write the answers, the table and the pictures; return the tables.

    `tell` hears of each result: how many there are, how many there will be, its scores. A case
    that cannot be read or answered counts as an error. With several `jobs`, as many processes
    share the cases. Raises TugError bad_input for a folder without cases.
    """
    files = case_files(plan.cases)
    scores: list[Scores] = []
    for of_case in _every(plan, files, solve or Engine(plan.without), jobs):
        for scored in of_case:
            scores.append(scored)
            tell(len(scores), len(files) * len(plan.regimes), scored)
    scores.sort(key=lambda scored: (plan.regimes.index(scored.regime), scored.case))
    worst = [_cell(plan, scored, explain=solve is None) for scored in sheet.worst(scores)]
    if worst:
        sheet.write(plan.out / "worst.png", worst)
    curves = reliability.curves(scores)
    if curves:
        reliability.write(plan.out / "reliability.png", curves)
    also = reliability.markdown(curves)
    return table.write(plan.out, scores, turned=plan.rotate, seed=plan.seed, also=also)


def _every(plan: Plan, files: list[Path], solve: Solve, jobs: int) -> Iterator[list[Scores]]:
    asked = partial(_case, plan, solve=solve)
    if jobs == 1:
        yield from map(asked, files)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(asked, files)


def case_files(folder: Path) -> list[Path]:
    files = sorted(folder.glob("*.npz"))
    if not files:
        raise failure("bad_input", f"The folder {folder} holds no cases (.npz files).")
    if reserved in {path.stem for path in files}:
        raise failure("bad_input", f"No case may be called {reserved}.npz: rename it.")
    return files


def _case(plan: Plan, path: Path, solve: Solve) -> list[Scores]:
    """Ask and score one case in each regime; whatever goes wrong is the case's own failure."""
    found: list[Scores] = []
    case: Case | None = None
    pair: Pair | None = None
    for regime in plan.regimes:
        file = plan.file(regime, path.stem)
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            case = case or load_case(path)
            pair = pair or Pair(*part_and_body(case))
            found.append(_asked(plan, path.stem, regime, case, pair, solve))
        except Exception as error:
            reason = error.error.message if isinstance(error, TugError) else repr(error)
            answers.write(file, Failure(error=reason))
            category = case.category if case else "unreadable"
            found.append(Scores(case=path.stem, category=category, regime=regime, error=reason))
    return found


def _asked(plan: Plan, name: str, regime: Regime, case: Case, pair: Pair, solve: Solve) -> Scores:
    turn = plan.turn(name)
    question = problem(case, regime, name, turn=turn, seed=plan.seed)
    if plan.evidence and isinstance(solve, Engine):
        turned = case.turned(turn.matrix)
        solve = replace(solve, ask=tuple(ask_of(one, turned) for one in plan.evidence))
    began = time.perf_counter()
    joints = solve(question)
    seconds = time.perf_counter() - began
    back = tuple(turn.back(joint) for joint in joints)
    answers.write(plan.file(regime, name), answers.from_joints(back))
    directed = len(question.drags) > 0
    about = {"case": name, "category": case.category, "regime": regime, "seconds": seconds}
    return answers.score(case, back, pair, directed=directed, about=about)


def _cell(plan: Plan, scored: Scores, *, explain: bool) -> sheet.Cell:
    """A picture's content, from the files; of a miss what it would need, if the engine made it."""
    try:
        case = load_case(plan.cases / f"{scored.case}.npz")
    except TugError:
        return sheet.Cell(scored)
    pulls = drags(case, scored.regime, scored.case, plan.seed)
    if scored.error:
        return sheet.Cell(scored, case, pulls)
    found = answers.as_joint(answers.read(plan.file(scored.regime, scored.case)))
    need = ""
    if explain and not scored.hit:
        turn = plan.turn(scored.case)
        need = diagnosis.need(case, scored.regime, scored.case, turn=turn, seed=plan.seed)
    return sheet.Cell(scored, case, pulls, found, need)
