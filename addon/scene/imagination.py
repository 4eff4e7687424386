"""What learned models are asked for, kept with the scene."""

from __future__ import annotations

import bpy
from bpy.props import BoolProperty, EnumProperty, IntProperty, PointerProperty

from ..core.learned import full, names, small

evidence = (
    ("AUTO", "Automatic", "Models are asked where they are known to help; that may be nowhere"),
    ("OFF", "Off", "No learned model is asked: shapes, drags and words alone decide"),
    ("DRAGAPART", "DragAPart", "What DragAPart imagines of the part's drags counts, too"),
)
sources = (
    ("VIEW", "This View", "From where this 3D view is looked into"),
    ("CAMERA", "Camera", "From the scene's camera"),
    ("AROUND", "All Around", "From several sides"),
)
looks = (
    ("CLAY", "Clay", "The shape alone, in grey"),
    ("COLOURS", "Colours", "Each loose piece in a colour of its own"),
    ("MATERIALS", "Materials", "With its materials, as Blender's Workbench renders them"),
)
models = (
    (small, names[small], "The small one that comes with Tug: 64 pixels, quick on a CPU"),
    (full, names[full], "The published one: 256 pixels, wants a GPU"),
)


resolutions = (
    ("0", "Automatic", "As large as what was baked before, else as the largest texture or 1K"),
    ("512", "512", ""),
    ("1024", "1K", ""),
    ("2048", "2K", ""),
    ("4096", "4K", ""),
    ("8192", "8K", ""),
)


class ImaginingSettings(bpy.types.PropertyGroup):
    """On a scene: which learned models are asked, and how pictures of pulled parts are made."""

    evidence: EnumProperty(
        name="Learned Evidence",
        description=(
            "Whether learned models are asked for a part's joint; Articulate All Parts asks none"
        ),
        items=evidence,
    )
    model: EnumProperty(name="Model", description="Which one imagines", items=models)
    source: EnumProperty(name="Seen From", description="Where the eye is", items=sources)
    views: IntProperty(
        name="Views", description="From how many sides", default=4, min=1, max=64, soft_max=16
    )
    look: EnumProperty(name="Look", description="What the model gets to see", items=looks)
    resolution: EnumProperty(
        name="Size", description="Of the baked texture, in pixels", items=resolutions
    )
    whole: BoolProperty(
        name="Also What Was in Sight",
        description="Also paint over what was in sight before it opened",
    )


def evidence_of(settings: ImaginingSettings) -> tuple[str, ...] | None:
    """Return the models that a question for a joint names; None leaves it to the backend."""
    match settings.evidence:
        case "OFF":
            return ()
        case "DRAGAPART":
            return (settings.model,)
        case _:
            return None


def register() -> None:
    bpy.utils.register_class(ImaginingSettings)
    bpy.types.Scene.tug_imagining = PointerProperty(type=ImaginingSettings)


def unregister() -> None:
    del bpy.types.Scene.tug_imagining
    bpy.utils.unregister_class(ImaginingSettings)
