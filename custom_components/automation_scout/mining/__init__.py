"""Finds the habits of a home in its event log.

A pure package: numpy and the standard library, no Home Assistant, no clock, no disk,
no randomness without a seed. Importing the package itself imports nothing, so that
the value types (`facts`, `rules`, `evidence`, `settings`, `result`) can be had
without numpy; `pipeline.mine` is the whole analysis.
"""
