"""Changing a suggestion in words: the question, its answer, and what becomes of it."""
