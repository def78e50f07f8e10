"""Writes what every language says, to be read for sense."""

from custom_components.automation_scout.words.catalogue import load

from .said import LANGUAGES, path_of, said

for tag in LANGUAGES:
    path_of(tag).write_text(said(load(tag)), encoding="utf-8")
