"""Which regions of a mesh may be parts that move, from geometry and words."""
