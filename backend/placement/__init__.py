"""Placing objects so that they stand: supports, drops, rest, room for joints."""
