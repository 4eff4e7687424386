"""Controls of views: what is gathered frame by frame, the cameras, and the files."""

from __future__ import annotations

import json
import math

import bpy
import numpy as np
import pytest
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Vector

from tests.blender.model_things import cabinet
from tests.blender.scene_things import add_mesh, cuboid, redo, state_of_file, undo


@pytest.fixture
def asked(api, monkeypatch):
    """Ask without a backend: `asked(...)` returns the request and its arrays by digest."""
    from bl_ext.user_default.tug import runtime, views
    from bl_ext.user_default.tug.protocol.blobs import describe

    sent = []

    def send(job, arrays):
        runtime.book.add(job)
        sent.append({describe(array).digest: array for array in arrays})

    monkeypatch.setattr(views, "send", send)

    def ask(*arguments, **options):
        job = views.ask(*arguments, **options)
        return job.request, sent[-1]

    return ask


@pytest.fixture
def real(api, shared_real_backend):
    """The scripting door, connected to a backend that computes."""
    api.connect(connection_file=shared_real_backend.connection_file)
    return api


def slide(obj, *places, first=1, step=9):
    """Key an object's location, straight between the places."""
    for number, place in enumerate(places):
        obj.location = place
        obj.keyframe_insert("location", frame=first + step * number)


def bodies(request):
    return {body.name: body for body in request.bodies}


def seen_at(request, arrays, part, index):
    """(N, 3) world vertices of a part at a frame, as the request has it."""
    if part.shapes:
        return arrays[part.shapes.digest][index]
    pose = arrays[part.motion.digest][index] if part.motion else np.eye(4)
    found = []
    for piece in part.pieces:
        geometry = request.geometry[piece.geometry]
        faces = arrays[geometry.faces.digest]
        faces = faces if piece.selection is None else faces[arrays[piece.selection.digest]]
        points = arrays[geometry.vertices.digest][np.unique(faces)].astype(np.float64)
        matrix = pose @ np.array(geometry.matrix)
        found.append(points @ matrix[:3, :3].T + matrix[:3, 3])
    return np.concatenate(found)


def box_at(obj, frame):
    """(2, 3) world box of an object, as Blender has it at a frame."""
    from tests.blender.scene_things import world_vertices

    bpy.context.scene.frame_set(frame)
    points = world_vertices(obj)
    return np.array([points.min(axis=0), points.max(axis=0)])


def box_of(points):
    return np.array([points.min(axis=0), points.max(axis=0)])


def test_what_moves_is_followed_and_the_rest_is_scenery(asked):
    cart, table, room = cuboid("cart"), cuboid("table"), bpy.data.objects.new("room", None)
    bpy.context.scene.collection.objects.link(room)
    table.parent = cart.parent = room
    slide(cart, (0, 0, 0), (3, 0, 0))
    request, arrays = asked(frames=(1, 10))
    found = bodies(request)
    assert [(n, b.tracked) for n, b in found.items()] == [("cart", True), ("table", False)]
    motion = arrays[found["cart"].parts[0].motion.digest]
    assert motion.shape == (10, 4, 4) and np.allclose(motion[0], np.eye(4))
    assert np.allclose(motion[9][:3, 3], (3, 0, 0))
    assert found["table"].parts[0].motion is None
    assert (request.frames, request.first, request.fps) == (10, 1, 24.0)


def test_named_objects_are_followed_and_what_else_moves_is_scenery_that_moves(asked):
    cart, lamp = cuboid("cart"), cuboid("lamp")
    slide(cart, (0, 0, 0), (3, 0, 0))
    found = bodies(asked([lamp], frames=(1, 10))[0])
    assert found["lamp"].tracked and found["lamp"].parts[0].motion is None
    assert not found["cart"].tracked and found["cart"].parts[0].motion is not None


