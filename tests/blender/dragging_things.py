"""Questions to learned models without a backend: caught on their way, answered by hand."""

from __future__ import annotations

from types import SimpleNamespace

import bpy
import numpy as np
from bl_ext.user_default.tug import arrivals, baking, imagining, runtime, segmenting
from bl_ext.user_default.tug.core.jobs import new_job
from bl_ext.user_default.tug.protocol.blobs import describe
from bl_ext.user_default.tug.protocol.dragging import (
    BakedTexture,
    BakeTextureResult,
    DraggedView,
    DragViewsResult,
    SegmentMovingResult,
)
from bl_ext.user_default.tug.protocol.meshes import Piece
from bl_ext.user_default.tug.protocol.views import Camera

from tests.blender.conftest import add_box


class Post:
    """Takes questions, keeps all arrays by digest, and delivers answers."""

    def __init__(self, monkeypatch):
        self.arrays = {}
        for module in (imagining, segmenting, baking):
            monkeypatch.setattr(module, "send", self.take)
        monkeypatch.setattr(runtime.session(), "array", self.array)

    def take(self, job, arrays):
        for array in arrays:
            self.keep(array)
        runtime.book.add(job)

    def keep(self, array):
        blob = describe(array)
        self.arrays[blob.digest] = array
        return blob

    def array(self, _job, blob):
        return self.arrays[blob.digest]

    def arrays_of(self, blobs):
        return [blob and self.arrays[blob.digest] for blob in blobs]

    def deliver(self, job, result):
        """Have the job's result arrive; raises what it failed with."""
        job.result = result
        arrivals.arrived(job)
        assert job.error is None, job.error.message
        return job

    def dragged(self, job, count=1, size=32):
        """Answer a question for dragged views by pictures of one colour each."""
        cameras = job.request.cameras or tuple(a_camera(f"view {i}") for i in range(count))
        views = [
            DraggedView(
                camera=camera,
                before=self.keep(plain(size, (index, 200, 200))),
                after=self.keep(plain(size, (index, 10, 220))),
                drags=((0.5, 0.5, 0.7, 0.5),),
            )
            for index, camera in enumerate(cameras)
        ]
        return self.deliver(job, DragViewsResult(views=tuple(views)))

    def moving(self, job, **chosen):
        """Answer which faces move: triangle numbers by the name of the geometry."""
        pieces, likely = [], []
        for index, geometry in enumerate(job.request.geometry):
            share = np.zeros(geometry.faces.shape[0], np.float32)
            triangles = np.array(chosen.get(geometry.name, []), np.int32)
            share[triangles] = 0.75
            likely.append(self.keep(share))
            if len(triangles):
                pieces.append(Piece(geometry=index, selection=self.keep(triangles)))
        return self.deliver(job, SegmentMovingResult(pieces=tuple(pieces), likely=tuple(likely)))

    def baked(self, job, *names, painted=0.9):
        """Answer by textures whose left half is painted blue, for geometries of these names."""
        textures = []
        for index, geometry in enumerate(job.request.geometry):
            if job.request.uvs[index] and (not names or geometry.name in names):
                image = half_painted(job.request.resolution)
                textures.append(
                    BakedTexture(
                        geometry=index, image=self.keep(image), revealed=0.4, painted=painted
                    )
                )
        return self.deliver(job, BakeTextureResult(textures=tuple(textures)))


def plain(size, colour):
    return np.broadcast_to(np.array(colour, np.uint8), (size, size, 3)).copy()


def half_painted(size):
    image = np.zeros((size, size, 4), np.uint8)
    image[:, : size // 2] = 20, 60, 220, 255
    return image


def a_camera(name):
    pose = ((1.0, 0.0, 0.0, 0.0), (0.0, 0.0, -1.0, -4.0), (0.0, 1.0, 0.0, 0.7), (0, 0, 0, 1.0))
    return Camera(name=name, pose=pose, focal=(60, 60), centre=(32, 32), width=64, height=64)


def drawer_cabinet():
    """A hollow body with a drawer in it, pulled out by 0.3 along -y; returns body and drawer."""
    from bl_ext.user_default.tug.scene import parts

    boards = [
        ((1.0, 0.6, 0.05), (0.0, 0.0, 0.025)),
        ((1.0, 0.6, 0.05), (0.0, 0.0, 0.775)),
        ((0.05, 0.6, 0.7), (-0.475, 0.0, 0.4)),
        ((0.05, 0.6, 0.7), (0.475, 0.0, 0.4)),
        ((0.9, 0.05, 0.7), (0.0, 0.275, 0.4)),
    ]
    pieces = [add_box("Body", *board) for board in boards]
    with bpy.context.temp_override(active_object=pieces[0], selected_editable_objects=pieces):
        bpy.ops.object.join()
    body, drawer = pieces[0], add_box("Drawer", (0.88, 0.55, 0.68), (0.0, -0.03, 0.4))
    drawer.parent = body
    bpy.context.view_layer.objects.active = drawer
    part = parts.add_part(drawer, "object")
    parts.add_drag(drawer, part, (0.1, -0.305, 0.5), (0.1, -0.605, 0.5))
    return body, drawer


def a_slider():
    from bl_ext.user_default.tug.protocol.joint import Joint

    return Joint(
        type="prismatic", axis=(0.0, -1.0, 0.0), origin=(0.0, -0.3, 0.4), lower=0.0, upper=0.5,
        confidence=0.9,
    )  # fmt: skip


def proposed(obj, joint):
    """Have a joint proposed for the active part of an object; return the job."""
    from bl_ext.user_default.tug.core.jobs import JointJob
    from bl_ext.user_default.tug.protocol.tasks import ArticulateRequest, ArticulateResult
    from bl_ext.user_default.tug.scene.geometry import gather
    from bl_ext.user_default.tug.scene.identity import identify

    part = obj.tug.parts[obj.tug.part_index]
    request = ArticulateRequest(geometry=gather(obj, part).geometry)
    job = new_job(JointJob, request, name=part.name, object=identify(obj), part=part.uid)
    job.result = ArticulateResult(joints=(joint,))
    runtime.book.add(job)
    return job


def blocks():
    """The names of all data-blocks that could be left behind."""
    data = bpy.data
    kinds = ("objects", "meshes", "images", "materials", "scenes", "cameras", "collections")
    return {kind: sorted(block.name for block in getattr(data, kind)) for kind in kinds}


def a_view(matrix, perspective="PERSP", camera=None):
    """A context of a 3D viewport that is looked into so; `matrix` is world to eye."""
    region = SimpleNamespace(view_matrix=matrix, view_perspective=perspective)
    space = SimpleNamespace(type="VIEW_3D", region_3d=region, camera=camera)
    return SimpleNamespace(space_data=space, scene=bpy.context.scene)
