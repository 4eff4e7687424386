"""A motion seen by cameras: where they stand, what they see, and the files that hold it."""
