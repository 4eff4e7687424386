"""Table A of DragAPart: how well the moving part is found, in pictures and on meshes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from backend.datasets import generate
from backend.datasets.case import Case
from backend.datasets.drag_a_move import Look, Sample, families_of, samples
from backend.datasets.splits import seeds_of
from backend.evaluation import moving_table
from backend.evaluation.proposals import overlaps
from backend.geometry.mesh import Mesh
from backend.segmentation import clustering, lifting
from backend.segmentation.moving import Answer, Model, find_moving
from backend.segmentation.propose import propose
from protocol.errors import TugError

Masks = NDArray[np.bool_]
Tell = Callable[[str], None]

timesteps = (0, 200, 500, 800, 999)
cluster_counts = (2, 3, 4, 5)
splits = ("test_objects", "test_families")
radii = (
    0.1,
    0.15,
    0.2,
    0.25,
    0.3,
    0.35,
    0.4,
    0.5,
)  # of a picture, of discs about the drags' starts
likely = 0.25  # from where on a pixel counts as moving: the best IoU on validation pictures
batch = 32  # pictures whose features are asked for at once
methods = (
    "DragAPart",
    "its votes alone",
    "its clusters, lifted",
    "a disc's votes, lifted",
    "the smallest proposal",
    "the largest proposal",
    "the likeliest proposal",
)
background = 252  # levels from which on all channels are the white around an object


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """The mean IoU of the moving part over the pictures or cases of a split by one method.

    `t` and `clusters` are 0 for what has none.
    """

    split: str
    method: str
    mean: float
    count: int
    t: int = 0
    clusters: int = 0


class CaseScore(msgspec.Struct, frozen=True, kw_only=True):
    """IoU by area of the faces that a method finds for a case; 0 where `error` says why."""

    split: str
    family: str
    case: str
    method: str
    iou: float
    error: str = ""


@dataclass(frozen=True)
class Plan:
    """What is measured: pictures a split, objects a family, and how the model is asked."""

    out: Path
    pictures: int = 200
    objects: int = 1
    views: int = 8
    clusters: int = 4
    seed: int = 0
    looks: tuple[Look, ...] = ("clay", "colours")
    timesteps: tuple[int, ...] = timesteps
    cluster_counts: tuple[int, ...] = cluster_counts
    families: tuple[str, ...] = field(default=())  # all of a split's where there is none


def evaluate(plan: Plan, model: Model, tell: Tell) -> str:
    """Measure a model in pictures and on meshes; write and return the tables."""
    plan.out.mkdir(parents=True, exist_ok=True)
    scores = in_pictures(plan, model, tell) if plan.pictures else []
    cases = list(on_meshes(plan, model, tell)) if plan.objects else []
    return moving_table.write(plan.out, scores, cases)


def in_pictures(plan: Plan, model: Model, tell: Tell) -> list[Score]:
    """Mean IoU in pictures of unseen objects and families, beside what needs no model."""
    radius = best_radius(_drawn(plan, "validation", model.size))
    scores = []
    for split in splits:
        drawn = _drawn(plan, split, model.size)
        true = np.stack([sample.moving_before > 0 for sample in drawn])
        there = np.stack([foreground(sample.before) for sample in drawn])
        discs = np.stack([disc(sample.drags, radius, model.size) for sample in drawn]) & there
        plain = {"the whole object": there, f"a disc of {radius:.2f}": discs}
        said = _asked(model.leaving, drawn, plan.seed)
        if said is not None:
            plain["DragAPart, what it says"] = (said > likely) & there
        scores += [_score(split, name, true, found) for name, found in plain.items()]
        for t in plan.timesteps:
            features = _asked(partial(model.moving_features, t=t), drawn, plan.seed)
            assert features is not None
            for count in plan.cluster_counts:
                labels = clustering.clusters(features, there, count, plan.seed)
                found = np.stack(
                    [
                        clustering.under_tails(own, sample.drags)
                        for own, sample in zip(labels, drawn, strict=True)
                    ]
                )
                scores.append(_score(split, "DragAPart", true, found, t=t, clusters=count))
                tell(f"{split}, t {t}, {count} clusters: mIoU {scores[-1].mean:.3f}")
    return scores


def on_meshes(plan: Plan, model: Model, tell: Tell) -> Iterator[CaseScore]:
    """Face IoU on generated objects beside proposals that hold the drag's start."""
    for split in splits:
        for family in families_of(split):
            if plan.families and family not in plan.families:
                continue
            for seed in seeds_of("test", plan.objects):
                for k, case in enumerate(generate(family, seed, solid=True).cases()):
                    scores = list(_of_case(plan, model, split, case, f"{family}-{seed}-{k}"))
                    yield from scores
                    told = ", ".join(f"{one.method} {one.iou:.2f}" for one in scores)
                    tell(f"{family}-{seed}-{k}: {told}")


def iou(true: Masks, found: Masks) -> float:
    """Intersection over union of two masks of any shape; 1 where both are empty."""
    union = (true | found).sum()
    return float((true & found).sum() / union) if union else 1.0


