"""Habits of every kind: drawn as rules, then kept as people keep them."""
