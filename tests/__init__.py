"""Tests of Automation Scout."""
