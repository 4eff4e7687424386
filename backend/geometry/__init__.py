"""Meshes, boxes, fitted shapes and surface queries."""
