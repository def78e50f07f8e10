"""Better words by a language model, and changes that a person asks for in words.

Nothing here knows Home Assistant but the adapter for its AI Task, and nothing here
writes anything that runs: an answer fills text fields, or our own schema of changes.
"""
