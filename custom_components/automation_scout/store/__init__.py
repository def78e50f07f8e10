"""The store: one SQLite file that outlives the recorder's purge.

It knows nothing of Home Assistant; the path is passed in. Nothing is imported here, so
that opening the store at set-up does not pull in numpy, which only the archive needs.
"""
