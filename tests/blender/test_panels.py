"""Every panel draws in every state, naming only properties and operators that exist."""

from __future__ import annotations

from types import SimpleNamespace

import bpy
import msgspec
import pytest


class Layout:
    """Takes what panels say to a layout, checks that it exists, and remembers the words."""

    def __init__(self, said=None):
        self.said = [] if said is None else said

    def label(self, text="", icon="NONE", **_):
        self._icon(icon)
        self.said.append(text)

    def prop(self, data, name, icon="NONE", **_):
        self._icon(icon)
        known = data.bl_rna.properties.get(name)
        assert known or data.path_resolve(name) is not None
        self.said.append(known.name if known else name)

    def operator(self, idname, text=None, icon="NONE", depress=False):
        self._icon(icon)
        module, name = idname.split(".")
        known = getattr(getattr(bpy.ops, module), name).get_rna_type()
        self.said.append(known.name if text is None else text)
        return SimpleNamespace()

    def operator_menu_enum(self, idname, name, **options):
        module, operator = idname.split(".")
        known = getattr(getattr(bpy.ops, module), operator).get_rna_type()
        assert known.properties[name].type == "ENUM"
        self.operator(idname, **options)

    def prop_search(self, data, name, search_data, search_name, icon="NONE", **_):
        assert hasattr(search_data, search_name)
        self.prop(data, name, icon)

    def progress(self, factor, text, type):
        assert 0.0 <= factor <= 1.0
        self.said.append(text)

    def template_icon(self, icon_value, scale):
        assert icon_value >= 0 and scale > 0.0

    def template_list(self, kind, _id, data, name, active_data, active_name, **_):
        assert hasattr(bpy.types, kind) and hasattr(active_data, active_name)
        for index, item in enumerate(getattr(data, name)):
            row = getattr(bpy.types, kind).draw_item
            row(None, None, self, data, item, 0, active_data, active_name, *_index(row, index))

    def row(self, **_):
        return Layout(self.said)

    column = box = split = row

    def panel(self, _idname, default_closed=False):
        return Layout(self.said), Layout(self.said)

    def _icon(self, icon):
        known = bpy.types.UILayout.bl_rna.functions["label"].parameters["icon"].enum_items
        assert icon in known, icon


def _index(row, index):
    return (index,) if row.__code__.co_argcount > 8 else ()


def draw():
    """Draw the sidebar and the preferences; return their words."""
    from bl_ext.user_default.tug import panels, runtime

    layout = Layout()
    context = SimpleNamespace(
        active_object=bpy.context.active_object,
        mode=bpy.context.mode,
        scene=bpy.context.scene,
        workspace=bpy.context.workspace,
        preferences=SimpleNamespace(system=SimpleNamespace(ui_scale=1.0)),  # 0 without a window
        region=SimpleNamespace(width=300),
        window_manager=bpy.context.window_manager,
    )
    for panel in panels.classes:
        if issubclass(panel, bpy.types.Panel):
            poll = getattr(panel, "poll", None)
            if poll is None or poll(context):
                panel.draw(SimpleNamespace(layout=layout), context)
    preferences = runtime.preferences()
    own = SimpleNamespace(
        layout=layout,
        mode=preferences.mode,
        bl_rna=preferences.bl_rna,
        **{
            name: getattr(preferences, name)
            for name in preferences.__annotations__
            if name != "mode"
        },
        _draw_logs=lambda layout: type(preferences)._draw_logs(preferences, layout),
    )
    type(preferences).draw(own, context)
    return " | ".join(layout.said)


def test_an_empty_scene_says_what_to_do_first(api):
    said = draw()
    assert "Select the object" in said and "Off" in said and "Start" in said


def test_an_object_without_parts_says_what_to_do_next(api, box):
    bpy.context.view_layer.objects.active = box("Body", (1, 1, 1), (0, 0, 0))
    assert "Pull what should move" in draw()


def test_edit_mode_offers_the_selected_faces(api, cabinet):
    bpy.ops.object.mode_set(mode="EDIT")
    assert "Articulate Part" in draw()
    bpy.ops.object.mode_set(mode="OBJECT")


def test_a_part_shows_its_drags_and_the_button(api, cabinet):
    said = draw()
    assert "Drag 1: 34.5 cm" in said and "Articulate Part" in said and "Prompt" in said
    cabinet.tug.parts[0].drags.clear()
    assert "with the Drag tool" in draw()


def test_no_backend_shows_the_reason_and_the_command(api, cabinet):
    with pytest.raises(api.TugError):
        api.connect("managed")
    said = draw()
    assert "Failed" in said and "python build.py backend" in said and "Try Again" in said


def test_a_running_job_shows_progress_and_a_failed_one_its_reason(connected, cabinet):
    from bl_ext.user_default.tug import runtime

    failed = connected.articulate(cabinet, engine="null:fail")
    failed.wait(30.0)
    slow = connected.articulate(cabinet, engine="null:slow=60")
    assert runtime.session().wait(lambda: slow.state == "running" and slow.progress > 0.12, 30.0)
    said = draw()
    assert "asked to fail" in said and "Clear Finished" in said and " of " in said
    assert "Connected" in said and "null backend" in said


