"""Generated homes: people who move, noise of every kind, and habits that are known."""
