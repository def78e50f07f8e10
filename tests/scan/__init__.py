"""Tests of the analysis of a configuration folder."""
