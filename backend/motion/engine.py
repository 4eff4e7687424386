"""Animating: movers along their ways, on the ground, round obstacles, in few keys."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from backend.motion import contacts, detour, ground, meetings, orientation, steps, wheels
from backend.motion.bodies import Body, placed, poses_of
from backend.motion.channels import Curve, channels_of
from backend.motion.ground import Settled
from backend.motion.stage import Piece, Stage
from backend.motion.timing import grid, span
from backend.motion.way import Way
from protocol.animation import Collisions

Floats = NDArray[np.float64]
Progress = Callable[[str, int, int], None]
parts_of_a_frame = 4
most_samples = 40_000
level_enough = 0.27  # slope of a way that is driven without settling on any ground
margins = (0.06, 0.02)  # of the size, about a mover that goes round something
apart = 4  # frames between two meetings with the same thing
detours = 2  # from each way that was found to a better one
fast = 0.5  # of the size in a frame: fewer frames than that say little of the way


@dataclass(frozen=True)
class Meeting:
    """From frame `first` to `last` a mover is in `other`, `depth` deep at most."""

    other: str
    first: int
    last: int
    depth: float


@dataclass(eq=False)
class Drive:
    """A mover on its way at dense frames (N,): `root` (N, 4, 4), `joints` (N, L)."""

    body: Body
    wheels: list[wheels.Wheel]
    swivels: list[wheels.Swivel]
    frames: Floats
    parts: int
    along: Floats
    root: Floats
    joints: Floats
    settled: Settled | None = None
    slip: tuple[float, float] = (0.0, 0.0)

    @property
    def whole(self) -> slice:
        """Which of the frames are whole ones."""
        return slice(None, None, self.parts)

    def poses(self) -> Floats:
        """Where the links are at whole frames (L, T, 4, 4)."""
        return poses_of(self.body, self.root[self.whole], self.joints[self.whole])


@dataclass(frozen=True, eq=False)
class Track:
    """What is known of a mover in the end: see `protocol.animation.Track`."""

    name: str
    first: int
    poses: Floats
    joints: Floats
    curves: tuple[Curve, ...]
    strays: float
    slip: float
    gap: float
    late: float
    collisions: tuple[Meeting, ...]


@dataclass(eq=False)
class Plan:
    """What is asked of all movers."""

    bodies: tuple[Body, ...]
    pieces: tuple[Piece, ...] = ()
    fps: float = 24.0
    up: Floats = field(default_factory=lambda: np.array([0.0, 0.0, 1.0]))
    collisions: Collisions = "report"
    tolerance: float = 0.001


@dataclass(frozen=True, eq=False)
class Answer:
    tracks: tuple[Track, ...]
    notes: tuple[str, ...]
    seconds: dict[str, float]


def animate(plan: Plan, progress: Progress = lambda stage, step, total: None) -> Answer:
    """Move all of the plan's movers. Raises whatever `progress` raises, to stop."""
    return _Run(plan, progress).answer()


