"""The add-on's own logic. Knows no bpy, so that it is tested without Blender."""
