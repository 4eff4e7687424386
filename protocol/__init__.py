"""What travels between Blender and the backend."""
