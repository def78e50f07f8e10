"""Every language that texts are written in: complete, and read for sense."""