def test_parents_scales_and_animated_children_are_where_blender_has_them(asked):
    carrier, cart = bpy.data.objects.new("carrier", None), cuboid("cart")
    wheel, lamp = cuboid("wheel", 0.4), cuboid("lamp", 0.2, (0, 0, 1))
    bpy.context.scene.collection.objects.link(carrier)
    cart.parent, wheel.parent, lamp.parent = carrier, cart, cart
    carrier.scale, carrier.rotation_euler = (2.0, -1.0, 0.5), (0.1, 0.2, 0.3)
    slide(carrier, (0, 0, 0), (4, 1, 0))
    for frame, angle in ((1, 0.0), (10, 2.0)):
        carrier.rotation_euler.z = wheel.rotation_euler.y = angle
        carrier.keyframe_insert("rotation_euler", frame=frame)
        wheel.keyframe_insert("rotation_euler", frame=frame)
    request, arrays = asked(frames=(3, 10))
    assert [body.name for body in request.bodies] == ["carrier"]
    parts = {part.name: part for part in request.bodies[0].parts}
    assert parts.keys() == {"cart", "wheel"}  # the lamp moves as the cart does
    for frame in (3, 6, 10):
        wheel_box = box_of(seen_at(request, arrays, parts["wheel"], frame - 3))
        assert np.allclose(wheel_box, box_at(wheel, frame), atol=1e-5)
        both = np.stack([box_at(cart, frame), box_at(lamp, frame)])
        cart_box = box_of(seen_at(request, arrays, parts["cart"], frame - 3))
        assert np.allclose(cart_box, [both[:, 0].min(axis=0), both[:, 1].max(axis=0)], atol=1e-5)


def test_joints_move_the_parts_of_separate_objects_and_of_one_mesh(asked):
    from bl_ext.user_default.tug.scene import joints

    cabinet()
    for control in [obj for obj in bpy.data.objects if obj.tug.joints]:
        for record in control.tug.joints:
            for frame, opened in ((1, 0.3), (10, 0.9)):
                joints.set_open(control, record.bone, opened)
                target = control.pose.bones[record.bone] if record.bone else control
                target.keyframe_insert('["tug_open"]', frame=frame)
    request, arrays = asked(frames=(1, 10))
    assert [body.name for body in request.bodies] == ["frame"]
    parts = {part.name: part for part in request.bodies[0].parts}
    assert {"frame", "door", "handle", "drawer", "lid"} == parts.keys()
    assert parts["frame"].motion is None and parts["frame"].shapes is None
    for name in ("door", "handle", "drawer"):
        for frame in (1, 10):
            found = box_of(seen_at(request, arrays, parts[name], frame - 1))
            assert np.allclose(found, box_at(bpy.data.objects[name], frame), atol=1e-4)
    assert parts["lid"].motion is not None  # one face of the box turns about its axis


def test_what_bends_is_sent_as_shapes_of_its_vertices(asked):
    flag = add_mesh("flag", [(x, 0, z) for x in range(6) for z in (0, 1)], flag_faces(6))
    bend = flag.modifiers.new("Bend", "SIMPLE_DEFORM")
    bend.deform_method, bend.deform_axis, bend.angle = "BEND", "Z", 0.0
    bend.keyframe_insert("angle", frame=1)
    bend.angle = 1.5
    bend.keyframe_insert("angle", frame=10)
    flag.scale = (1, 1, 2)
    request, arrays = asked(frames=(1, 10))
    (part,) = request.bodies[0].parts
    shapes = arrays[part.shapes.digest]
    assert part.motion is None and shapes.shape == (10, 12, 3) and len(part.pieces) == 1
    assert np.allclose(box_of(shapes[9]), box_at(flag, 10), atol=1e-5)
    assert np.allclose(box_of(shapes[0]), box_at(flag, 1), atol=1e-5)


def flag_faces(count):
    return [(2 * i, 2 * i + 2, 2 * i + 3, 2 * i + 1) for i in range(count - 1)]


def test_a_mesh_that_gets_other_vertices_is_refused(api, asked):
    growing = cuboid("growing")
    array = growing.modifiers.new("Array", "ARRAY")
    for frame, count in ((1, 2), (10, 5)):
        array.count = count
        array.keyframe_insert("count", frame=frame)
    with pytest.raises(api.TugError, match="'growing' gets another number of vertices"):
        asked(frames=(1, 10))


def test_instances_that_move_are_where_blender_has_them(asked):
    group = bpy.data.collections.new("Carts")
    source = cuboid("source")
    bpy.context.scene.collection.objects.unlink(source)
    group.objects.link(source)
    instance = bpy.data.objects.new("instance", None)
    instance.instance_type, instance.instance_collection = "COLLECTION", group
    instance.scale = (2, 1, 1)
    bpy.context.scene.collection.objects.link(instance)
    slide(instance, (0, 0, 0), (3, 0, 0))
    request, arrays = asked(frames=(1, 10))
    assert [(body.name, body.tracked) for body in request.bodies] == [("instance", True)]
    found = seen_at(request, arrays, request.bodies[0].parts[0], 9)
    assert np.allclose(box_of(found), [(3, 0, 0), (5, 1, 1)], atol=1e-5)


