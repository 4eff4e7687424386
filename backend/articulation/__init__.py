"""From a marked part and a pull to its joint: hypotheses, evidence, refinement, range."""
