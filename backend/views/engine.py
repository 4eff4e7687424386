"""From a scene and cameras to what each of them sees, view by view."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from backend.geometry.surface import together
from backend.views import clear, clips, heat, rig, tracks
from backend.views.cameras import Pinhole
from backend.views.raster import Images, Rasteriser, blank
from backend.views.scene import Scene, checked
from protocol.errors import failure
from protocol.views import Clip, Layer, Rig, Unclear

usual_margin = 0.1  # of views that stand in for given cameras, where there is no rig
batch_seconds = 0.05  # of a batch of frames, about
seconds_a_face, seconds_a_pixel = 6e-8, 1.2e-8
most_frames = 32  # of a batch
drawn: dict[str, type] = {"entities": np.uint16, "heat": np.uint8}


class Progress(Protocol):
    """What a long job tells, and asks whether it is to go on."""

    def stage(self, name: str, step: int = 0, total: int = 0) -> None: ...
    def check(self) -> None: ...


class Silent:
    """Nobody listens, nobody stops it."""

    def stage(self, name: str, step: int = 0, total: int = 0) -> None:
        """Say nothing."""

    def check(self) -> None:
        """Go on."""


silent = Silent()


@dataclass(frozen=True)
class Wish:
    """Which cameras, and what of what they see."""

    cameras: tuple[Pinhole, ...] = ()
    rig: Rig | None = field(default_factory=Rig)
    layers: tuple[Layer, ...] = ("depth", "instances", "parts", "flow")
    unclear: Unclear = "replace"
    clear: float = np.radians(20.0)
    fastest: float = 32.0
    tracks: int = 1
    seed: int = 0


@dataclass(frozen=True, eq=False)
class View:
    """What one camera sees; `images` are layers by name, see protocol.views."""

    camera: Pinhole
    along: float
    replaces: str
    fastest: float
    clips: tuple[Clip, ...]
    tracks: NDArray[np.float32]
    depths: NDArray[np.float32]
    visible: NDArray[np.uint8]
    images: Images


@dataclass(frozen=True, eq=False)
class Prepared:
    """A scene ready to be looked at by the cameras that were chosen."""

    scene: Scene
    wish: Wish
    tracks: tracks.Tracks
    views: tuple[clear.Chosen, ...]
    notes: tuple[str, ...]

    def steps(self) -> int:
        """How many batches of frames all views have."""
        sizes = (_batch(self.scene, view.camera) for view in self.views)
        return sum(-(-self.scene.frames // size) for size in sizes)


def prepare(scene: Scene, wish: Wish, progress: Progress = silent) -> Prepared:
    """Find cameras and tracks. Raises TugError bad_input."""
    checked(scene)
    progress.stage("prepare")
    followed = tracks.follow(scene, wish.tracks, wish.seed)
    progress.check()
    stage = rig.stage_of(scene)
    progress.check()
    cameras = [*wish.cameras, *(rig.cameras_of(wish.rig, stage) if wish.rig else ())]
    if not cameras:
        raise failure("bad_input", "There is no camera: add one, or ask for a rig.")
    margin, cutaway = (wish.rig.margin, wish.rig.cutaway) if wish.rig else (usual_margin, False)
    ways = followed.ways[:, followed.middle]
    chosen = clear.cleared(cameras, ways, stage, wish.unclear, wish.clear, margin, cutaway)
    names = rig.unique_names([view.camera.name for view in chosen])
    named = tuple(
        clear.Chosen(view.camera.renamed(name), view.along, view.replaces)
        for view, name in zip(chosen, names, strict=True)
    )
    return Prepared(scene, wish, followed, named, tuple(clear.words(list(named), wish.clear)))


def render(
    prepared: Prepared,
    progress: Progress = silent,
    show: Callable[[Pinhole, Images], None] | None = None,
    device: str = "cpu",
    keep: bool = True,
) -> Iterator[View]:
    """Yield what each view sees. `show` is given some frames of a view that has begun.

    Without `keep` a view's images are overwritten by those of the next, which is quicker.
    """
    rasteriser = Rasteriser(prepared.scene, device)
    total, done = prepared.steps(), 0
    memory: Images = {}
    for chosen in prepared.views:
        layers = _needed(prepared.wish.layers)
        if keep or _size_of(memory) != (chosen.camera.height, chosen.camera.width):
            memory = blank(layers, prepared.scene.frames, chosen.camera)
        steps = _Steps(progress, done, total)
        yield _view(prepared, chosen, rasteriser, dict(memory), steps, show)
        done += -(-prepared.scene.frames // _batch(prepared.scene, chosen.camera))


def _size_of(images: Images) -> tuple[int, ...]:
    """Height and width of the pictures in images (T, H, W, ...)."""
    return next((image.shape[1:3] for image in images.values()), ())


@dataclass
class _Steps:
    """Counts the batches of all views."""

    progress: Progress
    done: int
    total: int

    def next(self, count: int) -> None:
        self.done += count
        self.progress.stage("render", self.done, self.total)


def _batch(scene: Scene, camera: Pinhole) -> int:
    """How many frames are drawn at once."""
    faces = sum(len(part.mesh.faces) for _, part in scene.parts if part.moves)
    frame = faces * seconds_a_face + camera.width * camera.height * seconds_a_pixel
    return int(np.clip(batch_seconds / frame, 1, most_frames))


def _view(
    prepared: Prepared,
    chosen: clear.Chosen,
    rasteriser: Rasteriser,
    images: Images,
    steps: _Steps,
    show: Callable[[Pinhole, Images], None] | None,
) -> View:
    scene, wish, camera = prepared.scene, prepared.wish, chosen.camera
    pixels, depths = camera.project(prepared.tracks.ways)
    speeds = clips.speeds(camera, pixels, depths)
    behind = rasteriser.backdrop(camera, list(images))
    visible = np.zeros(depths.shape, np.uint8)
    bodies = np.array([body for body, _ in scene.parts], np.intp)

    def draw(frames: slice) -> None:
        some = {name: image[frames] for name, image in images.items()}
        covered = rasteriser.draw(camera, behind, frames.start, frames.stop, some)
        visible[frames] = tracks.visible(
            camera, covered, prepared.tracks, pixels[frames], depths[frames], bodies
        )

    steps.next(0)
    for pair in _pairs(scene.frames, _batch(scene, camera), rasteriser.device):
        list(together(*[lambda frames=frames: draw(frames) for frames in pair]))
        if show is not None and pair[0].start == 0:
            show(camera, {name: image[: pair[-1].stop] for name, image in images.items()})
        steps.next(len(pair))
    _draw_entities(prepared, camera, images, pixels, depths, steps.progress)
    return View(
        camera,
        chosen.along,
        chosen.replaces,
        float(speeds.max(initial=0.0)),
        clips.cut(speeds, wish.fastest, scene.first),
        pixels.astype(np.float32),
        depths.astype(np.float32),
        visible,
        {name: images[name] for name in wish.layers},
    )


def _needed(layers: Sequence[str]) -> list[str]:
    """The layers to rasterise: entities and heat need masks."""
    asked: list[str] = []
    for layer in layers:
        needed = ("instances", "parts") if layer in drawn else (layer,)
        asked += [one for one in needed if one not in asked]
    return asked


def _pairs(frames: int, size: int, device: str) -> Iterator[list[slice]]:
    """Batches of frames, two at a time where kernels use one core each."""
    batches = [slice(start, min(start + size, frames)) for start in range(0, frames, size)]
    width = 2 if device == "cpu" else 1
    for start in range(0, len(batches), width):
        yield batches[start : start + width]


def _draw_entities(
    prepared: Prepared,
    camera: Pinhole,
    images: Images,
    pixels: NDArray[np.float64],
    depths: NDArray[np.float64],
    progress: Progress,
) -> None:
    """Add the entity and heat images where they are asked for."""
    if not any(layer in drawn for layer in prepared.wish.layers):
        return
    size = (prepared.scene.frames, camera.height, camera.width, 2)
    ids, bells = np.zeros(size, np.uint16), np.zeros(size, np.uint8)
    limit = heat.radius_limit(camera)
    for which, (name, entities) in enumerate(_entities(prepared.tracks).items()):
        radius = []
        for entity in entities:
            progress.check()
            depth = depths[:, entity.track]
            radius.append(heat.radii(entity, images[name], depth, camera, limit))
        for frame in range(prepared.scene.frames):
            progress.check()
            there = ids[frame, :, :, which], bells[frame, :, :, which]
            heat.draw(entities, radius, pixels, frame, *there)
    images.update(entities=ids, heat=bells)


def _entities(followed: tracks.Tracks) -> dict[str, list[heat.Entity]]:
    """What discs stand for, by the layer that is their mask."""
    return {
        "instances": [heat.Entity(int(followed.body[k]) + 1, int(k)) for k in followed.of_bodies()],
        "parts": [heat.Entity(int(followed.part[k]) + 1, int(k)) for k in followed.of_parts()],
    }
