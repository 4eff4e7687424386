"""Motion along ways: where things are at each frame, how they are turned, and the few keys of it.

Knows neither Blender nor jobs. Lengths are in world units, times in frames.
"""
