"""What models that imagine pulls are worth: their ranking alone, and added to the engine's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from backend.articulation import asking, imagined, learned, viewing
from backend.articulation.engine import explore
from backend.articulation.imagined import Model
from backend.articulation.problem import silent
from backend.datasets import Case, load_case
from backend.evaluation.answers import close_axis
from backend.evaluation.oracles import Oracle, oracles
from backend.evaluation.regimes import Regime, problem
from backend.evaluation.trials import angles, rightness
from protocol.errors import TugError

Values = NDArray[np.float64]
Tell = Callable[[int, int, str], None]

weights = np.array([0.0, 1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0, 30.0, 45.0, 70.0, 100.0])
folds = 4  # of the cases: a weight is fitted on the others


@dataclass(frozen=True, eq=False)
class Trial:
    """A case in a regime: the engine's scores (H,) and models' log likelihoods, each (H,), and
    which motions have the right type, the right axis and are a hit, (H,) bool.

    `kind` is what kind of pull the engine takes it for.
    """

    case: str
    category: str
    regime: Regime
    kind: asking.Regime
    score: Values
    said: dict[str, Values]
    type_right: NDArray[np.bool_]
    axis_right: NDArray[np.bool_]
    hit: NDArray[np.bool_]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """Shares of the cases of a regime whose best motion is right, by who ranks the motions."""

    regime: str
    model: str
    way: str
    cases: int
    type_right: float
    axis_right: float
    hit: float


class Fit(msgspec.Struct, frozen=True, kw_only=True):
    """The weight that makes the right motions of a kind of pull likeliest, by all its cases.

    `gained` and `lost` are hits that a weight fitted on other cases won and lost.
    """

    model: str
    kind: str
    cases: int
    weight: float
    gained: int
    lost: int


def evaluate(
    files: Sequence[Path],
    regimes: Sequence[Regime],
    models: Sequence[str],
    out: Path,
    tell: Tell,
    *,
    jobs: int = 1,
    seed: int = 0,
) -> str:
    """Ask models (`dragapart`, `dragapart:full` or of `oracles.oracles`) about cases.

    Writes `imagined.md` and `imagined.json` into `out` and returns the former. `tell` hears
    how many cases are done, of how many, and what became of the last. Raises TugError
    `missing_model` for a model that is not here.
    """
    for name in models:
        if name not in oracles:
            learned.load(name)
    trials: list[Trial] = []
    asked = partial(of_case, regimes=tuple(regimes), models=tuple(models), seed=seed)
    for k, found in enumerate(_every(files, asked, jobs)):
        trials += found
        tell(k + 1, len(files), files[k].stem)
    rows, fits = tuple(_rows(trials, models)), tuple(_fits(trials, models))
    text = markdown(rows, fits)
    out.mkdir(parents=True, exist_ok=True)
    (out / "imagined.md").write_text(text, "utf-8")
    tree = {"rows": rows, "fits": fits, "seed": seed}
    (out / "imagined.json").write_bytes(msgspec.json.format(msgspec.json.encode(tree)) + b"\n")
    return text


def of_case(
    path: Path, regimes: Sequence[Regime], models: Sequence[str], seed: int = 0
) -> list[Trial]:
    """Return the trials of a case file; none where the engine refuses it or nothing turns."""
    case = load_case(path)
    if case.joint_type == "fixed":
        return []
    found = []
    for regime in regimes:
        try:
            found += _trial(case, path.stem, regime, models, seed)
        except TugError as error:
            if error.error.code == "missing_model":
                raise
    return found


def _every(
    files: Sequence[Path], asked: Callable[[Path], list[Trial]], jobs: int
) -> Iterator[list[Trial]]:
    if jobs == 1:
        yield from map(asked, files)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(asked, files)


def _trial(
    case: Case, name: str, regime: Regime, models: Sequence[str], seed: int
) -> Iterable[Trial]:
    look, score = explore(problem(case, regime, name, seed=seed))
    subject = look.scene.subject
    sizes = {model: _model(model, case).size for model in models}
    said = {}
    for size in sorted(set(sizes.values())):
        views = viewing.look_around(subject, imagined.views, size, seed=seed)
        if views is None:
            return
        own = [model for model in models if sizes[model] == size]
        after = [_model(model, case).imagine(views, seed=seed, progress=silent) for model in own]
        heard = imagined.compare(views, after, look.motions, score, silent)
        said |= {model: one.likelihood for model, one in zip(own, heard, strict=True)}
    right = look.motions.hinge == (case.joint.type != "prismatic")
    yield Trial(
        case=name,
        category=case.category,
        regime=regime,
        kind=asking.regime(look, score),
        score=score,
        said=said,
        type_right=right,
        axis_right=right & (angles(case, subject, look.motions) < close_axis),
        hit=rightness(case, subject, look.motions) > 0.0,
    )


def _model(name: str, case: Case) -> Model:
    return Oracle(case, oracles[name]) if name in oracles else learned.load(name)


def _rows(trials: Sequence[Trial], models: Sequence[str]) -> Iterator[Row]:
    for regime in dict.fromkeys(trial.regime for trial in trials):
        own = [trial for trial in trials if trial.regime == regime]
        yield _row(regime, "", "engine", own, [t.score for t in own])
        for model in models:
            yield _row(regime, model, "alone", own, [t.said[model] for t in own])
            weight = _weights_of_others(trials, model)
            both = [t.score + weight[t.case, t.kind] * t.said[model] for t in own]
            yield _row(regime, model, "both", own, both)


def _row(
    regime: str, model: str, way: str, trials: Sequence[Trial], scores: Sequence[Values]
) -> Row:
    best = [int(score.argmax()) for score in scores]
    figures = [
        float(np.mean([getattr(t, name)[k] for t, k in zip(trials, best, strict=True)]))
        for name in ("type_right", "axis_right", "hit")
    ]
    return Row(
        regime=regime,
        model=model,
        way=way,
        cases=len(trials),
        type_right=figures[0],
        axis_right=figures[1],
        hit=figures[2],
    )


def _weights_of_others(
    trials: Sequence[Trial], model: str
) -> dict[tuple[str, asking.Regime], float]:
    """For each case and kind of pull the weight that is fitted on cases of other folds."""
    names = np.random.default_rng(0).permutation(sorted({trial.case for trial in trials}))
    fold = {name: k % folds for k, name in enumerate(names.tolist())}
    found = {}
    for kind in asking.kinds:
        own = [trial for trial in trials if trial.kind == kind]
        for away in range(folds):
            weight = best_weight([t for t in own if fold[t.case] != away], model)
            found |= {(name, kind): weight for name, k in fold.items() if k == away}
    return found


def best_weight(trials: Sequence[Trial], model: str) -> float:
    """Return which of `weights` makes the motions that hit likeliest; 0 where nothing tells."""
    told = [trial for trial in trials if trial.hit.any() and not trial.hit.all()]
    if not told:
        return 0.0
    return float(weights[int(np.argmax([_evidence(told, model, w) for w in weights]))])


def _evidence(trials: Sequence[Trial], model: str, weight: float) -> float:
    """The mean log of the share that motions which hit have."""
    found = []
    for trial in trials:
        score = trial.score + weight * trial.said[model]
        share = np.exp(score - score.max())
        found.append(np.log(max(share[trial.hit].sum() / share.sum(), 1e-12)))
    return float(np.mean(found))


def _fits(trials: Sequence[Trial], models: Sequence[str]) -> Iterator[Fit]:
    for model in models:
        others = _weights_of_others(trials, model)
        for kind in asking.kinds:
            own = [trial for trial in trials if trial.kind == kind]
            before = np.array([t.hit[t.score.argmax()] for t in own], bool)
            both = [t.score + others[t.case, kind] * t.said[model] for t in own]
            after = np.array(
                [t.hit[score.argmax()] for t, score in zip(own, both, strict=True)], bool
            )
            yield Fit(
                model=model,
                kind=kind,
                cases=len(own),
                weight=best_weight(own, model),
                gained=int((after & ~before).sum()),
                lost=int((before & ~after).sum()),
            )


def markdown(rows: Sequence[Row], fits: Sequence[Fit]) -> str:
    """Return both as tables."""
    lines = [
        "| regime | ranked by | cases | type | axis < 5° | hit |",
        "| --- | --- |" + " ---: |" * 4,
    ]
    for row in rows:
        who = "engine" if not row.model else f"{row.model} {row.way}"
        if row.way == "both":
            who = f"engine + {row.model}"
        shares = f"{row.type_right:.1%} | {row.axis_right:.1%} | {row.hit:.1%}"
        lines.append(f"| {row.regime} | {who} | {row.cases} | {shares} |")
    lines += [
        "",
        "| model | pull | cases | weight | hits won | hits lost |",
        "| --- | --- |" + " ---: |" * 4,
    ]
    for fit in fits:
        figures = f"{fit.cases} | {fit.weight:g} | {fit.gained} | {fit.lost}"
        lines.append(f"| {fit.model} | {fit.kind} | {figures} |")
    return "\n".join(lines) + "\n"
