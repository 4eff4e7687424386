"""Meshes, boxes, fitted shapes and surface queries. Knows nothing of sockets, workers or Blender."""
