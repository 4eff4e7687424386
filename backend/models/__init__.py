"""Learned models: a folder each, with its network, sampler, loader and card."""
