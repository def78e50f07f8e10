"""Custom components of the demo home."""
