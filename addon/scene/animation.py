"""How something moves along a trajectory, and what came of it, kept on the curve object."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)

from . import trajectories
from .identity import find, identify
from .parts import JointSettings, find_part, overridable, overridable_list

orientations = (
    ("FOLLOW", "Follow", "Look along the way"),
    ("BANK", "Bank", "Look along the way and lean into its curves"),
    ("UPRIGHT", "Upright", "Look along the way, but stay upright"),
    ("LOOK_AT", "Look At", "Look at another object all the way"),
    ("KEEP", "Keep", "Keep the rotation it has"),
)
axes = ("POS_X", "POS_Y", "POS_Z", "NEG_X", "NEG_Y", "NEG_Z")
axis_names = ("X", "Y", "Z", "-X", "-Y", "-Z")
forwards = (
    ("AUTO", "Automatic", "The side that looks along the start of the way"),
    ("TRACK", "Tracking Axis", "As in the object's properties, under Relations"),
    *((axis, name, f"Its own {name} axis") for axis, name in zip(axes, axis_names, strict=True)),
)
collisions = (
    ("REPORT", "Report", "Say what it runs into"),
    ("AVOID", "Avoid", "Go around what is in the way, and wait for others"),
    ("IGNORE", "Ignore", "Go through everything"),
)
kinds = (
    ("KEYS", "Keys", "A few editable keys, checked against the scene"),
    ("LIVE", "Live", "A Follow Path constraint that follows every edit at once"),
)


def _look_at_name(settings: AnimationSettings) -> str:
    obj = find(settings.look_at)
    return obj.name if obj else ""


def _set_look_at_name(settings: AnimationSettings, name: str) -> None:
    obj = bpy.data.objects.get(name)
    settings.look_at = identify(obj) if obj else ""


def _joint_label(step: JointStep) -> str:
    target, found = trajectories.target_of(step.id_data), joint_of_step(step)
    labels = labels_of(target) if target and found else {}
    return next((name for name, record in labels.items() if record == found), "")


def _set_joint_label(step: JointStep, text: str) -> None:
    target = trajectories.target_of(step.id_data)
    record = labels_of(target).get(text) if target else None
    if record:
        step.control, step.bone = identify(record.id_data), record.bone


def _joint_labels(step: JointStep, _context: object, _text: str) -> Iterator[str]:
    target = trajectories.target_of(step.id_data)
    return iter(labels_of(target) if target else ())


class JointStep(bpy.types.PropertyGroup):
    """A joint of what moves that opens at a time of its own."""

    control: StringProperty(override=overridable)
    bone: StringProperty(override=overridable)
    joint: StringProperty(
        name="Joint",
        description="Which joint moves",
        get=_joint_label,
        set=_set_joint_label,
        search=_joint_labels,
    )
    marker: StringProperty(
        name="Marker",
        description="The marker of the timeline at which it begins; without one, the frame says",
        override=overridable,
    )
    frame: IntProperty(name="Frame", description="When it begins", override=overridable)
    open: FloatProperty(
        name="Open",
        description="How far it opens; a wheel makes that many turns",
        default=1.0,
        soft_min=0.0,
        soft_max=1.0,
        override=overridable,
    )
    seconds: FloatProperty(
        name="Seconds",
        description="How long it takes",
        default=1.0,
        min=0.01,
        soft_max=10.0,
        override=overridable,
    )


class AnimationSettings(bpy.types.PropertyGroup):
    """On a trajectory: how something moves along it.

    `state` is what is in the scene: KEYS, LIVE or nothing; `accepted` the job it came from,
    `owner` the curve that it belongs to (a copy of it has none), `source` what it came from in
    short, `former` what was there before, `told` the figures, `partners` who was asked with it.
    """

    orientation: EnumProperty(
        name="Orientation",
        description="How it is turned on its way",
        items=orientations,
        override=overridable,
    )
    forward: EnumProperty(
        name="Forward",
        description="Which side of the object looks ahead",
        items=forwards,
        override=overridable,
    )
    look_at: StringProperty(override=overridable)
    look_at_name: StringProperty(
        name="Look At",
        description="What it looks at",
        get=_look_at_name,
        set=_set_look_at_name,
    )
    on_ground: BoolProperty(
        name="On Ground", description="Stay on what is below it", override=overridable
    )
    roll: BoolProperty(
        name="Roll Wheels",
        description="Turn its wheels as far as it goes: joints that turn without end",
        default=True,
        override=overridable,
    )
    collisions: EnumProperty(
        name="Collisions",
        description="What to do about what is in the way",
        items=collisions,
        override=overridable,
    )
    tolerance: FloatProperty(
        name="Tolerance",
        description="How far the keys may stray from the exact motion, in percent of its size; "
        "more makes fewer keys",
        default=0.1,
        min=0.001,
        max=10.0,
        soft_max=1.0,
        subtype="PERCENTAGE",
        precision=3,
        override=overridable,
    )
    kind: EnumProperty(
        name="Result", description="What is made of it", items=kinds, override=overridable
    )
    keep_updated: BoolProperty(
        name="Update When Edited",
        description="Animate again by itself when the curve, its timing or a marker is moved",
        default=True,
        override=overridable,
    )
    steps: CollectionProperty(type=JointStep, override=overridable_list)
    step_index: IntProperty(override=overridable)
    state: StringProperty(override=overridable)
    accepted: StringProperty(override=overridable)
    owner: StringProperty(override=overridable)
    source: StringProperty(override=overridable)
    resolved: StringProperty(override=overridable)
    former: StringProperty(override=overridable)
    told: StringProperty(override=overridable)
    partners: StringProperty(override=overridable)


kept = ("state", "accepted", "owner", "source", "resolved", "former", "told", "partners")


def state_of(curve: bpy.types.Object) -> str:
    """Return what moves the target along this curve: KEYS, LIVE, or nothing."""
    settings = curve.tug_animation
    if not settings.state or settings.owner != curve.tug.uid:
        return ""
    return settings.state if find(settings.owner) == curve else ""


def forget(curve: bpy.types.Object) -> None:
    """Note that nothing in the scene comes from this curve any more."""
    for name in kept:
        curve.tug_animation.property_unset(name)


def told(curve: bpy.types.Object) -> dict[str, Any]:
    """Return the figures of what was accepted."""
    text = curve.tug_animation.told
    return json.loads(text) if text else {}


def partners(curve: bpy.types.Object) -> list[bpy.types.Object]:
    """Return the trajectories that were asked together with this one, itself among them."""
    text = curve.tug_animation.partners
    found = [find(uid) for uid in (json.loads(text) if text else ())]
    usable = [obj for obj in found if trajectories.is_trajectory(obj) and state_of(obj)]
    return usable if curve in usable else [curve]


def joints_of(target: bpy.types.Object) -> list[JointSettings]:
    """Return the records of all joints that an object carries along."""
    return [
        record for member in (target, *target.children_recursive) for record in member.tug.joints
    ]


def joint_of_step(step: JointStep) -> JointSettings | None:
    """Return the record of the joint that a step moves."""
    target = trajectories.target_of(step.id_data)
    found = joints_of(target) if target and step.control else ()
    chosen = (step.control, step.bone)
    return next((r for r in found if (r.id_data.tug.uid, r.bone) == chosen), None)


def labels_of(target: bpy.types.Object) -> dict[str, JointSettings]:
    """Return the joints that an object carries by what they are called: their parts' names.

    Where those are alike, the names of their bones or controls.
    """
    found: dict[str, JointSettings] = {}
    for record in joints_of(target):
        owner = find(record.owner)
        part = find_part(owner, record.part) if owner else None
        own = record.bone or record.id_data.name
        name = part.name if part and part.name not in found else own
        found[name] = record
    return found


def step_frame(step: JointStep, scene: bpy.types.Scene) -> int | None:
    """Return when a step begins; None when its marker is gone."""
    if not step.marker:
        return step.frame
    marker = scene.timeline_markers.get(step.marker)
    return marker.frame if marker else None


def next_marker(scene: bpy.types.Scene) -> bpy.types.TimelineMarker | None:
    """Return the marker that is selected, else the next one from the present frame on."""
    markers = sorted(scene.timeline_markers, key=lambda marker: marker.frame)
    chosen = [marker for marker in markers if marker.select]
    if len(chosen) == 1:
        return chosen[0]
    return next((marker for marker in markers if marker.frame >= scene.frame_current), None)


classes = (JointStep, AnimationSettings)


def register() -> None:
    for cls in classes:
        bpy.utils.register_class(cls)
    bpy.types.Object.tug_animation = PointerProperty(type=AnimationSettings, override=overridable)


def unregister() -> None:
    del bpy.types.Object.tug_animation
    for cls in reversed(classes):
        bpy.utils.unregister_class(cls)
