"""Measuring the engines on cases whose truth is known."""