def test_a_result_shows_joint_evidence_alternatives_and_the_decision(connected, cabinet):
    job = connected.articulate(cabinet)
    job.wait(30.0)
    said = draw()
    for words in ("Slider, axis", "Confidence 60%", "Made up from the first drag.", "Hinge"):
        assert words in said
    assert "Alternative 1 of 3" in said and "Accept" in said and "Reject" in said
    bpy.ops.tug.show_alternative(job=job.id, index=1)
    assert "0.0° to 90.0°" in draw()
    job.apply(1)
    said = draw()
    assert "Accepted" in said and '["tug_open"]' in said and "Reject" not in said


def test_a_corrected_joint_says_so_and_shows_its_locks(connected, cabinet):
    job = connected.articulate(cabinet)
    job.wait(30.0)
    said = draw()
    for words in (
        "| Type |",
        "| Slider |",
        "Flip | Other Way",
        "Snap...",
        "| Range |",
        "Lower | Upper",
    ):
        assert words in said, words
    assert "Ask Again" in said and "Corrected by you" not in said
    job.flip()
    said = draw()
    assert "Corrected by you" in said and "Confidence" not in said and "Made up" not in said
    job.retype("continuous")
    assert "| Range |" not in draw()
    job.retype("fixed")
    assert "Snap..." not in draw()
    job.apply()
    assert "Ask Again" not in draw()


def test_where_two_are_as_likely_the_panel_asks_which_one(connected, cabinet):
    from bl_ext.user_default.tug import runtime

    job = connected.articulate(cabinet)
    job.wait(30.0)
    record = runtime.book.get(job.id)
    record.result = msgspec.structs.replace(record.result, choices=2)
    said = draw()
    assert "Which one?" in said and "Accept" not in said and "Neither" in said
    assert "Ghost | 1. Slider" in said and "Second Choice | 2. Hinge" in said
    assert "3. " not in said and "Open" in said
    bpy.ops.tug.show_alternative(job=job.id, index=1)
    said = draw()
    assert "Which one?" not in said and "Hinge, axis" in said and "Accept" in said
    assert "Alternative 2 of 3" in said


def test_lengths_are_said_in_the_units_of_the_scene(connected, cabinet):
    connected.articulate(cabinet).wait(30.0)
    units = bpy.context.scene.unit_settings
    assert "0 m to " in draw() and "Drag 1: 34.5 cm" in draw()
    units.scale_length = 0.01
    assert "Drag 1: 3.45 mm" in draw()
    units.system = "NONE"
    assert "Drag 1: 0.00345" in draw()


def test_no_number_is_less_than_nothing(api):
    from bl_ext.user_default.tug.panels import words
    from bl_ext.user_default.tug.protocol.joint import Joint

    axis = (0.6, -1e-9, 0.8)
    slider = Joint(type="prismatic", axis=axis, origin=(0.0, 0.0, 0.0), lower=-1e-9, upper=0.25)
    assert words.direction(slider) == "0.60, 0.00, 0.80"
    assert words.joint_range(slider) == "0 m to 25 cm"


def test_every_kind_of_joint_is_said_in_words(connected, cabinet):
    from bl_ext.user_default.tug import runtime
    from bl_ext.user_default.tug.scene import joints

    from tests.blender.scene_things import fixed, piston, screw

    job = connected.articulate(cabinet)
    job.wait(30.0)
    record = runtime.book.get(job.id)
    record.result = msgspec.structs.replace(record.result, joints=(screw, piston, fixed))
    expected = (
        ("Screw, axis Z", "50 cm a turn", '["tug_open"]'),
        ("Turns and slides, axis Z", "slides -25 cm to 75 cm", '["tug_slide"]'),
        ("Does not move", "Accept", "Does not move"),
    )
    for index, (title, range_said, control) in enumerate(expected):
        record.select(index)
        said = draw()
        assert title in said and range_said in said
        assert ("| Open |" in said) == (index < 2) and ("| Slide |" in said) == (index == 1)
        joints.apply(cabinet, cabinet.tug.parts[0], record.joint)
        assert control in draw()
        found = joints.find(cabinet, cabinet.tug.parts[0])
        joints.remove(found.control)


def test_an_unfinished_job_of_a_closed_session_asks_to_connect(connected, cabinet):
    connected.articulate(cabinet, engine="null:slow=60")
    connected.disconnect()
    assert "connect to get them" in draw()


def test_a_deleted_target_is_said_with_the_job(connected, cabinet):
    connected.articulate(cabinet).wait(30.0)
    bpy.data.objects.remove(cabinet)
    assert "was deleted" in draw()


