"""Assist: tools for a model, sentences without one."""