def foreground(picture: NDArray[np.uint8]) -> Masks:
    """Which pixels of a picture (S, S, 3) show the object: those that are not white."""
    return np.asarray((picture < background).any(axis=-1))


def disc(drags: NDArray[np.float32], radius: float, size: int) -> Masks:
    """Pixels (S, S) within so much of the picture of the start of a drag (D, 4)."""
    y, x = (np.indices((size, size)) + 0.5) / size
    present = drags[(drags != 0.0).any(axis=1)]
    near = [np.hypot(x - a, y - b) for a, b, _, _ in present]
    return np.min(near, axis=0, initial=np.inf) <= radius


def best_radius(drawn: Sequence[Sample]) -> float:
    """The radius of discs that find most on these samples, the validation's."""
    size = len(drawn[0].before)

    def fit(radius: float) -> float:
        found = (disc(one.drags, radius, size) & foreground(one.before) for one in drawn)
        return float(
            np.mean([iou(one.moving_before > 0, m) for one, m in zip(drawn, found, strict=True)])
        )

    return max(radii, key=fit)


def _drawn(plan: Plan, split: str, size: int) -> list[Sample]:
    return list(samples(split, seed=plan.seed, size=size, looks=plan.looks, count=plan.pictures))


def _asked(
    of: Callable[..., NDArray[np.float32] | None], drawn: Sequence[Sample], seed: int
) -> NDArray[np.float32] | None:
    """What a model says of pictures (K, ...), a batch at a time; None where it says nothing."""
    pictures = np.stack([sample.before for sample in drawn])
    drags = np.stack([sample.drags for sample in drawn])
    some = [slice(start, start + batch) for start in range(0, len(drawn), batch)]
    found = [of(pictures[own], drags[own], seed=seed) for own in some]
    told = [one for one in found if one is not None]
    return np.concatenate(told) if told else None


def _score(
    split: str, method: str, true: Masks, found: Masks, *, t: int = 0, clusters: int = 0
) -> Score:
    each = [iou(a, b) for a, b in zip(true, found, strict=True)]
    return Score(
        split=split,
        method=method,
        mean=float(np.mean(each)),
        count=len(each),
        t=t,
        clusters=clusters,
    )


def _of_case(plan: Plan, model: Model, split: str, case: Case, name: str) -> Iterator[CaseScore]:
    mesh = Mesh(case.vertices.astype(np.float64), case.faces)
    start, end = np.asarray(case.drag_start), np.asarray(case.drag_end)

    def score(method: str, faces: NDArray[np.int64], error: str = "") -> CaseScore:
        found = 0.0 if error else float(overlaps(mesh, [faces], case.moving_faces)[0])
        return CaseScore(
            split=split, family=case.category, case=name, method=method, iou=found, error=error
        )

    def moving(asked: Model) -> Answer:
        drags = np.array([[start, end]])
        return find_moving(
            mesh, drags, asked, views=plan.views, clusters=plan.clusters, seed=plan.seed
        )

    def faces_of(answer: Answer) -> NDArray[np.int64]:
        return np.flatnonzero(answer.likely > 0.5)

    try:
        answer, unsaid, control = moving(model), moving(Unsaid(model)), moving(Disc())
        found = propose(mesh, seed_point=start).proposals
    except TugError as problem:
        for method in methods:
            yield score(method, np.zeros(0, np.int64), problem.error.message)
        return
    answers = (
        faces_of(answer),
        _voted(answer, len(case.faces)),
        faces_of(unsaid),
        faces_of(control),
        found[0].faces,
        found[-1].faces,
        max(found, key=lambda one: one.score).faces,
    )
    for method, faces in zip(methods, answers, strict=True):
        yield score(method, faces)


class Unsaid:
    """A model of which only the features are asked."""

    def __init__(self, model: Model) -> None:
        self.size = model.size
        self.moving_features = model.moving_features

    def leaving(self, *_: object, **__: object) -> None:
        """Nothing is said."""


class Disc:
    """What needs no model: all that is near the start of a drag moves."""

    size = 64
    radius = 0.25

    def leaving(
        self, pictures: NDArray[np.uint8], drags: NDArray[np.float32], **_: object
    ) -> NDArray[np.float32]:
        """1 within the discs, 0 beside them: (K, S, S)."""
        found = [disc(own, self.radius, self.size) for own in drags]
        return np.stack(found).astype(np.float32)

    def moving_features(self, *_: object, **__: object) -> NDArray[np.float32]:
        """Not asked: the discs say what moves."""
        raise NotImplementedError


def _voted(answer: Answer, count: int) -> NDArray[np.int64]:
    """The faces that most of the pixels which show them say move."""
    views = answer.views
    yes, seen = lifting.counted(
        [v.faces for v in views], [v.moving for v in views], [v.whole for v in views], count
    )
    return np.flatnonzero(2.0 * yes > seen)
