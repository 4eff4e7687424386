"""`render_controls`: what cameras see of the motion in a GLB scene, as a bundle of files."""

from __future__ import annotations

import argparse
import math
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from protocol.errors import failure
from protocol.views import Layer, Rig, Unclear

if TYPE_CHECKING:
    from backend.formats.gltf_reader import GlbScene
    from backend.views.engine import Prepared, View, Wish

usual_layers = "depth,normals,instances,parts,flow,entities,heat"
columns = 4  # times on the contact sheet, besides depth and flow


def add_arguments(parser: argparse.ArgumentParser) -> None:
    rig = Rig()
    parser.add_argument("scene", type=Path, metavar="SCENE.glb")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--size", type=int, nargs=2, default=(rig.width, rig.height))
    parser.add_argument("--frames", metavar="FIRST,LAST", help="usually all; frame 1 is at 0 s")
    parser.add_argument("--fps", type=float, default=24.0)
    parser.add_argument(
        "--azimuths", type=_numbers, default="0,90,180,270", metavar="DEGREES,...", help="0 is -y"
    )
    parser.add_argument("--elevations", type=_numbers, default="0,30", metavar="DEGREES,...")
    parser.add_argument("--field", type=float, default=40.0, help="angle of view in degrees")
    parser.add_argument("--margin", type=float, default=rig.margin, help="free share at each edge")
    parser.add_argument(
        "--keep-front", action="store_true", help="do not cut away what is in front"
    )
    parser.add_argument("--layers", default=usual_layers, metavar="NAME,...")
    parser.add_argument("--track", action="append", default=[], metavar="OBJECT")
    parser.add_argument("--tracks", type=int, default=4, help="points that are followed a part")
    parser.add_argument("--unclear", choices=get_args(Unclear), default="replace")
    parser.add_argument("--clear", type=float, default=20.0, help="degrees off the motion")
    parser.add_argument("--fastest", type=float, default=32.0, help="pixels a frame")
    parser.add_argument("--seed", type=int, default=0)


def run(options: argparse.Namespace) -> int:
    from backend.formats.gltf_reader import read
    from backend.views import bundle, engine, glb
    from backend.views.manifest import manifest

    began = time.perf_counter()
    wish = _wish(options)
    file = read(options.scene)
    scene = glb.scene_of(file, _frames(options, file), options.fps, options.track)
    prepared = engine.prepare(scene, wish, teller := _Teller())
    for note in prepared.notes:
        print(note, file=sys.stderr)
    views, rows = [], []
    for view in engine.render(prepared, teller, keep=False):
        bundle.write(prepared, view, options.out / view.camera.name)
        rows.append(_row(prepared, view))
        view.images.clear()
        views.append(view)
        print(_in_words(view))
    tree = manifest(prepared, views, prepared.notes, folders=True)
    (options.out / "manifest.json").write_bytes(bundle.as_json(tree))
    _write_sheet(prepared, rows, options.out / "sheet.png")
    frames = f"{len(views)} views of {scene.frames} frames"
    print(f"{options.out}: {frames}, {time.perf_counter() - began:.1f} s")
    return 0


class _Teller:
    """Says on standard error what is being done, and how far it is."""

    def __init__(self) -> None:
        self._told = -1

    def stage(self, name: str, step: int = 0, total: int = 0) -> None:
        tenth = 10 * step // total if total else 0
        if tenth != self._told:
            self._told = tenth
            print(f"{name} ... {10 * tenth} %" if total else f"{name} ...", file=sys.stderr)

    def check(self) -> None:
        pass


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(word) for word in text.split(",") if word.strip())
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no list of numbers") from None


def _wish(options: argparse.Namespace) -> Wish:
    from backend.views.asking import check_rig
    from backend.views.engine import Wish

    layers: Any = tuple(word.strip() for word in options.layers.split(",") if word.strip())
    known = get_args(Layer)
    for layer in layers:
        if layer not in known:
            raise failure("bad_input", f"There is no layer {layer!r}: choose {', '.join(known)}.")
    if options.fastest <= 0.0 or options.fps <= 0.0 or options.tracks < 1:
        raise failure("bad_input", "--fastest, --fps and --tracks must be more than 0.")
    if min(options.size) < 8 or max(options.size) > 8192:
        raise failure("bad_input", "--size is between 8 and 8192 pixels each way.")
    rig = Rig(
        azimuths=tuple(math.radians(angle) for angle in options.azimuths),
        elevations=tuple(math.radians(angle) for angle in options.elevations),
        width=options.size[0],
        height=options.size[1],
        field=math.radians(options.field),
        margin=options.margin,
        cutaway=not options.keep_front,
    )
    check_rig(rig)
    return Wish(
        rig=rig,
        layers=layers,
        unclear=options.unclear,
        clear=math.radians(options.clear),
        fastest=options.fastest,
        tracks=options.tracks,
        seed=options.seed,
    )


def _frames(options: argparse.Namespace, file: GlbScene) -> tuple[int, int]:
    if options.frames is None:
        return 1, 1 + round(file.seconds * options.fps)
    try:
        first, last = (int(word) for word in options.frames.split(","))
    except ValueError:
        raise failure("bad_input", "--frames is FIRST,LAST: two whole numbers.") from None
    if last < first:
        raise failure("bad_input", "--frames ends before it begins.")
    return first, last


def _row(prepared: Prepared, view: View) -> tuple[View, list[Any]]:
    """A view's pictures on the contact sheet."""
    from backend.views import sheet

    moving = np.array([prepared.scene.bodies[k].tracked for k, _ in prepared.scene.parts])
    frames = np.linspace(0, prepared.scene.frames - 1, columns).round().astype(int)
    row = [
        sheet.with_tracks(
            sheet.shaded(view.images, frame, moving), view, frame, prepared.tracks.middle
        )
        for frame in frames.tolist()
        if view.images
    ]
    middle = prepared.scene.frames // 2
    for name, picture in (("depth", sheet.depth_picture), ("flow", sheet.flow_picture)):
        if name in view.images:
            row.append(sheet.plain(picture(view.images[name][middle])))
    return view, row


def _write_sheet(prepared: Prepared, rows: list[tuple[View, list[Any]]], path: Path) -> None:
    from backend.views import sheet

    if not any(row for _, row in rows):
        return
    scene = prepared.scene
    frames = np.linspace(scene.first, scene.first + scene.frames - 1, columns).round().astype(int)
    middle = scene.first + scene.frames // 2
    titles = [f"frame {frame}" for frame in frames.tolist()]
    titles += [f"{n}, {middle}" for n in ("depth", "flow") if n in prepared.wish.layers]
    sheet.contact_sheet(rows, titles).save(path)


def _in_words(view: View) -> str:
    off, fast = math.degrees(view.along), view.fastest
    instead = f", instead of {view.replaces}" if view.replaces else ""
    clips = f", {len(view.clips)} clips" if len(view.clips) > 1 else ""
    return (
        f"{view.camera.name}: motion {off:.0f} degrees off the axis, up to {fast:.1f} pixels a "
        f"frame{clips}{instead}"
    )
