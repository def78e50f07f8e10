"""The words of a run by a language model."""
