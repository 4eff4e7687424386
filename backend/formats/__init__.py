"""Files of other programs: URDF, MJCF, USD and glTF out, URDF and MJCF in."""
