"""Tests of what asks a language model."""
