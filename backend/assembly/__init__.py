"""All parts of one object at once: the tree they hang in, and what twins agree on."""