def test_marked_faces_are_parts_of_their_own(asked):
    from bl_ext.user_default.tug.scene import parts

    cart = cuboid("cart")
    parts.add_part(cart, "faces", "lid", faces=[5])
    slide(cart, (0, 0, 0), (3, 0, 0))
    request, arrays = asked(frames=(1, 10))
    found = {part.name: part for part in request.bodies[0].parts}
    assert found.keys() == {"cart", "lid"}
    assert np.allclose(seen_at(request, arrays, found["lid"], 9)[:, 2], 1.0)


def test_frame_selection_and_all_else_stay_as_they_were(asked):
    cart, other = cuboid("cart"), cuboid("other")
    slide(cart, (0, 0, 0), (3, 0, 0))
    bpy.context.scene.frame_set(4, subframe=0.5)
    other.select_set(True)
    bpy.context.view_layer.objects.active = cart
    before = state_of_file()
    asked(frames=(1, 10))
    scene = bpy.context.scene
    assert (scene.frame_current, round(scene.frame_subframe, 3)) == (4, 0.5)
    assert state_of_file() == before
    assert bpy.context.selected_objects == [other]
    assert bpy.context.view_layer.objects.active == cart
    with pytest.raises(Exception, match="Frame"):
        asked(frames=(10, 1))
    assert scene.frame_current == 4


def add_camera(name="Camera", **settings):
    camera = bpy.data.objects.new(name, bpy.data.cameras.new(name))
    for key, value in settings.items():
        setattr(camera.data, key, value)
    camera.location, camera.rotation_euler = (3, -6, 2), (1.2, 0.05, 0.4)
    bpy.context.scene.collection.objects.link(camera)
    bpy.context.view_layer.update()
    return camera


pictures = [(320, 200, 1.0, 1.0), (200, 320, 1.0, 1.0), (320, 200, 1.0, 2.0), (200, 320, 1.5, 1.0)]


