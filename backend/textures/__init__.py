"""Pictures onto surfaces: photographs projected through true visibility into textures."""
