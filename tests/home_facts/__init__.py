"""Tests of what the home looks like as plain values."""
