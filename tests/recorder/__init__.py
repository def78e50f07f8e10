"""Tests of reading the recorder."""
