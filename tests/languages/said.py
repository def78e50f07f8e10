"""What a catalogue says, as a text that a person reads."""

from pathlib import Path
from typing import Final

from custom_components.automation_scout.words.catalogue import Catalogue

from .samples import leaves, sentences

LANGUAGES: Final = (
    "cs", "da", "de", "en", "es", "fi", "fr", "it", "nb", "nl", "pl", "pt", "pt-BR",
    "sv", "tr", "uk", "zh-Hans",
)  # fmt: skip
STANDING: Final = ("problem", "trial")
"""Families whose templates are shown as they are: what fills them is of any kind."""


def path_of(tag: str) -> Path:
    """Return the file that holds what a language says."""
    return Path(__file__).parent / "sentences" / f"{tag}.txt"


def said(catalogue: Catalogue) -> str:
    """Return all sentences of a language, one a line."""
    standing = [
        text
        for path, text in leaves(catalogue.texts)
        if path.partition("/")[0] in STANDING
    ]
    return "\n".join([*sentences(catalogue), "", *standing, ""])
