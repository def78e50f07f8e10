"""Texts of a suggestion, from a catalogue for each language; no text in code."""
