"""A drawer is imagined open from the view, looked at, and baked onto the cabinet that opens."""

import bpy
import numpy as np
from tug import cabinet, connect, empty_scene, look, module
from ways import undo


def steps(hands):
    yield from set_up(hands)
    yield from imagined_from_the_view(hands)
    yield from opened_in_an_image_editor()
    yield from baked_by_its_button(hands)
    yield from undone(hands)


def set_up(hands):
    """Have the drawer of the cabinet pulled and its joint accepted, and the panel unfolded."""
    empty_scene()
    _, _, drawer = cabinet()
    look(hands, 3.4)
    module("runtime").preferences().first_steps = False
    unfold(module("panels.imagine").ImaginePanel)
    yield from hands.open_sidebar()
    yield from connect(hands)
    bpy.context.view_layer.objects.active = drawer
    parts = module("scene.parts")
    part = parts.add_part(drawer, "object", prompt="the drawer slides out")
    parts.add_drag(drawer, part, (0.1, -0.26, 1.24), (0.1, -0.6, 1.24))
    job = module("api").articulate(drawer, part)
    yield from hands.until(lambda: job.state == "done", what="the joint")
    bpy.ops.tug.accept_result(job=job.id)
    module("runtime").forget([module("runtime").book.get(job.id)])
    bpy.context.scene.tug_imagining.look = "COLOURS"
    bpy.ops.ed.undo_push(message="Drawer")
    yield from hands.wait(10)


def unfold(panel):
    """Register a panel anew as one that is open at first."""
    bpy.utils.unregister_class(panel)
    panel.bl_options = set()
    bpy.utils.register_class(panel)


def dragged():
    found = module("imagined").dragged_jobs(bpy.context)
    return found[-1] if found else None


def imagined_from_the_view(hands):
    yield from hands.click_button("tug.drag_views")
    yield from hands.until(lambda: dragged() and dragged().finished, 180.0, "the pictures")
    job = dragged()
    assert job.error is None, job.error
    assert len(job.seen) == 1 and job.request.cameras[0].width == 256
    eye = hands.view().view_matrix.inverted()
    pose = np.array(job.request.cameras[0].pose)
    assert np.allclose(pose[:3, 3], eye.translation, atol=1e-4), (pose, eye)
    assert np.allclose(pose[:3, :3], np.array(eye.to_3x3()), atol=5e-3), (pose, eye)
    before, after = job.seen[0].before.pixels, job.seen[0].after.pixels
    assert np.abs(before.astype(float) - after).mean() > 0.5, "nothing is imagined"
    yield from hands.shot("imagined")


def opened_in_an_image_editor():
    there = {image.name for image in bpy.data.images}
    areas = bpy.context.window_manager.windows[0].screen.areas
    area = next(area for area in areas if area.type == "DOPESHEET_EDITOR")
    kind, area.ui_type = area.ui_type, "IMAGE_EDITOR"
    yield
    assert bpy.ops.tug.open_dragged_view() == {"FINISHED"}
    assert area.spaces.active.image.name == "Drawer dragged"
    assert {image.name for image in bpy.data.images} - there == {"Drawer dragged"}
    bpy.ops.ed.undo_push(message="Open in Image Editor")
    yield
    area.ui_type = kind
    yield


def revealed():
    return [image.name for image in bpy.data.images if image.name.endswith("revealed")]


def baked_by_its_button(hands):
    bpy.context.scene.tug_imagining.resolution = "512"
    sidebar = hands.region("UI")
    yield from hands.move((sidebar.x + 0.4 * sidebar.width, sidebar.y + 0.4 * sidebar.height))
    yield from hands.wheel(up=False, times=8)
    yield from hands.click_button("tug.bake_texture")
    active = module("imagined").active_bake_job
    yield from hands.until(
        lambda: active(bpy.context) and active(bpy.context).finished, 120.0, "the texture"
    )
    job = active(bpy.context)
    assert job.error is None, job.error
    assert revealed() and all(bpy.data.images[name].packed_file for name in revealed())
    part = bpy.data.objects["Drawer"].tug.parts[0]
    control = module("scene.joints").find(bpy.data.objects["Drawer"], part).control
    module("scene.joints").set_open(control, "", 0.9)
    hands.area().spaces.active.shading.type = "MATERIAL"
    yield from hands.wait(60)
    yield from hands.shot("imagined_baked")
    hands.area().spaces.active.shading.type = "SOLID"
    yield from hands.wait(5)


def undone(hands):
    for _ in range(2):
        if revealed():
            yield from undo(hands)
    assert not revealed(), revealed()
    assert not any(obj.material_slots for obj in bpy.data.objects if obj.type == "MESH")
    assert not any(obj.data.uv_layers for obj in bpy.data.objects if obj.type == "MESH")
    assert bpy.data.images.get("Drawer dragged"), "one step only"
