"""Fitting what can be fitted, on the training seeds only."""