@pytest.mark.parametrize("mode", ["managed", "local", "remote"])
def test_preferences_show_what_the_mode_needs(api, mode):
    from bl_ext.user_default.tug import runtime

    preferences = runtime.preferences()
    preferences.mode = mode
    try:
        assert ("Server Key" in draw()) == (mode == "remote")
    finally:
        preferences.property_unset("mode")


def test_imagining_says_what_is_missing_and_how_to_get_it(connected, cabinet, monkeypatch):
    from bl_ext.user_default.tug import runtime
    from bl_ext.user_default.tug.protocol.messages import Capabilities

    said = draw()
    assert "Learned Evidence" in said and "Show Dragged View" in said and "lack" not in said
    able = Capabilities(reply_to="", tasks={"drag_views": ["dragapart"], "segment_moving": []})
    monkeypatch.setattr(type(runtime.session()), "capabilities", able)
    bpy.context.scene.tug_imagining.model = "dragapart:full"
    said = draw()
    assert "does not have the model" in said and "tug models pull dragapart:full" in said
    assert not bpy.ops.tug.drag_views.poll() and not bpy.ops.tug.segment_moving.poll()
    older = Capabilities(reply_to="", tasks={"articulate": ["geometry"]})
    monkeypatch.setattr(type(runtime.session()), "capabilities", older)
    assert "too old" in draw()


def test_a_missing_model_is_shown_with_its_fix(api, cabinet, monkeypatch):
    from bl_ext.user_default.tug import imagining
    from bl_ext.user_default.tug.protocol.errors import failure

    from tests.blender.dragging_things import Post

    Post(monkeypatch)
    job = imagining.ask(cabinet)
    job.error = failure("missing_model", "DragAPart is not here.", fix="tug models pull x").error
    said = draw()
    assert said.count("DragAPart is not here.") == 2 and "tug models pull x" in said


def test_pictures_and_what_was_painted_are_shown(api, cabinet, monkeypatch):
    from bl_ext.user_default.tug import baking, imagining
    from bl_ext.user_default.tug.protocol.errors import failure

    from tests.blender.dragging_things import Post, a_slider, proposed

    post = Post(monkeypatch)
    proposal = proposed(cabinet, a_slider())
    job = post.dragged(imagining.ask(cabinet, views=2), count=2)
    proposal.seen = job.seen
    said = draw()
    assert "At Rest" in said and "Imagined" in said and "View 1 of 2" in said
    assert "Bake to Texture" in said and "Show in Image Editor" in said
    assert "These pictures show clay" in said
    again = imagining.ask(cabinet, views=2)
    again.error = failure("cancelled", "The job was cancelled.").error
    said = draw()
    assert said.count("The job was cancelled.") == 2 and "View 1 of 2" in said
    assert said.count("Try Again") == 2
    post.baked(baking.ask(job, resolution=32, lands=True), "Body")
    said = draw()
    shown = "'Body': 90% of what opens is shown by"
    assert shown in said and "had no UV map" in said
    bpy.data.images.remove(bpy.data.images["Body revealed"])
    assert shown not in draw(), "it was undone"
    job = baking.ask(job, resolution=32, lands=True)
    cabinet.hide_set(True)
    post.baked(job, "Body")
    said = draw()
    assert said.count("'Door' is hidden") == 2 and said.count("Add to Object") == 4


def test_the_joints_picture_is_shown_only_beside_that_joint(api, cabinet, monkeypatch):
    import msgspec
    from bl_ext.user_default.tug import imagining

    from tests.blender.dragging_things import Post, a_slider, proposed

    job = Post(monkeypatch).dragged(imagining.ask(cabinet))
    proposal = proposed(cabinet, a_slider())
    proposal.seen = tuple(msgspec.structs.replace(s, found=s.before) for s in job.seen)
    proposal.result = msgspec.structs.replace(proposal.result, joints=(a_slider(),) * 2)
    assert "This Joint" in draw()
    proposal.select(1)
    assert "This Joint" not in draw() and "At Rest" in draw()
    proposal.select(0)
    proposal.correct(a_slider(), "axis")
    assert "This Joint" not in draw()


def test_finding_what_moves_is_shown_where_it_was_asked(api, cabinet, monkeypatch):
    from bl_ext.user_default.tug import runtime, segmenting
    from bl_ext.user_default.tug.protocol.errors import failure

    from tests.blender.dragging_things import Post

    post = Post(monkeypatch)
    first = post.moving(segmenting.ask(cabinet), Door=[0, 1])
    before = draw()
    job = segmenting.ask(cabinet)
    assert draw().count("Sending") == before.count("Sending") + 2
    assert runtime.active_parts_job(bpy.context) is first, "what was found stays in sight"
    job.error = failure("bad_input", "Nothing was found.").error
    said = draw()
    assert said.count("Nothing was found.") == 2 and said.count("Try Again") == 2
    assert runtime.active_parts_job(bpy.context) is first
    assert bpy.ops.tug.reject_result(job=job.id) == {"FINISHED"}
    assert runtime.book.get(job.id) is None