@pytest.mark.parametrize("fit", ["AUTO", "HORIZONTAL", "VERTICAL"])
@pytest.mark.parametrize("picture", pictures)
def test_a_camera_sees_a_point_where_blender_sees_it(api, fit, picture):
    from bl_ext.user_default.tug.scene import cameras

    scene, render = bpy.context.scene, bpy.context.scene.render
    render.resolution_x, render.resolution_y, render.pixel_aspect_x, render.pixel_aspect_y = picture
    render.resolution_percentage = 50
    camera = add_camera(sensor_fit=fit, lens=40.0, shift_x=0.1, shift_y=-0.2, sensor_width=30.0)
    camera.scale = (2, 2, 3)
    bpy.context.view_layer.update()
    found = cameras.read(camera, scene)
    assert (found.width, found.height) == (picture[0] // 2, picture[1] // 2)
    for point in (Vector((0, 0, 0)), Vector((0.5, 1, -0.3)), Vector((-1, 0.2, 2))):
        share = world_to_camera_view(scene, camera, point)
        assert np.allclose(
            pixel(found, point), (share.x * found.width, (1 - share.y) * found.height), atol=1e-3
        )


def pixel(camera, point):
    seen = np.linalg.inv(np.array(camera.pose)) @ (*point, 1.0)
    return (
        camera.centre[0] - camera.focal[0] * seen[0] / seen[2],
        camera.centre[1] + camera.focal[1] * seen[1] / seen[2],
    )


def test_cameras_of_results_see_the_same_in_the_scene_and_are_updated(api):
    from bl_ext.user_default.tug.protocol.views import Camera
    from bl_ext.user_default.tug.scene import cameras

    scene = bpy.context.scene
    source = cameras.read(add_camera("Own", lens=35.0, shift_y=0.1), scene, (300, 200))
    changed = {f: getattr(source, f) for f in Camera.__struct_fields__}
    views = tuple(Camera(**{**changed, "name": name}) for name in ("front", "left"))
    made = cameras.build(views, scene)
    scene.render.resolution_x, scene.render.resolution_y = 300, 200
    bpy.context.view_layer.update()
    again = [cameras.read(obj, scene) for obj in made]
    for one, other in zip(views, again, strict=True):
        assert one.name == other.name and (one.near, one.far) == pytest.approx(
            (other.near, other.far), rel=1e-6
        )
        assert np.allclose(pixel(one, (0, 0, 0)), pixel(other, (0, 0, 0)), atol=1e-2)
        assert np.allclose(one.focal, other.focal, rtol=1e-6)
    names = {obj.name for obj in cameras.views_of(scene)}
    made[0].location.x += 5.0
    assert cameras.build(views[:1], scene) == [made[0]]
    bpy.context.view_layer.update()
    assert names - {obj.name for obj in cameras.views_of(scene)} == {"left"}
    assert np.allclose(np.array(made[0].matrix_world), views[0].pose, atol=1e-5)
    assert "Own" in bpy.data.objects


def test_other_than_perspective_cameras_are_refused_in_words(api, asked):
    slide(cuboid("cart"), (0, 0, 0), (3, 0, 0))
    say = {
        "an orthographic camera": add_camera("ortho", type="ORTHO"),
        "a panoramic camera": add_camera("pano", type="PANO"),
        "is no camera": bpy.data.objects["cart"],
    }
    mirrored = say["mirrored"] = add_camera("mirrored")
    mirrored.scale = (-1, 1, 1)
    for sentence, camera in say.items():
        with pytest.raises(api.TugError, match=sentence):
            asked(frames=(1, 10), shot_by=[camera])
    moving = add_camera("moving")
    slide(moving, (0, -6, 0), (1, -6, 0))
    from bl_ext.user_default.tug import runtime

    request, _ = asked(frames=(1, 10), shot_by=moving)
    assert request.rig is None and request.cameras[0].name == "moving"
    assert "'moving' moves" in list(runtime.book)[-1].remarks[0]


def test_errors_say_what_to_do(api, asked, tmp_path):
    cart = cuboid("cart")
    say = [
        (lambda: asked(frames=(1, 5)), "Nothing moves"),
        (lambda: asked([], frames=(1, 5)), "Nothing is selected"),
        (lambda: asked([cart], frames="ab"), "two whole numbers"),
        (lambda: asked([cart], frames=(1, 5), shot_by="front"), "no cameras 'front'"),
        (lambda: asked([cart], frames=(1, 5), shot_by=[]), "No camera is named"),
        (lambda: asked([cart], frames=(1, 5), layers=("colour",)), "no layer 'colour'"),
        (lambda: asked([cart], frames=(1, 5), size=(1, 1)), "8 to 8192"),
        (lambda: asked([cart], frames=(1, 5), folder=tmp_path / "none"), "no folder"),
    ]
    for ask, sentence in say:
        with pytest.raises(api.TugError, match=sentence):
            ask()


def test_the_rig_is_as_the_scene_has_it(asked):
    settings = bpy.context.scene.tug_views
    cart = cuboid("cart")
    rig = asked([cart], frames=(1, 2))[0].rig
    assert np.allclose(rig.azimuths, [0, math.pi / 2, math.pi, 1.5 * math.pi])
    assert np.allclose(rig.elevations, [0, math.pi / 6]) and (rig.width, rig.height) == (256, 256)
    settings.preset, settings.azimuths, settings.elevations = "CUSTOM", 3, 1
    settings.lowest, settings.width = 0.5, 64
    rig = asked([cart], frames=(1, 2))[0].rig
    assert len(rig.azimuths) == 3 and np.allclose(rig.elevations, [0.5]) and rig.width == 64
    assert asked([cart], frames=(1, 2), size=(80, 60))[0].rig.height == 60


def scene_in_motion():
    cart = cuboid("cart")
    cuboid("floor", 8.0, (-4, -4, -8))
    slide(cart, (-1, -1, 0), (2, 1, 0))
    bpy.context.scene.frame_end = 10
    return cart


def test_the_rigs_cameras_come_into_the_scene_as_one_step_and_see_the_motion(real):
    from bl_ext.user_default.tug.scene import cameras

    from tests.blender.scene_things import push_undo

    cart, scene = scene_in_motion(), bpy.context.scene
    push_undo("Before")
    assert bpy.ops.tug.add_multi_view_rig() == {"FINISHED"}
    made = cameras.views_of(scene)
    assert len(made) == 8 and bpy.data.collections["Tug Views"].objects
    render = scene.render
    render.resolution_x = render.resolution_y = 256
    for camera in made:
        for frame in (1, 10):
            corners = box_at(cart, frame)
            for x, y, z in ((0, 0, 0), (1, 0, 1), (1, 1, 1), (0, 1, 0)):
                point = Vector((corners[x][0], corners[y][1], corners[z][2]))
                share = world_to_camera_view(scene, camera, point)
                assert 0.0 < share.x < 1.0 and 0.0 < share.y < 1.0 and share.z > 0.0
    names = [camera.name for camera in made]
    cart.location.z = 3.0
    cart.keyframe_insert("location", frame=10)
    bpy.ops.tug.add_multi_view_rig()
    assert [camera.name for camera in cameras.views_of(scene)] == names
    undo()
    undo()
    assert "Tug Views" not in bpy.data.collections
    redo()
    assert len(cameras.views_of(bpy.context.scene)) == 8


def test_a_bundle_is_written_to_a_folder_with_a_manifest(real, tmp_path):
    from bl_ext.user_default.tug import runtime

    scene_in_motion()
    settings = bpy.context.scene.tug_views
    settings.preset, settings.width, settings.height = "SIDES", 32, 24
    settings.layers = {"depth", "parts"}
    assert bpy.ops.tug.render_controls(directory=str(tmp_path)) == {"FINISHED"}
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert len(manifest["views"]) == 4
    for view in manifest["views"]:
        assert (tmp_path / view["folder"] / "tracks.npz").is_file()
        assert len(list((tmp_path / view["folder"] / "parts").glob("*.png"))) == 10
    (job,) = runtime.book
    assert job.settled and len(job.written) == len([p for p in tmp_path.rglob("*") if p.is_file()])
    bpy.ops.tug.render_controls(directory=str(tmp_path))  # the same again: replaced


def test_arrays_are_there_without_a_folder_and_views_are_those_of_blender(real):
    cart, scene = scene_in_motion(), bpy.context.scene
    camera = add_camera()
    scene.render.resolution_x, scene.render.resolution_y = 160, 120
    handle = real.render_controls(cart, (1, 10), [camera], layers=["depth"])
    tracks = handle.array(0, "tracks")
    assert handle.array(0, "depth").shape == (10, 120, 160) and handle.files == ()
    assert [c.name for c in handle.cameras] == ["Camera"]
    for frame in (1, 10):
        middle = Vector(box_at(cart, frame).mean(axis=0))
        share = world_to_camera_view(scene, camera, middle)
        expected = share.x * 160, (1 - share.y) * 120
        assert np.allclose(tracks[frame - 1, 0], expected, atol=0.01)
    with pytest.raises(real.TugError, match="no 'flow'"):
        handle.array(0, "flow")
    assert [obj.name for obj in handle.build()]


def test_an_archive_that_leads_elsewhere_fails_the_job_and_writes_nothing(
    asked, tmp_path, monkeypatch
):
    import io
    import zipfile

    from bl_ext.user_default.tug import arrivals, runtime
    from bl_ext.user_default.tug.protocol.blobs import describe
    from bl_ext.user_default.tug.protocol.views import ControlledView, RenderControlsResult
    from bl_ext.user_default.tug.scene import cameras

    folder = tmp_path / "inner"
    folder.mkdir()
    asked([cuboid("cart")], (1, 2), [add_camera()], folder=folder)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("../../evil", b"x")
    blobs = {
        name: np.frombuffer(data, np.uint8)
        for name, data in (("archive", content.getvalue()), ("manifest", b"{}"))
    }
    (job,) = runtime.book
    nothing = describe(np.zeros((0, 3), np.float32))
    seen = ControlledView(
        camera=cameras.read(bpy.data.objects["Camera"], bpy.context.scene),
        tracks=nothing,
        depths=nothing,
        visible=nothing,
        clips=(),
        along=0.0,
        fastest=0.0,
        archive=describe(blobs["archive"]),
    )
    job.result = RenderControlsResult(
        views=(seen,), tracked=(), manifest=describe(blobs["manifest"])
    )
    arrays = {describe(array).digest: array for array in blobs.values()}
    monkeypatch.setattr(runtime.session(), "array", lambda _job, blob: arrays[blob.digest])
    arrivals.arrived(job)
    assert job.state == "failed" and "outside" in job.error.message
    assert not list(folder.iterdir()) and not list(tmp_path.glob("evil"))
