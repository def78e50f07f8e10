"""A Home Assistant with a past, to try Automation Scout in.

`home` names what there is, `days` says who is in and when, `habits` and `noise` plan
what happens, `trail` turns that into rows as Home Assistant writes them, `history` puts
the rows into a recorder's database. `folder` makes the configuration, `server` runs
Home Assistant on it, `client` goes through it as a browser would.
"""
