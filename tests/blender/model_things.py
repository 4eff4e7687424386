"""A cabinet with joints of many kinds, and how the links of a model move."""

from __future__ import annotations

import bpy
import numpy as np
from bl_ext.user_default.tug.core import opening
from bl_ext.user_default.tug.protocol.blobs import describe
from bl_ext.user_default.tug.protocol.joint import Joint, motion
from bl_ext.user_default.tug.scene import joints, parts

from tests.blender.scene_things import cuboid

oblique = tuple(float(x) for x in np.array([-1.0, 2.0, -2.0]) / 3.0)
door_joint = Joint(type="revolute", axis=oblique, origin=(0.3, 2.0, 1.0), lower=-0.4, upper=1.6)
handle_joint = Joint(type="revolute", axis=(0, -1, 0), origin=(1, 2.2, 1), lower=0.0, upper=0.8)
drawer_joint = Joint(type="prismatic", axis=(0, 1, 0), origin=(1, 1, 3), lower=-0.2, upper=0.9)
lid_joint = Joint(type="continuous", axis=(0, 0, 1), origin=(3.5, 0.5, 1), lower=0, upper=6.28)


def cabinet():
    """A turned, mirrored and scaled frame with a door (and its handle), a drawer and a lid.

    The lid is a face of the mesh of a box beside. Returns the frame.
    """
    frame, door, handle = cuboid("frame", 2.0), cuboid("door", 1.0), cuboid("handle", 0.2)
    drawer, box = cuboid("drawer", 0.8, (0.6, 1.0, 2.2)), cuboid("box", 1.0, (3, 0, 0))
    frame.scale, frame.rotation_euler = (2, -1, 0.5), (0.3, 0.4, 0.5)
    door.parent, drawer.parent, box.parent, handle.parent = frame, frame, frame, door
    bpy.context.view_layer.update()
    for obj, joint in ((door, door_joint), (handle, handle_joint), (drawer, drawer_joint)):
        joints.apply(obj, parts.add_part(obj), joint)
    joints.apply(box, parts.add_part(box, "faces", "lid", faces=[5]), lid_joint)
    bpy.context.view_layer.update()
    return frame


def poses(links, opened):
    """(4, 4) of each link by name, from rest to where all joints are `opened`."""
    found = []
    for link in links:
        pose = found[link.parent] if link.parent >= 0 else np.eye(4)
        if link.joint:
            turn = motion(link.joint, opening.value_at(link.joint, opened))
            pose = pose @ turn
        found.append(pose)
    return {link.name: pose for link, pose in zip(links, found, strict=True)}


def link_points(model):
    """(N, 3) world points of each link's own triangles by name, sorted, at rest."""
    arrays = {describe(array).digest: array for array in model.arrays}
    found = {}
    for link in model.links:
        points = [np.zeros((0, 3))]
        for piece in link.pieces:
            geometry = model.geometry[piece.geometry]
            faces = arrays[geometry.faces.digest]
            if piece.selection:
                faces = faces[arrays[piece.selection.digest]]
            corners = arrays[geometry.vertices.digest][np.unique(faces)].astype(np.float64)
            matrix = np.array(geometry.matrix)
            points.append(corners @ matrix[:3, :3].T + matrix[:3, 3])
        found[link.name] = in_order(np.concatenate(points))
    return found


def in_order(points):
    return points[np.lexsort(np.round(points, 4).T)]


def open_all(opened):
    for obj in bpy.data.objects:
        for record in obj.tug.joints:
            joints.set_open(obj, record.bone, opened)
    bpy.context.view_layer.update()
