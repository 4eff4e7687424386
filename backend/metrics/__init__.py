"""The published measures, in one place: how far an answer is from the truth."""