class _Run:
    def __init__(self, plan: Plan, progress: Progress) -> None:
        self.plan, self.tell = plan, progress
        self.notes: list[str] = []
        self.seconds: dict[str, float] = {}
        self.now = ("prepare", 0, 0)
        around = [body.way.at(body.way.stations(400)) for body in plan.bodies]
        around += [body.points for body in plan.bodies]
        self.stage = Stage(plan.pieces, plan.up, np.concatenate(around))
        self.pieces = contacts.Pieces(self.stage)
        self.probes: dict[int, contacts.Probe] = {}

    def answer(self) -> Answer:
        bodies = list(self.plan.bodies)
        drives = self.each("way", bodies, self.drive)
        if self.plan.collisions == "avoid":
            drives = self.each("avoid", drives, self.go_round)
            drives = self.wait(drives)
        drives = self.each("wheels", drives, self.turn)
        collisions = self.each("collisions", list(enumerate(drives)), lambda d: self.meet(*d))
        if self.plan.collisions != "ignore":
            self.meet_each_other(drives, collisions)
        items = list(zip(drives, collisions, strict=True))
        tracks = self.each("keys", items, lambda item: self.track(*item))
        return Answer(tuple(tracks), tuple(dict.fromkeys(self.notes)), self.seconds)

    def each(self, stage: str, items: Sequence, work: Callable) -> list:
        began = time.perf_counter()
        found = []
        for i, item in enumerate(items):
            self.now = (stage, i, len(items))
            self.tell(*self.now)
            found.append(work(item))
        self.seconds[stage] = time.perf_counter() - began
        return found

    def proceed(self) -> None:
        self.tell(*self.now)

    # Where it goes

    def drive(self, body: Body) -> Drive:
        """The mover on its way and on the ground."""
        timing = body.timing
        begins = [timing.frame_of(step.start) for step in body.steps]
        ends = [b + step.end - step.start for b, step in zip(begins, body.steps, strict=True)]
        first, last = span(min([timing.start, *begins]), max([timing.arrival, *ends]))
        parts = int(np.clip(most_samples // max(last - first, 1), 1, parts_of_a_frame))
        frames = grid(first, last, parts)
        along = timing.share(frames) * body.way.length
        positions = body.way.at(along)
        rotations = orientation.rotations(body, along, positions, frames, self.plan.fps)
        rolling, swivels = wheels.find(body)
        drive = Drive(
            body,
            rolling,
            swivels,
            frames,
            parts,
            along,
            placed(body, rotations, positions),
            np.zeros((len(frames), len(body.parts))),
        )
        if body.on_ground:
            feet = ground.footprint(body, drive.wheels)
            drive.settled = ground.settle(
                body, self.stage, feet, rotations, positions, drive.parts, self.proceed
            )
            drive.root = drive.settled.poses
        return drive

    def say(self, drive: Drive) -> None:
        """Remarks on how it goes."""
        self.say_fast(drive)
        body, found = drive.body, drive.settled
        if found is None:
            return
        if found.off.any():
            self.note(drive, f"there is no ground below it at {_spans(drive, found.off)}")
        if found.stepped.any():
            self.note(
                drive,
                f"a step of {found.highest_step:.3g} at {_spans(drive, found.stepped)} was "
                "smoothed: there it does not touch the ground everywhere",
            )
        if body.orientation == "bank" or body.way.tilt([0.0, 0.5 * body.way.length]).any():
            self.note(drive, "it stays on the ground, so it neither leans nor tilts")

    def go_round(self, drive: Drive) -> Drive:
        """The mover on a way round what it would come into."""
        if not len(self.stage):
            return drive
        best, least = drive, self.badness(drive)
        if not least:
            return drive
        body = drive.body
        for share in margins:
            way: Way | None = body.way
            for _ in range(detours):
                known, way = (
                    way,
                    detour.around(body, self.stage, way, share * body.size, self.proceed),
                )
                if way is None or way is known:
                    break
                tried = self.drive(replace(body, way=way))
                bad = self.badness(tried)
                if bad < least:
                    best, least = tried, bad
                if not bad:
                    break
            if not least:
                break
        if best is drive:
            if self.in_scene(drive):
                self.note(drive, "no way round what it comes into was found")
        elif least:
            self.note(drive, "it goes round what is in its way, but not clear of all of it")
        else:
            self.note(drive, "it goes round what is in its way")
        return best

    def badness(self, drive: Drive) -> int:
        """In how many frames it is in something or jumps on a step, by what."""
        found = self.in_scene(drive)
        jumps = 0
        if drive.settled is not None:
            bad = drive.settled.stepped | drive.settled.off
            jumps = int(bad[drive.whole].sum())
        return jumps + sum(int((depth > 0.0).sum()) for depth in found.values())

    def in_scene(self, drive: Drive) -> dict[int, Floats]:
        """How deep it is in pieces of the scene at whole frames."""
        joints = drive.joints.copy()
        if drive.body.roll and drive.swivels and not joints.any():
            wheels.swing(drive.body, drive.swivels, drive.root, joints)
        steps.write(drive.body, drive.body.timing, drive.frames, joints)
        poses = poses_of(drive.body, drive.root[drive.whole], joints[drive.whole])
        return contacts.with_scene(
            self.probe(drive.body), self.pieces, poses, self.stands(drive), self.proceed
        )

    def stands(self, drive: Drive) -> set[int]:
        """The pieces of the scene that it stands on."""
        if drive.settled is None:
            return set()
        faces = drive.settled.faces
        return set(self.stage.owner[faces[faces >= 0]].tolist())

    def probe(self, body: Body) -> contacts.Probe:
        key = id(body.parts)
        if key not in self.probes:
            self.probes[key] = contacts.Probe(body, self.stage)
        return self.probes[key]

    def wait(self, drives: list[Drive]) -> list[Drive]:
        """Movers that wait for each other."""
        if len(drives) < 2:
            return drives
        began = time.perf_counter()
        schedules, poses = [], []
        for drive in drives:
            inside = (drive.frames >= drive.body.timing.start) & (
                drive.frames <= drive.body.timing.end
            )
            index = np.flatnonzero(inside)
            index = index[:: max(1, len(index) // meetings.most_frames)]
            schedules.append(drive.frames[index])
            poses.append(drive.root[index])
        meets = {}
        for a in range(len(drives)):
            for b in range(a + 1, len(drives)):
                self.proceed()
                grid_ = meetings.overlaps(drives[a].body, drives[b].body, poses[a], poses[b])
                if grid_.any():
                    meets[a, b] = grid_
        names = [drive.body.name for drive in drives]
        timings = [drive.body.timing for drive in drives]
        timings, notes = meetings.arranged(timings, schedules, meets, names)
        self.notes += notes
        found = []
        for drive, timing in zip(drives, timings, strict=True):
            if timing is drive.body.timing:
                found.append(drive)
            else:
                found.append(self.drive(replace(drive.body, timing=timing)))
                self.note(drive, f"it waits {timing.late:.0f} frames for another one")
        self.seconds["avoid"] += time.perf_counter() - began
        return found

    # What turns on it

    def turn(self, drive: Drive) -> Drive:
        """The mover with its wheels rolling and its steps done."""
        self.say(drive)
        body = drive.body
        if body.roll and drive.wheels and self.rolls(drive):
            wheels.swing(body, drive.swivels, drive.root, drive.joints)
            ups = np.broadcast_to(body.up, (len(drive.wheels), len(drive.frames), 3))
            if drive.settled is not None and drive.settled.ups.shape == ups.shape:
                ups = drive.settled.ups
            drive.slip = wheels.roll(
                body, drive.wheels, drive.root, drive.joints, ups, self.proceed
            )
            if drive.slip[1] > 0.01:
                self.note(
                    drive,
                    f"its fixed wheels slide sideways by {100 * drive.slip[1]:.0f} % of the way: "
                    "put the pivot half way between the wheels that do not swivel",
                )
        self.notes += steps.write(body, body.timing, drive.frames, drive.joints)
        return drive

    def rolls(self, drive: Drive) -> bool:
        """Whether it drives: on the ground, or at least level."""
        if drive.body.on_ground:
            return True
        rise = np.abs(drive.body.way.tangents(drive.body.way.stations(400)) @ drive.body.up)
        return drive.body.orientation != "bank" and bool((rise < level_enough).all())

    # What it comes into

    def meet(self, index: int, drive: Drive) -> list[Meeting]:
        if self.plan.collisions == "ignore":
            return []
        found = []
        for piece, depth in self.in_scene(drive).items():
            found += _meetings(self.stage.pieces[piece].name, depth, int(drive.frames[0]))
        return found

    def meet_each_other(self, drives: list[Drive], collisions: list[list[Meeting]]) -> None:
        began = time.perf_counter()
        for a in range(len(drives)):
            for b in range(a + 1, len(drives)):
                self.proceed()
                one, two = drives[a], drives[b]
                first = int(min(one.frames[0], two.frames[0]))
                last = int(max(one.frames[-1], two.frames[-1]))
                depth = contacts.between(
                    self.probe(one.body),
                    self.probe(two.body),
                    _held(one, first, last),
                    _held(two, first, last),
                    self.proceed,
                )
                collisions[a] += _meetings(two.body.name, depth, first)
                collisions[b] += _meetings(one.body.name, depth, first)
        self.seconds["collisions"] += time.perf_counter() - began

    # What is said of it

    def track(self, drive: Drive, collisions: list[Meeting]) -> Track:
        body, whole = drive.body, drive.whole
        curves, strays = channels_of(drive, self.plan.tolerance, self.proceed)
        if strays > self.plan.tolerance:
            self.note(
                drive,
                f"its keys stray by {100 * strays:.2g} % of its size: there is one at each frame",
            )
        gap = float(drive.settled.gap[whole].max()) if drive.settled is not None else 0.0
        return Track(
            name=body.name,
            first=int(drive.frames[0]),
            poses=drive.root[whole],
            joints=drive.joints[whole],
            curves=curves,
            strays=strays,
            slip=float(np.hypot(*drive.slip)),
            gap=gap,
            late=body.timing.late,
            collisions=tuple(sorted(collisions, key=lambda m: (m.first, m.other))),
        )

    def say_fast(self, drive: Drive) -> None:
        steps_ = np.abs(np.diff(drive.along[drive.whole]))
        if len(steps_) and steps_.max() > fast * drive.body.size and len(steps_) < 24:
            self.note(
                drive,
                f"it moves {steps_.max() / drive.body.size:.1f} times its size in a frame: "
                "there are few frames for its way",
            )

    def note(self, drive: Drive, text: str) -> None:
        self.notes.append(f"'{drive.body.name}': {text}.")


def _held(drive: Drive, first: int, last: int) -> Floats:
    """Poses (L, T, 4, 4) from the first to the last frame; it stands before and after its time."""
    poses = drive.poses()
    index = np.clip(np.arange(first, last + 1) - int(drive.frames[0]), 0, poses.shape[1] - 1)
    return poses[:, index]


def _meetings(other: str, depth: Floats, first: int) -> list[Meeting]:
    """Runs of frames with a depth."""
    index = np.flatnonzero(depth > 0.0)
    if not len(index):
        return []
    runs = np.split(index, np.flatnonzero(np.diff(index) > apart) + 1)
    return [
        Meeting(other, first + int(run[0]), first + int(run[-1]), float(depth[run].max()))
        for run in runs
    ]


def _spans(drive: Drive, chosen: NDArray[np.bool_]) -> str:
    """Frames in words."""
    index = np.flatnonzero(chosen)
    runs = np.split(index, np.flatnonzero(np.diff(index) > 1) + 1)
    said = [
        f"{drive.frames[run[0]]:.0f} to {drive.frames[run[-1]]:.0f}"
        if drive.frames[run[-1]] - drive.frames[run[0]] >= 1.0
        else f"{drive.frames[run[0]]:.0f}"
        for run in runs[:4]
    ]
    return "frames " + ", ".join(said) + (" and more" if len(runs) > 4 else "")
