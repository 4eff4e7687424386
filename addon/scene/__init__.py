"""All reading and writing of Blender data."""
