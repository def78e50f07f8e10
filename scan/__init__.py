"""The analysis on a copy of a configuration folder, without a running Home Assistant.

What reads, mines and writes texts is the integration itself, on a bare Home Assistant
object whose registries, users, states and automations come from the folder's files and
the last rows of its database. Nothing is set up but the recorder, on a copy of the
database; the folder is only ever read.
"""
