"""What computes: gateway, workers, tasks, geometry. Never sees bpy."""
